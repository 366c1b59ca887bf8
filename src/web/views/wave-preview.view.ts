import { formatCount, formatDate } from '../../platform/japanese-format.js';
import { hasDeadline } from '../../reminders/policy-deadline.js';
import type { WavePreview } from '../../reminders/wave.types.js';
import { templateHref } from './template.view.js';
import { WAVE_STATES, waveHref } from './wave-state.view.js';

export interface WavePreviewView {
  readonly heading: string;
  readonly title: string;
  readonly policy: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly channelNote: string;
  /** Who gets nothing, by reason: those outside of the audience, then those in it. */
  readonly suppressed: readonly { readonly reason: string; readonly people: number }[];
  readonly deliveries: readonly {
    readonly unitName: string;
    readonly recipient: string;
    readonly subject: string;
    readonly reason: string;
  }[];
  readonly message: {
    readonly subject: string;
    readonly to: string;
    readonly text: string;
    readonly place: string;
    readonly previousHref: string | null;
    readonly nextHref: string | null;
  } | null;
  /** Where the text is rewritten that cannot be sent as it ships; null where it can. */
  readonly draftHref: string | null;
  readonly sendLabel: string;
  /** Why the button cannot be pressed; null when it can. */
  readonly blocked: string | null;
  /** What comes of pressing it. */
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
      ...(hasDeadline(preview.policy) ? [{ term: '案内の期限', text: formatDate(preview.deadline) }] : []),
      {
        term: '対象',
        text: preview.considered.map(({ label, count }) => `${label} ${formatCount(count)}`).join('、うち'),
      },
    ],
    channelNote: channelWords(preview),
    suppressed: [
      ...preview.outside.map(({ label, count }) => ({ reason: label, people: count })),
      ...preview.suppressed.map(({ reason, count }) => ({ reason, people: count })),
    ],
    deliveries: preview.deliveries.map(({ unitName, recipient, subject, reason }) => ({
      unitName,
      recipient,
      subject,
      reason: reason ?? '',
    })),
    message: preview.first && {
      subject: preview.first.subject,
      to: preview.first.to,
      text: preview.first.text,
      place: `${formatCount(preview.position)} / ${formatCount(recipients)}通目`,
      previousHref: preview.position > 1 ? messageHref(preview, preview.position - 1) : null,
      nextHref: preview.position < recipients ? messageHref(preview, preview.position + 1) : null,
    },
    draftHref: preview.draft === null ? null : templateHref(preview.draft),
    sendLabel: existing && !done ? '残りを配信する' : preview.confirm ? '配信の準備をする' : 'いま配信する',
    blocked: done
      ? '同じ日の配信回は終わっています。別の日に配信できます'
      : recipients === 0
        ? '送る相手がいないため押せません'
        : preview.draft !== null
          ? '文面が下書きのままです。書き換えて保存すると押せます'
          : null,
    waitNote: preview.confirm
      ? '件数が多いため、押しても、まだ送りません。配信回の画面で「確認して配信する」を押すと、配信が始まります。'
      : `押すと配信が始まり、配信回の画面に移ります。${existing ? '' : '休止期間や、送ってよい時間帯の外でも、すぐに送ります。'}進み具合を見るほか、一時停止や中止もできます。画面を閉じても配信は続きます。`,
    existing: existing && {
      href: waveHref(existing.id),
      text: `${formatDate(existing.on)}の配信回(${WAVE_STATES[existing.state].label})を見る`,
    },
  };
}

function messageHref({ policy }: WavePreview, position: number): string {
  const query = new URLSearchParams({ policy, position: String(position) }).toString();
  return `/waves/new?${query}#p-msg`;
}

function previewHeading({ recipients, existing, on }: WavePreview): string {
  if (existing?.state === 'finished') return `${formatDate(on)}の配信は終わっています`;
  if (existing)
    return `${formatDate(on)}の配信は途中です。残り${formatCount(existing.counts.queued)}件を送れます`;
  if (recipients === 0) return '送る相手はいません';
  return `${formatCount(recipients)}件を送ります。まだ何も送っていません`;
}

function channelWords({ channel, chatRooms }: WavePreview): string {
  const mail =
    channel === 'outbox'
      ? 'メールサーバーが設定されていないため、送信せずに控えとして保存します。文面はこの画面で読めます。'
      : 'メールサーバーに1件ずつ渡します。';
  return chatRooms === 0
    ? mail
    : `${formatCount(chatRooms)}件は、所属のチャットに書き込みます。ほかのメールは、${mail}`;
}
