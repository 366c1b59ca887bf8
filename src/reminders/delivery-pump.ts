import { setTimeout as wait } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Clock } from '../platform/clock.js';
import type { IsoDate } from '../platform/month.js';
import type { DeliveryPace } from './delivery-pace.service.js';
import { settleAndClaim, type Block, type ClaimedDelivery, type Settled } from './delivery-queue.query.js';
import type { MessageTemplate, RenderedMessage } from './message-template.js';
import { SendFailure, type Channel, type MessageSender } from './message-sender.js';

/** What a pump works with. */
export interface PumpTools {
  readonly em: EntityManager;
  readonly worker: string;
  readonly pace: DeliveryPace;
  readonly clock: Clock;
  sender(channel: Channel): MessageSender;
  /** The context with what only the message itself may hold. */
  contextOf(delivery: ClaimedDelivery): Promise<object>;
  /** How many of `wanted` messages may leave now; where none may, how long to wait for the next. */
  allowance(wanted: number): Promise<{ granted: number; waitMs: number }>;
  giveBack(unused: number): Promise<void>;
  /** True once nothing new may be begun. */
  stopping(): boolean;
}

export interface PumpWave {
  readonly name: string;
  readonly template: MessageTemplate;
}

/** How a pump's run ended. */
export interface PumpEnd {
  readonly sent: number;
  /** Set where the server's troubles, not the deliveries, ended it. */
  readonly trouble: string | null;
  /** Set where today's messages are used up: how long until there are new ones. */
  readonly restMs: number | null;
}

/** So many messages in a row that could not even leave mean that the mail server is not there. */
const TROUBLES_BEFORE_STOP = 10;
/** Longer waits for the allowance are another job's. */
const LONGEST_WAIT_MS = 2_000;
const LULL_MS = 10;
/** Each after twice the time of the one before: about half a minute. */
const RETRIES = 8;
const NOT_RENDERED = 'テンプレートから文面を作れませんでした';

/**
 * Sends a block of deliveries so that no message goes out twice. Messages leave beside each other; meanwhile one
 * statement at a time writes what has become of those that are done and takes the next ones, so that a commit serves
 * many messages and the connections never wait for it.
 */
export class DeliveryPump {
  private settled: Settled[] = [];
  private underWay = 0;
  private after: number;
  /** A block takes seconds: reckoning the day anew for every statement would cost more than the statement. */
  private readonly today: IsoDate;
  private sent = 0;
  /** Messages in a row that could not leave. */
  private troubles = 0;
  private trouble: string | null = null;
  private restMs: number | null = null;
  private wake = () => {};
  private late = false;
  private failure: unknown;

  constructor(
    private readonly tools: PumpTools,
    private readonly wave: PumpWave,
    private readonly block: Block,
    private readonly depth: number,
  ) {
    this.after = block.from - 1;
    this.today = tools.clock.today();
  }

  /** Ids of what was sent, or may have been, without being on record: none, unless `run` has thrown. */
  unrecorded(): number[] {
    return this.settled.map(({ id }) => id);
  }

  async run(): Promise<PumpEnd> {
    try {
      return await this.pump();
    } finally {
      // Nothing is left on its way when the run is over, however it ends.
      while (this.underWay > 0) await this.somethingDone();
    }
  }

  private async pump(): Promise<PumpEnd> {
    let more = true;
    while (more || this.underWay > 0 || this.settled.length > 0) {
      more &&= !this.tools.stopping() && this.trouble === null && this.restMs === null;
      await this.enoughDone(more ? this.depth / 2 : 0);
      more = (await this.turn(more ? this.depth - this.underWay : 0)) && more;
      if (this.failure) more = false;
    }
    if (this.failure) throw this.failure;
    return { sent: this.sent, trouble: this.trouble, restMs: this.restMs };
  }

  /** Half of what was under way serves one commit; a slow message keeps the others from it for a moment only. */
  private async enoughDone(atMostLeft: number): Promise<void> {
    this.late = false;
    const timer = setTimeout(() => {
      this.late = true;
      this.wake();
    }, LULL_MS);
    while (this.underWay > atMostLeft && !(this.late && this.settled.length > 0)) await this.somethingDone();
    clearTimeout(timer);
  }

  /** Answers whether there may be more to take. */
  private async turn(room: number): Promise<boolean> {
    const limit = room > 0 ? await this.allowed(room) : 0;
    const { claimed, last } = await this.settleAndClaim(limit);
    if (limit > claimed.length) await this.tools.giveBack(limit - claimed.length);
    if (last !== null) this.after = last;
    for (const delivery of claimed) {
      this.underWay++;
      void this.send(delivery);
    }
    return limit === 0 || last !== null;
  }

  /** A database that is away for a moment costs no outcome; one that stays away ends the run. */
  private async settleAndClaim(limit: number): ReturnType<typeof settleAndClaim> {
    const { em, worker, clock } = this.tools;
    for (let failures = 0; ; failures++) {
      const settled = this.settled.splice(0);
      const { block, after, today } = this;
      const claim = { block, after, limit, worker, now: clock.now(), today };
      try {
        return await settleAndClaim(em, settled, claim);
      } catch (error) {
        this.settled.unshift(...settled);
        if (failures === RETRIES) throw error;
        await wait(2 ** failures * 100);
      }
    }
  }

  private async allowed(room: number): Promise<number> {
    const { granted, waitMs } = await this.tools.allowance(room);
    if (granted > 0) return granted;
    if (waitMs > LONGEST_WAIT_MS) this.restMs = waitMs;
    else if (this.settled.length === 0) await wait(waitMs);
    return 0;
  }

  private somethingDone(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  private async send(delivery: ClaimedDelivery): Promise<void> {
    const outcome = await this.attempt(delivery);
    this.underWay--;
    this.settled.push(outcome);
    this.wake();
  }

  /** Never throws: whatever happens to a message is an outcome. */
  private async attempt(delivery: ClaimedDelivery): Promise<Settled> {
    const { id, messageId } = delivery;
    let context: object;
    let rendered: RenderedMessage;
    try {
      context = await this.tools.contextOf(delivery);
    } catch (error) {
      // Nothing has left: the database is away.
      this.failure ??= error;
      return { id, state: 'queued', reason: '' };
    }
    try {
      rendered = this.wave.template(context);
    } catch {
      return { id, state: 'failed', reason: NOT_RENDERED };
    }
    try {
      await this.tools.sender(delivery.channel).send({
        deliveryId: id,
        messageId,
        waveName: this.wave.name,
        to: delivery.address,
        date: this.tools.clock.now(),
        unsubscribeUrl: answerUrlIn(context),
        ...rendered,
      });
    } catch (error) {
      if (error instanceof SendFailure) return this.unsent(delivery, error);
      // Not known what it was: neither is what happened to the message.
      this.failure ??= error;
      return { id, state: 'unknown', reason: 'interrupted' };
    }
    this.troubles = 0;
    this.sent++;
    return { id, state: 'sent', reason: '' };
  }

  private async unsent({ id, attempts }: ClaimedDelivery, failure: SendFailure): Promise<Settled> {
    const { kind, reason } = failure;
    if (kind === 'not_attempted') {
      this.troubles++;
      if (this.troubles >= TROUBLES_BEFORE_STOP) this.trouble ??= reason;
      await wait(this.tools.pace.breath);
      return { id, state: 'queued', reason };
    }
    if (kind === 'unknown') {
      this.troubles++;
      return { id, state: 'unknown', reason };
    }
    this.troubles = 0;
    const pause = kind === 'deferred' ? this.tools.pace.deferred[attempts] : undefined;
    return pause === undefined
      ? { id, state: 'failed', reason }
      : { id, state: 'queued', reason, waitMs: Math.max(pause, failure.waitMs), deferred: true };
  }
}

/** Where people answer they also say that they would rather have no more messages. */
function answerUrlIn(context: object): string | undefined {
  const { answerUrl } = context as { answerUrl?: unknown };
  return typeof answerUrl === 'string' ? answerUrl : undefined;
}
