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

interface Decision {
  readonly decision: 'approved' | 'rejected' | 'withdrawn';
  readonly reason: string;
  /** The day from which it is withdrawn. */
  readonly on: IsoDate | null;
}

/** Exceptions are asked for, decided, and perhaps withdrawn; all of it facts that stay. */
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
    return this.add(scope, id, { decision, reason, on: null }, ({ state }) => {
      if (state !== 'requested')
        throw new AppError('exception_decided', 'conflict', 'この例外の申請はすでに決定されています。');
    });
  }

  /**
   * Ends an approved exception: `on` (today unless given) is the first day on which it no longer holds. On or before
   * its first day it never held. Throws `exception_not_found`, `exception_not_approved`, `exception_over`, `bad_date`.
   */
  async withdraw(scope: Scope, id: number, on = this.clock.today(), reason = ''): Promise<ExceptionView> {
    if (!isIsoDate(on))
      throw new AppError('bad_date', 'invalid', '日付は 2022-10-31 のように実在する日を指定してください。');
    return this.add(scope, id, { decision: 'withdrawn', reason, on }, ({ state, to }) => {
      if (state !== 'approved')
        throw new AppError(
          'exception_not_approved',
          'conflict',
          '取り下げられるのは、承認されている例外だけです。',
        );
      if (on > to)
        throw new AppError(
          'exception_over',
          'conflict',
          `この例外は${to}で終わっています。取り下げる場合は、それ以前の日を指定してください。`,
          { to },
        );
    });
  }

  private async add(
    scope: Scope,
    id: number,
    { decision, reason, on }: Decision,
    refuse: (exception: ExceptionView) => void,
  ): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      const [locked]: { staff_id: number }[] = Number.isSafeInteger(id)
        ? await em.query('SELECT staff_id FROM card_exception WHERE id = $1 FOR UPDATE', [id])
        : [];
      refuse(await this.get(em, scope, id));
      await em.query(
        `INSERT INTO card_exception_decision (exception_id, decision, effective_on, reason, decided_at, decided_by)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, decision, on, reason, this.clock.now(), scope.actor],
      );
      if (decision !== 'rejected') await derivePeople(em, [locked!.staff_id], this.clock.now());
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'exception_decided',
        target: `exception:${id}`,
        details: { decision, ...(on && { on }) },
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
