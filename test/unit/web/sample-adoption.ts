import type { Trend, UnitAdoption, UnitLine } from '../../../src/adoption/adoption.types.js';
import { rates, remaining, type Counts, type Goal } from '../../../src/adoption/rate.js';
import { addMonths, lastDay, monthOf, type IsoDate } from '../../../src/platform/month.js';

export const GOAL: Goal = { rate: 100, by: null };
export const DEFINITION = { version: 1, validFrom: null };

/** Everybody not mentioned has not answered. */
export function counts(staff: number, held: number, others: Partial<Counts> = {}): Counts {
  const { applied = 0, notApplied = 0, undisclosed = 0, lapsed = 0, exempt = 0 } = others;
  const unanswered = staff - held - applied - notApplied - undisclosed - lapsed;
  return { staff, held, applied, notApplied, undisclosed, unanswered, lapsed, exempt };
}

export function adoption(people: Counts, changes: Partial<UnitAdoption> = {}): UnitAdoption {
  const goal = changes.goal ?? GOAL;
  return {
    unit: { code: '000000', name: '見本市', kind: '全体' },
    asOf: '2022-10-31',
    definition: DEFINITION,
    tree: 'then',
    treeAsOf: '2022-10-31',
    ...people,
    ...rates(people),
    goal,
    remaining: remaining(people, goal),
    direct: people,
    citizens: [],
    children: [],
    ...changes,
  };
}

export function line(name: string, people: Counts, changes: Partial<UnitLine> = {}): UnitLine {
  return {
    unit: { code: name, name, kind: '局' },
    unitId: 1,
    parentCode: '000000',
    path: [name],
    depth: 1,
    position: 1,
    ...people,
    ...rates(people),
    remaining: remaining(people, GOAL),
    ...changes,
  };
}

/** Month ends up to the month of `asOf`, one for each count of holders among `staff` people. */
export function trend(staff: number, held: readonly number[], asOf: IsoDate = '2022-10-31'): Trend {
  const first = addMonths(monthOf(asOf), 1 - held.length);
  return {
    unit: { code: '000000', name: '見本市', kind: '全体' },
    tree: 'then',
    treeAsOf: null,
    goal: GOAL,
    points: held.map((holders, index) => {
      const month = addMonths(first, index);
      const people = counts(staff, holders);
      const remainingPeople = remaining(people, GOAL);
      return {
        month,
        asOf: lastDay(month),
        definition: DEFINITION,
        ...people,
        ...rates(people),
        remaining: remainingPeople,
      };
    }),
  };
}
