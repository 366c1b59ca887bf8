import { formatCount, formatDate } from '../../platform/japanese-format.js';
import { POLICIES } from '../../reminders/policy.js';
import type { StandingPolicy } from '../../reminders/policy.service.js';
import type { WavePage, WaveSummary } from '../../reminders/wave.types.js';
import { nextDay, policyLook } from './policy.view.js';
import { WAVE_STATES, waveHref, type StateLook } from './wave-state.view.js';

export interface WaveListView {
  /** Waves about which HR has to decide something, and what. */
  readonly waiting: readonly { readonly href: string; readonly label: string; readonly why: string }[];
  /** Whether whoever looks decides about policies. */
  readonly maySet: boolean;
  /** How many policies HR has not decided about yet; 0 where all are decided. */
  readonly proposed: number;
  readonly policies: readonly {
    readonly title: string;
    readonly description: string;
    /** Whether it goes out by itself, and when, if it does: for whoever decides about it. */
    readonly standing: { readonly state: StateLook; readonly next: string | null } | null;
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
    readonly bounced: number;
    readonly suppressed: number;
  }[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

/** `standing` is what HR has decided about the policies; null for whoever only reads. */
export function toWaveListView(
  { waves, nextCursor }: WavePage,
  isFirst: boolean,
  standing: readonly StandingPolicy[] | null,
): WaveListView {
  return {
    waiting: standing === null ? [] : waves.flatMap(toWaiting),
    maySet: standing !== null,
    proposed: standing?.filter(({ state }) => state === 'proposed').length ?? 0,
    policies: POLICIES.map(({ name, title, description }) => {
      const now = standing?.find((policy) => policy.name === name) ?? null;
      return {
        title,
        description,
        standing: now && { state: policyLook(now.state), next: now.state === 'on' ? nextDay(now) : null },
        previewHref: standing === null ? null : `/waves/new?policy=${encodeURIComponent(name)}`,
      };
    }),
    waves: waves.map((wave) => ({
      href: waveHref(wave.id),
      title: wave.title,
      on: formatDate(wave.on),
      state: WAVE_STATES[wave.state],
      ...wave.counts,
    })),
    firstHref: isFirst ? null : '/waves',
    nextHref: nextCursor === null ? null : `/waves?cursor=${nextCursor}`,
  };
}

function toWaiting({ id, title, on, state, note, counts }: WaveSummary): WaveListView['waiting'] {
  const why = [
    ...(state === 'awaiting' || state === 'paused' ? [note || WAVE_STATES[state].label] : []),
    ...(counts.unknown > 0 ? [`${formatCount(counts.unknown)}件は届いたか分かりません`] : []),
  ].join('。');
  return why === '' ? [] : [{ href: waveHref(id), label: `${formatDate(on)} ${title}`, why }];
}
