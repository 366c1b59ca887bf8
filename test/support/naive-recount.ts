import type { Counts } from '../../src/adoption/rate.js';
import type { CardStatus } from '../../src/ledger/card-status.js';
import { addDays } from '../../src/platform/month.js';
import type { AssignmentRow, DefinitionRow, Facts } from './random-city.js';

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

export interface Person {
  readonly staff: number;
  readonly home: number;
  readonly status: CardStatus;
  readonly isExempt: boolean;
  /** The last day of an approved exception of the day, held card or not. */
  readonly exceptedUntil: string | null;
  /** Of the card that is held, where it is known. */
  readonly cardMonth: string | null;
  /** Not counted, by the definition of the day. */
  readonly isLeftOut: boolean;
}

export function countsOf(people: readonly Person[]): Counts {
  const counts: { -readonly [name in keyof Counts]: number } = { ...NOBODY };
  for (const { status, isExempt } of people) {
    counts.staff++;
    counts[status === 'not_applied' ? 'notApplied' : status]++;
    if (isExempt) counts.exempt++;
  }
  return counts;
}

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

  /** The same in the organisation of another day. */
  restated(unitId: number, tree: NaiveRecount): Counts {
    return this.countWhere((home) => (tree.wayTo(home) ?? [1]).includes(unitId));
  }

  /** How many stand below the unit in a unit that the other organisation does not have. */
  elsewhere(unitId: number, tree: NaiveRecount): number {
    const isGone = (home: number) => tree.wayTo(home) === null;
    return this.countWhere((home) => isGone(home) && (this.wayTo(home) ?? [1]).includes(unitId)).staff;
  }

  direct(unitId: number): Counts {
    return this.countWhere((home) => (this.wayTo(home) ?? [1]).at(-1) === unitId);
  }

  /** Everybody who is in a unit as 本務 on the day. */
  people(): Person[] {
    return this.facts.assignment
      .filter((place) => place.is_primary && this.isNow(place))
      .map((place) => {
        const { staff_id: staff, unit_id: home } = place;
        const status = this.statusOf(staff);
        const exceptedUntil = this.exceptedUntil(staff);
        return {
          staff,
          home,
          status,
          exceptedUntil,
          isExempt: status !== 'held' && exceptedUntil !== null,
          cardMonth: status === 'held' ? (this.lastTold(staff)?.month?.slice(0, 7) ?? null) : null,
          isLeftOut: this.isLeftOut(place, this.definition()),
        };
      });
  }

  private countWhere(isCounted: (home: number) => boolean): Counts {
    return countsOf(this.people().filter(({ home, isLeftOut }) => !isLeftOut && isCounted(home)));
  }

  /** Whether the definition of another day would leave the person out on this one. */
  isLeftOutBy(other: NaiveRecount, staff: number): boolean {
    const place = this.facts.assignment.find((a) => a.is_primary && a.staff_id === staff && this.isNow(a))!;
    return this.isLeftOut(place, other.definition());
  }

  /** The one that was the last to begin. */
  private definition(): DefinitionRow | undefined {
    return this.facts.count_definition
      .filter((one) => one.superseded_at === null && one.valid_from <= this.day)
      .toSorted((a, b) => (a.valid_from < b.valid_from ? 1 : -1))[0];
  }

  private isLeftOut(
    { staff_id, employment, leave }: AssignmentRow,
    definition: DefinitionRow | undefined,
  ): boolean {
    if (!definition) return false;
    if (definition.left_out_employment.includes(employment)) return true;
    if (definition.left_out_leave.includes(leave)) return true;
    for (let back = 1; back <= definition.min_days; back++) {
      const before = new NaiveRecount(this.facts, addDays(this.day, -back));
      const places = this.facts.assignment.filter((place) => place.staff_id === staff_id);
      if (!places.some((place) => place.is_primary && before.isNow(place))) return true;
    }
    return false;
  }

  /** Whether this is the first of days in 本務 without a gap. */
  isFirstDay(staffId: number): boolean {
    const before = new NaiveRecount(this.facts, addDays(this.day, -1));
    const isHere = (recount: NaiveRecount) => recount.people().some(({ staff }) => staff === staffId);
    return isHere(this) && !isHere(before);
  }

  private statusOf(staffId: number): CardStatus {
    const latest = this.lastTold(staffId);
    // A card counts to the end of its month.
    if (latest?.month && this.day.slice(0, 7) > latest.month.slice(0, 7)) return 'lapsed';
    return latest?.status ?? 'unanswered';
  }

  private lastTold(staffId: number) {
    let latest: { on: string; id: number; status: CardStatus; month: string | null } | null = null;
    for (const { id, staff_id, status, effective_on: on, expires_month: month } of this.facts.card_event) {
      if (staff_id !== staffId || status === null || on > this.day) continue;
      if (this.facts.card_event.some((other) => other.corrects === id)) continue;
      if (!latest || on > latest.on || (on === latest.on && id > latest.id))
        latest = { on, id, status, month };
    }
    return latest;
  }

  private exceptedUntil(staffId: number): string | null {
    const ends = this.facts.card_exception.flatMap((exception) => {
      const decisions = this.facts.card_exception_decision.filter((d) => d.exception_id === exception.id);
      const withdrawn = decisions.find((d) => d.decision === 'withdrawn')?.effective_on;
      const holds =
        exception.staff_id === staffId &&
        decisions.some((d) => d.decision === 'approved') &&
        exception.valid_from <= this.day &&
        this.day < exception.valid_to &&
        (!withdrawn || this.day < withdrawn);
      return holds ? [[exception.valid_to, withdrawn ?? exception.valid_to].toSorted()[0]!] : [];
    });
    return ends.length === 0 ? null : addDays(ends.toSorted().at(-1)!, -1);
  }

  private isNow(row: { valid_from: string; valid_to: string; superseded_at: string | null }): boolean {
    return (
      row.superseded_at === null &&
      row.valid_from <= this.day &&
      (row.valid_to === 'infinity' || this.day < row.valid_to)
    );
  }
}
