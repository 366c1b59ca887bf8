/** How often somebody may be written to, over all standing rules. */
import { addDays, addMonths, monthOf, type IsoDate } from '../platform/month.js';
import type { PolicyLimits } from './policy.js';

/** For messages about a person or a card. */
export interface PersonalLimits {
  /** From one message to the next. */
  readonly minGapDays: number;
  /** In any 365 days. */
  readonly maxPerYear: number;
}

/** What was sent before `on`. Suppressed and failed messages reached nobody and do not count. */
export interface Received {
  /** The last wave day on which this policy spoke of the same one; null for never. */
  readonly lastOfPolicy: IsoDate | null;
  /** The last wave day on which the recipient got a message about a person or a card, of whatever policy. */
  readonly lastPersonal: IsoDate | null;
  /** How many of them after `yearBefore(on)`. */
  readonly personalInYear: number;
}

export type HeldBack = 'already_told' | 'too_soon' | 'enough_this_year';

/** Why nothing may be sent on the day; null where it may. */
export function heldBack(
  { about, again }: PolicyLimits,
  { minGapDays, maxPerYear }: PersonalLimits,
  on: IsoDate,
  received: Received,
): HeldBack | null {
  if (received.lastOfPolicy !== null && again !== 'next-wave') {
    // By months: the same business day of a month comes earlier in some months than in others.
    if (again === 'never' || monthOf(on) < addMonths(monthOf(received.lastOfPolicy), again.months))
      return 'already_told';
  }
  if (about !== 'person' && about !== 'card') return null;
  if (received.lastPersonal !== null && on < addDays(received.lastPersonal, minGapDays)) return 'too_soon';
  return received.personalInYear >= maxPerYear ? 'enough_this_year' : null;
}

/** Messages after this day count towards the most of a year. */
export function yearBefore(on: IsoDate): IsoDate {
  return addDays(on, -365);
}
