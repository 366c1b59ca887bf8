import { formatCount, formatDate } from '../../platform/japanese-format.js';
import { POLICIES, speaksToPersons, type Policy } from '../../reminders/policy.js';
import { hasDeadline } from '../../reminders/policy-deadline.js';
import { reasonLabel } from '../../reminders/delivery-reason.js';
import type {
  DeliveryCounts,
  DeliveryPage,
  DeliveryState,
  MessageView,
  WaveSummary,
} from '../../reminders/wave.types.js';
import { actionsFor, type WaveAction } from '../../reminders/wave-action.js';
import { formatMoment } from '../template-helpers.js';
import { DELIVERY_STATES, STATE_ORDER, WAVE_STATES, waveHref, type StateLook } from './wave-state.view.js';

export interface WaveListView {
  readonly policies: readonly {
    readonly title: string;
    readonly description: string;
    readonly previewHref: string | null;
  }[];
  readonly waves: readonly {
    readonly href: string;
    readonly title: string;
    readonly on: string;
    readonly state: StateLook;
    readonly planned: number;
    readonly sent: number;
    readonly unknown: number;
    readonly failed: number;
    readonly suppressed: number;
  }[];
}

export function toWaveListView(
  policies: readonly Policy[],
  waves: readonly WaveSummary[],
  maySend: boolean,
): WaveListView {
  return {
    policies: policies.map(({ name, title, description }) => ({
      title,
      description,
      previewHref: maySend ? `/waves/new?policy=${encodeURIComponent(name)}` : null,
    })),
    waves: waves.map((wave) => ({
      href: waveHref(wave.id),
      title: wave.title,
      on: formatDate(wave.on),
      state: WAVE_STATES[wave.state],
      ...wave.counts,
    })),
  };
}

export interface WavePageView {
  readonly kicker: string;
  readonly heading: string;
  readonly state: StateLook;
  readonly settled: number;
  readonly planned: number;
  readonly percent: string;
  readonly unknown: number;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly counts: readonly (StateLook & { readonly deliveries: number })[];
  readonly reasons: readonly {
    readonly stateLabel: string;
    readonly reason: string;
    readonly deliveries: number;
  }[];
  readonly filters: readonly { readonly label: string; readonly href: string; readonly current: boolean }[];
  readonly range: string;
  readonly order: string;
  readonly deliveries: readonly DeliveryRow[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
  /** While it is being sent: this page again, with newer figures. */
  readonly refreshHref: string | null;
  /** Why it does not go on. */
  readonly note: string;
  /** What whoever looks may do with the wave now. */
  readonly actions: readonly ActionView[];
  /** What can be done about deliveries that are unknown. */
  readonly decisions: readonly ActionView[];
}

interface ActionView {
  readonly href: string;
  readonly label: string;
  readonly says: string;
  readonly first: boolean;
}

const ACTIONS: Record<WaveAction, { readonly label: string; readonly says: string; readonly first?: true }> =
  {
    confirm: { label: '確認して配信する', says: '待っている分の配信を始めます', first: true },
    resume: { label: '再開する', says: 'まだ送っていない分を送ります', first: true },
    pause: { label: '一時停止する', says: '送信の途中の分だけを終えて止まります' },
    cancel: { label: '中止する', says: 'まだ送っていない分は、もう送りません' },
    resend: { label: 'もう一度送る', says: '届いていた人には2通目が届きます' },
    keep: { label: '送信済みとする', says: '届いていなかった人には届かないままです' },
  };
const DECISIONS: readonly WaveAction[] = ['resend', 'keep'];

function toActions(id: number, actions: readonly WaveAction[]): ActionView[] {
  return actions.map((action) => ({ first: false, ...ACTIONS[action], href: `${waveHref(id)}/${action}` }));
}

/** One page of the deliveries of a wave. */
export interface DeliveryListInput extends DeliveryPage {
  /** Position of the first one, from 1. */
  readonly from: number;
  /** The only state that is listed; undefined for all. */
  readonly state: DeliveryState | undefined;
}

interface DeliveryRow {
  readonly href: string;
  readonly unitName: string;
  readonly recipient: string;
  readonly state: StateLook;
  readonly reason: string;
  readonly when: string;
}

export function toWavePageView(wave: WaveSummary, page: DeliveryListInput, mayAct: boolean): WavePageView {
  const actions = mayAct ? actionsFor(wave) : [];
  const { counts } = wave;
  const { deliveries, nextCursor, from, state: only } = page;
  const listed = only === undefined ? counts.planned : counts[only];
  const settled = counts.planned - counts.queued - counts.sending;
  return {
    kicker: `${wave.title} ${formatDate(wave.on)}の配信回`,
    heading: waveHeading(wave, settled),
    state: WAVE_STATES[wave.state],
    settled,
    planned: counts.planned,
    percent: shareOf(settled, counts.planned),
    unknown: counts.unknown,
    facts: [
      { term: '数値の時点', text: formatDate(wave.asOf) },
      ...(hasDeadline(wave.policy) ? [{ term: '案内の期限', text: deadlineText(wave) }] : []),
      ...(wave.considered.length === 0
        ? []
        : [{ term: '対象', text: wave.considered.map(inWords).join('、うち') }]),
      ...(wave.outside.length === 0
        ? []
        : [{ term: '対象でない人', text: wave.outside.map(inWords).join('、') }]),
      { term: '文面', text: `${wave.template.name} 第${wave.template.version}版` },
      { term: '開始', text: `${formatMoment(wave.plannedAt)}、${wave.plannedBy}` },
      ...(wave.finishedAt === null ? [] : [{ term: '終了', text: formatMoment(wave.finishedAt) }]),
    ],
    counts: STATE_ORDER.filter((state) => counts[state] > 0).map((state) => ({
      ...DELIVERY_STATES[state],
      deliveries: counts[state],
    })),
    reasons: wave.reasons.map(({ state, reason, count }) => ({
      stateLabel: DELIVERY_STATES[state].label,
      reason: reasonLabel(reason),
      deliveries: count,
    })),
    filters: toFilters(wave, only),
    range:
      deliveries.length === 0
        ? ''
        : `${formatCount(from)}〜${formatCount(from + deliveries.length - 1)}件目 / ${formatCount(listed)}件`,
    order: POLICIES.some((policy) => policy.name === wave.policy && speaksToPersons(policy))
      ? '職員の登録の順です。氏名は載せていません'
      : '所属の順です',
    deliveries: deliveries.map((delivery) => ({
      href: `${waveHref(wave.id)}/deliveries/${delivery.id}`,
      unitName: delivery.unitName,
      recipient: delivery.recipient,
      state: DELIVERY_STATES[delivery.state],
      reason: delivery.reason === '' ? '' : reasonLabel(delivery.reason),
      when: delivery.settledAt === null ? '-' : formatMoment(delivery.settledAt),
    })),
    firstHref: from > 1 ? listHref(wave.id, only) : null,
    nextHref:
      nextCursor === null
        ? null
        : listHref(wave.id, only, { cursor: nextCursor, from: String(from + deliveries.length) }),
    refreshHref: wave.state === 'sending' ? waveHref(wave.id) : null,
    note: wave.note,
    actions: toActions(
      wave.id,
      actions.filter((action) => !DECISIONS.includes(action)),
    ),
    decisions: toActions(
      wave.id,
      actions.filter((action) => DECISIONS.includes(action)),
    ),
  };
}

/** What still waits may leave when the deadline is near or over. */
function deadlineText({ deadline, state }: WaveSummary): string {
  const moves = state === 'awaiting' || state === 'paused';
  return `${formatDate(deadline)}${moves ? '(近づいてから送る分には、送る日の10日後を書きます)' : ''}`;
}

function inWords({ label, count }: { readonly label: string; readonly count: number }): string {
  return `${label} ${formatCount(count)}`;
}

/** One link for each state there is; none where all deliveries share one. */
function toFilters({ id, counts }: WaveSummary, only: DeliveryState | undefined): WavePageView['filters'] {
  const present = STATE_ORDER.filter((state) => counts[state] > 0);
  if (present.length < 2 && only === undefined) return [];
  return [
    {
      label: `すべて ${formatCount(counts.planned)}件`,
      href: listHref(id, undefined),
      current: only === undefined,
    },
    ...present.map((state) => ({
      label: `${DELIVERY_STATES[state].label} ${formatCount(counts[state])}件`,
      href: listHref(id, state),
      current: state === only,
    })),
  ];
}

function listHref(id: number, state: DeliveryState | undefined, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(state === undefined ? {} : { state }), ...more }).toString();
  return `${waveHref(id)}${query && `?${query}`}#w-list`;
}

/** What the list may be narrowed to; anything else is no filter. */
export function readDeliveryState(text: string | undefined): DeliveryState | undefined {
  return STATE_ORDER.find((state) => state === text);
}

function waveHeading({ state, counts }: WaveSummary, settled: number): string {
  const open = openPoints(counts);
  if (state === 'awaiting') return `${formatCount(counts.queued)}件が確認を待っています${open}`;
  if (state === 'cancelled') return `${formatCount(counts.sent)}件を送ったところで中止しました${open}`;
  if (state !== 'finished')
    return `${formatCount(counts.planned)}件中${formatCount(settled)}件まで配信${open}`;
  if (counts.planned === 0) return '送る相手はいませんでした';
  return `${formatCount(counts.planned)}件中${formatCount(counts.sent)}件を送りました${open}`;
}

function openPoints({ unknown, failed, bounced }: DeliveryCounts): string {
  return [
    unknown > 0 ? `、${formatCount(unknown)}件は届いたか分かりません` : '',
    bounced > 0 ? `、${formatCount(bounced)}件は戻りました` : '',
    failed > 0 ? `、${formatCount(failed)}件は送れませんでした` : '',
  ].join('');
}

/** Reaches 100 only when all are done. */
function shareOf(part: number, whole: number): string {
  if (whole === 0 || part === whole) return '100%';
  return `${Math.floor((1000 * part) / whole) / 10}%`;
}

export interface MessagePageView {
  readonly kicker: string;
  readonly subject: string;
  readonly to: string;
  readonly state: StateLook;
  readonly reason: string;
  readonly text: string;
  /** The HTML part, served apart from this page for a sandboxed frame. */
  readonly htmlHref: string;
  /** Of a delivery that is unknown: what can be done about it. */
  readonly decisions: readonly ActionView[];
  readonly delivery: number;
}

export function toMessagePageView(message: MessageView, mayAct: boolean): MessagePageView {
  const { delivery } = message;
  return {
    kicker: `${delivery.unitName}の${delivery.recipient}への配信`,
    subject: message.subject,
    to: message.to ?? '宛先なし',
    state: DELIVERY_STATES[delivery.state],
    reason: delivery.reason === '' ? '' : reasonLabel(delivery.reason),
    text: message.text,
    decisions: mayAct && delivery.state === 'unknown' ? toActions(message.waveId, DECISIONS) : [],
    delivery: delivery.id,
    htmlHref: `${waveHref(message.waveId)}/deliveries/${delivery.id}/message.html`,
  };
}
