import { setTimeout as wait } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { DataSource, type QueryRunner } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { Logger } from '../platform/logging.js';
import { LOGGER } from '../platform/tokens.js';
import {
  abandoned,
  claimNext,
  finishWhenDone,
  markSending,
  putBack,
  queuedChannels,
  queuedWave,
  settle,
  tryLockWave,
  unfinishedWaves,
  unlockWave,
  type ClaimedDelivery,
  type QueuedWave,
} from './delivery-queue.query.js';
import type { MessageTemplate, RenderedMessage } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { SendFailure, type Channel, type MessageSender } from './message-sender.js';
import { MessageSenders } from './message-senders.service.js';

export interface DispatchOutcome {
  readonly sent: number;
  /** Why messages are left in the queue; null when none are. */
  readonly stopped: string | null;
  /** True when this run finished the wave. */
  readonly finished: boolean;
}

/** So many messages in a row that could not even leave mean that the mail server is not there. */
const TROUBLES_BEFORE_STOP = 10;
const PAUSE_AFTER_TROUBLE_MS = 200;
const NOT_RENDERED = 'テンプレートから文面を作れませんでした';
const SHUTTING_DOWN = 'サービスの停止により中断しました';
const INTERRUPTED = '送信の途中でサービスが止まり、届いたか分かりません';

/**
 * Sends what is queued in a wave, so that no message goes out twice: a delivery is `sending` in the database before
 * its first byte leaves, and one whose end is not known becomes `unknown`, which is never sent again by itself.
 */
@Injectable()
export class DispatcherService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Set<Promise<unknown>>();
  private shuttingDown = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly templates: MessageTemplateService,
    private readonly senders: MessageSenders,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Says the truth about what a killed process left behind. Sends nothing. */
  async onApplicationBootstrap(): Promise<void> {
    for (const waveId of await unfinishedWaves(this.dataSource.manager)) {
      await this.underLock(waveId, async (runner) => {
        await this.settleAbandoned(runner, (await queuedWave(runner, waveId))!);
        await finishWhenDone(runner, waveId, this.clock.now());
      });
    }
  }

  /** Throws when the queue cannot be read. */
  async assertQueueAnswers(): Promise<void> {
    await unfinishedWaves(this.dataSource.manager);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.shuttingDown = true;
    await Promise.allSettled(this.running);
  }

  /** Throws `wave_running` while another process sends it, `wave_not_found`. */
  async deliver(waveId: number): Promise<DispatchOutcome> {
    const run = this.underLock(waveId, (runner) => this.deliverLocked(runner, waveId));
    this.running.add(run);
    try {
      const outcome = await run;
      if (outcome) return outcome;
    } finally {
      this.running.delete(run);
    }
    throw new AppError(
      'wave_running',
      'conflict',
      'この配信回はいま送信中です。終わってから、もう一度実行してください。',
      { waveId },
    );
  }

  private async deliverLocked(runner: QueryRunner, waveId: number): Promise<DispatchOutcome> {
    const wave = await queuedWave(runner, waveId);
    if (!wave) throw new AppError('wave_not_found', 'not_found', 'この配信回は見つかりません。', { waveId });
    await this.settleAbandoned(runner, wave);
    const template = await this.templates.pinned(this.dataSource.manager, wave.templateId);
    let sent = 0;
    let stopped: string | null = null;
    for (const channel of await queuedChannels(runner, waveId)) {
      const run = new ChannelRun(wave, channel, this.senders.open(channel), template);
      try {
        await markSending(runner, waveId);
        await this.drain(runner, run);
      } finally {
        await run.sender.close();
      }
      sent += run.sent;
      stopped ??= run.stopped;
    }
    const finished = await finishWhenDone(runner, waveId, this.clock.now());
    this.logger.info({ waveId, sent, finished, stopped: stopped !== null }, 'wave dispatched');
    return { sent, stopped, finished };
  }

  private async drain(runner: QueryRunner, run: ChannelRun): Promise<void> {
    const workers = Array.from({ length: run.sender.connections }, () => this.work(runner, run));
    // A worker that fails ends the run, but the messages under way are seen through first.
    const results = await Promise.allSettled(workers);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async work(runner: QueryRunner, run: ChannelRun): Promise<void> {
    try {
      while (run.stopped === null) {
        if (this.shuttingDown) run.stopped = SHUTTING_DOWN;
        const delivery = run.stopped === null && (await this.claim(runner, run));
        if (!delivery) return;
        await this.sendOne(run, delivery);
      }
    } catch (error) {
      run.stopped ??= '予期しない問題が起きたため中断しました';
      throw error;
    }
  }

  /**
   * One at a time, and over the connection that holds the lock: who has lost the lock cannot claim any more.
   */
  private claim(runner: QueryRunner, run: ChannelRun): Promise<ClaimedDelivery | undefined> {
    const claimed = run.lastClaim.then(() => claimNext(runner, run.wave.id, run.channel, this.clock.now()));
    run.lastClaim = claimed.catch(() => undefined);
    return claimed;
  }

  private async sendOne(run: ChannelRun, delivery: ClaimedDelivery): Promise<void> {
    const db = this.dataSource.manager;
    let rendered: RenderedMessage;
    try {
      rendered = run.template(delivery.context);
    } catch {
      await settle(db, delivery.id, 'failed', NOT_RENDERED, this.clock.now());
      return;
    }
    try {
      await run.sender.send({
        deliveryId: delivery.id,
        messageId: delivery.messageId,
        waveName: waveName(run.wave),
        to: delivery.address,
        date: this.clock.now(),
        ...rendered,
      });
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error;
      if (error.kind === 'not_attempted') {
        await putBack(db, delivery.id);
        if (++run.troubles >= TROUBLES_BEFORE_STOP) run.stopped ??= error.reason;
        await wait(PAUSE_AFTER_TROUBLE_MS);
        return;
      }
      run.troubles = 0;
      const state = error.kind === 'refused' ? 'failed' : 'unknown';
      await settle(db, delivery.id, state, error.reason, this.clock.now());
      return;
    }
    await settle(db, delivery.id, 'sent', '', this.clock.now());
    run.sent++;
    run.troubles = 0;
  }

  /** Only under the lock: otherwise another process may be sending these very rows. */
  private async settleAbandoned(runner: QueryRunner, wave: QueuedWave): Promise<void> {
    const rows = await abandoned(runner, wave.id);
    if (rows.length === 0) return;
    for (const row of rows) {
      const sent = await this.senders.wasSent(row.channel, {
        deliveryId: row.id,
        messageId: row.messageId,
        waveName: waveName(wave),
      });
      if (sent === false) await putBack(runner, row.id);
      else await settle(runner, row.id, sent ? 'sent' : 'unknown', sent ? '' : INTERRUPTED, this.clock.now());
    }
    this.logger.warn(
      { waveId: wave.id, deliveries: rows.length },
      'deliveries of an interrupted run examined',
    );
  }

  /** undefined when another process holds the lock. */
  private async underLock<T>(
    waveId: number,
    work: (runner: QueryRunner) => Promise<T>,
  ): Promise<T | undefined> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.connect();
      if (!(await tryLockWave(runner, waveId))) return undefined;
      try {
        return await work(runner);
      } finally {
        await unlockWave(runner, waveId);
      }
    } finally {
      await runner.release();
    }
  }
}

/** The deliveries of one wave that go out over one channel, in this process, now. */
class ChannelRun {
  sent = 0;
  stopped: string | null = null;
  /** Messages in a row that could not leave. */
  troubles = 0;
  lastClaim: Promise<unknown> = Promise.resolve();

  constructor(
    readonly wave: QueuedWave,
    readonly channel: Channel,
    readonly sender: MessageSender,
    readonly template: MessageTemplate,
  ) {}
}

export function waveName({ policy, on }: Pick<QueuedWave, 'policy' | 'on'>): string {
  return `${policy}-${on}`;
}
