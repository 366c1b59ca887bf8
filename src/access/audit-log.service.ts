import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readCursor } from '../platform/cursor.js';
import { AppError } from '../platform/errors.js';
import { addDays, tokyoInstant, type IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { findAuditEvents, type AuditRow } from './audit-log.query.js';
import { AuditService } from './audit.service.js';
import { AUDIT_ACTIONS, type AuditAction } from './audit.types.js';
import { requireWholeOrganisation, type Scope } from './scope.js';

export interface AuditSearch {
  readonly actor?: string;
  readonly action?: string;
  /** `staff:12`, `unit:0101`, `month:2022-10` …, or a kind alone. Of a person also the lists the person was in. */
  readonly target?: string;
  /** Days in Tokyo, both included. */
  readonly from?: IsoDate;
  readonly to?: IsoDate;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** 1 to 200; 50 unless given. */
  readonly limit?: number;
}

export interface AuditPage {
  readonly events: readonly AuditRow[];
  readonly nextCursor: string | null;
}

/** Searching the audit record, which is itself on record. Rows name people by internal ids only. */
@Injectable()
export class AuditLogService {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditService,
  ) {}

  /** Throws `role_required`, `whole_organisation_only`, `bad_date`, `bad_action`, `bad_cursor`. */
  async search(scope: Scope, search: AuditSearch): Promise<AuditPage> {
    scope = requireWholeOrganisation(scope, 'hr', 'auditor');
    const { actor, action, target, from, to, cursor } = search;
    for (const day of [from, to]) {
      if (day !== undefined) assertDate(day);
    }
    if (action !== undefined && !isAuditAction(action)) {
      throw new AppError(
        'bad_action',
        'invalid',
        '操作の種類の指定が正しくありません。一覧から選んでください。',
      );
    }
    const limit = Math.min(Math.max(search.limit ?? 50, 1), 200);
    const rows = await findAuditEvents(this.db.manager, {
      actor,
      action,
      target,
      from: from === undefined ? undefined : tokyoInstant(from),
      before: to === undefined ? undefined : tokyoInstant(addDays(to, 1)),
      beforeId: cursor === undefined ? undefined : readCursor(cursor),
      limit: limit + 1,
    });
    const events = rows.slice(0, limit);
    // What was searched for may be anything that somebody typed: only which fields were used is kept.
    const filters = (['actor', 'action', 'target', 'from', 'to'] as const).filter((key) => search[key]);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'audit_viewed',
      details: { events: events.length, filters: filters.join(' ') },
    });
    return { events, nextCursor: rows.length > limit ? String(events.at(-1)!.id) : null };
  }
}

export function isAuditAction(text: string): text is AuditAction {
  return (AUDIT_ACTIONS as readonly string[]).includes(text);
}
