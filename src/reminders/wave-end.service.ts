import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { Clock } from '../platform/clock.js';
import { finishWhenDone } from './delivery-queue.query.js';
import { findWaves } from './wave.query.js';

/** A wave is over when nothing of it waits or is on its way any more. */
@Injectable()
export class WaveEnd {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** True when this call finished it. */
  async finishWhenDone(waveId: number): Promise<boolean> {
    return this.dataSource.transaction(async (em) => {
      if (!(await finishWhenDone(em, waveId, this.clock.now()))) return false;
      const [wave] = await findWaves(em, { id: waveId });
      const { sent, failed, unknown, suppressed } = wave!.counts;
      await this.audit.record(em, {
        actor: wave!.plannedBy,
        action: 'wave_finished',
        target: `wave:${waveId}`,
        details: { sent, failed, unknown, suppressed },
      });
      return true;
    });
  }
}
