import * as fc from 'fast-check';
import { CARD_STATUSES, type CardStatus } from '../../src/ledger/card-status.js';
import { randomChanges, type Change } from './random-reorganisation.js';

/**
 * What people tell the product about a small city, one after the other and on whatever day: through the services that
 * the doors call, where `random-city.ts` writes the facts themselves. Some of it is refused, as it should be.
 */
export type Act =
  | {
      readonly tell: 'roster';
      readonly day: string;
      readonly scope: string;
      readonly people: readonly Person[];
    }
  | {
      readonly tell: 'organisation';
      readonly day: string;
      readonly parents: Readonly<Record<string, string>>;
    }
  | {
      readonly tell: 'reorganisation';
      readonly day: string;
      readonly changes: readonly Change[];
      /** While its day has not come. */
      readonly takenBackAtOnce: boolean;
    }
  | { readonly tell: 'taking back'; readonly nth: number }
  | {
      readonly tell: 'new number';
      readonly number: string;
      readonly to: string;
      readonly by: 'roster' | 'hand';
    }
  | { readonly tell: 'list'; readonly lines: readonly Told[] }
  | { readonly tell: 'event'; readonly line: Told }
  | {
      readonly tell: 'correction';
      readonly nth: number;
      readonly status: CardStatus | null;
      readonly on?: string;
    }
  | { readonly tell: 'exception'; readonly number: string; readonly from: string; readonly to: string }
  | { readonly tell: 'withdrawal'; readonly nth: number; readonly on: string }
  | {
      readonly tell: 'definition';
      readonly from: string;
      readonly employment: readonly string[];
      readonly leave: readonly string[];
      readonly minDays: number;
    }
  | { readonly tell: 'fold' | 'rebuild' };

export interface Person {
  readonly number: string;
  readonly unit: string;
  readonly employment: string;
  readonly leave: string;
}

export interface Told {
  readonly number: string;
  readonly status: CardStatus;
  readonly on: string;
  readonly expires: string | null;
}

export const ROOT = 'CITY';
const BUREAUS = ['A', 'B', 'C'];
export const SECTIONS = ['A1', 'A2', 'B1', 'B2', 'C1'];
export const NUMBERS = ['01', '02', '03', '04', '05', '06'];
const MORE_NUMBERS = ['11', '12', '13', '14', '15', '01'];
/** The last is still to come. */
const DAYS = ['2022-04-01', '2022-05-16', '2022-07-01', '2022-08-31', '2022-10-01', '2023-04-01'];
const REORGANISED = ['2022-07-01', '2022-10-01', '2023-01-01', '2023-04-01', '2023-04-01', '2023-10-01'];
const MONTHS = ['2022-05', '2022-08', '2023-03'];
export const PARENTS: Readonly<Record<string, string>> = {
  A: ROOT,
  B: ROOT,
  C: ROOT,
  A1: 'A',
  A2: 'A',
  B1: 'B',
  B2: 'B',
  C1: 'C',
};

const day = fc.constantFrom(...DAYS);
const number = fc.constantFrom(...NUMBERS);
const status = fc.oneof(fc.constant('held' as const), fc.constantFrom(...CARD_STATUSES));
const person = fc.record({
  number,
  unit: fc.constantFrom(...SECTIONS, ...SECTIONS, ...BUREAUS),
  employment: fc.constantFrom('正規', '正規', '会計年度任用'),
  leave: fc.constantFrom('', '', '', '育休'),
});
const told = fc.record({
  number,
  status,
  on: fc.constantFrom(...DAYS.slice(0, -1)),
  expires: fc.option(fc.constantFrom(...MONTHS), { freq: 2 }),
});

/** Sections hang below any bureau, bureaus below the city or another bureau; some are not there at all. */
const organisation = fc
  .record({
    bureaus: fc.subarray(BUREAUS, { minLength: 1 }),
    below: fc.array(fc.nat(BUREAUS.length), { minLength: SECTIONS.length, maxLength: SECTIONS.length }),
    nested: fc.boolean(),
  })
  .map(({ bureaus, below, nested }) => ({
    ...Object.fromEntries(bureaus.map((code, n) => [code, nested && n > 0 ? bureaus[0]! : ROOT])),
    ...Object.fromEntries(
      SECTIONS.flatMap((code, n) => (below[n]! < bureaus.length ? [[code, bureaus[below[n]!]!]] : [])),
    ),
  }));

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      tell: fc.constant('roster' as const),
      day,
      scope: fc.constantFrom(ROOT, ROOT, 'A', 'B1'),
      people: fc.uniqueArray(person, {
        selector: (one) => one.number,
        minLength: 2,
        maxLength: NUMBERS.length,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ tell: fc.constant('organisation' as const), day, parents: organisation }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      tell: fc.constant('reorganisation' as const),
      day: fc.constantFrom(...REORGANISED),
      changes: randomChanges,
      takenBackAtOnce: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ tell: fc.constant('taking back' as const), nth: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      tell: fc.constant('new number' as const),
      number,
      to: fc.constantFrom(...MORE_NUMBERS),
      by: fc.constantFrom('roster' as const, 'hand' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      tell: fc.constant('list' as const),
      lines: fc.uniqueArray(told, {
        selector: (line) => `${line.number} ${line.on}`,
        minLength: 1,
        maxLength: 8,
      }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ tell: fc.constant('event' as const), line: told }) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        tell: fc.constant('correction' as const),
        nth: fc.nat(20),
        status: fc.option(status, { freq: 2 }),
        on: day,
      },
      { requiredKeys: ['tell', 'nth', 'status'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ number, ends: fc.tuple(day, day) }).map(({ number: one, ends }) => {
      const [from, to] = ends.toSorted() as [string, string];
      return { tell: 'exception' as const, number: one, from, to };
    }),
  },
  { weight: 1, arbitrary: fc.record({ tell: fc.constant('withdrawal' as const), nth: fc.nat(5), on: day }) },
  {
    weight: 2,
    arbitrary: fc.record({
      tell: fc.constant('definition' as const),
      from: day,
      employment: fc.subarray(['会計年度任用']),
      leave: fc.subarray(['育休']),
      minDays: fc.constantFrom(0, 0, 20, 60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ tell: fc.constantFrom('fold' as const, 'rebuild' as const) }) },
);

export const toldHistory: fc.Arbitrary<readonly Act[]> = fc.array(act, { minLength: 4, maxLength: 14 });

/** Days on which something may happen, and some on which the city is reorganised. */
export const DAYS_TOLD = [...new Set([...DAYS, ...REORGANISED])];
