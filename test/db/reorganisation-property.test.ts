import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { everything } from '../../src/access/scope.js';
import { countUnits } from '../../src/adoption/counts.query.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { AppError } from '../../src/platform/errors.js';
import { addDays } from '../../src/platform/month.js';
import { CityFiles, csv } from '../support/city-files.js';
import { randomChanges, reorganisationText, unitsToChange } from '../support/random-reorganisation.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';

const DAYS = ['2022-07-01', '2022-10-01', '2023-01-01', '2023-04-01', '2023-10-01'];
const day = fc.constantFrom(...DAYS);
const NUMBERS = [...CREW.map((line) => line.split(' ')[0]!), '0008', '0009'];
const DAY = '2023-04-01';
/** Random each time, so that the runs of the suite add up; `npm run histories` tells many more. */
const RUNS = 16;
const TAKEN_BACK = 6;
/** Seconds, where nothing else goes on. */
jest.setTimeout(300_000);

const reorganisation = fc.record({
  what: fc.constant('reorganisation' as const),
  day,
  changes: randomChanges,
});
/** Where everybody works, and where some work besides. */
const roster = fc.record({
  what: fc.constant('roster' as const),
  day,
  places: fc.array(fc.nat(20), { minLength: 9, maxLength: 9 }),
  besides: fc.array(fc.tuple(fc.nat(8), fc.nat(20)), { maxLength: 3 }),
});
const status = fc.record({
  what: fc.constant('status' as const),
  day: fc.constantFrom('2022-05-01', '2022-11-01'),
  number: fc.constantFrom(...NUMBERS),
});
const step = fc.oneof(
  { weight: 4, arbitrary: reorganisation },
  { weight: 2, arbitrary: roster },
  { weight: 1, arbitrary: status },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let city: CityFiles;
let ledger: LedgerService;
beforeAll(async () => {
  city = await CityFiles.open();
  ledger = city.rooms.app.get(LedgerService);
});
afterAll(() => city.close());

/**
 * Everything that any door can tell of a day. Units are known by their codes: the numbers the database gives them depend
 * on what has ever been founded, also where that was taken back.
 */
async function told(asOf: string): Promise<unknown[]> {
  const rows = await countUnits(city.db.manager, everything('test'), { dates: [asOf] });
  return rows.map(({ unitId: _, parentId: __, ...row }) => row);
}

/** Whoever stands in a unit that is not there, and was not left behind by one that was abolished. */
async function lost(): Promise<unknown[]> {
  return city.db.query(
    `SELECT a.staff_id, a.unit_id, p.on_day FROM (SELECT DISTINCT on_day FROM unit_change) AS p
     JOIN assignment a ON a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= p.on_day AND p.on_day < a.valid_to
     WHERE NOT EXISTS (SELECT FROM unit_period u WHERE u.unit_id = a.unit_id AND u.superseded_at IS NULL
                         AND u.valid_from <= p.on_day AND p.on_day < u.valid_to)
       AND NOT EXISTS (SELECT FROM unit_succession s WHERE s.unit_id = a.unit_id AND s.successor_id IS NULL)`,
  );
}

/** Whether it was applied. */
async function take(it: Step): Promise<boolean> {
  if (it.what === 'status') {
    await city.imports.run(
      {
        kind: 'status',
        files: [await city.file(csv(['職員番号', '取得状況'], [[it.number, '保有']]))],
        asOf: it.day,
        dryRun: false,
      },
      'test',
    );
    return true;
  }
  if (it.what === 'reorganisation') {
    const units = unitsToChange(await city.unitsOn(it.day));
    const file = await city.file(reorganisationText(it.changes, units, NUMBERS), 'kaisei.csv');
    const before = addDays(it.day, -1);
    const old = await told(before);
    const report = await city.imports.run(
      { kind: 'reorganisation', files: [file], asOf: it.day, dryRun: false },
      'test',
    );
    expect(await told(before)).toEqual(old);
    return report.problemCount === 0;
  }
  const units = (await city.unitsOn(it.day)).flatMap((line) => / > (\S+) /.exec(line)?.[1] ?? []);
  const at = (n: number, place: number, kind: string) =>
    `${NUMBERS[n]} ${units[place % units.length]} ${kind}`;
  const own = it.places.flatMap((place, n) => (place >= 18 ? [] : [at(n, place, '本務')]));
  const besides = it.besides.map(([n, place]) => at(n, place, '兼務'));
  const lines = [...new Set([...own, ...besides])].filter((line) => {
    const [number, unit, kind] = line.split(' ');
    const first = own.find((other) => other.startsWith(`${number} `));
    return kind === '本務' || (first !== undefined && !first.startsWith(`${number} ${unit} `));
  });
  return (await city.confirmedRoster(people(lines, '本務兼務'), { asOf: it.day })).problemCount === 0;
}

it('whatever is reorganised, and whatever rosters come in between, the ledger is what the facts say', async () => {
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 7 }), async (steps) => {
      await begin();
      for (const it of steps) {
        if ((await take(it)) && it.what === 'reorganisation') applied++;
        expect(await city.violations()).toEqual([]);
        expect(await lost()).toEqual([]);
      }
      expect(await ledger.verify()).toMatchObject({ differenceCount: 0 });
    }),
    { numRuns: RUNS },
  );
  expect(applied).toBeGreaterThan(RUNS / 4);
});

/** Everything the facts and the ledger say of the days. */
async function everythingTold(): Promise<unknown[]> {
  return Promise.all(
    ['2022-04-01', ...DAYS].map(async (on) => [
      on,
      await told(on),
      await city.unitsOn(on),
      await city.rosterOn(on),
      await city.concurrentsOn(on),
    ]),
  );
}

async function begin(): Promise<void> {
  await city.forget();
  await city.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
}

/** Whether it was; not where units that have come since would hang nowhere without it. */
async function withdraw(id: number): Promise<boolean> {
  try {
    await city.imports.withdraw(id, 'test');
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'reorganisation_needed') return false;
    throw error;
  }
}

it('one that is taken back leaves what was said since, as if it had never been applied', async () => {
  const before = fc.constantFrom(...DAYS.slice(0, DAYS.indexOf(DAY)));
  const since = fc.array(
    fc.oneof(
      fc.tuple(roster, before).map(([it, on]) => ({ ...it, day: on })),
      fc.tuple(reorganisation, before).map(([it, on]) => ({ ...it, day: on })),
      status,
    ),
    { maxLength: 4 },
  );
  let takenBack = 0;
  await fc.assert(
    fc.asyncProperty(
      randomChanges,
      randomChanges,
      since,
      fc.boolean(),
      async (changes, first, steps, chained) => {
        const say = async (theOne: boolean): Promise<boolean[]> => {
          await begin();
          const done = chained ? [await take({ what: 'reorganisation', day: DAY, changes: first })] : [];
          if (theOne) fc.pre(await take({ what: 'reorganisation', day: DAY, changes }));
          for (const it of steps) done.push(await take(it));
          return done;
        };
        const outcomes = await say(true);
        const [{ id }]: [{ id: number }] = await city.db.query(
          `SELECT max(import_id) AS id FROM unit_change WHERE on_day = $1`,
          [DAY],
        );
        if (!(await withdraw(id))) {
          expect(await say(false)).not.toEqual(outcomes);
          fc.pre(false);
        }
        expect(await city.violations()).toEqual([]);
        expect(await lost()).toEqual([]);
        expect(await ledger.verify()).toMatchObject({ differenceCount: 0 });
        const left = await everythingTold();
        // What was refused only because of it was never said.
        fc.pre(JSON.stringify(await say(false)) === JSON.stringify(outcomes));
        expect(left).toEqual(await everythingTold());
        takenBack++;
      },
    ),
    { numRuns: TAKEN_BACK },
  );
  expect(takenBack).toBeGreaterThanOrEqual(TAKEN_BACK);
});
