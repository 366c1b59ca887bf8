/** What can be done with a wave in which state. */
import type { AuditAction } from '../access/audit.types.js';
import type { WaveState, WaveSummary } from './wave.types.js';

/**
 * What HR does with a wave. `resend` and `keep` decide about deliveries of which nobody knows whether they arrived:
 * send them once more, or leave them as sent.
 */
export const WAVE_ACTIONS = ['pause', 'resume', 'cancel', 'confirm', 'resend', 'keep'] as const;
export type WaveAction = (typeof WAVE_ACTIONS)[number];

interface Move {
  readonly from: readonly WaveState[];
  readonly to: WaveState;
  readonly audit: AuditAction;
}

export const MOVES: Record<Exclude<WaveAction, 'resend' | 'keep'>, Move> = {
  pause: { from: ['sending'], to: 'paused', audit: 'wave_paused' },
  resume: { from: ['paused'], to: 'sending', audit: 'wave_resumed' },
  confirm: { from: ['awaiting'], to: 'sending', audit: 'wave_confirmed' },
  cancel: {
    from: ['planned', 'awaiting', 'sending', 'paused'],
    to: 'cancelled',
    audit: 'wave_cancelled',
  },
};

export function isWaveAction(text: string): text is WaveAction {
  return (WAVE_ACTIONS as readonly string[]).includes(text);
}

/** What can be done with a wave now, in the order in which one thinks of it. */
export function actionsFor({ state, counts }: WaveSummary): WaveAction[] {
  const moves = (Object.keys(MOVES) as (keyof typeof MOVES)[]).filter((name) =>
    MOVES[name].from.includes(state),
  );
  return counts.unknown > 0 ? [...moves, 'resend', 'keep'] : moves;
}
