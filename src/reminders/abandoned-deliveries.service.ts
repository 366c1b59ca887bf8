import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import type { Logger } from '../platform/logging.js';
import { LOGGER } from '../platform/tokens.js';
import { DeliveryPace } from './delivery-pace.service.js';
import { enqueueWave } from './delivery-queue.query.js';
import {
  abandonedDeliveries,
  settleAbandoned,
  unlockDeadWorkers,
  wavesWithoutJobs,
} from './delivery-worker.query.js';
import { MessageSenders } from './message-senders.service.js';
import { WaveEnd } from './wave-end.service.js';
import { waveName } from './wave-name.js';

/** Says the truth about what processes that died have left behind, and gives their jobs to others. */
@Injectable()
export class AbandonedDeliveries {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly senders: MessageSenders,
    private readonly pace: DeliveryPace,
    private readonly ends: WaveEnd,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Sends nothing. */
  async lookAfter(): Promise<void> {
    const em = this.dataSource.manager;
    await unlockDeadWorkers(em, this.pace.deadAfter);
    await this.settle();
    for (const waveId of await wavesWithoutJobs(em)) {
      if (!(await this.ends.finishWhenDone(waveId))) await enqueueWave(em, waveId);
    }
  }

  private async settle(): Promise<void> {
    const em = this.dataSource.manager;
    const rows = await abandonedDeliveries(em);
    if (rows.length === 0) return;
    const ids: Record<'sent' | 'unknown' | 'queued', number[]> = { sent: [], unknown: [], queued: [] };
    for (const { id, channel, messageId, ...wave } of rows) {
      const sent = await this.senders.wasSent(channel, {
        deliveryId: id,
        messageId,
        waveName: waveName(wave),
      });
      ids[sent === null ? 'unknown' : sent ? 'sent' : 'queued'].push(id);
    }
    for (const state of ['sent', 'unknown', 'queued'] as const) {
      if (ids[state].length > 0) await settleAbandoned(em, ids[state], state, this.clock.now());
    }
    const waves = [...new Set(rows.map(({ waveId }) => waveId))];
    for (const waveId of waves) {
      if (ids.queued.length > 0) await enqueueWave(em, waveId);
      await this.ends.finishWhenDone(waveId);
    }
    this.logger.warn({ waves, deliveries: rows.length }, 'deliveries of a process that died examined');
  }
}
