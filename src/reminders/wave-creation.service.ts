import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import type { IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import { enqueueWave } from './delivery-queue.query.js';
import { MessageTemplateService } from './message-template.service.js';
import { MessageSenders } from './message-senders.service.js';
import type { PlannedMessage, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { nameWaveOfDay, takeDay } from './wave-schedule.query.js';
import { WaveEnd } from './wave-end.service.js';
import { moveWave, oneCreationAtATime } from './wave-state.query.js';

/** Rows of one INSERT: their contexts stay well below a megabyte. */
const INSERT_BATCH = 500;

export interface NewWave extends PlannedWave {
  readonly policy: Policy;
  readonly on: IsoDate;
  /** Where it begins by itself: for which day of the calendar. */
  readonly scheduled?: {
    readonly regular: IsoDate;
    /** True where its time has passed unused: it waits until somebody confirms it. */
    readonly overdue: boolean;
  };
}

/** Writes a wave down with everybody it goes to, each with what is said to them or why nothing is. */
@Injectable()
export class WaveCreation {
  /**
   * One after the other: the transaction of each asks for a second connection to read by, and those that wait with one in
   * hand would sooner or later have all of them.
   */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly templates: MessageTemplateService,
    private readonly senders: MessageSenders,
    private readonly ends: WaveEnd,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Wave, deliveries and their jobs in one transaction; null when somebody else has just created it, or where one that
   * begins by itself would go to nobody. Throws `template_is_draft`.
   */
  create(scope: Scope, wave: NewWave): Promise<number | null> {
    const created = this.last.then(() => this.createNow(scope, wave));
    this.last = created.catch(() => {});
    return created;
  }

  private async createNow(scope: Scope, wave: NewWave): Promise<number | null> {
    const { policy, on, asOf, considered, outside = [], messages, scheduled } = wave;
    const created = await this.dataSource.transaction(async (em) => {
      await oneCreationAtATime(em);
      const now = this.clock.now();
      if (scheduled && !(await takeDay(em, policy.name, scheduled.regular, now))) return null;
      await this.templates.refuseDraft(em, policy.template);
      const template = await this.templates.current(em, policy.template);
      const rows: { id: number }[] = await em.query(
        `INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by, audience, in_office_hours)
         VALUES ($1, $2, $3, $4, 'planned', $5, $6, $7, $8)
         ON CONFLICT (policy, on_date) DO NOTHING RETURNING id::int`,
        [
          policy.name,
          on,
          asOf,
          template.id,
          now,
          scope.actor,
          JSON.stringify({ considered, outside }),
          scheduled !== undefined,
        ],
      );
      const id = rows[0]?.id;
      if (id === undefined) return null;
      const { deliveries, recipients } = await this.insertDeliveries(em, id, messages);
      if (scheduled && deliveries === 0) {
        await em.query('DELETE FROM wave WHERE id = $1', [id]);
        return null;
      }
      if (scheduled) await nameWaveOfDay(em, policy.name, scheduled.regular, id);
      const note = this.reasonToWait(wave, recipients);
      await moveWave(em, id, ['planned'], note === '' ? 'sending' : 'awaiting', { note, now });
      if (note === '') await enqueueWave(em, id);
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'wave_started',
        target: `wave:${id}`,
        details: { policy: policy.name, on, asOf, deliveries, templateVersion: template.version },
      });
      return id;
    });
    // Where nobody gets anything, nothing is left that could end it.
    if (created !== null) await this.ends.finishWhenDone(created);
    return created;
  }

  /** Why somebody has to confirm it before it goes out; empty where nobody has to. */
  private reasonToWait({ scheduled }: NewWave, recipients: number): '' | 'overdue' | 'size' {
    if (recipients === 0) return '';
    if (scheduled?.overdue) return 'overdue';
    return this.isLarge(recipients) ? 'size' : '';
  }

  /** Whether a wave to so many waits until somebody has looked at it. */
  isLarge(recipients: number): boolean {
    return recipients > this.config.confirmAbove;
  }

  private async insertDeliveries(
    em: EntityManager,
    waveId: number,
    messages: PlannedWave['messages'],
  ): Promise<{ deliveries: number; recipients: number }> {
    let deliveries = 0;
    let recipients = 0;
    let batch: PlannedMessage[] = [];
    for await (const message of messages) {
      deliveries++;
      if (message.suppressed === null) recipients++;
      batch.push(message);
      if (batch.length < INSERT_BATCH) continue;
      await this.insertBatch(em, waveId, batch);
      batch = [];
    }
    if (batch.length > 0) await this.insertBatch(em, waveId, batch);
    return { deliveries, recipients };
  }

  private async insertBatch(em: EntityManager, waveId: number, batch: readonly PlannedMessage[]) {
    const rows = batch.map(
      ({ recipient, channel, staffId, unitId, address, suppressed, personal, about, context }) => ({
        recipient,
        channel: channel ?? this.senders.channel,
        staff_id: staffId,
        unit_id: unitId,
        address,
        personal,
        about_units: about ?? [],
        context,
        state: suppressed === null ? 'queued' : 'suppressed',
        reason: suppressed ?? '',
        message_id: `<${randomUUID()}@${this.senders.domain}>`,
      }),
    );
    await em.query(
      `INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, about_units, address, personal, context, state, reason, message_id)
       SELECT $1, d.recipient, d.channel, d.staff_id, d.unit_id, d.about_units, d.address, d.personal, d.context, d.state, d.reason, d.message_id
       FROM jsonb_to_recordset($2::jsonb) AS d (recipient text, channel text, staff_id int, unit_id int, about_units int[], address text, personal boolean, context jsonb,
                                                state text, reason text, message_id text)
       ON CONFLICT (wave_id, recipient, channel) DO NOTHING`,
      [waveId, JSON.stringify(rows)],
    );
  }
}
