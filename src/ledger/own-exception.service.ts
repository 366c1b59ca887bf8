import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { derivePeople } from '../roster/derive.query.js';
import { statusOnRoster } from './card-event.query.js';
import { selfActor, type SelfReporter } from './card-event.service.js';
import { checkedDays, checkedText, refuseTwice } from './exception-check.js';
import {
  findExceptions,
  insertDecision,
  insertException,
  lockException,
  lockRequestsOf,
  personOfAccount,
  type AccountPerson,
  type ExceptionRow,
} from './exception.query.js';
import { appealTo } from './exception.service.js';
import { WAITING_STATES, type ExceptionDays, type ExceptionRequest } from './exception.types.js';

export interface OwnExceptions {
  readonly person: Pick<AccountPerson, 'name' | 'number'>;
  /** The newest first. */
  readonly exceptions: readonly ExceptionRow[];
}

export type OwnRequest = Omit<ExceptionRequest, 'number'>;
type Asked = ExceptionDays & Required<Pick<OwnRequest, 'category' | 'note'>>;

/**
 * What people do about their own exceptions. Leaving the plan is asked for and HR decides; coming back needs nobody's
 * consent. The hidden category does not show here either: somebody may be looking over the person's shoulder.
 */
@Injectable()
export class OwnExceptionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Null where the account belongs to nobody on the roster. */
  async list(scope: Scope): Promise<OwnExceptions | null> {
    const em = this.dataSource.manager;
    const person = await personOfAccount(em, scope.userId);
    if (!person) return null;
    return { person, exceptions: await this.of(em, person.staffId) };
  }

  /**
   * Throws `no_person`, `staff_not_found`, `past_day`, `exception_waiting`, `exception_exists`, `bad_date`, `bad_period`,
   * `exception_too_long`, `text_too_long`, `individual_number`.
   */
  async ask(scope: Scope, request: OwnRequest): Promise<void> {
    const asked = this.checked(request);
    await this.dataSource.transaction(async (em) => {
      const { staffId } = await this.person(em, scope);
      await lockRequestsOf(em, staffId);
      const waiting = (await this.of(em, staffId)).some(
        ({ state, from, to }) => WAITING_STATES.includes(state) && from <= asked.to && asked.from <= to,
      );
      if (waiting)
        throw new AppError(
          'exception_waiting',
          'conflict',
          'この期間にかかる申請が、決定を待っています。変えるときは、先にその申請を取り下げてください。',
        );
      await this.file(em, staffId, asked, scope.actor);
    });
  }

  /**
   * The same without an account, by the link of a message. Whoever has the link sees no requests and takes none back, so that one
   * waits at a time: false where one does, and nothing is filed. Throws the rest of what `ask` throws.
   */
  async askByLink({ staffId, deliveryId }: SelfReporter, request: OwnRequest): Promise<boolean> {
    const asked = this.checked(request);
    return this.dataSource.transaction(async (em) => {
      await lockRequestsOf(em, staffId);
      if ((await this.of(em, staffId)).some(({ state }) => WAITING_STATES.includes(state))) return false;
      await this.file(em, staffId, asked, selfActor(deliveryId));
      return true;
    });
  }

  /** Takes a request back, or ends an exception from today on. Throws `no_person`, `exception_not_found`, `exception_decided`. */
  async withdraw(scope: Scope, id: number): Promise<void> {
    await this.dataSource.transaction(async (em) => {
      const { state, ended, staffId } = await this.own(em, scope, id);
      if (ended || (!WAITING_STATES.includes(state) && state !== 'approved'))
        throw new AppError('exception_decided', 'conflict', 'この例外はすでに終わっています。');
      const [at, on] = [this.clock.now(), this.clock.today()];
      await insertDecision(em, { exceptionId: id, decision: 'withdrawn', on, at, by: scope.actor });
      if (state === 'approved') await derivePeople(em, [staffId], at);
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'exception_decided',
        target: `exception:${id}`,
        details: { decision: 'withdrawn', on },
      });
    });
  }

  /** Throws `no_person`, `exception_not_found` and what `appealTo` throws. */
  async appeal(scope: Scope, id: number, text?: string): Promise<void> {
    await this.dataSource.transaction(async (em) => {
      await appealTo(em, await this.own(em, scope, id), text, { at: this.clock.now(), by: scope.actor });
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'exception_appealed',
        target: `exception:${id}`,
      });
    });
  }

  private checked(request: OwnRequest): Asked {
    const days = checkedDays(request);
    const note = checkedText(request.note, 'note');
    if (days.from < this.clock.today())
      throw new AppError('past_day', 'refused', '開始日は今日以後にしてください。');
    return { ...days, note, category: request.category };
  }

  /** `by` answers for it: an account, or the link. */
  private async file(em: EntityManager, staffId: number, asked: Asked, by: string): Promise<void> {
    if ((await statusOnRoster(em, staffId, asked.from)) === null)
      throw new AppError('staff_not_found', 'not_found', '開始日の名簿に、あなたの記録が見つかりません。', {
        from: asked.from,
      });
    refuseTwice(await this.of(em, staffId), asked);
    const id = await insertException(em, { staffId, ...asked, at: this.clock.now(), by });
    await this.audit.record(em, {
      actor: by,
      action: 'exception_requested',
      target: `staff:${staffId}`,
      details: { exception: id },
    });
  }

  private async person(em: EntityManager, scope: Scope): Promise<AccountPerson> {
    const person = await personOfAccount(em, scope.userId);
    if (person) return person;
    throw new AppError(
      'no_person',
      'not_found',
      'このアカウントは、名簿の職員に結び付いていません。結び付けるときは、情報システム課にお問い合わせください。',
    );
  }

  private async own(em: EntityManager, scope: Scope, id: number): Promise<ExceptionRow> {
    const { staffId } = await this.person(em, scope);
    const owner = await lockException(em, id);
    const [found] =
      owner === staffId ? await findExceptions(em, { staffId, as: 'self' }, this.clock.today(), { id }) : [];
    if (found) return found;
    throw new AppError('exception_not_found', 'not_found', 'この例外の申請は見つかりません。');
  }

  private of(em: EntityManager, staffId: number): Promise<ExceptionRow[]> {
    return findExceptions(em, { staffId, as: 'self' }, this.clock.today());
  }
}
