import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ImportReport, ImportRequest, InputFile } from '../../src/platform/imports/import-report.js';
import { containsIndividualNumber } from '../../src/platform/individual-number.js';
import { projectRoot } from '../../src/platform/project-root.js';
import { CityFiles, csv, tableNames } from '../support/city-files.js';
import { faults, importFixture } from '../support/import-fixture.js';
import { cli } from '../support/programs.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';
import { createTestDatabase } from '../support/test-database.js';

const FIXTURES = readdirSync(join(projectRoot, 'test/fixtures/import/not-ok')).filter(
  (name) => !name.startsWith('citizens'),
);

let city: CityFiles;
let rows: Record<string, number>;
beforeAll(async () => {
  city = await CityFiles.open();
  await city.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
  await city.take('status', csv(['職員番号', '取得状況', '基準日'], [['0001', '保有', '2022-05-01']]));
  rows = await city.rowCounts();
});
afterAll(() => city.close());
afterEach(async () => {
  expect(await city.rowCounts()).toEqual(rows);
  expect(filesUnder(city.rooms.dataDir)).toEqual([]);
});

/** Without the note of where the audit record ends, which speaks of no file. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('audit'))
    .map((entry) => entry.name);
}

/** A list of units comes with a roster that has nothing wrong. */
async function requestOf(file: InputFile): Promise<ImportRequest> {
  if (file.name.startsWith('status')) return { kind: 'status', files: [file], dryRun: false };
  if (file.name.startsWith('reorganisation')) return { kind: 'reorganisation', files: [file], dryRun: false };
  if (!file.name.startsWith('units')) return { kind: 'roster', files: [file], dryRun: false };
  return { kind: 'roster', files: [await city.file(people(CREW))], unitsFile: file, dryRun: false };
}

/** Every text in the value, however deep. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...texts(inner)]);
}

function named(file: InputFile): InputFile {
  return { ...file, name: '名簿_1234-5678-9018.csv' };
}

/** Digests, random names and moments look like an individual number now and then; nobody's text is in them. */
const MADE_BY_CHANCE = ['bytea', 'uuid', 'timestamp with time zone'];

function expectNoIndividualNumber(value: unknown): void {
  expect(texts(value).filter(containsIndividualNumber).length).toBe(0);
}

describe('a file with a fault', () => {
  it.each(FIXTURES)('%s is refused, and nothing of it stays', async (name) => {
    const report = await city.imports.run(await requestOf(importFixture(`not-ok/${name}`)), 'test');
    expect(report.problemCount).toBeGreaterThan(0);
    for (const problem of report.problems) {
      expect(problem.fix).toMatch(/。$/);
      expect(problem.row === null || problem.row >= 1).toBe(true);
    }
    expectNoIndividualNumber(report);
  });

  it('taken for the wrong kind is refused, too', async () => {
    for (const name of FIXTURES) {
      const file = importFixture(`not-ok/${name}`);
      const kind = name.startsWith('status') ? 'roster' : 'status';
      const report = await city.imports.run({ kind, files: [file], dryRun: false }, 'test');
      expect([name, report.problemCount > 0]).toEqual([name, true]);
      expectNoIndividualNumber(report);
    }
  });

  it('is not kept by a preview, which alone is remembered', async () => {
    for (const name of FIXTURES) {
      const batch = await city.imports.preview(await requestOf(importFixture(`not-ok/${name}`)), 'test');
      expect([name, batch.state, batch.report.problemCount > 0]).toEqual([name, 'previewed', true]);
      await expect(city.imports.apply(batch.id, 'test')).rejects.toMatchObject({ code: 'import_refused' });
    }
    expect(filesUnder(city.rooms.dataDir)).toEqual([]);
    rows = { ...rows, import_batch: rows.import_batch! + FIXTURES.length };
  });
});

describe('an individual number', () => {
  it('in the name of any file is refused and stands nowhere', async () => {
    const good = await city.file(people(CREW));
    const list = await city.file(UNITS);
    const requests: ImportRequest[] = [
      { kind: 'roster', files: [named(good)], dryRun: false },
      { kind: 'roster', files: [good], unitsFile: named(list), dryRun: false },
      { kind: 'status', files: [named(good)], dryRun: false },
      { kind: 'citizens', files: [named(good)], dryRun: false },
      { kind: 'reorganisation', files: [named(good)], dryRun: false },
    ];
    for (const request of requests) {
      const report = await city.imports.run(request, 'test');
      expect(report.problems.map(({ code }) => code)).toContain('individual_number');
      expectNoIndividualNumber(report);
      await city.imports.preview(request, 'test');
    }
    rows = { ...rows, import_batch: rows.import_batch! + requests.length };
  });

  it('is in no row of any table after all of this', async () => {
    for (const table of await tableNames(city.db)) {
      const found: { row: unknown }[] = await city.db.query(
        `SELECT to_jsonb(t) - ARRAY(SELECT column_name::text FROM information_schema.columns
                                    WHERE table_name = $1 AND data_type = ANY($2)) AS row FROM ${table} t`,
        [table, MADE_BY_CHANCE],
      );
      expectNoIndividualNumber(found);
    }
  });

  it('is in no line that the program prints or logs', async () => {
    const database = await createTestDatabase();
    const env = { DATABASE_URL: database.url, DATA_DIR: city.rooms.dataDir, LOG_LEVEL: 'trace' };
    try {
      for (const name of [
        'roster-individual-number-as-staff-number.csv',
        'roster-individual-number-in-title.csv',
      ]) {
        const { code, stdout, stderr } = await cli(
          env,
          'import',
          'roster',
          importFixture(`not-ok/${name}`).path,
          '--json',
        );
        expect(code).toBe(2);
        expect(`${stdout}\n${stderr}`.split('\n').filter(containsIndividualNumber)).toEqual([]);
      }
    } finally {
      await database.drop();
    }
  });
});

/** A list of units; the last three columns may be left out. */
function list(...lines: string[]): string {
  return `所属コード,所属名,上位所属コード,適用開始日,適用終了日,所属長職員番号\r\n${lines.join('\r\n')}\r\n`;
}

const SOUND = [
  'CITY,見本市,',
  '100,総務局,CITY',
  '110,人事課,100',
  '120,財政課,100',
  '400,市立病院,CITY',
  '410,看護部,400',
  '420,薬剤部,400',
];
const without = (code: string) => SOUND.filter((line) => !line.startsWith(code));

describe('what only the database can see', () => {
  const rosters: [string, string, string[]][] = [
    ['a number twice', people([...CREW, '0001 120']), ['9 職員番号 duplicate_staff']],
    ['an unknown unit', people([...CREW, '0008 999']), ['9 所属コード unknown_unit']],
    [
      'nobody’s 本務',
      people([...CREW.map((line) => `${line} -`), '0008 110 兼務'], '本務兼務'),
      ['9 職員番号 no_primary'],
    ],
    [
      'the same 兼務 twice',
      people([...CREW.map((line) => `${line} -`), '0001 120 兼務', '0001 120 兼務'], '本務兼務'),
      ['10 所属コード duplicate_concurrent'],
    ],
    ['fewer digits', people([...CREW.slice(1), '1 110']), ['8 職員番号 stripped_zeros']],
    ['most of the staff missing', people(CREW.slice(0, 2)), ['- - confirm_departures']],
    ['nobody', people([]), ['1 - no_rows']],
  ];
  it.each(rosters)('a roster with %s', async (_what, text, expected) => {
    expect(faults(await city.roster(text))).toEqual(expected);
  });

  it('a roster with a unit that has not begun on its day', async () => {
    const report = await city.roster(people(['0001 110']), { asOf: '2021-04-01' });
    expect(report.problems).toMatchObject([{ row: 2, read: '110', code: 'ended_unit' }]);
    expect(report.problems[0]!.fix).toContain('「人事課」');
  });

  it('a roster with somebody outside its scope', async () => {
    const report = await city.roster(people(['0005 410', '0006 410', '0007 110']), { scopeCode: '400' });
    expect(faults(report)).toEqual(['4 所属コード outside_scope']);
  });

  const lists: [string, string, string[]][] = [
    ['a parent that is nowhere', list(...SOUND, '130,契約課,999'), ['9 上位所属コード unknown_parent']],
    [
      'a parent it no longer has',
      list(...without('100')),
      ['3 上位所属コード unknown_parent', '4 上位所属コード unknown_parent'],
    ],
    ['a code twice', list(...SOUND, '110,人材課,400'), ['9 所属コード duplicate_unit']],
    ['a manager nobody knows', list(...SOUND, '130,契約課,100,,,9999'), ['9 所属長職員番号 unknown_staff']],
    [
      'days the wrong way round',
      list(...SOUND, '130,契約課,100,2022-05-01,2022-04-01'),
      ['9 適用終了日 dates_reversed'],
    ],
    [
      'units in a circle',
      list(...without('100'), '100,総務局,110'),
      ['8 上位所属コード cyclic_units', '3 上位所属コード cyclic_units', '4 上位所属コード cyclic_units'],
    ],
    [
      'a parent that ends before its units',
      list(...without('100'), '100,総務局,CITY,,2023-03-31'),
      ['3 上位所属コード cyclic_units', '4 上位所属コード cyclic_units'],
    ],
  ];
  it.each(lists)('a list of units with %s', async (_what, units, expected) => {
    const report = await city.roster(people(CREW), { units });
    expect(faults(report)).toEqual(expected);
    expect(new Set(report.problems.map((problem) => problem.file))).toEqual(new Set(['shozoku.csv']));
  });

  it('a list of units that ends a unit with people in it', async () => {
    const report = await city.roster(people(CREW), { units: list(...without('420')) });
    expect(faults(report)).toEqual(['8 所属コード ended_unit']);
  });

  it('a list without a row that has its own fault blames nobody else for it', async () => {
    const report = await city.roster(people(CREW), { units: list(...without('100'), '100,,CITY') });
    expect(faults(report)).toEqual(['8 所属名 missing_value']);
  });

  it('a roster without a row that has its own fault blames nobody else for it', async () => {
    const text = people(
      [...CREW.map((line) => `${line} - -`), '0008 110 - 2022-13-01', '0008 120 兼務 -'],
      '本務兼務',
      '採用年月日',
    );
    expect(faults(await city.roster(text))).toEqual(['9 採用年月日 bad_date']);
  });

  const statuses: [string, string[][], string[]][] = [
    ['a number nobody has', [['9999', '保有', '']], ['2 職員番号 unknown_staff']],
    ['a number without its zeros', [['1', '保有', '']], ['2 職員番号 stripped_zeros']],
    ['a day that has not come', [['0001', '保有', '2022-11-11']], ['2 基準日 future_date']],
    [
      'two answers of one day',
      [
        ['0001', '保有', '2022-05-01'],
        ['0001', '申請中', '2022-05-01'],
      ],
      ['3 職員番号 duplicate_staff'],
    ],
  ];
  it.each(statuses)('a list of statuses with %s', async (_what, lines, expected) => {
    const report: ImportReport = await city.take('status', csv(['職員番号', '取得状況', '基準日'], lines));
    expect(faults(report)).toEqual(expected);
  });
});
