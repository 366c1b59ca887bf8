import type { Counts } from '../../src/adoption/rate.js';
import type { CardStatus } from '../../src/ledger/card-status.js';
import type { Facts } from './random-city.js';

const NOBODY: Counts = {
  staff: 0,
  held: 0,
  applied: 0,
  notApplied: 0,
  undisclosed: 0,
  unanswered: 0,
  lapsed: 0,
  exempt: 0,
};

/** What a patient person with the rows of the fact tables on paper would find, one person after the other. */
export class NaiveRecount {
  constructor(
    private readonly facts: Facts,
    private readonly day: string,
  ) {}

  /** Ids from the root down to the unit; null where that does not lead to the root, or the unit is not there. */
  wayTo(unitId: number): number[] | null {
    const way: number[] = [];
    for (let id: number | null = unitId; id !== null && !way.includes(id);) {
      const period = this.periodOf(id);
      if (!period) return null;
      way.unshift(id);
      if (period.parent_id === null) return way;
      id = period.parent_id;
    }
    return null;
  }

  periodOf(unitId: number) {
    return this.facts.unit_period.find((period) => period.unit_id === unitId && this.isNow(period));
  }

  /** Whoever stands in a unit that is not there counts for the root alone. */
  total(unitId: number): Counts {
    return this.countWhere((home) => (this.wayTo(home) ?? [1]).includes(unitId));
  }

  direct(unitId: number): Counts {
    return this.countWhere((home) => (this.wayTo(home) ?? [1]).at(-1) === unitId);
  }

  private countWhere(isCounted: (home: number) => boolean): Counts {
    const counts: { -readonly [name in keyof Counts]: number } = { ...NOBODY };
    for (const place of this.facts.assignment) {
      if (!place.is_primary || !this.isNow(place) || !isCounted(place.unit_id)) continue;
      const status = this.statusOf(place.staff_id);
      counts.staff++;
      counts[status === 'not_applied' ? 'notApplied' : status]++;
      if (status !== 'held' && this.isExcepted(place.staff_id)) counts.exempt++;
    }
    return counts;
  }

  private statusOf(staffId: number): CardStatus {
    let latest: { on: string; id: number; status: CardStatus } | null = null;
    for (const { id, staff_id, status, effective_on: on } of this.facts.card_event) {
      if (staff_id !== staffId || status === null || on > this.day) continue;
      if (this.facts.card_event.some((other) => other.corrects === id)) continue;
      if (!latest || on > latest.on || (on === latest.on && id > latest.id)) latest = { on, id, status };
    }
    return latest?.status ?? 'unanswered';
  }

  private isExcepted(staffId: number): boolean {
    return this.facts.card_exception.some((exception) => {
      const decisions = this.facts.card_exception_decision.filter((d) => d.exception_id === exception.id);
      const withdrawn = decisions.find((d) => d.decision === 'withdrawn')?.effective_on;
      return (
        exception.staff_id === staffId &&
        decisions.some((d) => d.decision === 'approved') &&
        exception.valid_from <= this.day &&
        this.day < exception.valid_to &&
        (!withdrawn || this.day < withdrawn)
      );
    });
  }

  private isNow(row: { valid_from: string; valid_to: string; superseded_at: string | null }): boolean {
    return (
      row.superseded_at === null &&
      row.valid_from <= this.day &&
      (row.valid_to === 'infinity' || this.day < row.valid_to)
    );
  }
}
