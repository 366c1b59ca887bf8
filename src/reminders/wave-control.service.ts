import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { decideUnknown, suppressQueued } from './delivery-decision.query.js';
import { enqueueWave } from './delivery-queue.query.js';
import { MOVES, type WaveAction } from './wave-action.js';
import { moveWave } from './wave-state.query.js';
import { findWaves } from './wave.query.js';
import type { WaveState, WaveSummary } from './wave.types.js';

const NOT_NOW: Record<WaveState, string> = {
  planned: 'この配信回はまだ始まっていません。',
  awaiting: 'この配信回は確認を待っています。',
  sending: 'この配信回は配信中です。',
  paused: 'この配信回は一時停止しています。',
  finished: 'この配信回は終わっています。',
  cancelled: 'この配信回は中止されています。',
};

/** Stops waves, lets them go on, and settles what is not known: every step by a person, and on record. */
@Injectable()
export class WaveControl {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * `deliveryId` narrows `resend` and `keep` to one delivery. Messages under way are seen through whatever is asked.
   * Throws `wave_not_found`, `wave_not_possible` where the state does not allow it.
   */
  async act(scope: Scope, waveId: number, action: WaveAction, deliveryId?: number): Promise<WaveSummary> {
    requireWholeOrganisation(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      const wave = await found(em, waveId);
      if (action === 'resend' || action === 'keep') {
        await this.decide(em, scope, wave, action, deliveryId);
      } else {
        await this.move(em, scope, wave, action);
      }
      return found(em, waveId);
    });
  }

  private async move(
    em: EntityManager,
    scope: Scope,
    { id, state, counts }: WaveSummary,
    action: keyof typeof MOVES,
  ): Promise<void> {
    const { from, to, audit } = MOVES[action];
    const now = this.clock.now();
    if (!(await moveWave(em, id, from, to, { now }))) throw notPossible(id, state);
    if (to === 'sending') await enqueueWave(em, id);
    if (to === 'cancelled') await suppressQueued(em, id, now);
    await this.audit.record(em, {
      actor: scope.actor,
      action: audit,
      target: `wave:${id}`,
      details: { sent: counts.sent, queued: counts.queued },
    });
  }

  private async decide(
    em: EntityManager,
    scope: Scope,
    { id, state }: WaveSummary,
    decision: 'resend' | 'keep',
    deliveryId: number | undefined,
  ): Promise<void> {
    const now = this.clock.now();
    const decided = await decideUnknown(em, id, decision, deliveryId ?? null, now);
    if (decided.length === 0) {
      throw new AppError(
        'nothing_unknown',
        'conflict',
        '届いたか分からない配信はありません。すでに決めたか、あとから答えが届いています。',
        { waveId: id },
      );
    }
    if (decision === 'resend') {
      // Sending again is a decision about the past, whatever else the wave waits for.
      if (state === 'cancelled') throw notPossible(id, state);
      await moveWave(em, id, ['finished'], 'sending', { now });
      await enqueueWave(em, id);
    }
    await this.audit.record(em, {
      actor: scope.actor,
      action: decision === 'resend' ? 'unknown_resent' : 'unknown_kept',
      target: `wave:${id}`,
      details: { deliveries: decided },
    });
  }
}

async function found(em: EntityManager, id: number): Promise<WaveSummary> {
  const [wave] = Number.isSafeInteger(id) ? await findWaves(em, { id }) : [];
  if (!wave) throw new AppError('wave_not_found', 'not_found', 'この配信回は見つかりません。');
  return wave;
}

function notPossible(waveId: number, state: WaveState): AppError {
  return new AppError(
    'wave_not_possible',
    'conflict',
    `${NOT_NOW[state]}画面を開き直して、いまの状態を確かめてください。`,
    { waveId, state },
  );
}
