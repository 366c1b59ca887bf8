import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, MaxLength, Min } from 'class-validator';
import {
  DELIVERY_STATES,
  type DeliveryPage,
  type DeliveryState,
  type WavePreview,
  type WaveState,
  type WaveSummary,
} from '../reminders/wave.types.js';

export class WaveBody {
  /** Day of the wave; today unless given. @example 2022-11-10 */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  on?: string;

  /** Only say what would be sent. */
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  /** With `dryRun`: which of the messages to show, counted from 1; the first unless given. */
  @IsOptional()
  @IsInt()
  @Min(1)
  position?: number;
}

export class WaveTestBody {
  /** Day of the wave; today unless given. @example 2022-11-10 */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  on?: string;
}

export class WaveTestDto {
  policy: string;
  on: string;
  /** The own address. */
  to: string;
  subject: string;
}

export class WaveActionBody {
  /** The one delivery that `resend` or `keep` is about; all of the wave that are unknown unless given. */
  @IsOptional()
  @IsInt()
  @Min(1)
  delivery?: number;
}

export class DeliveryQuery {
  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  cursor?: string;

  /** Only those in this state. */
  @IsOptional()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryState;

  /** Only those for this reason: a `code` of the wave's `reasons`. */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  reason?: string;
}

export class TemplateVersionDto {
  name: string;
  version: number;
}

/** Deliveries in each state; they sum to `planned`. */
export class DeliveryCountsDto {
  planned: number;
  queued: number;
  sending: number;
  sent: number;
  failed: number;
  /** Taken by the mail server, and sent back later as undeliverable. */
  bounced: number;
  /** Interrupted while being handed over: whether it arrived is not known, and it is not sent again by itself. */
  unknown: number;
  suppressed: number;
}

export class ReasonCountDto {
  state: DeliveryState;
  /** What deliveries are listed by; `reason` says the same in words. */
  code: string;
  reason: string;
  count: number;
}

export class ConsideredDto {
  label: string;
  count: number;
}

export class WaveDto {
  id: number;
  policy: string;
  title: string;
  on: string;
  /** The day the figures in the messages are of. */
  asOf: string;
  deadline: string;
  state: WaveState;
  /** Why it does not go on at the moment; empty where it does, or is over. */
  note: string;
  template: TemplateVersionDto;
  /** Those among whom the audience was found when it was planned; each is part of the one before it. */
  considered: ConsideredDto[];
  /** Who was looked at and is not in it: they have no deliveries. */
  outside: ConsideredDto[];
  counts: DeliveryCountsDto;
  /** Of the deliveries that failed, bounced, are unknown, were suppressed or are tried again later. */
  reasons: ReasonCountDto[];
  plannedAt: string;
  plannedBy: string;
  finishedAt: string | null;
}

export class WaveRunDto extends WaveDto {
  /** False where the wave was there already and only what was left was sent. */
  created: boolean;
  /** Messages that left while this was waited for, whoever sent them. */
  sentNow: number;
  /** Why not everything has left by now; null when it has. */
  stopped: string | null;
}

export class PreviewDeliveryDto {
  unitCode: string;
  unitName: string;
  recipient: string;
  subject: string;
  /** Why it would not be sent; null when it would. */
  reason: string | null;
}

export class PreviewMessageDto {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** What would be sent; nothing has been written. */
export class WavePreviewDto {
  policy: string;
  title: string;
  on: string;
  asOf: string;
  deadline: string;
  channel: string;
  /** Those among whom the audience was found, and how many of them are in it. */
  considered: ConsideredDto[];
  /** Who was looked at and is not in it. */
  outside: ConsideredDto[];
  recipients: number;
  /** How many of them are chat rooms of units. */
  chatRooms: number;
  /** Whether somebody has to confirm it once it is planned, because it goes to so many. */
  confirm: boolean;
  suppressed: ReasonCountDto[];
  /** The first hundred. */
  deliveries: PreviewDeliveryDto[];
  /** Which of the messages `first` is, counted from 1. */
  position: number;
  /** In messages to staff, what is a person's own is masked. */
  first: PreviewMessageDto | null;
  /** The template that has to be rewritten before anything goes out; null where the text can be sent. */
  draft: string | null;
  /** The wave of this policy and day, when there is one: starting again only sends what is left of it. */
  existing: WaveDto | null;
}

export class DeliveryDto {
  id: number;
  unitCode: string;
  unitName: string;
  recipient: string;
  channel: string;
  state: DeliveryState;
  reason: string;
  attemptedAt: string | null;
  settledAt: string | null;
}

export class DeliveryPageDto {
  deliveries: DeliveryDto[];
  nextCursor: string | null;
}

export function toWave<Wave extends WaveSummary>({ considered, outside, reasons, ...wave }: Wave) {
  return {
    ...wave,
    considered: considered.map((group) => ({ ...group })),
    outside: outside.map((group) => ({ ...group })),
    reasons: reasons.map((reason) => ({ ...reason })),
  } satisfies WaveDto;
}

export function toWavePreview(preview: WavePreview): WavePreviewDto {
  const { considered, outside, suppressed, deliveries, existing } = preview;
  return {
    ...preview,
    considered: considered.map((group) => ({ ...group })),
    outside: outside.map((group) => ({ ...group })),
    suppressed: suppressed.map((reason) => ({ ...reason })),
    deliveries: deliveries.map((delivery) => ({ ...delivery })),
    existing: existing && toWave(existing),
  };
}

export function toDeliveryPage({ deliveries, nextCursor }: DeliveryPage): DeliveryPageDto {
  return { deliveries: deliveries.map((delivery) => ({ ...delivery })), nextCursor };
}
