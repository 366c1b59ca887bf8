import { formatDate } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';

export interface AsOfChoice {
  readonly value: IsoDate;
  readonly label: string;
  readonly selected: boolean;
}

/** Newest first. */
export function toAsOfChoices(asOf: IsoDate, closedDates: readonly IsoDate[], today: IsoDate): AsOfChoice[] {
  const dates = [...new Set([today, asOf, ...closedDates])].toSorted().toReversed();
  return dates.map((value) => {
    const state = closedDates.includes(value) ? '(締め済み)' : value === today ? '(本日・速報)' : '(締め前)';
    return { value, label: formatDate(value) + state, selected: value === asOf };
  });
}
