import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { addDays } from '../platform/month.js';
import type { Logger } from '../platform/logging.js';
import { CONFIG, LOGGER } from '../platform/tokens.js';
import { AnswerLinks } from './answer-links.service.js';
import { DeliveryPace } from './delivery-pace.service.js';
import { DeliveryPump, type PumpEnd } from './delivery-pump.js';
import { enqueueBlock, leftIn, putBack, type Block } from './delivery-queue.query.js';
import { returnToBudget, takeFromBudget } from './mail-budget.query.js';
import { reviewBlock } from './delivery-review.query.js';
import type { MessageTemplate } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { MessageSenders } from './message-senders.service.js';
import { policyNamed } from './policy.js';
import { PolicyService } from './policy.service.js';
import { closingOf, nextOpening } from './sending-times.js';
import { WaveEnd } from './wave-end.service.js';
import { deadlineOf, deadlineWhenLeaving, deadlineWords } from './wave-dates.js';
import { waveName } from './wave-name.js';
import { beginWork, moveWave, noteWave, restWave, type WorkedWave } from './wave-state.query.js';

/**
 * Messages under way in one run. Two runs of a process share its connections: twice what these carry, so that they never
 * wait, and no more, since it is what nobody knows of when the process is killed.
 */
const DEPTH = 10;
/** Templates of the last waves stay compiled. */
const TEMPLATES = 20;

/**
 * Sends one block of a wave, and leaves a job for what remains of it. No message goes out twice: a delivery is
 * `sending` in the database before its first byte leaves, and one whose end is not known becomes `unknown`, which is
 * never sent again by itself.
 */
@Injectable()
export class DispatcherService {
  /** Workers of this process that take nothing new. */
  readonly stopping = new Set<string>();
  private readonly templates = new Map<number, Promise<MessageTemplate>>();
  private runs = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly versions: MessageTemplateService,
    private readonly senders: MessageSenders,
    private readonly ends: WaveEnd,
    private readonly pace: DeliveryPace,
    private readonly policies: PolicyService,
    private readonly links: AnswerLinks,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async deliver(block: Block, worker: string): Promise<void> {
    const em = this.dataSource.manager;
    const wave = await beginWork(em, block.wave, this.clock.now());
    if (!wave) return;
    const closing = wave.inOfficeHours ? await this.closingOrRest(block) : Infinity;
    if (closing === null) return;
    await this.review(block, wave);
    const end = await this.send(block, wave, worker, closing);
    const left = await leftIn(em, block);
    if (left.due || left.waitMs !== null) {
      const waitMs = await this.waitFor(block, left, end, this.stopping.has(worker));
      if (waitMs === null) return;
      const troubles = end.trouble === null || end.sent > 0 ? 0 : (block.troubles ?? 0) + 1;
      await enqueueBlock(em, { ...block, troubles }, waitMs);
    } else {
      if (end.sent > 0) await noteWave(em, block.wave, '');
      await this.ends.finishWhenDone(block.wave);
    }
  }

  /** Days after a wave was planned its messages may have lost their reason, and their deadline may be near or over. */
  private async review(block: Block, { policy, on, begunOn }: WorkedWave): Promise<void> {
    const today = this.clock.today();
    // Of exceptions people decide at any minute.
    if (today <= begunOn && policyNamed(policy).limits.about !== 'exception') return;
    const deadline = deadlineWhenLeaving(on, today);
    const { minGapDays } = await this.policies.rules();
    await reviewBlock(this.dataSource.manager, block, {
      today,
      now: this.clock.now(),
      minGapDays,
      deadline: deadline === deadlineOf(on) ? null : deadlineWords(deadline),
    });
  }

  private async send(block: Block, wave: WorkedWave, worker: string, closing: number): Promise<PumpEnd> {
    const em = this.dataSource.manager;
    const mark = `${worker}/${++this.runs}`;
    const limits = this.config.mailLimits;
    const limited = limits.perSecond !== undefined || limits.perDay !== undefined;
    const senders = this.senders.borrow();
    const pump = new DeliveryPump(
      {
        em,
        worker: mark,
        pace: this.pace,
        clock: this.clock,
        sender: (channel) => senders.of(channel),
        contextOf: this.links.forWave(wave.on),
        allowance: async (wanted) => {
          if (!limited) return { granted: wanted, waitMs: 0 };
          const { granted, waitMs } = await takeFromBudget(em, limits, wanted, this.clock.today());
          return { granted, waitMs: waitMs ?? this.untilTomorrow() };
        },
        giveBack: async (unused) => {
          if (limited) await returnToBudget(em, limits, unused, this.clock.today());
        },
        stopping: () => this.stopping.has(worker) || this.clock.now().getTime() >= closing,
      },
      { name: waveName(wave), template: await this.template(wave.templateId) },
      block,
      DEPTH,
    );
    try {
      return await pump.run();
    } finally {
      senders.giveBack();
      await putBack(em, block, mark, pump.unrecorded(), this.clock.now());
    }
  }

  /** Milliseconds until the rest of the block is tried again; null when it is not tried any more by itself. */
  private async waitFor(
    block: Block,
    left: { readonly due: boolean; readonly waitMs: number | null },
    end: PumpEnd,
    stopping: boolean,
  ): Promise<number | null> {
    const em = this.dataSource.manager;
    if (end.restMs !== null) {
      await noteWave(em, block.wave, 'daily_limit');
      return end.restMs;
    }
    if (end.trouble !== null) {
      const next = this.pace.trouble[end.sent > 0 ? 0 : (block.troubles ?? 0)];
      const trouble = { wave: block.wave, code: answerCode(end.trouble), triedAgainInMs: next ?? null };
      this.logger.warn(trouble, 'a wave does not go on: its messages cannot be handed over');
      if (next === undefined) {
        await moveWave(em, block.wave, ['sending'], 'paused', {
          note: end.trouble,
          now: this.clock.now(),
        });
        return null;
      }
      await noteWave(em, block.wave, end.trouble);
      return next;
    }
    if (end.sent > 0) await noteWave(em, block.wave, '');
    if (stopping) return 0;
    // What waits and is due stands behind another run, or came back: a moment later it is somebody's.
    return left.due ? this.pace.breath : left.waitMs;
  }

  /** Until when messages of standing rules may leave today; null where they may not, and the block waits until they may. */
  private async closingOrRest(block: Block): Promise<number | null> {
    const now = this.clock.now();
    const rules = await this.policies.rules();
    const opening = nextOpening(now, rules);
    if (opening.getTime() === now.getTime()) return closingOf(now, rules).getTime();
    await restWave(this.dataSource.manager, block.wave, opening, 'outside_hours');
    await enqueueBlock(this.dataSource.manager, block, opening.getTime() - now.getTime());
    return null;
  }

  private untilTomorrow(): number {
    return Date.parse(`${addDays(this.clock.today(), 1)}T00:00:00+09:00`) - this.clock.now().getTime();
  }

  private template(id: number): Promise<MessageTemplate> {
    let template = this.templates.get(id);
    if (!template) {
      template = this.versions.pinned(this.dataSource.manager, id);
      template.catch(() => this.templates.delete(id));
      this.templates.set(id, template);
      if (this.templates.size > TEMPLATES) this.templates.delete(this.templates.keys().next().value!);
    }
    return template;
  }
}

/** Of an answer what a log may hold: its codes (`535 5.7.8`, `ESOCKET`), not its words. */
function answerCode(answer: string): string | null {
  return /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?|(?<=\()E[A-Z]+(?=\))/.exec(answer)?.[0] ?? null;
}
