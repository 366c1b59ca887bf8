import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { everything } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { loggable, type Logger } from '../platform/logging.js';
import { firstDay, monthOf } from '../platform/month.js';
import { LOGGER } from '../platform/tokens.js';
import type { Policy } from './policy.js';
import { PolicyService } from './policy.service.js';
import type { ReminderRules } from './reminder-rules.js';
import { dueWaves, type DueWave } from './schedule.js';
import { openingOf } from './sending-times.js';
import { WaveCreation } from './wave-creation.service.js';
import { WavePlanner } from './wave-planner.service.js';
import {
  isHandled,
  keepWatch,
  mayLook,
  nameWaveOfDay,
  takeDay,
  waveByHand,
  type Watch,
} from './wave-schedule.query.js';
import { holdWavesSince } from './wave-state.query.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A restart takes less; whoever was away for longer, or comes out of a backup, may not know what has been sent. */
const PATIENCE = 10 * MINUTE;
/** What is older is no news any more. */
const LOOK_BACK = 31 * DAY;

const scope = everything('schedule');

/**
 * Begins the waves of policies that are on, on their days. Any number of processes look every minute; which days have
 * been dealt with stands in the database, so that each wave begins once. What came due while nobody looked waits for a
 * person.
 */
@Injectable()
export class WaveScheduler implements BeforeApplicationShutdown {
  private readonly asleep = new AbortController();
  private looking: Promise<void> = Promise.resolve();
  private readonly told = new Set<string>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly policies: PolicyService,
    private readonly planner: WavePlanner,
    private readonly creation: WaveCreation,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Keeps watch before anything is sent, then looks at once and every minute: planning a large wave holds up no start. */
  async start(): Promise<void> {
    await this.keepWatch(this.clock.now()).catch((error: unknown) => this.warn(error));
    this.looking = this.keepLooking();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.asleep.abort();
    await this.looking;
  }

  /** Answers the waves that it began. */
  async look(): Promise<number[]> {
    const now = this.clock.now();
    const { since: watchedSince } = await this.keepWatch(now);
    return this.dataSource.transaction(async (em) => {
      if (!(await mayLook(em))) return [];
      const rules = await this.policies.rules();
      const begun: number[] = [];
      for (const { policy, since } of await this.policies.inForce()) {
        for (const due of await this.due(em, policy, since, now, rules)) {
          const overdue = due.state === 'overdue' || openingOf(due.on, rules) < watchedSince;
          const id = await this.begin(policy, due, overdue);
          if (id !== null) begun.push(id);
        }
      }
      return begun;
    });
  }

  /** What was under way when the watch before ended, and has not gone on since, is held. */
  private async keepWatch(now: Date): Promise<Watch> {
    const { watch, held } = await this.dataSource.transaction(async (em) => {
      const watch = await keepWatch(em, now, PATIENCE);
      const broken = watch.last !== null && watch.since > watch.last;
      return { watch, held: broken ? await holdWavesSince(em, new Date(now.getTime() - PATIENCE)) : [] };
    });
    if (held.length > 0)
      this.logger.warn({ waves: held }, 'waves wait for somebody: nobody looked for a while');
    return watch;
  }

  /** What is to be begun now: at most the newest, which speaks for those before it, but for newcomers, who have a day each. */
  private async due(
    em: EntityManager,
    policy: Policy,
    since: Date,
    now: Date,
    rules: ReminderRules,
  ): Promise<DueWave[]> {
    const from = new Date(Math.max(since.getTime(), now.getTime() - LOOK_BACK));
    const open: DueWave[] = [];
    for (const due of dueWaves(policy, from, now, rules)) {
      if (!(await isHandled(em, policy.name, due.regular))) open.push(due);
    }
    if (policy.schedule.kind === 'after-joining') return open;
    for (const { regular } of open.slice(0, -1)) await takeDay(em, policy.name, regular, now);
    const [newest] = open.slice(-1);
    if (!newest) return [];
    if (policy.schedule.kind !== 'monthly') return [newest];
    const byHand = await waveByHand(em, policy.name, firstDay(monthOf(newest.on)));
    if (byHand === undefined) return [newest];
    await takeDay(em, policy.name, newest.regular, now);
    await nameWaveOfDay(em, policy.name, newest.regular, byHand);
    return [];
  }

  private async begin(
    policy: Policy,
    { regular, on: dueOn }: DueWave,
    overdue: boolean,
  ): Promise<number | null> {
    // Deadlines count from the day on which it is sent; who has joined for a day stays who it is.
    const on = overdue && policy.schedule.kind !== 'after-joining' ? this.clock.today() : dueOn;
    try {
      const planned = await this.planner.plan(scope, policy, on);
      return await this.creation.create(scope, { policy, on, ...planned, scheduled: { regular, overdue } });
    } catch (error) {
      // One policy that cannot be planned holds up no other; it is tried again at the next look.
      const day = `${policy.name} ${regular}`;
      if (!this.told.has(day)) {
        const reason = error instanceof AppError ? { code: error.code } : { err: loggable(error) };
        this.logger.warn({ policy: policy.name, regular, ...reason }, 'a wave could not begin by itself');
      }
      this.told.add(day);
      return null;
    }
  }

  private async keepLooking(): Promise<void> {
    const { signal } = this.asleep;
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => this.warn(error));
      await wait(MINUTE, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  private warn(error: unknown): void {
    this.logger.warn({ err: loggable(error) }, 'looking for waves that are due failed');
  }
}
