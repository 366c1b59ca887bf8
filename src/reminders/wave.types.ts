import type { IsoDate } from '../platform/month.js';
import type { RenderedMessage } from './message-template.js';
import type { Channel } from './message-sender.js';
import type { AudienceGroup } from './planned-wave.js';

/**
 * `planned` and `awaiting` have sent nothing or go on only when somebody confirms; `sending` and `paused` change into
 * each other; `finished` and `cancelled` are over.
 */
export type WaveState = 'planned' | 'awaiting' | 'sending' | 'paused' | 'finished' | 'cancelled';
export const DELIVERY_STATES = [
  'queued',
  'sending',
  'sent',
  'failed',
  'bounced',
  'unknown',
  'suppressed',
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** How many deliveries are in each state; they sum to `planned`. */
export type DeliveryCounts = Readonly<Record<DeliveryState, number>> & { readonly planned: number };

export interface ReasonCount {
  readonly state: DeliveryState;
  /** What deliveries are listed by; `reason` says the same in words. */
  readonly code: string;
  readonly reason: string;
  readonly count: number;
}

export interface WaveSummary {
  readonly id: number;
  readonly policy: string;
  readonly title: string;
  readonly on: IsoDate;
  /** The day the figures in the messages are of. */
  readonly asOf: IsoDate;
  readonly deadline: IsoDate;
  readonly state: WaveState;
  /** Why it does not go on at the moment; empty where it does, or is over. */
  readonly note: string;
  readonly template: { readonly name: string; readonly version: number };
  /** Those among whom the audience was found when it was planned; each is part of the one before it. */
  readonly considered: readonly AudienceGroup[];
  /** Who was looked at and is not in it: they have no deliveries. */
  readonly outside: readonly AudienceGroup[];
  readonly counts: DeliveryCounts;
  /** Of the deliveries that failed, bounced, are unknown, were suppressed or are tried again later. */
  readonly reasons: readonly ReasonCount[];
  readonly plannedAt: string;
  readonly plannedBy: string;
  readonly finishedAt: string | null;
}

/** What one run of the sender did. */
export interface WaveRun extends WaveSummary {
  /** False where the wave was there already and only what was left was sent. */
  readonly created: boolean;
  /** Messages that left while this was waited for, whoever sent them. */
  readonly sentNow: number;
  /** Why not everything has left by now; null when it has. */
  readonly stopped: string | null;
}

export interface PreviewDelivery {
  readonly unitCode: string;
  readonly unitName: string;
  /** 所属長, 職員 or 所属のメール */
  readonly recipient: string;
  readonly subject: string;
  readonly reason: string | null;
}

/** What `start` would do; nothing has been written. */
export interface WavePreview {
  readonly policy: string;
  readonly title: string;
  readonly on: IsoDate;
  readonly asOf: IsoDate;
  readonly deadline: IsoDate;
  readonly channel: Channel;
  /** Those among whom the audience was found, and how many of them are in it. */
  readonly considered: readonly AudienceGroup[];
  /** Who was looked at and is not in it. */
  readonly outside: readonly AudienceGroup[];
  readonly recipients: number;
  /** How many of them are chat rooms of units. */
  readonly chatRooms: number;
  /** Whether somebody has to confirm it once it is planned, because it goes to so many. */
  readonly confirm: boolean;
  readonly suppressed: readonly ReasonCount[];
  /** The first hundred. */
  readonly deliveries: readonly PreviewDelivery[];
  /** Which of the messages `first` is, counted from 1. */
  readonly position: number;
  /** Null where there is none at the position. */
  readonly first: (RenderedMessage & { readonly to: string }) | null;
  /** The template that has to be rewritten before anything goes out; null where the text can be sent. */
  readonly draft: string | null;
  /** The wave of this policy and day, when there is one: starting again only sends what is left of it. */
  readonly existing: WaveSummary | null;
}

export interface DeliveryView {
  readonly id: number;
  readonly unitCode: string;
  readonly unitName: string;
  readonly recipient: string;
  readonly channel: Channel;
  readonly state: DeliveryState;
  readonly reason: string;
  readonly attemptedAt: string | null;
  readonly settledAt: string | null;
}

/** Which deliveries of a wave are asked for; all where nothing is given. */
export interface DeliveryFilter {
  readonly state?: DeliveryState;
  /** The code of a reason. */
  readonly reason?: string;
}

export interface WavePage {
  readonly waves: readonly WaveSummary[];
  /** Pass it back for the next page; null at the end. */
  readonly nextCursor: string | null;
}

export interface DeliveryPage {
  readonly deliveries: readonly DeliveryView[];
  /** Pass it back for the next page; null at the end. */
  readonly nextCursor: string | null;
}

export interface MessageView extends RenderedMessage {
  readonly delivery: DeliveryView;
  readonly waveId: number;
  readonly messageId: string;
  readonly to: string | null;
}
