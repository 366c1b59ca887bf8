import { formatCount, formatDate } from '../../platform/japanese-format.js';
import { POLICIES, speaksToPersons } from '../../reminders/policy.js';
import { hasDeadline } from '../../reminders/policy-deadline.js';
import type {
  DeliveryCounts,
  DeliveryFilter,
  DeliveryPage,
  MessageView,
  ReasonCount,
  WaveSummary,
} from '../../reminders/wave.types.js';
import { actionsFor, type WaveAction } from '../../reminders/wave-action.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel } from './staff.view.js';
import { DELIVERY_STATES, STATE_ORDER, WAVE_STATES, waveHref, type StateLook } from './wave-state.view.js';

export interface WavePageView {
  readonly kicker: string;
  readonly heading: string;
  readonly state: StateLook;
  /** Of those who get a message, how many are dealt with. */
  readonly settled: number;
  readonly wanted: number;
  readonly percent: string;
  readonly planned: number;
  readonly unknown: number;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly counts: readonly (StateLook & { readonly deliveries: number })[];
  readonly reasons: readonly {
    readonly stateLabel: string;
    readonly reason: string;
    readonly href: string;
    readonly deliveries: number;
  }[];
  readonly filters: readonly { readonly label: string; readonly href: string; readonly current: boolean }[];
  /** The one reason that is listed; empty where it is not narrowed to one. */
  readonly onlyReason: string;
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
  /** What is listed; everything where nothing is given. */
  readonly filter: DeliveryFilter;
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
  const { deliveries, nextCursor, from, filter } = page;
  const reason = wave.reasons.find((one) => isListed(one, filter));
  const listed = reason?.count ?? (filter.state === undefined ? counts.planned : counts[filter.state]);
  const { settled, wanted } = progressOf(wave);
  return {
    kicker: `${wave.title} ${formatDate(wave.on)}の配信回`,
    heading: waveHeading(wave),
    state: WAVE_STATES[wave.state],
    settled,
    wanted,
    percent: shareOf(settled, wanted),
    planned: counts.planned,
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
      { term: '文面', text: `第${wave.template.version}版` },
      { term: '開始', text: `${formatMoment(wave.plannedAt)}、${actorLabel(wave.plannedBy, null)}` },
      ...(wave.finishedAt === null ? [] : [{ term: '終了', text: formatMoment(wave.finishedAt) }]),
    ],
    counts: STATE_ORDER.filter((state) => counts[state] > 0).map((state) => ({
      ...DELIVERY_STATES[state],
      deliveries: counts[state],
    })),
    reasons: wave.reasons.map(({ state, code, reason: words, count }) => ({
      stateLabel: DELIVERY_STATES[state].label,
      reason: words,
      href: listHref(wave.id, { state, reason: code }),
      deliveries: count,
    })),
    filters: toFilters(wave, filter),
    onlyReason: reason?.reason ?? '',
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
      reason: delivery.reason,
      when: delivery.settledAt === null ? '-' : formatMoment(delivery.settledAt),
    })),
    firstHref: from > 1 ? listHref(wave.id, filter) : null,
    nextHref:
      nextCursor === null
        ? null
        : listHref(wave.id, filter, { cursor: nextCursor, from: String(from + deliveries.length) }),
    refreshHref: wave.state === 'sending' ? waveHref(wave.id) : null,
    note: noteOf(wave),
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

/** Why it does not go on, and whether somebody has to do something about it. */
function noteOf({ state, note, counts, reasons }: WaveSummary): string {
  const waiting = reasons.filter((one) => one.state === 'queued');
  const deferred = waiting.reduce((sum, { count }) => sum + count, 0);
  if (
    state === 'sending' &&
    note === '' &&
    counts.sending === 0 &&
    deferred > 0 &&
    deferred === counts.queued
  )
    return `残りの${formatCount(deferred)}件は、相手のメールサーバーなどが「あとで」と答えました。間隔をあけて、自動で送り直します。`;
  // What keeps every message from leaving stands with some of them as well.
  if (!waiting.some(({ reason }) => reason === note)) return note;
  return state === 'paused'
    ? `${note}。運用の担当者に確かめてから、再開してください。`
    : `${note}。間隔をあけて、自動で試し直します。続くときは、運用の担当者に伝えてください。`;
}

/** One link for each state there is; none where all deliveries share one. */
function toFilters({ id, counts }: WaveSummary, { state: only }: DeliveryFilter): WavePageView['filters'] {
  const present = STATE_ORDER.filter((state) => counts[state] > 0);
  if (present.length < 2 && only === undefined) return [];
  return [
    {
      label: `すべて ${formatCount(counts.planned)}件`,
      href: listHref(id, {}),
      current: only === undefined,
    },
    ...present.map((state) => ({
      label: `${DELIVERY_STATES[state].label} ${formatCount(counts[state])}件`,
      href: listHref(id, { state }),
      current: state === only,
    })),
  ];
}

function isListed({ state, code }: ReasonCount, filter: DeliveryFilter): boolean {
  return filter.reason === code && filter.state === state;
}

function listHref(id: number, filter: DeliveryFilter, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...filter, ...more }).toString();
  return `${waveHref(id)}${query && `?${query}`}#w-list`;
}

/** What the list may be narrowed to: a state there is, and one of the reasons there are in it. Anything else is no filter. */
export function readDeliveryFilter(
  { reasons }: WaveSummary,
  text: { readonly state: string | undefined; readonly reason: string | undefined },
): DeliveryFilter {
  const state = STATE_ORDER.find((known) => known === text.state);
  if (state === undefined) return {};
  const reason = reasons.find((one) => isListed(one, { state, reason: text.reason }));
  return reason ? { state, reason: reason.code } : { state };
}

/** Who gets nothing is no part of the way to go; what was called off is a part that was not gone. */
function progressOf({ counts, reasons }: WaveSummary): { readonly settled: number; readonly wanted: number } {
  const calledOff = reasons
    .filter(({ state, code }) => state === 'suppressed' && code === 'cancelled')
    .reduce((sum, { count }) => sum + count, 0);
  const settled = counts.planned - counts.suppressed - counts.queued - counts.sending;
  return { settled, wanted: counts.planned - counts.suppressed + calledOff };
}

function waveHeading(wave: WaveSummary): string {
  const { state, counts } = wave;
  const { settled, wanted } = progressOf(wave);
  const open = openPoints(counts);
  if (state === 'awaiting') return `${formatCount(counts.queued)}件が確認を待っています${open}`;
  if (state === 'cancelled') return `${formatCount(counts.sent)}件を送ったところで中止しました${open}`;
  if (state !== 'finished') return `${formatCount(wanted)}件中${formatCount(settled)}件まで配信${open}`;
  if (wanted === 0) return '送る相手はいませんでした';
  return `${formatCount(wanted)}件中${formatCount(counts.sent)}件を送りました${open}`;
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
  if (part === whole) return '100%';
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
    reason: delivery.reason,
    text: message.text,
    decisions: mayAct && delivery.state === 'unknown' ? toActions(message.waveId, DECISIONS) : [],
    delivery: delivery.id,
    htmlHref: `${waveHref(message.waveId)}/deliveries/${delivery.id}/message.html`,
  };
}
