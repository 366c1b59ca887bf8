import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { AuditDetails } from '../access/audit.types.js';
import { requireRole, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { firstDay, isIsoMonth, monthOf, type IsoDate, type IsoMonth } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { CardEvent } from './card-event.entity.js';
import { addCardEvent, lockAnswersOf, statusOnRoster, type NewCardEvent } from './card-event.query.js';
import type { CardStatus, Evidence, SelfStatus } from './card-status.js';
import { findStaffInScope } from './staff-list.query.js';

export interface CardEventInput {
  /** Null takes the event back that `corrects` names, and puts nothing in its place. */
  readonly status: CardStatus | null;
  /** Unless given the day of the event that is corrected, or today. */
  readonly on?: IsoDate;
  readonly evidence?: Evidence;
  /** Last month of a held card; null where there is none. Left out, what is known of the card goes on. */
  readonly expiresOn?: IsoMonth | null;
  /** The event this one replaces. */
  readonly corrects?: number;
}

/** What a door may show of an event. */
export interface CardEventView {
  readonly id: number;
  readonly number: string;
  readonly status: CardStatus | null;
  readonly effectiveOn: IsoDate;
  readonly evidence: Evidence;
  readonly corrects: number | null;
  readonly expiresOn: IsoMonth | null;
}

/** Whoever answers by a link that was sent to them: there is no account, the link is the right to it. */
export interface SelfReporter {
  readonly staffId: number;
  /** The message whose link was used. */
  readonly deliveryId: number;
}

/** Who did it, on record. */
export function selfActor(deliveryId: number): string {
  return `self:${deliveryId}`;
}

/** Single card events, as HR records and corrects them, and as people tell of themselves. */
@Injectable()
export class CardEventService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Throws `staff_not_found`, `bad_date`, `future_date`, `bad_status`, `bad_expiry`, `event_not_found`, `event_corrected`. */
  async record(scope: Scope, number: string, input: CardEventInput): Promise<CardEventView> {
    scope = requireRole(scope, 'hr');
    const today = this.clock.today();
    if (input.on !== undefined) assertDate(input.on);
    if (input.on !== undefined && input.on > today)
      throw new AppError('future_date', 'refused', 'まだ来ていない日付では記録できません。');
    if (input.status === null && input.corrects === undefined)
      throw new AppError('bad_status', 'invalid', '取得状況を指定してください。');
    if (input.expiresOn && !(input.status === 'held' && isIsoMonth(input.expiresOn))) {
      throw new AppError(
        'bad_expiry',
        'invalid',
        'カードの有効期限は「保有」のときだけ、2027-03 のような年月で指定してください。',
      );
    }
    return this.dataSource.transaction(async (em) => {
      // A card may be older than the employment: who is on today's roster may have had one on any day before.
      const staff =
        (await findStaffInScope(em, scope, number, input.on ?? today)) ??
        (await findStaffInScope(em, scope, number, today));
      if (!staff) {
        throw new AppError('staff_not_found', 'not_found', 'この職員番号は、その日の名簿に見つかりません。', {
          on: input.on ?? today,
        });
      }
      const corrected =
        input.corrects === undefined ? null : await findCorrectable(em, staff.id, input.corrects);
      const on = input.on ?? corrected?.effectiveOn ?? today;
      const event = {
        staffId: staff.id,
        status: input.status,
        effectiveOn: on,
        evidence: input.evidence ?? 'hr',
        corrects: input.corrects ?? null,
        expiresMonth:
          input.expiresOn === undefined
            ? await knownMonth(em, staff.id, input.status, on, corrected)
            : input.expiresOn && firstDay(input.expiresOn),
        recordedAt: this.clock.now(),
        recordedBy: scope.actor,
      };
      const id = await this.add(em, event);
      const { status, effectiveOn, evidence, corrects, expiresMonth } = event;
      const expiresOn = expiresMonth && monthOf(expiresMonth);
      return { id, number, status, effectiveOn, evidence, corrects, expiresOn };
    });
  }

  /** What a person says of the own card, from today on. False where that is known: nothing is recorded. Throws `not_on_roster`. */
  async reportSelf({ staffId, deliveryId }: SelfReporter, status: SelfStatus): Promise<boolean> {
    const today = this.clock.today();
    return this.dataSource.transaction(async (em) => {
      await lockAnswersOf(em, staffId);
      const known = await statusOnRoster(em, staffId, today);
      if (known === null) {
        throw new AppError(
          'not_on_roster',
          'conflict',
          '今日の名簿にお名前が見つからないため、回答をお受けできません。記録は変わっていません。',
        );
      }
      if (says(status, known)) return false;
      const event: NewCardEvent = {
        staffId,
        status,
        effectiveOn: today,
        evidence: 'self',
        corrects: null,
        expiresMonth: null,
        recordedAt: this.clock.now(),
        recordedBy: selfActor(deliveryId),
      };
      await this.add(em, event, { delivery: deliveryId });
      return true;
    });
  }

  private async add(em: EntityManager, event: NewCardEvent, details: AuditDetails = {}): Promise<number> {
    const id = await addCardEvent(em, event);
    await this.audit.record(em, {
      actor: event.recordedBy,
      action: 'card_event_recorded',
      target: `staff:${event.staffId}`,
      details: { event: id, ...details },
    });
    return id;
  }
}

/** Whose card has lapsed says so by having none: the more exact word stays. */
function says(status: SelfStatus, known: CardStatus): boolean {
  return status === known || (status === 'not_applied' && known === 'lapsed');
}

/** Whoever tells once more that a card is held does not take back what is known of it. */
async function knownMonth(
  em: EntityManager,
  staffId: number,
  status: CardStatus | null,
  on: IsoDate,
  corrected: CardEvent | null,
): Promise<IsoDate | null> {
  if (status !== 'held') return null;
  if (corrected?.status === 'held') return corrected.expiresMonth;
  const [known]: { month: IsoDate | null }[] = await em.query(
    `SELECT expires_month AS month FROM card_status_period
     WHERE staff_id = $1 AND status = 'held' AND valid_from <= $2 AND $2 < valid_to`,
    [staffId, on],
  );
  return known?.month ?? null;
}

/** Locks the event, so that of two corrections at once the second finds the first. */
async function findCorrectable(em: EntityManager, staffId: number, eventId: number): Promise<CardEvent> {
  const events = em.getRepository(CardEvent);
  const event = await events.findOne({
    where: { id: eventId, staffId },
    lock: { mode: 'pessimistic_write' },
  });
  if (!event) {
    throw new AppError('event_not_found', 'not_found', '訂正する記録が見つかりません。');
  }
  if (await events.findOneBy({ corrects: eventId })) {
    throw new AppError(
      'event_corrected',
      'conflict',
      'この記録はすでに訂正されています。新しいほうの記録を訂正してください。',
    );
  }
  return event;
}
