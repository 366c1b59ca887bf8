import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { countUnits } from '../../src/adoption/counts.query.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { recountUnits } from '../../src/adoption/recount.query.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { csv, type CityFiles } from '../support/city-files.js';
import { changes, changesFile, CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

const DAY = '2023-04-01';

let city: CityFiles;
let ledger: LedgerService;
const watched = watchedCity();
const { roster, firstRoster } = watched;
beforeAll(() => {
  city = watched.city;
  ledger = city.rooms.app.get(LedgerService);
});
beforeEach(firstRoster);

async function reorganise(
  rows: readonly string[],
  { asOf = DAY, dryRun = false } = {},
): Promise<ImportReport> {
  const file = await city.file(changesFile(rows), 'kaisei.csv');
  return city.imports.run({ kind: 'reorganisation', files: [file], asOf, dryRun }, 'test');
}

async function hold(...numbers: string[]): Promise<void> {
  await city.take(
    'status',
    csv(
      ['職員番号', '取得状況'],
      numbers.map((number) => [number, '保有']),
    ),
    '2022-05-01',
  );
}

/** `code staff/held` of every unit on a day. */
async function figuresOn(day: string): Promise<string[]> {
  const rows = await countUnits(city.db.manager, everything('test'), { dates: [day] });
  return rows.map(({ code, total }) => `${code} ${total.staff}/${total.held}`).toSorted();
}

/** The same, recounted from the facts; units without people are left out by the recount. */
async function recountedOn(day: string): Promise<string[]> {
  const rows = await recountUnits(city.db.manager, [day]);
  return rows.map(({ code, total }) => `${code} ${total.staff}/${total.held}`).toSorted();
}

async function expectExact(): Promise<void> {
  expect(await city.violations()).toEqual([]);
  for (const day of ['2022-04-01', '2022-12-05', '2023-03-31', DAY, '2024-04-01'])
    expect((await figuresOn(day)).filter((line) => !line.includes(' 0/'))).toEqual(await recountedOn(day));
  expect(await ledger.verify()).toMatchObject({ differenceCount: 0 });
}

function faults({ problems }: ImportReport): string[] {
  return problems.map(({ row, column, code }) => `${row} ${column} ${code}`);
}

/** Every kind at once, on one day. */
const APRIL = [
  '新設 - 500 デジタル局 CITY',
  '新設 - 510 情報課 500',
  '名称変更 120 - 財務課',
  '移管 110 - - 500',
  '統合 420 410',
  '異動 - 510 - - 0004',
];

describe('a reorganisation', () => {
  it('takes effect on its day by itself, and changes no figure before', async () => {
    await hold('0001', '0004', '0007');
    const old = { march: await figuresOn('2023-03-31'), today: await figuresOn('2022-12-05') };
    const report = await reorganise(APRIL);
    expect(report).toMatchObject({
      problemCount: 0,
      unitsCreated: 2,
      unitsRenamed: 1,
      unitsMoved: 1,
      unitsMerged: 1,
      unitsSplit: 0,
      unitsAbolished: 0,
      peopleMoved: 2,
      transfers: [
        { from: { code: '120', name: '財政課' }, to: { code: '510', name: '情報課' }, people: 1 },
        { from: { code: '420', name: '薬剤部' }, to: { code: '410', name: '看護部' }, people: 1 },
      ],
    });
    expect({ march: await figuresOn('2023-03-31'), today: await figuresOn('2022-12-05') }).toEqual(old);
    expect(await city.unitsOn(DAY)).toEqual([
      'CITY > 100 総務局',
      '500 > 110 人事課',
      '100 > 120 財務課',
      'CITY > 400 市立病院',
      '400 > 410 看護部',
      'CITY > 500 デジタル局',
      '500 > 510 情報課',
      'CITY 見本市',
    ]);
    expect(await figuresOn(DAY)).toEqual([
      '100 1/0',
      '110 2/1',
      '120 1/0',
      '400 3/1',
      '410 3/1',
      '500 3/2',
      '510 1/1',
      'CITY 7/3',
    ]);
    await expectExact();
  });

  it('shows in the preview who goes where and what the figures become, and writes nothing', async () => {
    await hold('0007');
    const rows = await city.rowCounts();
    const preview = await reorganise(APRIL, { dryRun: true });
    expect(await city.rowCounts()).toEqual(rows);
    expect(preview).toMatchObject({ dryRun: true, peopleMoved: 2, transferCount: 2 });
    const figures = preview.figures as { code: string; before: unknown; after: unknown }[];
    expect(figures.map(({ code }) => code)).toEqual(['100', '120', '410', '420', '500', '110', '510']);
    expect(figures.find(({ code }) => code === '410')).toMatchObject({
      before: { staff: 2, held: 0, rate: 0 },
      after: { staff: 3, held: 1, rate: 33.3 },
    });
    expect(figures.find(({ code }) => code === '420')).toMatchObject({
      before: { staff: 1, held: 1, rate: 100 },
      after: null,
    });
    const { dryRun: _, ...shown } = preview;
    expect(await reorganise(APRIL)).toMatchObject(shown);
  });

  it('agrees with the roster of its day: nobody whom it moved moves again', async () => {
    await reorganise(APRIL);
    const april = people([
      '0001 110',
      '0002 110',
      '0003 120',
      '0004 510',
      '0005 410',
      '0006 410',
      '0007 410',
    ]);
    expect(changes(await roster(april, { asOf: DAY }))).toEqual([0, 0, 0, 0, 7]);
    await expectExact();
  });

  it('that splits a unit sends the named to their parts and everybody else to the first', async () => {
    const report = await reorganise([
      '分割 110 111 人事企画課',
      '分割 110 112 給与課 400',
      '分割 110 112 - - 0002',
      '分割 410 410',
      '分割 410 430 検査部',
      '分割 410 430 - - 0006',
    ]);
    expect(report).toMatchObject({ problemCount: 0, unitsSplit: 2, unitsCreated: 3, peopleMoved: 3 });
    expect(report.warnings.map(({ message }) => message)).toEqual([
      '「人事課」の分割では、職員番号で示した1人のほかの1人が「人事企画課」の所属になります。',
      '「看護部」の分割では、職員番号で示した1人のほかの1人が「看護部」の所属になります。',
    ]);
    expect(await city.rosterOn(DAY)).toMatchObject({
      '0001': '111',
      '0002': '112',
      '0005': '410',
      '0006': '430',
    });
    const april = await city.unitsOn(DAY);
    expect(april).toContain('100 > 111 人事企画課');
    expect(april).toContain('400 > 112 給与課');
    expect(april).toContain('400 > 430 検査部');
    expect(april.some((line) => line.includes('110 '))).toBe(false);
    await expectExact();
  });

  it('that gives a unit another code takes its people and its manager along', async () => {
    await roster(people(['0001 110 ○', ...CREW.slice(1).map((line) => `${line} -`)], '所属長'), {
      asOf: '2022-05-01',
    });
    await reorganise(['統合 110 115 人材課', '統合 420 410']);
    expect(await city.rosterOn(DAY)).toMatchObject({ '0001': '115', '0002': '115' });
    const managers = await city.db.query(`SELECT unit_id, staff_id FROM unit_manager_on('${DAY}')`);
    expect(managers).toHaveLength(1);
    await expectExact();
  });

  it('moves 兼務 along, and ends them where they would double a place', async () => {
    const list = [
      ...CREW.map((line) => `${line} 本務`),
      '0001 420 兼務',
      '0005 420 兼務',
      '0003 410 兼務',
      '0003 420 兼務',
    ];
    await roster(people(list, '本務兼務'), { asOf: '2022-05-01' });
    await reorganise(['統合 420 410']);
    expect(await city.concurrentsOn('2023-03-31')).toHaveLength(4);
    expect(await city.concurrentsOn(DAY)).toEqual(['0001 410', '0003 410']);
    await expectExact();
  });

  it('may be of a past day: what was counted since then is put right, what was before stays', async () => {
    await hold('0007');
    const march = await figuresOn('2022-05-31');
    const report = await reorganise(['統合 420 410'], { asOf: '2022-06-01' });
    expect(report.warnings.map(({ code }) => code)).toEqual(['backdated']);
    expect(await figuresOn('2022-05-31')).toEqual(march);
    expect(await figuresOn('2022-06-01')).toContain('410 3/1');
    await expectExact();
  });

  it('may be followed by another one of the same day, and of a day before', async () => {
    await reorganise(['統合 420 410']);
    await reorganise(['統合 410 440 医療部']);
    expect(await city.rosterOn(DAY)).toMatchObject({ '0005': '440', '0007': '440' });
    // Whoever comes to 420 before, by this one, goes the same way.
    await reorganise(['統合 120 420'], { asOf: '2023-01-01' });
    expect(await city.rosterOn('2023-01-01')).toMatchObject({ '0003': '420', '0007': '420' });
    expect(await city.rosterOn(DAY)).toMatchObject({ '0003': '440', '0007': '440' });
    await expectExact();
  });
});

describe('a roster of a day before an applied reorganisation', () => {
  beforeEach(() => reorganise(APRIL));

  it('changes nothing of it where it says nothing new', async () => {
    const rows = await city.rowCounts();
    expect(changes(await roster(people(CREW), { asOf: '2022-12-01', units: UNITS }))).toEqual([
      0, 0, 0, 0, 7,
    ]);
    const { assignment, unit_period } = await city.rowCounts();
    expect({ assignment, unit_period }).toEqual({
      assignment: rows.assignment,
      unit_period: rows.unit_period,
    });
    expect(await city.unitsOn(DAY)).toContain('500 > 510 情報課');
  });

  it('brings people who go where their unit goes, and takes along nobody who has left it', async () => {
    const december = [...CREW.slice(0, 3), '0005 410', '0006 420', '0007 110', '0008 420'];
    const report = await city.confirmedRoster(people(december), { asOf: '2022-12-01' });
    expect(changes(report)).toEqual([1, 1, 2, 0, 4]);
    expect(await city.rosterOn('2023-03-31')).toEqual({
      '0001': '110',
      '0002': '110',
      '0003': '120',
      '0005': '410',
      '0006': '420',
      '0007': '110',
      '0008': '420',
    });
    expect(await city.rosterOn(DAY)).toEqual({
      '0001': '110',
      '0002': '110',
      '0003': '120',
      '0005': '410',
      '0006': '410',
      '0007': '110',
      '0008': '410',
    });
    await expectExact();
  });

  it('leaves people in a unit that was closed and then founded anew', async () => {
    await reorganise(['統合 420 410'], { asOf: '2022-12-01' });
    await reorganise(['新設 - 420 薬剤課 400'], { asOf: '2023-01-15' });
    await roster(people(CREW), { asOf: '2023-02-01' });
    await roster(people([...CREW.slice(0, 6), '0007 120']), { asOf: '2022-11-01' });
    expect(await city.rosterOn('2022-12-05')).toMatchObject({ '0007': '120' });
    expect(await city.rosterOn('2023-02-01')).toMatchObject({ '0006': '410', '0007': '420' });
    await expectExact();
  });

  it('with a list of units keeps what the reorganisation sets, and takes over the rest', async () => {
    const list = UNITS.replace('120,財政課', '120,予算課')
      .replace('110,人事課', '110,人材課')
      .replace('100,総務局', '100,総務部');
    expect(await roster(people(CREW), { asOf: '2022-12-01', units: list })).toMatchObject({
      unitsChanged: 3,
    });
    const april = await city.unitsOn(DAY);
    expect(april).toContain('100 > 120 財務課');
    expect(april).toContain('500 > 110 人材課');
    expect(april).toContain('CITY > 100 総務部');
    expect(april.some((line) => line.includes('420'))).toBe(false);
    await expectExact();
  });
});

describe('a reorganisation that cannot be', () => {
  it.each<[string, string[], string[]]>([
    [
      'names units nobody knows',
      ['名称変更 999 - 見本課', '統合 110 998', '移管 120 - - 997'],
      ['2 所属コード unknown_unit', '3 新所属コード unknown_unit', '4 上位所属コード unknown_parent'],
    ],
    ['founds what is there', ['新設 - 110 人事課 100'], ['2 新所属コード unit_exists']],
    ['abolishes a unit with people in it', ['廃止 420'], ['2 所属コード unit_has_staff']],
    ['abolishes a unit with others below it', ['統合 100 400'], ['2 所属コード unit_has_children']],
    ['goes into what is closed', ['統合 110 120', '統合 120 410'], ['2 新所属コード closed_unit']],
    [
      'hangs units below each other',
      ['移管 100 - - 400', '移管 400 - - 100'],
      ['2 上位所属コード cyclic_units', '3 上位所属コード cyclic_units'],
    ],
    ['moves the top', ['移管 CITY - - 100'], ['2 所属コード root_unit']],
    [
      'says two things about one unit',
      ['名称変更 110 - 人材課', '名称変更 110 - 人財課', '統合 120 110', '移管 120 - - 400'],
      ['3 区分 contradictory_rows', '5 区分 contradictory_rows'],
    ],
    ['merges one unit into two', ['統合 120 110', '統合 120 410'], ['3 区分 contradictory_rows']],
    [
      'names people nobody knows, in another unit or twice',
      [
        '分割 110 110',
        '分割 110 111 給与課',
        '分割 110 111 - - 0003',
        '異動 - 120 - - 9999',
        '異動 - 120 - - 0001',
        '異動 - 410 - - 0001',
      ],
      ['4 職員番号 not_in_unit', '5 職員番号 unknown_staff', '7 職員番号 duplicate_staff'],
    ],
  ])('because it %s', async (_, rows, expected) => {
    const report = await reorganise(rows);
    expect(faults(report)).toEqual(expected);
    expect(report.problemCount).toBe(report.problems.length);
    for (const { fix, expected: wanted } of report.problems) {
      expect(fix).toMatch(/。$/);
      expect(wanted).not.toBe('');
    }
    expect(await city.unitsOn(DAY)).toEqual(await city.unitsOn('2022-04-01'));
  });

  it('is told with the faults of its cells, all at once', async () => {
    const rows = ['廃止 420', '縮小 110', '統合 120 999', '移管 400', '廃止 110', '統合 410 115'];
    // What becomes of 110 and 400 the refused rows may say.
    expect(faults(await reorganise(rows))).toEqual([
      '2 所属コード unit_has_staff',
      '3 区分 bad_change',
      '4 新所属コード unknown_unit',
      '5 上位所属コード missing_value',
      '7 新所属コード unknown_unit',
    ]);
  });

  it('because something later is known about the unit', async () => {
    await reorganise(['名称変更 110 - 人材課']);
    expect(faults(await reorganise(['統合 110 120'], { asOf: '2023-01-01' }))).toEqual([
      '2 所属コード later_change',
    ]);
    expect(faults(await reorganise(['移管 110 - - 400'], { asOf: '2023-01-01' }))).toEqual([
      '2 所属コード later_change',
    ]);
  });

  it.each([
    ['closes it as well', '統合 410 400'],
    ['leads into it', '統合 420 410'],
    ['takes somebody out of it', '異動 410 120 - - 0005'],
  ])('because it closes a unit before the day of another one that %s', async (_, april) => {
    await reorganise([april]);
    const january = '統合 410 100';
    expect(faults(await reorganise([january], { asOf: '2023-01-01' }))).toEqual([
      '2 所属コード later_change',
    ]);
    const [{ id }]: [{ id: number }] = await city.db.query('SELECT max(import_id) AS id FROM unit_change');
    await city.imports.withdraw(id, 'test');
    expect(await reorganise([january], { asOf: '2023-01-01' })).toMatchObject({ problemCount: 0 });
    expect(await city.rosterOn(DAY)).toMatchObject({ '0005': '100' });
    await expectExact();
  });

  it('abolishes a unit once everybody has somewhere to go', async () => {
    expect(await reorganise(['廃止 420', '異動 420 410 - - 0007'])).toMatchObject({
      problemCount: 0,
      unitsAbolished: 1,
    });
    expect(await city.rosterOn(DAY)).toMatchObject({ '0007': '410' });
    await expectExact();
  });
});
