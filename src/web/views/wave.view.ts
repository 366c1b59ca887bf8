import { formatCount, formatDate } from '../../platform/japanese-format.js';
import type { Policy } from '../../reminders/policy.js';
import { reasonLabel } from '../../reminders/delivery-reason.js';
import type {
  DeliveryCounts,
  DeliveryPage,
  DeliveryState,
  MessageView,
  WavePreview,
  WaveState,
  WaveSummary,
} from '../../reminders/wave.types.js';
import { formatMoment } from '../template-helpers.js';

interface StateLook {
  readonly label: string;
  readonly shape: string;
  readonly stateClass: string;
}

const DELIVERY_STATES: Record<DeliveryState, StateLook> = {
  sent: { label: '送信済み', shape: 'ok', stateClass: 'st--ok' },
  unknown: { label: '不明', shape: 'warn', stateClass: 'st--warn' },
  failed: { label: '送れなかった', shape: 'err', stateClass: 'st--err' },
  suppressed: { label: '送らない', shape: 'undisclosed', stateClass: '' },
  sending: { label: '送信中', shape: 'wait', stateClass: '' },
  queued: { label: 'これから送る', shape: 'wait', stateClass: '' },
};

/** In the order they ask for attention after what is done. */
const STATE_ORDER: readonly DeliveryState[] = [
  'sent',
  'unknown',
  'failed',
  'suppressed',
  'sending',
  'queued',
];

const WAVE_STATES: Record<WaveState, StateLook> = {
  planned: { label: '開始前', shape: 'wait', stateClass: '' },
  sending: { label: '配信中', shape: 'wait', stateClass: '' },
  finished: { label: '終わりました', shape: 'ok', stateClass: 'st--ok' },
};

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

export interface WavePreviewView {
  readonly heading: string;
  readonly title: string;
  readonly policy: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly channelNote: string;
  readonly suppressed: readonly { readonly reason: string; readonly people: number }[];
  readonly deliveries: readonly {
    readonly unitName: string;
    readonly recipient: string;
    readonly subject: string;
    readonly reason: string;
  }[];
  readonly message: { readonly subject: string; readonly to: string; readonly text: string } | null;
  readonly sendLabel: string;
  /** Why the button cannot be pressed; null when it can. */
  readonly blocked: string | null;
  /** The answer comes when the whole wave is done. */
  readonly waitNote: string;
  readonly existing: { readonly href: string; readonly text: string } | null;
}

export function toWavePreviewView(preview: WavePreview): WavePreviewView {
  const { recipients, existing } = preview;
  const done = existing?.state === 'finished';
  return {
    heading: previewHeading(preview),
    title: preview.title,
    policy: preview.policy,
    facts: [
      { term: '配信日', text: formatDate(preview.on) },
      { term: '数値の時点', text: formatDate(preview.asOf) },
      { term: '案内の期限', text: formatDate(preview.deadline) },
      {
        term: '対象',
        text: `${formatCount(preview.units)}所属のうち、目標に届いていない${formatCount(preview.unitsBelowGoal)}所属`,
      },
    ],
    channelNote:
      preview.channel === 'outbox'
        ? 'メールサーバーが設定されていないため、送信せずに控えとして保存します。文面はこの画面で読めます。'
        : 'メールサーバーに1件ずつ渡します。',
    suppressed: preview.suppressed.map(({ reason, count }) => ({
      reason: reasonLabel(reason),
      people: count,
    })),
    deliveries: preview.deliveries.map(({ unitName, recipient, subject, reason }) => ({
      unitName,
      recipient,
      subject,
      reason: reason === null ? '' : reasonLabel(reason),
    })),
    message: preview.first && {
      subject: preview.first.subject,
      to: preview.first.to,
      text: preview.first.text,
    },
    sendLabel: existing && !done ? '残りを配信する' : 'いま配信する',
    blocked: done
      ? '同じ日の配信回は終わっています。別の日に配信できます'
      : recipients === 0
        ? '送る相手がいないため押せません'
        : null,
    waitNote:
      '押すと配信が始まり、すべて終わると結果の画面に移ります。件数が多いと数分かかります。待つあいだに画面を閉じても配信は続き、進み具合は「リマインド」の配信回で確認できます。',
    existing: existing && {
      href: waveHref(existing.id),
      text: `${formatDate(existing.on)}の配信回(${WAVE_STATES[existing.state].label})を見る`,
    },
  };
}

function previewHeading({ recipients, existing, on }: WavePreview): string {
  if (existing?.state === 'finished') return `${formatDate(on)}の配信は終わっています`;
  if (existing)
    return `${formatDate(on)}の配信は途中です。残り${formatCount(existing.counts.queued)}件を送れます`;
  if (recipients === 0) return '送る相手はいません';
  return `${formatCount(recipients)}件を送ります。まだ何も送っていません`;
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
  readonly deliveries: readonly DeliveryRow[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
  /** While it is being sent: this page again, with newer figures. */
  readonly refreshHref: string | null;
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

export function toWavePageView(wave: WaveSummary, page: DeliveryListInput): WavePageView {
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
      { term: '案内の期限', text: formatDate(wave.deadline) },
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
    refreshHref: wave.state === 'finished' ? null : waveHref(wave.id),
  };
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
  if (state !== 'finished')
    return `${formatCount(counts.planned)}件中${formatCount(settled)}件まで配信${open}`;
  if (counts.planned === 0) return '送る相手はいませんでした';
  return `${formatCount(counts.planned)}件中${formatCount(counts.sent)}件を送りました${open}`;
}

function openPoints({ unknown, failed }: DeliveryCounts): string {
  return [
    unknown > 0 ? `、${formatCount(unknown)}件は届いたか分かりません` : '',
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
}

export function toMessagePageView(message: MessageView): MessagePageView {
  const { delivery } = message;
  return {
    kicker: `${delivery.unitName}の${delivery.recipient}への配信`,
    subject: message.subject,
    to: message.to ?? '宛先なし',
    state: DELIVERY_STATES[delivery.state],
    reason: delivery.reason === '' ? '' : reasonLabel(delivery.reason),
    text: message.text,
    htmlHref: `${waveHref(message.waveId)}/deliveries/${delivery.id}/message.html`,
  };
}

function waveHref(id: number): string {
  return `/waves/${id}`;
}
