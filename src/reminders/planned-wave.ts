/** What planning a wave answers: whom it is for, and why somebody gets nothing. Each audience has its planner. */
import type { Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import type { Policy } from './policy.js';
import type { HeldBack } from './reminder-limits.js';

/** Why nothing is sent to somebody a wave is for; the words that HR reads are in delivery-reason.ts. */
export type SuppressionReason =
  | 'no_address'
  | 'bad_address'
  | 'unit_ended'
  | 'small_group'
  | 'no_own_address'
  | 'shared_address'
  | 'same_address'
  | 'undisclosed'
  | `exempt_until:${IsoDate}`
  | HeldBack;

/** What every message says, whatever its kind. All of a context is written out: a message kept with it reads the same for ever. */
export interface MessageContext {
  readonly city: string;
  readonly contact: string;
  /** Part of the notice that no text can leave out. */
  readonly whoSees: string;
  readonly writtenOn: string;
}

export interface PlannedMessage {
  /** `staff:<id>` or `unit:<id>`: the one who gets it, once a wave. */
  readonly recipient: string;
  readonly staffId: number | null;
  /** The unit the message is about, or the person's. */
  readonly unitId: number;
  readonly unit: { readonly code: string; readonly name: string };
  readonly address: string | null;
  readonly suppressed: SuppressionReason | null;
  /** About the card of `staffId`: right before it leaves, it is asked again whether the reason is still there. */
  readonly personal: boolean;
  /** The units it is about, where it is about units: what keeps a policy from speaking of them too often. */
  readonly about?: readonly number[];
  /** Missing for mail. */
  readonly channel?: 'chat';
  readonly context: MessageContext;
}

export interface AudienceGroup {
  readonly label: string;
  readonly count: number;
}

/** Among whom a wave's audience was found, in numbers. */
export interface WaveAudience {
  /** Each is part of the one before it; the last is the audience. */
  readonly considered: readonly AudienceGroup[];
  /** Who was looked at and is not in it: they have no deliveries. */
  readonly outside?: readonly AudienceGroup[];
}

export interface PlannedWave extends WaveAudience {
  /** The day the figures in the messages are of. */
  readonly asOf: IsoDate;
  /** To be gone through once: nobody holds the messages of a whole wave. */
  readonly messages: Iterable<PlannedMessage> | AsyncIterable<PlannedMessage>;
}

export interface AudiencePlanner {
  /** Reads only. Throws `month_not_over`, `day_to_come`, `no_organisation`. */
  plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave>;
}

/** The first that meets the test; what comes after it is not made. */
export async function firstOf(
  messages: PlannedWave['messages'],
  test: (message: PlannedMessage) => boolean,
): Promise<PlannedMessage | undefined> {
  for await (const message of messages) if (test(message)) return message;
  return undefined;
}
