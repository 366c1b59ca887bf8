import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { ENDING_DAYS } from './exception.types.js';
import {
  countOutOfPlan,
  findEnding,
  findOutOfPlan,
  type EndingException,
  type OutOfPlanCounts,
  type OutOfPlanReason,
  type OutOfPlanRow,
} from './out-of-plan.query.js';

export interface OutOfPlan {
  readonly counts: OutOfPlanCounts;
  readonly people: readonly OutOfPlanRow[];
  /** Where the next page begins; null on the last one. */
  readonly nextCursor: string | null;
  /** Exceptions that end soon, the nearest first. */
  readonly ending: readonly EndingException[];
}

const PAGE = 50;
const MOST_ENDING = 200;

/** Who without a card gets nothing personal today, why, and until when. */
@Injectable()
export class OutOfPlanService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** For HR, of its own units. Whoever is on the page has been looked at. */
  async page(
    scope: Scope,
    { why, cursor }: { readonly why?: OutOfPlanReason; readonly cursor?: string } = {},
  ): Promise<OutOfPlan> {
    scope = requireRole(scope, 'hr');
    const em = this.dataSource.manager;
    const today = this.clock.today();
    const [counts, rows, ending] = await Promise.all([
      countOutOfPlan(em, scope, today),
      findOutOfPlan(em, scope, today, { why, after: cursor, limit: PAGE + 1 }),
      findEnding(em, scope, today, { days: ENDING_DAYS, limit: MOST_ENDING }),
    ]);
    const people = rows.slice(0, PAGE);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'exceptions_viewed',
      details: { staff: [...new Set([...people, ...ending].map(({ staffId }) => staffId))] },
    });
    return { counts, people, nextCursor: rows.length > PAGE ? people.at(-1)!.number : null, ending };
  }
}
