import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { CitizenComparisonService } from '../../src/adoption/citizen-comparison.service.js';
import { CitizensImportService } from '../../src/adoption/citizens-import.service.js';
import { CityService } from '../../src/adoption/city.service.js';
import { Clock } from '../../src/platform/clock.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { isRefused, type ImportReport } from '../../src/platform/imports/import-report.js';
import { projectRoot } from '../../src/platform/project-root.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const OCTOBER = join(projectRoot, 'seed', 'citizens', '20221031');
const SEPTEMBER = join(projectRoot, 'seed', 'citizens', '20220930');
const WORKBOOK = join(projectRoot, 'test', 'fixtures', 'citizens', 'owned-2025-08.xlsx');
const TABLES = ['summary_by_types.csv', 'all_prefectures.csv', 'all_localgovs.csv'];

let database: TestDatabase;
let dataSource: DataSource;
let city: CityService;
let comparison: CitizenComparisonService;
let folder: string;

beforeEach(async () => {
  database = await createTestDatabase();
  dataSource = await new DataSource(dataSourceOptions(database.url)).initialize();
  city = new CityService(dataSource, new Clock(new Date('2022-12-05T09:00:00+09:00')));
  comparison = new CitizenComparisonService(dataSource, city);
  folder = await mkdtemp(join(tmpdir(), 'citizens-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await dataSource.destroy();
  await database.drop();
});

const tablesOf = (of: string) => TABLES.map((name) => ({ name, path: join(of, name) }));

function importFiles(
  files: { name: string; path: string }[],
  { dryRun = false, now = '2022-12-05T09:00:00+09:00' } = {},
): Promise<ImportReport> {
  const service = new CitizensImportService(new Clock(new Date(now)));
  return dataSource.transaction((em) =>
    service.run(em, { kind: 'citizens', files, dryRun }, { importId: null, actor: 'hr' }),
  );
}

const rowsIn = async (table: string) =>
  (await dataSource.query(`SELECT count(*)::int AS count FROM ${table}`))[0].count as number;

async function organisation(rootName: string) {
  await dataSource.query(`INSERT INTO unit (code) VALUES ('root')`);
  await dataSource.query(
    `INSERT INTO unit_period (unit_id, name, valid_from, recorded_at) SELECT id, $1, '2022-04-01', now() FROM unit`,
    [rootName],
  );
}

const compared = async (asOf: string) =>
  (await comparison.on(asOf, 82)).map(({ area, metric, asOf, rate, differencePoints }) =>
    [area, metric, asOf, rate, differencePoints].join(' '),
  );

describe('importing the published figures of a date', () => {
  test('takes all three tables: 1,741 municipalities, 47 prefectures and the nation', async () => {
    const report = await importFiles(tablesOf(OCTOBER));
    expect(report).toMatchObject({
      kind: 'citizens',
      dryRun: false,
      file: 'all_localgovs.csv',
      files: TABLES,
      encoding: 'UTF-8',
      headerRow: 1,
      rows: 1792,
      dates: ['2022-10-31'],
      areas: 1789,
      unmatched: [],
      recorded: 1789,
      unchanged: 0,
      problemCount: 0,
    });
    expect(await rowsIn('area')).toBe(1789);
    expect(await rowsIn('citizen_figure')).toBe(1789);
  });

  test('says what it would record in a dry run and writes nothing', async () => {
    expect(await importFiles(tablesOf(OCTOBER), { dryRun: true })).toMatchObject({
      dryRun: true,
      recorded: 1789,
    });
    expect(await rowsIn('area')).toBe(0);
    expect(await rowsIn('citizen_figure')).toBe(0);
  });

  test('a second time changes nothing', async () => {
    await importFiles(tablesOf(OCTOBER));
    expect(await importFiles(tablesOf(OCTOBER))).toMatchObject({ recorded: 0, unchanged: 1789 });
    expect(await rowsIn('citizen_figure')).toBe(1789);
  });

  test('with a corrected figure adds one row, and the newest row holds', async () => {
    await city.set({ name: '金沢市', areaCode: '172014', compareCodes: [], contact: '' }, 'hr');
    await importFiles(tablesOf(OCTOBER));
    await cp(OCTOBER, folder, { recursive: true });
    const table = join(folder, 'all_localgovs.csv');
    const text = await readFile(table, 'utf8');
    await writeFile(table, text.replace('"金沢市",448702,208794,46.5', '"金沢市",448702,210000,46.8'));
    expect(await importFiles(tablesOf(folder))).toMatchObject({ recorded: 1, unchanged: 1788 });
    expect((await comparison.on('2022-10-31', null))[0]).toMatchObject({ cards: 210000, rate: 46.8 });
    // Back to the first publication: that is a change again.
    expect(await importFiles(tablesOf(OCTOBER))).toMatchObject({ recorded: 1, unchanged: 1788 });
  });

  test('with one fault in one of the files writes none of them', async () => {
    await cp(OCTOBER, folder, { recursive: true });
    const table = join(folder, 'all_prefectures.csv');
    await writeFile(table, (await readFile(table, 'utf8')).replace('580072,51.6', '580072,61.6'));
    const report = await importFiles(tablesOf(folder));
    expect(isRefused(report)).toBe(true);
    expect(report.problems).toEqual([
      expect.objectContaining({
        row: 18,
        code: 'rate_mismatch',
        read: '61.6',
        file: 'all_prefectures.csv',
      }),
    ]);
    expect(report).toMatchObject({ recorded: 0 });
    expect(await rowsIn('citizen_figure')).toBe(0);
  });

  test('that contradict each other is refused', async () => {
    await cp(OCTOBER, folder, { recursive: true });
    const table = join(folder, 'all_prefectures.csv');
    await writeFile(table, (await readFile(table, 'utf8')).replace('580072,51.6', '580073,51.6'));
    const report = await importFiles([
      { name: 'a.csv', path: join(OCTOBER, 'all_prefectures.csv') },
      { name: 'b.csv', path: table },
    ]);
    expect(report.problems.map(({ code, row }) => [code, row])).toEqual([['conflicting_figures', 18]]);
  });

  test('lists the places nobody knows and takes the rest', async () => {
    const report = await importFiles([{ name: 'owned.xlsx', path: WORKBOOK }], {
      now: '2025-12-05T09:00:00+09:00',
    });
    expect(report).toMatchObject({
      encoding: 'XLSX',
      unmatched: [{ prefecture: '石川県', name: '架空市' }],
      recorded: report.areas,
      problemCount: 0,
    });
  });
});

describe('the citizens beside the staff', () => {
  test('are those of the city, its prefecture and the nation, on the newest date not after the day', async () => {
    await organisation('金沢市');
    await importFiles(tablesOf(SEPTEMBER));
    await importFiles(tablesOf(OCTOBER));
    expect(await compared('2022-10-31')).toEqual([
      '金沢市 issued 2022-10-31 46.5 35.5',
      '石川県 issued 2022-10-31 51.6 30.4',
      '全国 issued 2022-10-31 51.1 30.9',
    ]);
    expect(await compared('2022-10-30')).toEqual([
      '金沢市 issued 2022-09-30 44.8 37.2',
      '石川県 issued 2022-09-30 49.3 32.7',
      '全国 issued 2022-09-30 49 33',
    ]);
    expect(await compared('2022-09-29')).toEqual([]);
  });

  test('carry their numbers, code and date', async () => {
    await organisation('金沢市');
    await importFiles(tablesOf(OCTOBER));
    expect((await comparison.on('2022-12-05', null))[0]).toEqual({
      area: '金沢市',
      code: '172014',
      metric: 'issued',
      asOf: '2022-10-31',
      cards: 208794,
      population: 448702,
      rate: 46.5,
      differencePoints: null,
    });
  });

  test('may be those of any areas, in the order the city gives', async () => {
    await city.set(
      { name: '金沢市', areaCode: '172014', compareCodes: ['172065', '000000'], contact: '内線 2000' },
      'hr',
    );
    await importFiles(tablesOf(OCTOBER));
    expect(await compared('2022-10-31')).toEqual([
      '金沢市 issued 2022-10-31 46.5 35.5',
      '加賀市 issued 2022-10-31 77.7 4.3',
      '全国 issued 2022-10-31 51.1 30.9',
    ]);
  });

  test('show both metrics where one date has both, and never an older one of the other metric', async () => {
    await organisation('金沢市');
    await importFiles(tablesOf(OCTOBER));
    await importFiles([{ name: 'owned.xlsx', path: WORKBOOK }], { now: '2025-12-05T09:00:00+09:00' });
    expect(await compared('2025-09-01')).toEqual([
      '金沢市 owned 2025-08-31 79.4 2.6',
      '石川県 owned 2025-08-31 79.8 2.2',
      '全国 owned 2025-08-31 79.5 2.5',
    ]);
    await dataSource.query(
      `INSERT INTO citizen_figure (area_code, metric, as_of, rate, recorded_at)
       VALUES ('000000', 'issued', '2025-08-31', 85.1, now())`,
    );
    expect((await compared('2025-09-01')).slice(2)).toEqual([
      '全国 owned 2025-08-31 79.5 2.5',
      '全国 issued 2025-08-31 85.1 -3.1',
    ]);
  });
});

describe('the city', () => {
  test('without any setting is called after the root of the organisation', async () => {
    expect(await city.current()).toEqual({
      name: '全庁',
      areaCode: null,
      compareCodes: ['000000'],
      contact: '',
    });
    await organisation('見本市');
    expect(await city.current()).toMatchObject({ name: '見本市', areaCode: null });
  });

  test('is not guessed where two areas have its name', async () => {
    await organisation('伊達市');
    await importFiles(tablesOf(OCTOBER));
    expect(await city.current()).toMatchObject({ name: '伊達市', areaCode: null, compareCodes: ['000000'] });
  });

  test('is as it was set last', async () => {
    await city.set({ name: '加賀市', areaCode: '172065', compareCodes: [], contact: '' }, 'hr');
    await city.set({ name: '金沢市', areaCode: '172014', compareCodes: ['172065'], contact: '人事課' }, 'hr');
    expect(await city.current()).toEqual({
      name: '金沢市',
      areaCode: '172014',
      compareCodes: ['172065'],
      contact: '人事課',
    });
    expect(await rowsIn('city')).toBe(2);
  });

  test('refuses codes of no area and numbers that must not be here', async () => {
    const given = { name: '金沢市', areaCode: '172014', compareCodes: [], contact: '' };
    await expect(city.set({ ...given, areaCode: '172015' }, 'hr')).rejects.toMatchObject({
      code: 'unknown_area',
    });
    await expect(city.set({ ...given, compareCodes: ['999999'] }, 'hr')).rejects.toMatchObject({
      code: 'unknown_area',
    });
    await expect(city.set({ ...given, contact: '1234 5678 9018' }, 'hr')).rejects.toMatchObject({
      code: 'individual_number',
    });
    await expect(city.set({ ...given, name: ' ' }, 'hr')).rejects.toMatchObject({ code: 'bad_city' });
  });

  test('aims at everybody unless a goal was set, and at the goal that holds on the day', async () => {
    expect(await city.goal('2022-10-31')).toEqual({ rate: 100, by: null });
    await city.setGoal({ rate: 90, by: '2023-03-31' }, 'hr', '2022-10-01');
    await city.setGoal({ rate: 95.5, by: null }, 'hr', '2022-12-01');
    expect(await city.goal('2022-09-30')).toEqual({ rate: 100, by: null });
    expect(await city.goal('2022-10-31')).toEqual({ rate: 90, by: '2023-03-31' });
    expect(await city.goal('2022-12-01')).toEqual({ rate: 95.5, by: null });
    await expect(city.setGoal({ rate: 100.1, by: null }, 'hr')).rejects.toMatchObject({ code: 'bad_goal' });
    await expect(city.setGoal({ rate: 0, by: null }, 'hr')).rejects.toMatchObject({ code: 'bad_goal' });
    await expect(city.setGoal({ rate: 90, by: '2023-02-30' }, 'hr')).rejects.toMatchObject({
      code: 'bad_goal',
    });
  });
});
