import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { AuditDetails } from '../access/audit.types.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { reasonLabel } from './delivery-reason.js';
import { DispatcherService } from './dispatcher.service.js';
import type { PlannedMessage } from './manager-message.js';
import { compileTemplate, type RenderedMessage } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { MessageSenders } from './message-senders.service.js';
import { policyNamed, type Policy } from './policy.js';
import { assertDay, deadlineOf } from './wave-dates.js';
import { WavePlanner } from './wave-planner.service.js';
import { deliveriesAfter, findDelivery, findWaves, recipientLabel, type DeliveryRow } from './wave.query.js';
import type {
  DeliveryPage,
  DeliveryState,
  DeliveryView,
  MessageView,
  ReasonCount,
  WavePreview,
  WaveRun,
  WaveSummary,
} from './wave.types.js';

const PAGE = 100;
/** Rows of one INSERT: their contexts stay well below a megabyte. */
const INSERT_BATCH = 500;

/** A wave is one execution of a policy on one day, for the whole organisation. */
@Injectable()
export class WaveService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly planner: WavePlanner,
    private readonly audit: AuditService,
    private readonly templates: MessageTemplateService,
    private readonly senders: MessageSenders,
    private readonly dispatcher: DispatcherService,
  ) {}

  /** What `start` would do; plans and sends nothing. The first message stands with its address, which is a look at that person. */
  async plan(scope: Scope, policyName: string, on: IsoDate = this.clock.today()): Promise<WavePreview> {
    const policy = policyNamed(policyName);
    const planned = await this.planner.messages(scope, on);
    const template = compileTemplate(await this.templates.source(this.dataSource.manager, policy.template));
    const rendered = planned.messages.map((message) => ({ message, ...template(message.context) }));
    const first = rendered.find(({ message }) => message.suppressed === null);
    const [existing] = await findWaves(this.dataSource.manager, { policy: policy.name, on });
    if (first) await this.recordLook(scope, first.message.staffId, { policy: policy.name, on });
    return {
      policy: policy.name,
      title: policy.title,
      on,
      asOf: planned.asOf,
      deadline: deadlineOf(on),
      channel: this.senders.channel,
      units: planned.units,
      unitsBelowGoal: planned.unitsBelowGoal,
      recipients: planned.messages.filter((message) => message.suppressed === null).length,
      suppressed: countReasons(planned.messages),
      deliveries: rendered.map(({ message, subject }) => ({
        unitCode: message.context.unitCode,
        unitName: message.context.own.name,
        recipient: recipientLabel(message.recipient),
        subject,
        reason: message.suppressed && reasonLabel(message.suppressed),
      })),
      first: first
        ? { to: first.message.address!, subject: first.subject, text: first.text, html: first.html }
        : null,
      existing: existing ?? null,
    };
  }

  /**
   * Plans the wave and sends it. The wave of the same policy and day is continued where it stopped: whoever has been
   * written to is not written to again. Throws `wave_running` while it is being sent, `month_not_over`.
   */
  async start(scope: Scope, policyName: string, on: IsoDate = this.clock.today()): Promise<WaveRun> {
    const policy = policyNamed(policyName);
    requireWholeOrganisation(scope, 'hr');
    assertDay(on);
    const [known] = await findWaves(this.dataSource.manager, { policy: policy.name, on });
    const created = known ? null : await this.create(scope, policy, on);
    const wave = known ?? (await this.waveOf(policy, on));
    const outcome = await this.dispatcher.deliver(wave.id);
    const summary = await this.waveOf(policy, on);
    if (outcome.finished) {
      const { sent, failed, unknown, suppressed } = summary.counts;
      await this.audit.record(null, {
        actor: scope.actor,
        action: 'wave_finished',
        target: `wave:${wave.id}`,
        details: { sent, failed, unknown, suppressed },
      });
    }
    return { ...summary, created: created !== null, sentNow: outcome.sent, stopped: outcome.stopped };
  }

  /** Newest first. */
  async list(scope: Scope, policyName?: string): Promise<WaveSummary[]> {
    requireWholeOrganisation(scope, 'hr', 'auditor');
    return findWaves(this.dataSource.manager, { policy: policyName && policyNamed(policyName).name });
  }

  /** Throws `wave_not_found`. */
  async summary(scope: Scope, id: number): Promise<WaveSummary> {
    requireWholeOrganisation(scope, 'hr', 'auditor');
    const [wave] = Number.isSafeInteger(id) ? await findWaves(this.dataSource.manager, { id }) : [];
    if (!wave) throw new AppError('wave_not_found', 'not_found', 'この配信回は見つかりません。');
    return wave;
  }

  /** In planning order, a hundred at a time; of one state where it is given. */
  async deliveries(
    scope: Scope,
    waveId: number,
    cursor?: string,
    state?: DeliveryState,
  ): Promise<DeliveryPage> {
    await this.summary(scope, waveId);
    const after = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(after) || after < 0) {
      throw new AppError(
        'bad_cursor',
        'invalid',
        '一覧の続きの位置が正しくありません。最初から開き直してください。',
      );
    }
    const rows = await deliveriesAfter(this.dataSource.manager, waveId, after, PAGE + 1, state);
    const page = rows.slice(0, PAGE);
    return { deliveries: page.map(toView), nextCursor: rows.length > PAGE ? String(page.at(-1)!.id) : null };
  }

  /**
   * What was or will be sent, and to which address: of a message to a person a look at that person's record.
   * Throws `delivery_not_found`.
   */
  async message(scope: Scope, waveId: number, deliveryId: number): Promise<MessageView> {
    const row = await this.delivery(scope, waveId, deliveryId);
    await this.recordLook(scope, row.staffId, { wave: waveId, delivery: deliveryId });
    return {
      ...(await this.rendered(row)),
      delivery: toView(row),
      waveId: row.waveId,
      messageId: row.messageId,
      to: row.address,
    };
  }

  /** The text alone, which speaks of units and names nobody: no look at anybody's record. Throws `delivery_not_found`. */
  async text(scope: Scope, waveId: number, deliveryId: number): Promise<RenderedMessage> {
    return this.rendered(await this.delivery(scope, waveId, deliveryId));
  }

  private async delivery(scope: Scope, waveId: number, id: number): Promise<DeliveryRow> {
    requireWholeOrganisation(scope, 'hr', 'auditor');
    const row = Number.isSafeInteger(id) ? await findDelivery(this.dataSource.manager, id) : undefined;
    if (row?.waveId === waveId) return row;
    throw new AppError('delivery_not_found', 'not_found', 'この配信は見つかりません。');
  }

  /** From the version of the template that the wave is pinned to. */
  private async rendered({ templateId, context }: DeliveryRow): Promise<RenderedMessage> {
    const template = await this.templates.pinned(this.dataSource.manager, templateId);
    return template(context);
  }

  /** A unit's mailbox is nobody's record. */
  private async recordLook(scope: Scope, staffId: number | null, details: AuditDetails): Promise<void> {
    if (staffId === null) return;
    const target = `staff:${staffId}`;
    await this.audit.record(null, { actor: scope.actor, action: 'delivery_viewed', target, details });
  }

  private async waveOf(policy: Policy, on: IsoDate): Promise<WaveSummary> {
    const [wave] = await findWaves(this.dataSource.manager, { policy: policy.name, on });
    return wave!;
  }

  /** Wave and deliveries in one transaction; null when somebody else has just created it. */
  private async create(scope: Scope, policy: Policy, on: IsoDate): Promise<number | null> {
    const { asOf, messages } = await this.planner.messages(scope, on);
    return this.dataSource.transaction(async (em) => {
      const template = await this.templates.current(em, policy.template);
      const rows: { id: number }[] = await em.query(
        `INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by)
         VALUES ($1, $2, $3, $4, 'planned', $5, $6)
         ON CONFLICT (policy, on_date) DO NOTHING RETURNING id::int`,
        [policy.name, on, asOf, template.id, this.clock.now(), scope.actor],
      );
      const [wave] = rows;
      if (!wave) return null;
      for (let start = 0; start < messages.length; start += INSERT_BATCH) {
        await this.insertDeliveries(em, wave.id, messages.slice(start, start + INSERT_BATCH));
      }
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'wave_started',
        target: `wave:${wave.id}`,
        details: {
          policy: policy.name,
          on,
          asOf,
          deliveries: messages.length,
          templateVersion: template.version,
        },
      });
      return wave.id;
    });
  }

  private async insertDeliveries(
    em: EntityManager,
    waveId: number,
    messages: readonly PlannedMessage[],
  ): Promise<void> {
    const rows = messages.map(({ recipient, staffId, unitId, address, suppressed, context }) => ({
      recipient,
      staff_id: staffId,
      unit_id: unitId,
      address,
      context,
      state: suppressed === null ? 'queued' : 'suppressed',
      reason: suppressed ?? '',
      message_id: `<${randomUUID()}@${this.senders.domain}>`,
    }));
    await em.query(
      `INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, address, context, state, reason, message_id)
       SELECT $1, d.recipient, $2, d.staff_id, d.unit_id, d.address, d.context, d.state, d.reason, d.message_id
       FROM jsonb_to_recordset($3::jsonb) AS d (recipient text, staff_id int, unit_id int, address text, context jsonb,
                                                state text, reason text, message_id text)
       ON CONFLICT (wave_id, recipient, channel) DO NOTHING`,
      [waveId, this.senders.channel, JSON.stringify(rows)],
    );
  }
}

function countReasons(messages: readonly PlannedMessage[]): ReasonCount[] {
  const counts = new Map<string, number>();
  for (const { suppressed } of messages) {
    if (suppressed !== null) counts.set(suppressed, (counts.get(suppressed) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => ({
    state: 'suppressed' as const,
    reason: reasonLabel(reason),
    count,
  }));
}

function toView({
  address: _address,
  context: _context,
  waveId: _w,
  templateId: _t,
  messageId: _m,
  staffId: _s,
  ...view
}: DeliveryRow): DeliveryView {
  return view;
}
