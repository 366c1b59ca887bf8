import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import type { AuditDetails } from '../access/audit.types.js';
import { narrow, narrowToWhole, requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { readCursor } from '../platform/cursor.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { enqueueWave, isBusy } from './delivery-queue.query.js';
import { DeliveryWorker } from './delivery-worker.service.js';
import { MASK } from './mask.js';
import { compileTemplate, type RenderedMessage } from './message-template.js';
import { MessageTemplateService } from './message-template.service.js';
import { MessageSenders } from './message-senders.service.js';
import { firstOf } from './planned-wave.js';
import { policyNamed, type Policy } from './policy.js';
import { masked, templateKind } from './template-kind.js';
import { deadlineOf } from './wave-dates.js';
import { WaveCreation } from './wave-creation.service.js';
import { addressShown, overviewOf } from './wave-overview.js';
import { WavePlanner } from './wave-planner.service.js';
import { moveWave } from './wave-state.query.js';
import { countWaiting, deliveriesAfter, findDelivery, findWaves, type DeliveryRow } from './wave.query.js';
import type {
  DeliveryFilter,
  DeliveryPage,
  DeliveryView,
  MessageView,
  WavePage,
  WavePreview,
  WaveRun,
  WaveSummary,
} from './wave.types.js';

const PAGE = 100;
/** Fewer: of each the deliveries are counted by their states. */
const WAVE_PAGE = 50;

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

  /**
   * What `start` would do; plans and sends nothing. The message at the position, counted from 1, is a look at the person
   * it goes to: a manager's stands with the address, of other persons' what is their own is masked.
   */
  async plan(
    scope: Scope,
    policyName: string,
    on: IsoDate = this.clock.today(),
    position = 1,
  ): Promise<WavePreview> {
    const policy = policyNamed(policyName);
    const { asOf, considered, outside, messages } = await this.planner.plan(scope, policy, on);
    const em = this.dataSource.manager;
    const template = compileTemplate(await this.templates.source(em, policy.template));
    const { shown, ...counts } = await overviewOf(policy, messages, template, position);
    const [existing] = await findWaves(em, { policy: policy.name, on });
    if (shown) await this.recordLook(scope, shown.message.staffId, { policy: policy.name, on });
    return {
      policy: policy.name,
      title: policy.title,
      on,
      asOf,
      deadline: deadlineOf(on),
      channel: this.senders.channel,
      considered,
      outside: outside ?? [],
      ...counts,
      confirm: this.creation.isLarge(counts.recipients),
      position,
      first: shown && {
        to: addressShown(policy, shown.message),
        subject: shown.subject,
        text: shown.text,
        html: shown.html,
      },
      draft: (await this.templates.isDraft(em, policy.template)) ? policy.template : null,
      existing: existing ?? null,
    };
  }

  /**
   * Plans the wave, lets it be sent and waits for its end, or for `patienceMs`. The wave of the same policy and day goes
   * on where it stopped: whoever has been written to is not written to again. Who names an overdue wave wants it.
   * Throws `month_not_over`, `day_to_come`, `template_is_draft`.
   */
  async start(
    scope: Scope,
    policyName: string,
    on: IsoDate = this.clock.today(),
    { patienceMs = Infinity }: { readonly patienceMs?: number } = {},
  ): Promise<WaveRun> {
    const policy = policyNamed(policyName);
    requireWholeOrganisation(scope, 'hr');
    assertDate(on);
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
    const planned = await this.planner.plan(scope, policy, on);
    // The day of a rule that speaks whenever there is somebody is not used up by an empty wave.
    if (policy.schedule.kind === 'daily' && !(await firstOf(planned.messages, () => true)))
      throw new AppError('nobody_to_tell', 'conflict', 'この日に知らせる相手はいません。');
    return this.creation.create(scope, { policy, on, ...planned });
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

  /** Newest first, fifty at a time. Throws `bad_cursor`. */
  async list(scope: Scope, cursor?: string): Promise<WavePage> {
    requireWholeOrganisation(scope, 'hr', 'auditor');
    const after = cursor ? readCursor(cursor) : undefined;
    const found = await findWaves(this.dataSource.manager, { after }, WAVE_PAGE + 1);
    const waves = found.slice(0, WAVE_PAGE);
    return { waves, nextCursor: found.length > WAVE_PAGE ? String(waves.at(-1)!.id) : null };
  }

  /** How many stand still until HR decides; none for whoever does not decide. */
  async waiting(scope: Scope): Promise<number> {
    const decides = narrowToWhole(narrow(scope, 'hr')).roles.length > 0;
    return decides ? countWaiting(this.dataSource.manager) : 0;
  }

  /** Throws `wave_not_found`. */
  async summary(scope: Scope, id: number): Promise<WaveSummary> {
    requireWholeOrganisation(scope, 'hr', 'auditor');
    const [wave] = Number.isSafeInteger(id) ? await findWaves(this.dataSource.manager, { id }) : [];
    if (!wave) throw new AppError('wave_not_found', 'not_found', 'この配信回は見つかりません。');
    return wave;
  }

  /** In planning order, a hundred at a time. Auditors read of persons by numbers. */
  async deliveries(
    scope: Scope,
    waveId: number,
    cursor?: string,
    filter?: DeliveryFilter,
  ): Promise<DeliveryPage> {
    await this.summary(scope, waveId);
    const reader = requireWholeOrganisation(scope, 'hr', 'auditor');
    const after = cursor ? readCursor(cursor) : 0;
    const rows = await deliveriesAfter(this.dataSource.manager, waveId, after, PAGE + 1, filter);
    const page = rows.slice(0, PAGE);
    return {
      deliveries: page.map((row) => toView(asReadBy(reader, row))),
      nextCursor: rows.length > PAGE ? String(page.at(-1)!.id) : null,
    };
  }

  /**
   * What was or will be sent, and to which address: of a message to a person a look at that person's record.
   * Throws `delivery_not_found`.
   */
  async message(scope: Scope, waveId: number, deliveryId: number): Promise<MessageView> {
    const row = await this.delivery(scope, waveId, deliveryId);
    await this.recordLook(scope, row.staffId, { wave: waveId, delivery: deliveryId });
    return {
      ...(await this.rendered(row, row.context)),
      delivery: toView(row),
      waveId: row.waveId,
      messageId: row.messageId,
      to: row.channel === 'chat' ? row.recipient : row.address,
    };
  }

  /** The text alone, with whatever is a person's own masked: no look at anybody's record. Throws `delivery_not_found`. */
  async text(scope: Scope, waveId: number, deliveryId: number): Promise<RenderedMessage> {
    const row = await this.delivery(scope, waveId, deliveryId);
    return this.rendered(row, masked(templateKind(row.template), row.context));
  }

  private async delivery(scope: Scope, waveId: number, id: number): Promise<DeliveryRow> {
    const reader = requireWholeOrganisation(scope, 'hr', 'auditor');
    const row = Number.isSafeInteger(id) ? await findDelivery(this.dataSource.manager, id) : undefined;
    if (row?.waveId === waveId) return asReadBy(reader, row);
    throw new AppError('delivery_not_found', 'not_found', 'この配信は見つかりません。');
  }

  /** From the version of the template that the wave is pinned to. */
  private async rendered({ templateId }: DeliveryRow, context: object): Promise<RenderedMessage> {
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

/**
 * Auditors read the record by numbers. Where every delivery stands for somebody without a card, units would give away
 * how many of them there are in a small one.
 */
function asReadBy({ roles }: Scope, row: DeliveryRow): DeliveryRow {
  if (roles.includes('hr') || !row.toPerson) return row;
  return {
    ...row,
    unitCode: '',
    unitName: `配信${row.id}`,
    address: row.address && MASK,
    context: masked(templateKind(row.template), row.context),
  };
}

function toView({
  address: _address,
  context: _context,
  waveId: _w,
  template: _n,
  templateId: _t,
  messageId: _m,
  staffId: _s,
  toPerson: _p,
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
