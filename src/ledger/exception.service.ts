import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { derivePeople } from '../roster/derive.query.js';
import { checkedDays, checkedRejection, checkedText, refuseTwice } from './exception-check.js';
import {
  findExceptions,
  hasOtherDecider,
  insertDecision,
  insertException,
  lockException,
  lockRequestsOf,
  personOfAccount,
  isWholeHr,
  toView,
  type ExceptionFilter,
  type ExceptionRow,
} from './exception.query.js';
import {
  HIDDEN_CATEGORY,
  type ExceptionDays,
  type ExceptionRequest,
  type ExceptionView,
} from './exception.types.js';
import { findStaffInScope } from './staff-list.query.js';

/** Exceptions as HR handles them: asked for, decided, and perhaps withdrawn; all of it facts that stay. */
@Injectable()
export class ExceptionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * Asks for somebody; with `approve` it is decided at once, which is still a decision of its own; with `once` a form that is sent
   * twice asks once. Throws
   * `staff_not_found`, `bad_date`, `bad_period`, `exception_too_long`, `text_too_long`, `individual_number`,
   * `hidden_category`, `exception_exists`, `other_decider`.
   */
  async request(
    scope: Scope,
    request: ExceptionRequest,
    { approve = false, once = false }: { readonly approve?: boolean; readonly once?: boolean } = {},
  ): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    const { number, category } = request;
    const days = checkedDays(request);
    const note = checkedText(request.note, 'note');
    if (category === HIDDEN_CATEGORY && !isWholeHr(scope)) {
      throw new AppError(
        'hidden_category',
        'forbidden',
        'この種類は、本人か、全所属を担当する人事課だけが申請できます。「その他」で申請するか、人事課にお問い合わせください。',
      );
    }
    return this.dataSource.transaction(async (em) => {
      const staff = await findStaffInScope(em, scope, number, days.from);
      if (!staff)
        throw new AppError('staff_not_found', 'not_found', 'この職員番号は、開始日の名簿に見つかりません。', {
          from: days.from,
        });
      await lockRequestsOf(em, staff.id);
      const { actor } = scope;
      if (once) {
        const known = await findExceptions(em, { scope }, this.clock.today(), { number });
        refuseTwice(
          known.filter(({ requestedBy }) => requestedBy === actor),
          days,
        );
      }
      const at = this.clock.now();
      const id = await insertException(em, { staffId: staff.id, category, ...days, note, at, by: actor });
      await this.audit.record(em, {
        actor,
        action: 'exception_requested',
        target: `staff:${staff.id}`,
        details: { exception: id },
      });
      const asked = await this.get(em, scope, id);
      return toView(approve ? await this.decideOn(em, scope, asked, 'approved', '') : asked);
    });
  }

  /**
   * Approves for the days that were asked for or for others, or rejects with a reason that the person reads. An appeal is
   * decided by somebody else than who rejected, and nobody decides about themselves, where there is anybody else. Throws
   * `exception_not_found`, `exception_decided`, `reason_required`, `other_decider` and what `request` throws about days.
   */
  async decide(
    scope: Scope,
    id: number,
    decision: 'approved' | 'rejected',
    reason = '',
    days: Partial<ExceptionDays> = {},
  ): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      await lockException(em, id);
      const asked = await this.get(em, scope, id);
      return toView(await this.decideOn(em, scope, asked, decision, reason, days));
    });
  }

  /**
   * Ends an approved exception: `on` (today unless given) is the first day on which it no longer holds. On or before
   * its first day it never held. Throws `exception_not_found`, `exception_not_approved`, `exception_over`, `bad_date`.
   */
  async withdraw(scope: Scope, id: number, on = this.clock.today(), reason = ''): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    assertDate(on);
    const text = checkedText(reason, 'reason');
    return this.dataSource.transaction(async (em) => {
      await lockException(em, id);
      const { state, to, staffId } = await this.get(em, scope, id);
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
      const at = this.clock.now();
      await insertDecision(em, {
        exceptionId: id,
        decision: 'withdrawn',
        on,
        reason: text,
        at,
        by: scope.actor,
      });
      await derivePeople(em, [staffId], at);
      await this.recordDecision(em, scope.actor, id, 'withdrawn', on);
      return toView(await this.get(em, scope, id));
    });
  }

  /** What the person says on paper or by telephone. Throws `exception_not_found`, `exception_not_rejected`, `appealed_before`. */
  async appeal(scope: Scope, id: number, text = ''): Promise<ExceptionView> {
    scope = requireRole(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      await lockException(em, id);
      await appealTo(em, await this.get(em, scope, id), text, { at: this.clock.now(), by: scope.actor });
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'exception_appealed',
        target: `exception:${id}`,
      });
      return toView(await this.get(em, scope, id));
    });
  }

  async list(scope: Scope, filter: Omit<ExceptionFilter, 'id'> = {}): Promise<ExceptionView[]> {
    return (await this.rows(scope, filter)).map(toView);
  }

  /** The same with names and units, for the page. Whoever is on it has been looked at. */
  async rows(scope: Scope, filter: Omit<ExceptionFilter, 'id'> = {}): Promise<ExceptionRow[]> {
    scope = requireRole(scope, 'hr');
    const rows = await findExceptions(this.dataSource.manager, { scope }, this.clock.today(), filter);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'exceptions_viewed',
      details: { staff: [...new Set(rows.map(({ staffId }) => staffId))] },
    });
    return rows;
  }

  private async decideOn(
    em: EntityManager,
    scope: Scope,
    asked: ExceptionRow,
    decision: 'approved' | 'rejected',
    reason: string,
    days: Partial<ExceptionDays> = {},
  ): Promise<ExceptionRow> {
    const { id, staffId, state } = asked;
    const onAppeal = state === 'appealed';
    if (state !== 'requested' && !onAppeal)
      throw new AppError('exception_decided', 'conflict', 'この例外の申請はすでに決定されています。');
    const text = decision === 'rejected' ? checkedRejection(reason) : checkedText(reason, 'reason');
    const granted = decision === 'approved' ? this.granted(asked, days) : undefined;
    await this.refuseBiased(em, scope, asked);
    const at = this.clock.now();
    await insertDecision(em, {
      exceptionId: id,
      decision,
      onAppeal,
      days: granted,
      reason: text,
      at,
      by: scope.actor,
    });
    if (decision === 'approved') await derivePeople(em, [staffId], at);
    await this.recordDecision(em, scope.actor, id, decision);
    return this.get(em, scope, id);
  }

  /** Undefined for the days that were asked for. */
  private granted(asked: ExceptionRow, { from, to }: Partial<ExceptionDays>): ExceptionDays | undefined {
    if (from === undefined && to === undefined) return undefined;
    const days = checkedDays({ from: from ?? asked.from, to: to ?? asked.to });
    return days.from === asked.from && days.to === asked.to ? undefined : days;
  }

  private async refuseBiased(em: EntityManager, scope: Scope, asked: ExceptionRow): Promise<void> {
    const { actor, userId } = scope;
    const rejectedIt = asked.state === 'appealed' && asked.rejectedBy === actor;
    const own = (await personOfAccount(em, userId))?.staffId === asked.staffId;
    if (!rejectedIt && !own) return;
    if (!(await hasOtherDecider(em, asked.staffId, [actor], this.clock.today()))) return;
    throw new AppError(
      'other_decider',
      'conflict',
      own
        ? '自分の申請は、ほかの人事の担当者が決定します。担当者に依頼してください。'
        : '不服の申し出は、却下した人とは別の人事の担当者が決定します。担当者に依頼してください。',
    );
  }

  private recordDecision(
    em: EntityManager,
    actor: string,
    id: number,
    decision: string,
    on?: IsoDate,
  ): Promise<void> {
    return this.audit.record(em, {
      actor,
      action: 'exception_decided',
      target: `exception:${id}`,
      details: { decision, ...(on && { on }) },
    });
  }

  private async get(em: EntityManager, scope: Scope, id: number): Promise<ExceptionRow> {
    const [found] = Number.isSafeInteger(id)
      ? await findExceptions(em, { scope }, this.clock.today(), { id })
      : [];
    if (found) return found;
    throw new AppError('exception_not_found', 'not_found', 'この例外の申請は見つかりません。');
  }
}

/** Once, against a rejection. Throws `exception_not_rejected`, `appealed_before`, `text_too_long`, `individual_number`. */
export async function appealTo(
  em: EntityManager,
  { id, state, appealedAt }: Pick<ExceptionRow, 'id' | 'state' | 'appealedAt'>,
  text: string | undefined,
  by: { readonly at: Date; readonly by: string },
): Promise<void> {
  if (appealedAt !== null)
    throw new AppError(
      'appealed_before',
      'conflict',
      '不服の申し出は、1つの申請につき1回です。事情が変わったときは、新しく申請してください。',
    );
  if (state !== 'rejected')
    throw new AppError(
      'exception_not_rejected',
      'conflict',
      '不服の申し出ができるのは、却下された申請だけです。',
    );
  await insertDecision(em, {
    exceptionId: id,
    decision: 'appealed',
    reason: checkedText(text, 'appeal'),
    ...by,
  });
}
