import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readRosterFile, type RosterFileOptions, type RosterRow } from '../../../src/roster/roster-file.js';
import { readUnitsFile, type UnitRow } from '../../../src/roster/units-file.js';
import { faults, importFixture } from '../../support/import-fixture.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roster-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function readLines(lines: string[], options: RosterFileOptions = {}) {
  const path = join(folder, 'roster.csv');
  await writeFile(path, lines.join('\n'));
  return read({ name: 'roster.csv', path }, options);
}
async function read(
  file = importFixture('ok/roster-cp932-titles-and-notes.csv'),
  options: RosterFileOptions = {},
) {
  const rows: RosterRow[] = [];
  const reading = await readRosterFile(file, options, (row) => {
    rows.push(row);
  });
  return { reading, rows };
}

describe('a roster as a city hall exports it', () => {
  it('has its titles, blank rows and notes skipped and its columns recognised', async () => {
    const { reading } = await read();
    expect(reading).toMatchObject({
      encoding: 'CP932',
      headerRow: 4,
      rows: 3,
      skippedRows: 6,
      problemCount: 0,
    });
    expect(reading.columns.at(-1)).toEqual({ header: '備考', field: null });
    expect(reading.columns[0]).toEqual({ header: '職員NO', field: '職員番号' });
  });

  it('gives people with their leading zeros, their rare characters and real dates', async () => {
    const { rows } = await read();
    expect(rows[0]).toEqual({
      row: 5,
      number: '0045120',
      formerNumber: null,
      name: '見本 花子',
      kana: 'ミホン ハナコ',
      email: null,
      unitCode: '031205',
      levels: [],
      levelKinds: [],
      isPrimary: true,
      isManager: true,
      employment: '正規',
      leave: null,
      hiredOn: '2010-04-01',
      leftOn: null,
      effectiveOn: null,
    });
    expect(rows[1]).toMatchObject({ name: '髙﨑 太郎', hiredOn: '2010-04-01', isManager: false });
    expect(rows[2]).toMatchObject({ row: 8, hiredOn: '2019-05-01' });
  });

  it('may name units by their levels', async () => {
    const { rows } = await read(importFixture('ok/roster-levels-and-duties.csv'));
    expect(
      rows.map(({ unitCode, levels, levelKinds, isPrimary }) => [
        unitCode,
        levels.join(' > '),
        levelKinds.join(),
        isPrimary,
      ]),
    ).toEqual([
      [null, '総務局 > 人事課', '局,課', true],
      [null, '総務局 > 情報部 > 情報政策課', '局,部,課', false],
      [null, '総務局 > 情報部 > 情報政策課 > 管理係', '局,部,課,係', true],
    ]);
    expect(rows[2].leftOn).toBeNull();
  });

  it('gives numbers written full-width as plain digits', async () => {
    const { rows } = await read(importFixture('ok/roster-full-width-numbers.csv'));
    expect(rows[0].number).toBe('0045120');
  });

  it('gives the same people from a workbook', async () => {
    const { rows } = await read(importFixture('ok/roster-titles-and-dates.xlsx'));
    expect(
      rows.map(({ row, number, unitCode, hiredOn, isManager }) => [
        row,
        number,
        unitCode,
        hiredOn,
        isManager,
      ]),
    ).toEqual([
      [4, '0045120', '031205', '2010-04-01', true],
      [5, '0045188', '031205', '2022-04-01', false],
    ]);
  });

  it('says which columns it has', async () => {
    let keys: ReadonlySet<string> = new Set();
    await read(undefined, { onColumns: (found) => (keys = found) });
    expect([...keys].toSorted()).toEqual([
      'employment',
      'hiredOn',
      'kana',
      'manager',
      'name',
      'number',
      'unitCode',
    ]);
  });
});

describe('names', () => {
  it('keep every character, and those that CP932 lacks are mentioned', async () => {
    const { reading, rows } = await read(importFixture('ok/roster-utf8-bom.csv'));
    expect(rows[1].name).toBe('𠮷見 葛󠄀子');
    expect(reading.warnings).toEqual([
      {
        row: 3,
        column: '氏名',
        code: 'outside_cp932',
        message: '氏名「𠮷見 葛󠄀子」はCP932にない文字を含みます。そのまま保存します。',
      },
    ]);
  });

  it('with a character that the city hall drew itself are mentioned', async () => {
    const { reading } = await readLines(['職員番号,氏名,所属コード', '0045120,\uE000本 花子,031205']);
    expect(reading.warnings.map(({ code }) => code)).toEqual(['user_defined_character']);
  });
});

const rowsOf = (numbers: string[]) => [
  '職員番号,氏名,所属コード',
  ...numbers.map((number) => `${number},見本 花子,031205`),
];

describe('numbers that have lost their leading zeros', () => {
  it('are refused and never padded', async () => {
    const { reading } = await readLines(rowsOf(['0045120', '0045188', '45121']));
    expect(reading.problems).toEqual([
      {
        row: 4,
        column: '職員番号',
        read: '45121',
        expected: '7桁(先頭の0を含む)',
        code: 'stripped_zeros',
        fix: 'Excelで先頭の0が消えています。列を文字列にして保存し直してください。',
      },
    ]);
  });

  it('are refused where all zeros are gone and nearly all numbers have one width', async () => {
    const { reading } = await readLines(rowsOf(['1045120', '1045188', '1045189', '1045190', '45121']));
    expect(faults(reading)).toEqual(['6 職員番号 stripped_zeros']);
  });

  it('are only mentioned where a city may have numbers of two widths', async () => {
    const { reading } = await readLines(rowsOf(['1045120', '1045188', '45121']));
    expect(reading.problems).toEqual([]);
    expect(reading.warnings.map(({ code }) => code)).toEqual(['mixed_number_widths']);
  });

  it('are not found in numbers with letters', async () => {
    expect((await readLines(rowsOf(['0045120', '0045188', 'A12']))).reading.problems).toEqual([]);
  });
});

describe('staff numbers of twelve digits', () => {
  it('are taken where the city has put the exemption on record', async () => {
    const lines = ['職員番号,氏名,所属コード', '123456789018,見本 花子,031205'];
    expect((await readLines(lines)).rows).toEqual([]);
    expect((await readLines(lines, { exemptStaffNumbers: true })).rows).toHaveLength(1);
  });
});

it.each([
  ['hanako@example.jp', 'hanako@example.jp'],
  ['ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ', 'hanako@example.jp'],
  ['hanako.mihon+card@jinji.city.example.jp', 'hanako.mihon+card@jinji.city.example.jp'],
  ['hanako@localnet', 'hanako@localnet'],
  ['見本 花子 <hanako@example.jp>', undefined],
  ['hanako@example.jp taro@example.jp', undefined],
  ['hanako@@example.jp', undefined],
  ['hanako.example.jp', undefined],
  ['-', undefined],
])('the address %s is taken as %s', async (written, taken) => {
  const { rows } = await readLines([
    '職員番号,氏名,所属コード,メール',
    `0045120,見本 花子,031205,${written}`,
  ]);
  expect(rows[0]?.email).toBe(taken);
});

it('a list of units gives codes, parents and the days on which they are there', async () => {
  const rows: UnitRow[] = [];
  const reading = await readUnitsFile(importFixture('ok/units-cp932.csv'), {}, (row) => {
    rows.push(row);
  });
  expect(reading).toMatchObject({ rows: 3, problemCount: 0 });
  expect(
    rows.map(({ code, parentCode, kind, validFrom, lastDay }) => [
      code,
      parentCode,
      kind,
      validFrom,
      lastDay,
    ]),
  ).toEqual([
    ['000000', null, '市', '2022-04-01', null],
    ['030000', '000000', '局', '2022-04-01', null],
    ['031205', '030000', '課', '2022-04-01', '2023-03-31'],
  ]);
  expect(rows[1]).toMatchObject({ managerNumber: '0045120', email: 'soumu@example.jp' });
});
