import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { startJobWorker, type JobWorker } from '../platform/jobs/job-queue.js';
import { loggable, type Logger } from '../platform/logging.js';
import { LOGGER } from '../platform/tokens.js';
import { AbandonedDeliveries } from './abandoned-deliveries.service.js';
import { DeliveryPace } from './delivery-pace.service.js';
import { TASK, type Block } from './delivery-queue.query.js';
import { giveSignOfLife, sayGoodbye } from './delivery-worker.query.js';
import { DispatcherService } from './dispatcher.service.js';
import { MessageSenders } from './message-senders.service.js';

/** Blocks at a time: while the last messages of one are on their way, the next one begins. */
const CONCURRENCY = 2;

/**
 * This process as one of those that send: it takes jobs, gives signs of life, and clears up after others that have
 * died. Services send as long as they live, commands while they wait for a wave.
 */
@Injectable()
export class DeliveryWorker implements BeforeApplicationShutdown {
  private worker: JobWorker | undefined;
  private starting: Promise<void> | undefined;
  private beating: Promise<void> = Promise.resolve();
  private asleep = new AbortController();
  private users = 0;
  private stopped = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly dispatcher: DispatcherService,
    private readonly abandoned: AbandonedDeliveries,
    private readonly senders: MessageSenders,
    private readonly pace: DeliveryPace,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** What this process's deliveries are marked with; undefined while it sends none. */
  get id(): string | undefined {
    return this.worker?.id;
  }

  /** Works until `stop`. */
  async start(): Promise<void> {
    this.users++;
    await (this.starting ??= this.begin());
  }

  /** Works at least until `task` is done. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    await this.start();
    try {
      return await task();
    } finally {
      if (--this.users === 0) await this.end();
    }
  }

  /** Throws when the queue cannot be read, or this process should take jobs and does not. */
  async assertWorking(): Promise<void> {
    if (this.users > 0 && !this.worker) throw new Error('the worker has ended');
    await this.dataSource.query('SELECT FROM graphile_worker.jobs LIMIT 1');
  }

  /** Takes nothing new, and ends when what is on its way has arrived. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.users = 0;
    await this.end();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.stop();
  }

  private async begin(): Promise<void> {
    this.asleep = new AbortController();
    await this.hire();
    this.beating = this.beat();
  }

  private async hire(): Promise<void> {
    // Before its first sign of life whatever it sends would look abandoned.
    const signs = new EventEmitter();
    const alive = once(signs, 'alive');
    const worker = await startJobWorker(
      this.dataSource,
      TASK,
      (block, id) => alive.then(() => this.deliver(block as Block, id)),
      CONCURRENCY,
      this.logger,
    );
    this.worker = worker;
    void this.forgetWhenEnded(worker);
    await giveSignOfLife(this.dataSource.manager, worker.id).finally(() => signs.emit('alive'));
  }

  private async forgetWhenEnded(worker: JobWorker): Promise<void> {
    await worker.ended;
    if (this.worker === worker) this.worker = undefined;
  }

  private async deliver(block: Block, workerId: string): Promise<void> {
    try {
      await this.dispatcher.deliver(block, workerId);
    } catch (error) {
      this.logger.warn({ err: loggable(error), wave: block.wave }, 'a part of a wave is tried again');
      throw error;
    }
  }

  private async end(): Promise<void> {
    if (!this.starting) return;
    await this.starting.catch(() => {});
    this.starting = undefined;
    this.asleep.abort();
    await this.beating;
    const worker = this.worker;
    this.worker = undefined;
    if (!worker) return;
    this.dispatcher.stopping.add(worker.id);
    await worker.stop();
    this.dispatcher.stopping.delete(worker.id);
    await this.senders.closeIdle();
    await sayGoodbye(this.dataSource.manager, worker.id).catch(() => {});
  }

  private async beat(): Promise<void> {
    const { signal } = this.asleep;
    while (!signal.aborted) {
      try {
        // What ended without being asked is replaced.
        if (!this.worker && !this.stopped) await this.hire();
        if (this.worker) await giveSignOfLife(this.dataSource.manager, this.worker.id);
        await this.abandoned.lookAfter();
      } catch (error) {
        this.logger.warn({ err: loggable(error) }, 'looking after the queue failed');
      }
      await wait(this.pace.heartbeat, undefined, { signal }).catch(() => {});
    }
  }
}
