/** The arithmetic of rates: percentages with one decimal, rounded half up, that never flatter. */

/** People of a unit's subtree on a day. The six statuses sum to `staff`. */
export interface Counts {
  readonly staff: number;
  readonly held: number;
  readonly applied: number;
  readonly notApplied: number;
  readonly undisclosed: number;
  readonly unanswered: number;
  readonly lapsed: number;
  /** In an approved exception and without a card; overlaps the statuses. */
  readonly exempt: number;
}

export interface Rates {
  /** held ÷ staff; null where there is nobody. */
  readonly rate: number | null;
  /** (held + applied) ÷ staff */
  readonly rateWithApplied: number | null;
  /** held ÷ (staff − exempt) */
  readonly rateWithoutExempt: number | null;
}

export interface Goal {
  /** Per cent of staff. */
  readonly rate: number;
  readonly by: string | null;
}

/**
 * `part` of `whole` in per cent with one decimal, half up; null when `whole` is 0.
 * 100.0 only when part = whole: 99.96 % is 99.9.
 */
export function percentage(part: number, whole: number): number | null {
  if (whole === 0) return null;
  const tenths = Number((BigInt(part) * 2000n + BigInt(whole)) / (2n * BigInt(whole)));
  return (part < whole ? Math.min(tenths, 999) : tenths) / 10;
}

/** Difference of two rates in percentage points, one decimal: of the figures as they are shown. */
export function points(rate: number | null, other: number | null): number | null {
  return rate === null || other === null ? null : (Math.round(rate * 10) - Math.round(other * 10)) / 10;
}

export function rates(counts: Counts): Rates {
  return {
    rate: percentage(counts.held, counts.staff),
    rateWithApplied: percentage(counts.held + counts.applied, counts.staff),
    rateWithoutExempt: percentage(counts.held, counts.staff - counts.exempt),
  };
}

/** Staff who still need a card for the goal: ⌈goal × staff⌉ − held, at least 0. */
export function remaining(counts: Pick<Counts, 'staff' | 'held'>, goal: Goal): number {
  const needed = Math.ceil((counts.staff * Math.round(goal.rate * 10)) / 1000);
  return Math.max(0, needed - counts.held);
}
