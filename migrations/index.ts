import { Initial0000000000001 } from './0001-initial.js';
import { Publication0000000000002 } from './0002-publication.js';
import { AuditChain0000000000003 } from './0003-audit-chain.js';
import { Erasure0000000000004 } from './0004-erasure.js';

/** In the order they run. Add at the end; never change one that has been released. */
export const MIGRATIONS = [
  Initial0000000000001,
  Publication0000000000002,
  AuditChain0000000000003,
  Erasure0000000000004,
];
