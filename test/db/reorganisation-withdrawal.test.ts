import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { countUnits } from '../../src/adoption/counts.query.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { AppError } from '../../src/platform/errors.js';
import type { CityFiles } from '../support/city-files.js';
import { changes, changesFile, CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

const DAY = '2023-04-01';
const DAYS = ['2022-04-01', '2022-12-05', '2023-01-31', '2023-03-31', DAY, '2023-10-01', '2025-04-01'];
const APRIL = [
  '新設 - 500 デジタル局 CITY',
  '新設 - 510 情報課 500',
  '名称変更 120 - 財務課',
  '移管 110 - - 500',
  '統合 420 410',
  '異動 - 510 - - 0004',
];

let city: CityFiles;
const watched = watchedCity();
const { roster, firstRoster } = watched;
beforeAll(() => {
  city = watched.city;
});
beforeEach(firstRoster);

/** Everything the facts and the ledger tell, on days before and after. */
async function told(): Promise<unknown[]> {
  return Promise.all(
    DAYS.map(async (day) => [
      day,
      await city.unitsOn(day),
      await city.rosterOn(day),
      await city.concurrentsOn(day),
      (await countUnits(city.db.manager, everything('test'), { dates: [day] })).map(({ code, total }) => [
        code,
        total,
      ]),
    ]),
  );
}

/** Answers the number of the import. */
async function reorganise(rows: readonly string[], asOf = DAY): Promise<number> {
  const report = await city.take('reorganisation', changesFile(rows), asOf);
  expect(report.problems).toEqual([]);
  const [{ id }]: [{ id: number }] = await city.db.query('SELECT max(id) AS id FROM import_batch');
  return id;
}

/** Answers the number of an import that waits to be applied. */
async function preview(rows: readonly string[]): Promise<number> {
  const files = [await city.file(changesFile(rows), 'kaisei.csv')];
  const { id, report } = await city.imports.preview(
    { kind: 'reorganisation', files, asOf: DAY, dryRun: true },
    'test',
  );
  expect(report.problems).toEqual([]);
  return id;
}

async function withdraw(id: number): Promise<void> {
  await city.imports.withdraw(id, 'test');
  expect(await city.violations()).toEqual([]);
  expect(await city.rooms.app.get(LedgerService).verify()).toMatchObject({ differenceCount: 0 });
}

async function refusal(id: number): Promise<string> {
  const error: unknown = await city.imports.withdraw(id, 'test').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AppError);
  return (error as AppError).code;
}

describe('a reorganisation whose day has not come', () => {
  it('is taken back without a trace but the record of it', async () => {
    const before = await told();
    const id = await reorganise(APRIL);
    expect(await told()).not.toEqual(before);
    await withdraw(id);
    expect(await told()).toEqual(before);
    expect(await city.imports.get(id)).toMatchObject({ state: 'withdrawn', withdrawnBy: 'test' });
    const acts = await city.db.query(
      `SELECT action FROM audit_event WHERE target = 'import:' || $1 ORDER BY id`,
      [id],
    );
    expect(acts).toEqual([{ action: 'import_applied' }, { action: 'import_withdrawn' }]);
  });

  it.each<[string, string[]]>([
    [
      'splits units',
      [
        '分割 110 111 人事企画課',
        '分割 110 112 給与課 400',
        '分割 110 112 - - 0002',
        '分割 410 410',
        '分割 410 430 検査部',
      ],
    ],
    ['gives a unit another code', ['統合 110 115 人材課']],
    ['abolishes one', ['異動 420 410 - - 0007', '廃止 420']],
  ])('and %s', async (_, rows) => {
    const before = await told();
    await withdraw(await reorganise(rows));
    expect(await told()).toEqual(before);
  });

  it('gives back 兼務 that would have doubled a place, and whoever is hired only then', async () => {
    const list = [
      ...CREW.map((line) => `${line} 本務 -`),
      '0008 420 本務 2023-04-01',
      '0009 420 本務 2023-06-15',
      '0001 420 兼務 -',
      '0005 420 兼務 -',
      '0003 410 兼務 -',
      '0003 420 兼務 -',
    ];
    const text = people(list, '本務兼務', '採用年月日');
    await roster(text, { asOf: '2022-05-01' });
    const before = await told();
    const id = await reorganise(['統合 420 410']);
    expect(await city.rosterOn('2023-10-01')).toMatchObject({ '0008': '410', '0009': '410' });
    // It finds whoever is hired later where the reorganisation has put them.
    expect(changes(await roster(text, { asOf: '2022-06-01' }))).toEqual([0, 0, 0, 0, 9]);
    await withdraw(id);
    expect(await told()).toEqual(before);
  });

  it('leaves what rosters have said since', async () => {
    const list = UNITS.replace('120,財政課', '120,予算課').replace('100,総務局', '100,総務部');
    const december = [...CREW.slice(0, 3), '0005 410', '0006 420', '0007 110', '0008 420'];
    const say = async () => {
      await city.confirmedRoster(people(december), { asOf: '2022-12-01', units: list });
      return told();
    };
    const without = await say();
    await watched.startAgain();
    await firstRoster();
    const id = await reorganise(APRIL);
    expect(await say()).not.toEqual(without);
    await withdraw(id);
    expect(await told()).toEqual(without);
  });

  it('goes alone where others have been applied of its day and of days before', async () => {
    await reorganise(['名称変更 120 - 財務課', '統合 420 410', '新設 - 500 デジタル局 CITY']);
    await reorganise(['統合 110 120'], '2023-01-31');
    const before = await told();
    await withdraw(await reorganise(['統合 410 440 医療部', '移管 120 - - 500', '名称変更 500 - 情報局']));
    expect(await told()).toEqual(before);
  });

  it('is applied once more, if need be', async () => {
    const id = await reorganise(APRIL);
    const after = await told();
    await withdraw(id);
    await reorganise(APRIL);
    expect(await told()).toEqual(after);
  });
});

describe('a reorganisation stays', () => {
  it('from its day on', async () => {
    expect(await refusal(await reorganise(['統合 420 410'], city.today()))).toBe('reorganisation_begun');
  });

  it('while another one is built upon it', async () => {
    const first = await reorganise(['統合 420 410']);
    const second = await reorganise(['統合 410 440 医療部']);
    const later = await reorganise(['名称変更 440 - 医療局'], '2023-10-01');
    expect([await refusal(first), await refusal(second)]).toEqual(Array(2).fill('reorganisation_built_upon'));
    const before = await told();
    for (const id of [later, second, first]) await withdraw(id);
    expect(await told()).not.toEqual(before);
    expect(await refusal(first)).toBe('import_not_applied');
  });

  it('by what was applied after it, whichever was previewed first', async () => {
    const [early, late] = [
      await preview(['名称変更 110 - 人事課A']),
      await preview(['名称変更 420 - 看護部A']),
    ];
    await city.imports.apply(late, 'test');
    await city.imports.apply(early, 'test');
    expect(await refusal(late)).toBe('reorganisation_built_upon');
    await withdraw(early);
    await withdraw(late);
  });

  it('once a roster of its day knows of it', async () => {
    const id = await reorganise(['統合 420 410']);
    await city.confirmedRoster(people(['0001 110', '0007 410']), { asOf: DAY });
    expect(await refusal(id)).toBe('reorganisation_built_upon');
  });

  it('where units would hang nowhere without it', async () => {
    await reorganise(['移管 110 - - 400', '統合 120 400', '廃止 100']);
    const id = await reorganise(['新設 - 100 総務局 CITY']);
    await city.roster(people(CREW), { asOf: '2022-12-01', units: `${UNITS}130,契約課,100,課\r\n` });
    expect(await city.unitsOn(DAY)).toContain('100 > 130 契約課');
    expect(await refusal(id)).toBe('reorganisation_needed');
  });

  it('and so does any other import', async () => {
    const [{ id }]: [{ id: number }] = await city.db.query('SELECT max(id) AS id FROM import_batch');
    expect(await refusal(id)).toBe('import_stays');
  });
});
