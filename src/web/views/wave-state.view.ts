import type { DeliveryState, WaveState } from '../../reminders/wave.types.js';

/** A word, a shape and a colour: none of them alone says what state it is. */
export interface StateLook {
  readonly label: string;
  readonly shape: string;
  readonly stateClass: string;
}

export const DELIVERY_STATES: Record<DeliveryState, StateLook> = {
  sent: { label: '送信済み', shape: 'ok', stateClass: 'st--ok' },
  bounced: { label: '届かず戻った', shape: 'err', stateClass: 'st--err' },
  unknown: { label: '不明', shape: 'warn', stateClass: 'st--warn' },
  failed: { label: '送れなかった', shape: 'err', stateClass: 'st--err' },
  suppressed: { label: '送らない', shape: 'undisclosed', stateClass: '' },
  sending: { label: '送信中', shape: 'wait', stateClass: '' },
  queued: { label: 'これから送る', shape: 'wait', stateClass: '' },
};

/** In the order they ask for attention after what is done. */
export const STATE_ORDER: readonly DeliveryState[] = [
  'sent',
  'unknown',
  'failed',
  'bounced',
  'suppressed',
  'sending',
  'queued',
];

export const WAVE_STATES: Record<WaveState, StateLook> = {
  planned: { label: '開始前', shape: 'wait', stateClass: '' },
  awaiting: { label: '確認待ち', shape: 'warn', stateClass: 'st--warn' },
  sending: { label: '配信中', shape: 'wait', stateClass: '' },
  paused: { label: '一時停止中', shape: 'warn', stateClass: 'st--warn' },
  cancelled: { label: '中止しました', shape: 'undisclosed', stateClass: '' },
  finished: { label: '終わりました', shape: 'ok', stateClass: 'st--ok' },
};

export function waveHref(id: number): string {
  return `/waves/${id}`;
}
