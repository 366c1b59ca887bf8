import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTable } from '../../../src/platform/tabular/table-reader.js';
import type { ReadTableOptions, TableSpec } from '../../../src/platform/tabular/table.types.js';
import { faults } from '../../support/import-fixture.js';

type Key = 'code' | 'name' | 'kana' | 'amount';
const SPEC: TableSpec<Key> = {
  columns: [
    { key: 'code', label: 'コード', synonyms: ['CD', '番号'] },
    { key: 'name', label: '氏名', synonyms: [] },
    { key: 'kana', label: 'フリガナ', synonyms: ['氏名(カナ)'] },
    { key: 'amount', label: '金額', synonyms: [] },
  ],
  required: [
    ['code', 'name'],
    ['code', 'kana'],
  ],
  keyColumn: 'code',
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'table-reader-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(
  lines: string[],
  spec: TableSpec<Key> = SPEC,
  options: Pick<ReadTableOptions<Key>, 'limits'> = {},
) {
  const path = join(folder, 'table.csv');
  await writeFile(path, lines.join('\r\n'));
  const records: { row: number; code: string; name: string; kana: string }[] = [];
  let titles: readonly string[] = [];
  const reading = await readTable(
    { name: 'table.csv', path },
    spec,
    (record) => {
      records.push({
        row: record.row,
        code: record.get('code'),
        name: record.raw('name'),
        kana: record.get('kana'),
      });
    },
    { ...options, onHeader: (header) => (titles = header.titles) },
  );
  return { reading, records, titles };
}

describe('the header row', () => {
  it('is the first that holds the required columns; what stands above is kept as titles', async () => {
    const { reading, records, titles } = await read([
      '職員一覧,',
      '',
      '2022年10月31日,現在',
      'コード,氏名',
      '1,見本',
    ]);
    expect(reading).toMatchObject({ headerRow: 4, rows: 1, skippedRows: 3 });
    expect(titles).toEqual(['職員一覧', '2022年10月31日 現在']);
    expect(records).toEqual([{ row: 5, code: '1', name: '見本', kana: '' }]);
  });

  it.each(['番号,氏名', ' 番 号 ,氏　名', '番号※,【氏名】', 'ｃｄ,氏名（漢字）', '"番\n号",氏名:'])(
    'is recognised when written %j',
    async (header) => expect((await read([header, '1,見本'])).reading.headerRow).toBe(1),
  );

  it('never takes 氏名(カナ) for 氏名', async () => {
    const { records } = await read(['コード,氏名（カナ）,氏名（漢字）', '1,ﾐﾎﾝ,見本']);
    expect(records).toEqual([{ row: 2, code: '1', name: '見本', kana: 'ミホン' }]);
  });

  it('that is nowhere is described by what is missing and what was found', async () => {
    const { reading } = await read(['表題,,', 'コード,住所', '1,見本町']);
    expect(reading.problems).toEqual([
      expect.objectContaining({
        row: 2,
        column: '氏名',
        read: 'コード、住所',
        expected: '見出し「氏名」または「フリガナ」のある列',
        code: 'missing_column',
      }),
    ]);
  });

  it('lists every column and what it was taken for', async () => {
    const { reading } = await read(['CD,氏名,備考', '1,見本,']);
    expect(reading.columns).toEqual([
      { header: 'CD', field: 'コード' },
      { header: '氏名', field: '氏名' },
      { header: '備考', field: null },
    ]);
  });

  it('may hold a column twice that is not used', async () => {
    expect((await read(['コード,氏名,備考,備考', '1,見本,,'])).reading.problems).toEqual([]);
  });
});

describe('rows that are no data', () => {
  it.each(['以上,', ',以上', '※1 兼務を除く,', '(注),', ',,', '', '合計 1220名,'])(
    '%j is skipped',
    async (note) => {
      const { reading, records } = await read(['コード,氏名', '1,見本', note, '2,見本']);
      expect(reading).toMatchObject({ rows: 2, skippedRows: 1, problemCount: 0 });
      expect(records.map(({ row }) => row)).toEqual([2, 4]);
    },
  );

  it('a code alone is data with a missing value, not a note', async () => {
    expect((await read(['コード,氏名', 'A12,'])).reading.rows).toBe(1);
  });

  it('a word alone is data where the key column holds words', async () => {
    expect((await read(['コード,氏名', '見本市,'], { ...SPEC, keyHoldsWords: true })).reading.rows).toBe(1);
  });
});

describe('a file without end', () => {
  const lines = (count: number) => ['コード,氏名', ...Array.from({ length: count }, (_, i) => `${i},見本`)];

  it('is read up to the most rows, and refused at the first one too many', async () => {
    const limits = { rows: 100 };
    expect(faults((await read(lines(99), SPEC, { limits })).reading)).toEqual([]);
    const { reading } = await read(lines(100), SPEC, { limits });
    expect(faults(reading)).toEqual(['101 - too_many_rows']);
    expect(reading.problems[0].fix).toContain('範囲ごとに分けて');
  });

  it('is refused when its rows have no end, or its cells together are too many', async () => {
    const wide = (await read(['コード,氏名', `1,見本${','.repeat(16_384)}`])).reading;
    expect(faults(wide)).toEqual(['2 - too_many_cells']);
    const { reading } = await read(lines(100), SPEC, { limits: { cells: 50 } });
    expect(faults(reading)).toEqual(['26 - too_many_cells']);
  });
});

describe('problems', () => {
  it('show the first hundred and count all', async () => {
    const lines = Array.from({ length: 250 }, (_, i) => `${i},見本,余分`);
    const { reading } = await read(['コード,氏名', ...lines]);
    expect([reading.problems.length, reading.problemCount]).toEqual([100, 250]);
    expect(faults(reading)[0]).toBe('2 C列 extra_cell');
  });

  it('show at most the beginning of a value, and no invisible character', async () => {
    const { reading } = await read(['コード,氏名', `1,見本,\u202E${'長'.repeat(500)}`]);
    expect(reading.problems[0].read).toBe(`·${'長'.repeat(59)}…`);
  });

  it('leave out a column on record, and only that one, in the search for individual numbers', async () => {
    const lines = ['コード,氏名', '123456789018,見本', '1,123456789018'];
    const { reading, records } = await read(lines, { ...SPEC, exemptFromNumberCheck: 'code' });
    expect(faults(reading)).toEqual(['3 氏名 individual_number']);
    expect(records[0].code).toBe('123456789018');
  });
});
