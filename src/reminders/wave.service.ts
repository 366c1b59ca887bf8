import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { AuditDetails } from '../access/audit.types.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { reasonLabel } from './delivery-reason.js';
import { enqueueWave, isBusy } from './delivery-queue.query.js';
import { DeliveryWorker } from './delivery-worker.service.js';
import { compileTemplate, type MessageTemplate, type RenderedMessage } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { MessageSenders } from './message-senders.service.js';
import type { PlannedMessage, PlannedWave } from './planned-wave.js';
import { policyNamed, type Policy } from './policy.js';
import { assertDay, deadlineOf } from './wave-dates.js';
import { WaveCreation } from './wave-creation.service.js';
import { WavePlanner } from './wave-planner.service.js';
import { moveWave } from './wave-state.query.js';
import { deliveriesAfter, findDelivery, findWaves, recipientLabel, type DeliveryRow } from './wave.query.js';
import type {
  DeliveryPage,
  DeliveryState,
  DeliveryView,
  MessageView,
  PreviewDelivery,
  WavePreview,
  WaveRun,
  WaveSummary,
} from './wave.types.js';

const PAGE = 100;

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
    private readonly creation: WaveCreation,
    private readonly worker: DeliveryWorker,
  ) {}

  /** What `start` would do; plans and sends nothing. The first message stands with its address, which is a look at that person. */
  async plan(scope: Scope, policyName: string, on: IsoDate = this.clock.today()): Promise<WavePreview> {
    const policy = policyNamed(policyName);
    const planned = await this.planner.plan(scope, policy, on);
    const template = compileTemplate(await this.templates.source(this.dataSource.manager, policy.template));
    const { deliveries, first, ...counts } = await overview(planned.messages, template);
    const [existing] = await findWaves(this.dataSource.manager, { policy: policy.name, on });
    if (first) await this.recordLook(scope, first.message.staffId, { policy: policy.name, on });
    return {
      policy: policy.name,
      title: policy.title,
      on,
      asOf: planned.asOf,
      deadline: deadlineOf(on),
      channel: this.senders.channel,
      considered: planned.considered,
      ...counts,
      deliveries,
      first: first && {
        to: first.message.address!,
        subject: first.subject,
        text: first.text,
        html: first.html,
      },
      existing: existing ?? null,
    };
  }

  /**
   * Plans the wave, lets it be sent and waits for its end, or for `patienceMs`. The wave of the same policy and day goes
   * on where it stopped: whoever has been written to is not written to again. Who names an overdue wave wants it.
   * Throws `month_not_over`.
   */
  async start(
    scope: Scope,
    policyName: string,
    on: IsoDate = this.clock.today(),
    { patienceMs = Infinity }: { readonly patienceMs?: number } = {},
  ): Promise<WaveRun> {
    const policy = policyNamed(policyName);
    requireWholeOrganisation(scope, 'hr');
    assertDay(on);
    const [known] = await findWaves(this.dataSource.manager, { policy: policy.name, on });
    const created = known ? null : await this.create(scope, policy, on);
    const wave = known ?? (await this.waveOf(policy, on));
    if (known) await this.goOn(known);
    const before = known?.counts.sent ?? 0;
    await this.worker.during(() => this.untilQuiet(wave.id, patienceMs));
    const summary = await this.waveOf(policy, on);
    return {
      ...summary,
      created: created !== null,
      sentNow: summary.counts.sent - before,
      stopped: stoppedBy(summary),
    };
  }

  /** Sends along until nothing more of the wave can leave now. */
  async attend(scope: Scope, id: number): Promise<WaveSummary> {
    await this.summary(scope, id);
    await this.worker.during(() => this.untilQuiet(id, Infinity));
    return this.summary(scope, id);
  }

  private async create(scope: Scope, policy: Policy, on: IsoDate): Promise<number | null> {
    const { asOf, messages } = await this.planner.plan(scope, policy, on);
    return this.creation.create(scope, { policy, on, asOf, messages });
  }

  /** Whatever waits for a mail server is tried at once. */
  private async goOn({ id }: WaveSummary): Promise<void> {
    const now = this.clock.now();
    await this.dataSource.transaction(async (em) => {
      const goesOn =
        (await moveWave(em, id, ['sending'], 'sending', { now })) ||
        (await moveWave(em, id, ['awaiting'], 'sending', { now, noted: 'overdue' }));
      if (goesOn) await enqueueWave(em, id);
    });
  }

  /** Until it is over, or waits for a person, a mail server or another time. */
  private async untilQuiet(waveId: number, patienceMs: number): Promise<void> {
    const given = AbortSignal.timeout(Math.min(patienceMs, 2 ** 31 - 1));
    for (let pause = 20; !given.aborted && (await isBusy(this.dataSource.manager, waveId));) {
      await wait(pause);
      pause = Math.min(pause * 1.5, 500);
    }
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
}

/** How many get a message and why others get none; the first hundred of both, and all of the first message. */
async function overview(messages: PlannedWave['messages'], template: MessageTemplate) {
  let recipients = 0;
  let first: ({ message: PlannedMessage } & RenderedMessage) | null = null;
  const reasons = new Map<string, number>();
  const deliveries: PreviewDelivery[] = [];
  for await (const message of messages) {
    const { suppressed, unit, recipient } = message;
    if (suppressed === null) recipients++;
    else reasons.set(suppressed, (reasons.get(suppressed) ?? 0) + 1);
    if (suppressed === null) first ??= { message, ...template(message.context) };
    if (deliveries.length < PAGE) {
      deliveries.push({
        unitCode: unit.code,
        unitName: unit.name,
        recipient: recipientLabel(recipient),
        subject: template(message.context).subject,
        reason: suppressed && reasonLabel(suppressed),
      });
    }
  }
  const suppressed = [...reasons].map(([reason, count]) => ({
    state: 'suppressed' as const,
    reason: reasonLabel(reason),
    count,
  }));
  return { recipients, first, suppressed, deliveries };
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

/** Why not everything has left by now; null when it has. */
function stoppedBy({ state, note, counts, reasons }: WaveSummary): string | null {
  if (state === 'finished' || state === 'cancelled') return null;
  if (note !== '') return note;
  if (state === 'paused') return '一時停止しています。';
  const deferred = reasons.find(({ state: of }) => of === 'queued');
  return deferred?.reason ?? (counts.queued + counts.sending > 0 ? '配信を続けています。' : null);
}
