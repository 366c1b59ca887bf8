import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { addDays, isIsoDate, type IsoDate } from '../platform/month.js';
import { derivePeople } from '../roster/derive.query.js';
import { findExceptions, type ExceptionRow } from './exception.query.js';
import type { ExceptionCategory, ExceptionView } from './exception.types.js';
import { findStaffInScope } from './staff-list.query.js';

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
    const rows = await findExceptions(this.dataSource.manager, scope, null);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'exceptions_viewed',
      details: { staff: [...new Set(rows.map(({ staffId }) => staffId))] },
    });
    return rows.map(toView);
  }

  private async get(em: EntityManager, scope: Scope, id: number): Promise<ExceptionView> {
    const [found] = Number.isSafeInteger(id) ? await findExceptions(em, scope, id) : [];
    if (found) return toView(found);
    throw new AppError('exception_not_found', 'not_found', 'この例外の申請は見つかりません。');
  }
}

function toView({ staffId: _staffId, ...view }: ExceptionRow): ExceptionView {
  return view;
}
