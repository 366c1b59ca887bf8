import { Initial0000000000001 } from './0001-initial.js';
import { Publication0000000000002 } from './0002-publication.js';

/** In the order they run. Add at the end; never change one that has been released. */
export const MIGRATIONS = [Initial0000000000001, Publication0000000000002];
