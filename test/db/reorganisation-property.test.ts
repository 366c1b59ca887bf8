import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { everything } from '../../src/access/scope.js';
import { countUnits } from '../../src/adoption/counts.query.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { addDays } from '../../src/platform/month.js';
import { CityFiles, csv } from '../support/city-files.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';

const DAYS = ['2022-07-01', '2022-10-01', '2023-01-01', '2023-04-01', '2023-10-01'];
const day = fc.constantFrom(...DAYS);
const number = fc.constantFrom(...CREW.map((line) => line.split(' ')[0]!), '0008', '0009');
const KINDS = ['新設', '名称変更', '移管', '統合', '統合', '分割', '異動', '廃止'] as const;

/** Numbers choose among the units there are when it comes to it, or a new one. */
const change = fc.record({
  kind: fc.constantFrom(...KINDS),
  unit: fc.nat(50),
  other: fc.nat(50),
  isNew: fc.boolean(),
  number: fc.option(number),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('reorganisation' as const),
      day,
      changes: fc.array(change, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('roster' as const),
      day,
      places: fc.array(fc.nat(20), { minLength: 9, maxLength: 9 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constant('status' as const),
      day: fc.constantFrom('2022-05-01', '2022-11-01'),
      number,
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** 区分, 所属コード, 新所属コード, 新所属名, 上位所属コード, 職員番号 */
function toRow(
  { kind, unit, other, isNew, number: person }: Change,
  units: readonly string[],
): (string | null)[] {
  const code = units[unit % units.length]!;
  const fresh = `N${other}`;
  const target = isNew ? fresh : units[other % units.length]!;
  const called = isNew ? `見本${other}課` : null;
  if (kind === '新設') return [kind, null, fresh, `見本${other}課`, code, null];
  if (kind === '名称変更') return [kind, code, null, `見本${other}課`, null, null];
  if (kind === '移管') return [kind, code, null, null, units[other % units.length]!, null];
  if (kind === '統合') return [kind, code, target, called, null, null];
  if (kind === '分割') return [kind, code, target, called, null, person];
  if (kind === '異動') return [kind, null, units[other % units.length]!, null, null, person ?? '0001'];
  return [kind, code, null, null, null, null];
}

let city: CityFiles;
let ledger: LedgerService;
beforeAll(async () => {
  city = await CityFiles.open();
  ledger = city.rooms.app.get(LedgerService);
});
afterAll(() => city.close());

/** Everything that any door can tell of a day. */
async function told(asOf: string): Promise<string> {
  return JSON.stringify(await countUnits(city.db.manager, everything('test'), { dates: [asOf] }));
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
    const header = ['区分', '所属コード', '新所属コード', '新所属名', '上位所属コード', '職員番号'];
    const units = (await city.unitsOn(it.day)).flatMap((line) => / > (\S+) /.exec(line)?.[1] ?? []);
    const rows = it.changes.map((each) => toRow(each, units));
    const file = await city.file(csv(header, rows), 'kaisei.csv');
    const before = addDays(it.day, -1);
    const old = await told(before);
    const report = await city.imports.run(
      { kind: 'reorganisation', files: [file], asOf: it.day, dryRun: false },
      'test',
    );
    expect(await told(before)).toBe(old);
    return report.problemCount === 0;
  }
  const units = (await city.unitsOn(it.day)).flatMap((line) => / > (\S+) /.exec(line)?.[1] ?? []);
  const lines = it.places.flatMap((place, n) =>
    place >= 18 ? [] : [`000${n + 1} ${units[place % units.length]}`],
  );
  return (await city.confirmedRoster(people(lines), { asOf: it.day })).problemCount === 0;
}

it('whatever is reorganised, and whatever rosters come in between, the ledger is what the facts say', async () => {
  let applied = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 7 }), async (steps) => {
      await city.forget();
      await city.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
      for (const it of steps) {
        if ((await take(it)) && it.what === 'reorganisation') applied++;
        expect(await city.violations()).toEqual([]);
        expect(await lost()).toEqual([]);
      }
      expect(await ledger.verify()).toMatchObject({ differenceCount: 0 });
    }),
    { numRuns: 60 },
  );
  expect(applied).toBeGreaterThan(60);
});
