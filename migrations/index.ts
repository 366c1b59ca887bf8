import { Initial0000000000001 } from './0001-initial.js';
import { Publication0000000000002 } from './0002-publication.js';
import { AuditChain0000000000003 } from './0003-audit-chain.js';
import { Erasure0000000000004 } from './0004-erasure.js';
import { PeopleAndRights0000000000005 } from './0005-people-and-rights.js';
import { WaysToSignIn0000000000006 } from './0006-ways-to-sign-in.js';
import { DerivedLedger0000000000007 } from './0007-derived-ledger.js';
import { DefinitionsAndExpiry0000000000008 } from './0008-definitions-and-expiry.js';
import { Reorganisation0000000000009 } from './0009-reorganisation.js';
import { FilesAtScale0000000000010 } from './0010-files-at-scale.js';
import { CurrentFigures0000000000011 } from './0011-current-figures.js';
import { ReminderSettings0000000000012 } from './0012-reminder-settings.js';
import { TemplateChoices0000000000013 } from './0013-template-choices.js';
import { DeliveryEngine0000000000014 } from './0014-delivery-engine.js';
import { WaveSchedule0000000000015 } from './0015-wave-schedule.js';
import { StaffWaves0000000000016 } from './0016-staff-waves.js';
import { UnitMessages0000000000017 } from './0017-unit-messages.js';
import { AnswerLinks0000000000018 } from './0018-answer-links.js';
import { ExceptionsReversed0000000000019 } from './0019-exceptions-reversed.js';

/** In the order they run. Add at the end; never change one that has been released. */
export const MIGRATIONS = [
  Initial0000000000001,
  Publication0000000000002,
  AuditChain0000000000003,
  Erasure0000000000004,
  PeopleAndRights0000000000005,
  WaysToSignIn0000000000006,
  DerivedLedger0000000000007,
  DefinitionsAndExpiry0000000000008,
  Reorganisation0000000000009,
  FilesAtScale0000000000010,
  CurrentFigures0000000000011,
  ReminderSettings0000000000012,
  TemplateChoices0000000000013,
  DeliveryEngine0000000000014,
  WaveSchedule0000000000015,
  StaffWaves0000000000016,
  UnitMessages0000000000017,
  AnswerLinks0000000000018,
  ExceptionsReversed0000000000019,
];
