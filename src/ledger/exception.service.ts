import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { addDays, isIsoDate, type IsoDate } from '../platform/month.js';
import { derivePeople } from '../roster/derive.query.js';
import { findStaffInScope } from './staff-list.query.js';

/** Why the default does not apply to somebody for a time. Kept coarse: nobody owes a reason in detail. */
export const EXCEPTION_CATEGORIES = ['overseas', 'long_leave', 'security', 'seconded', 'other'] as const;
export type ExceptionCategory = (typeof EXCEPTION_CATEGORIES)[number];

export const EXCEPTION_CATEGORY_LABELS: Record<ExceptionCategory, string> = {
  overseas: '国外派遣',
  long_leave: '長期の休業・休職',
  security: '安全上の理由',
  seconded: '他団体への派遣',
  other: 'その他',
};

export interface ExceptionView {
  readonly id: number;
  readonly number: string;
  readonly category: ExceptionCategory;
  readonly from: IsoDate;
  /** Last day, included. */
  readonly to: IsoDate;
  readonly state: 'requested' | 'approved' | 'rejected' | 'withdrawn';
  readonly requestedAt: Date;
  readonly decidedAt: Date | null;
}

export interface ExceptionRequest {
  readonly number: string;
  readonly category: ExceptionCategory;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** Exceptions are asked for, then decided; both are facts that stay. */
@Injectable()
export class ExceptionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Throws `staff_not_found`, `bad_date`, `bad_period`. */
  async request(scope: Scope, { number, category, from, to }: ExceptionRequest): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    if (!isIsoDate(from) || !isIsoDate(to)) {
      throw new AppError('bad_date', 'invalid', '日付は 2022-10-31 のように実在する日を指定してください。');
    }
    if (to < from) throw new AppError('bad_period', 'refused', '終了日は開始日以後にしてください。');
    return this.dataSource.transaction(async (em) => {
      const staff = await findStaffInScope(em, scope, number, from);
      if (!staff)
        throw new AppError('staff_not_found', 'not_found', 'この職員番号は、開始日の名簿に見つかりません。', {
          from,
        });
      const [row]: { id: number }[] = await em.query(
        `INSERT INTO card_exception (staff_id, category, valid_from, valid_to, requested_at, requested_by)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
        [staff.id, category, from, addDays(to, 1), this.clock.now(), scope.actor],
      );
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'exception_requested',
        target: `staff:${staff.id}`,
        details: { exception: row!.id },
      });
      return this.get(em, scope, row!.id);
    });
  }

  /** Throws `exception_not_found`, `exception_decided`. */
  async decide(
    scope: Scope,
    id: number,
    decision: 'approved' | 'rejected',
    reason = '',
  ): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      const [locked]: { staff_id: number }[] = Number.isSafeInteger(id)
        ? await em.query('SELECT staff_id FROM card_exception WHERE id = $1 FOR UPDATE', [id])
        : [];
      const exception = await this.get(em, scope, id);
      if (exception.state !== 'requested') {
        throw new AppError('exception_decided', 'conflict', 'この例外の申請はすでに決定されています。');
      }
      await em.query(
        `INSERT INTO card_exception_decision (exception_id, decision, reason, decided_at, decided_by) VALUES ($1, $2, $3, $4, $5)`,
        [id, decision, reason, this.clock.now(), scope.actor],
      );
      if (decision === 'approved') await derivePeople(em, [locked!.staff_id], this.clock.now());
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'exception_decided',
        target: `exception:${id}`,
        details: { decision },
      });
      return this.get(em, scope, id);
    });
  }

  async list(scope: Scope): Promise<ExceptionView[]> {
    scope = requireRole(scope, 'hr');
    const rows: (ExceptionView & { staffId: number })[] = await this.dataSource.query(
      `${EXCEPTIONS} ORDER BY x.id DESC`,
    );
    const visible: ExceptionView[] = [];
    const seen = new Set<number>();
    for (const { staffId, ...row } of rows) {
      if (
        scope.unitIds === 'all' ||
        (await findStaffInScope(this.dataSource.manager, scope, row.number, row.from))
      ) {
        visible.push(row);
        seen.add(staffId);
      }
    }
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'exceptions_viewed',
      details: { staff: [...seen] },
    });
    return visible;
  }

  private async get(em: EntityManager, scope: Scope, id: number): Promise<ExceptionView> {
    const [found]: (ExceptionView & { staffId: number })[] = Number.isSafeInteger(id)
      ? await em.query(`${EXCEPTIONS} WHERE x.id = $1`, [id])
      : [];
    if (found) {
      const { staffId: _staffId, ...row } = found;
      if (scope.unitIds === 'all' || (await findStaffInScope(em, scope, row.number, row.from))) return row;
    }
    throw new AppError('exception_not_found', 'not_found', 'この例外の申請は見つかりません。');
  }
}

const EXCEPTIONS = /* sql */ `
SELECT x.id, x.staff_id AS "staffId", st.number, x.category, x.valid_from AS "from", x.valid_to - 1 AS "to",
       coalesce(d.decision, 'requested') AS state, x.requested_at AS "requestedAt", d.decided_at AS "decidedAt"
FROM card_exception x
JOIN staff st ON st.id = x.staff_id
LEFT JOIN LATERAL (SELECT * FROM card_exception_decision d WHERE d.exception_id = x.id ORDER BY d.id DESC LIMIT 1) d ON true`;
