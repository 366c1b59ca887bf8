import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { looksAt, type AuditRow } from '../access/audit-log.query.js';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { addMonths, firstDay, monthOf, type IsoDate, type IsoMonth } from '../platform/month.js';
import type { CardStatus, Evidence } from './card-status.js';
import { findExceptions, seesHidden, type ExceptionRow } from './exception.query.js';
import {
  assignmentsOf,
  cardEventsOf,
  findStaffRecord,
  ownPlaceOf,
  staffIdOf,
  staffLabels,
  type AssignmentRecord,
  type CardEventRecord,
  type OwnPlace,
  type StaffIdentity,
  type StaffLabel,
} from './staff-record.query.js';

export type Look = Pick<AuditRow, 'id' | 'at' | 'actor' | 'actorName' | 'action'>;

export interface StaffRecord {
  readonly person: Omit<StaffIdentity, 'id'>;
  readonly status: CardStatus;
  readonly since: string | null;
  readonly evidence: Evidence | null;
  /** Last month of the card that is held, or has lapsed by it. */
  readonly expiresOn: IsoMonth | null;
  readonly assignments: readonly AssignmentRecord[];
  readonly events: readonly CardEventRecord[];
  readonly exceptions: readonly ExceptionRow[];
  /** Newest first, at most LOOKS_SHOWN; the look that is just happening is the first. */
  readonly looks: readonly Look[];
}

/** What people are shown of their own record where nobody has asked who they are. */
export interface OwnRecord extends OwnPlace {
  readonly status: CardStatus;
  readonly since: string | null;
  readonly evidence: Evidence | null;
  /** Null where nothing is recorded. */
  readonly recordedAt: Date | null;
}

export const LOOKS_SHOWN = 50;

/** One person's record, for HR; opening it is on record, and the person can read who did. */
@Injectable()
export class StaffRecordService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Throws `role_required` and `staff_not_found`, which does not tell a number unknown from one out of scope. */
  async open(scope: Scope, number: string): Promise<StaffRecord> {
    const { id, ...person } = await this.find(scope, number);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'staff_record_viewed',
      target: `staff:${id}`,
    });
    const em = this.dataSource.manager;
    const as = seesHidden(requireRole(scope, 'hr')) ? 'hr of all' : 'hr of a part';
    const [assignments, events, exceptions, looks] = await Promise.all([
      assignmentsOf(em, id),
      cardEventsOf(em, id),
      findExceptions(em, { staffId: id, as }, this.clock.today()),
      this.looks(id),
    ]);
    const { recordedAt: _recordedAt, ...standing } = statusOn(events, this.clock.today());
    return {
      person,
      ...standing,
      assignments,
      events,
      exceptions,
      looks,
    };
  }

  /** The person behind a number, for whoever may see the record. Throws like `open` and records nothing. */
  async find(scope: Scope, number: string): Promise<StaffIdentity> {
    scope = requireRole(scope, 'hr');
    const person = await findStaffRecord(this.dataSource.manager, scope, number, this.clock.today());
    if (!person) {
      throw new AppError(
        'staff_not_found',
        'not_found',
        'この職員番号の記録は見つかりません。番号を確かめてください。',
      );
    }
    return person;
  }

  /** For the person alone, so it is nobody's look. Null for whoever is erased. */
  async own(staffId: number): Promise<OwnRecord | null> {
    const em = this.dataSource.manager;
    const today = this.clock.today();
    const [place, events] = await Promise.all([ownPlaceOf(em, staffId, today), cardEventsOf(em, staffId)]);
    if (!place) return null;
    const { expiresOn: _expiresOn, ...standing } = statusOn(events, today);
    return { ...place, ...standing };
  }

  /** Who has looked at the person with this internal id, the newest first: for HR and for the person. */
  async looks(staffId: number): Promise<Look[]> {
    const rows = await looksAt(this.dataSource.manager, staffId, LOOKS_SHOWN);
    // What else the row says may be about others.
    return rows.map(({ id, at, actor, actorName, action }) => ({ id, at, actor, actorName, action }));
  }

  /** How the people of audit rows are called now: numbers and names for HR, nothing for anybody else. */
  async labels(scope: Scope, ids: readonly number[]): Promise<Map<number, StaffLabel>> {
    if (!isWholeHr(scope)) return new Map();
    const labels = await staffLabels(this.dataSource.manager, ids);
    return new Map(labels.map((label) => [label.id, label]));
  }

  /** The internal id that audit rows name, for HR; null for anybody else and for a number nobody has. */
  async idOf(scope: Scope, number: string): Promise<number | null> {
    return isWholeHr(scope) ? staffIdOf(this.dataSource.manager, number) : null;
  }
}

function isWholeHr(scope: Scope): boolean {
  return scope.roles.includes('hr') && scope.unitIds === 'all';
}

/** The rule of the view `card_status_period`, on a person's own few rows. */
function statusOn(
  events: readonly CardEventRecord[],
  day: IsoDate,
): Pick<OwnRecord, 'status' | 'since' | 'evidence' | 'recordedAt'> & Pick<StaffRecord, 'expiresOn'> {
  const now = events.find(
    (event) => event.status !== null && event.correctedBy === null && event.effectiveOn <= day,
  );
  if (!now) return { status: 'unanswered', since: null, evidence: null, expiresOn: null, recordedAt: null };
  const { evidence, expiresOn, effectiveOn, recordedAt } = now;
  if (expiresOn === null || monthOf(day) <= expiresOn)
    return { status: now.status!, since: effectiveOn, evidence, expiresOn, recordedAt };
  const after = firstDay(addMonths(expiresOn, 1));
  return {
    status: 'lapsed',
    since: effectiveOn < after ? after : effectiveOn,
    evidence,
    expiresOn,
    recordedAt,
  };
}
