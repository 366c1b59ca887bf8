import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { chooseSeparator, CsvRecords } from '../../../src/platform/tabular/csv-records.js';

function split(text: string, pieces: number[] = []): { row: number; cells: readonly string[] }[] {
  const records = new CsvRecords(',');
  const cuts = [...pieces.map((at) => at % (text.length + 1)), 0, text.length].toSorted((a, b) => a - b);
  const rows = cuts.slice(1).flatMap((end, i) => records.push(text.slice(cuts[i], end)));
  return [...rows, ...records.end()];
}
const quoted = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const cells = (text: string) => split(text).map((row) => row.cells);

describe('records of a CSV file', () => {
  it('are counted as Excel counts rows: blank ones too, a quoted line end not', () => {
    expect(split('a,b\r\n\r\n"1\r\n2",3\r\n4,5')).toEqual([
      { row: 1, cells: ['a', 'b'] },
      { row: 2, cells: [''] },
      { row: 3, cells: ['1\r\n2', '3'] },
      { row: 4, cells: ['4', '5'] },
    ]);
  });

  it('may end with CRLF, LF or CR, all in one file', () => {
    expect(cells('a,b\nc,d\r\ne,f\rg,h')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
      ['g', 'h'],
    ]);
  });

  it('keep a quote in the middle of a cell', () => {
    expect(cells('5" 画面,"a"b\n')).toEqual([['5" 画面', 'ab']]);
  });

  it('are the same as csv-parse finds, however the file arrives in pieces', () => {
    const cell = fc
      .array(fc.constantFrom('見', 'a', ',', '"', '\n', '\r\n', '\r', ' ', '\t'), { maxLength: 4 })
      .map((parts) => parts.join(''));
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat(60)), (rows, end, pieces) => {
        const text = rows.map((row) => row.map(quoted).join(',') + end).join('');
        const expected = parse(text, { record_delimiter: end, relax_column_count: true });
        const found = split(text, pieces).map((row) => row.cells);
        expect(found).toEqual(rows);
        expect(found).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('are refused where a quote is never closed, naming the row in which it opens', () => {
    expect(() => split('a,b\n1,2\n3,"4\n5,6\n')).toThrow(
      expect.objectContaining({ code: 'unclosed_quote', problem: expect.objectContaining({ row: 3 }) }),
    );
  });

  it('do not pile up behind a quote that is never closed', () => {
    const records = new CsvRecords(',');
    records.push('a\n"');
    expect(() => {
      for (let i = 0; i < 10; i++) records.push('x'.repeat(200_000));
    }).toThrow(expect.objectContaining({ code: 'unclosed_quote' }));
  });
});

describe('the separator', () => {
  it.each([
    ['a,b,c\n1,2,3', ','],
    ['a\tb\tc\n1,5\t2\t3', '\t'],
    ['"a\tb\tc\td",b\n', ','],
    ['一列だけ\n', ','],
  ])('of %j is %j', (text, separator) => expect(chooseSeparator(text)).toBe(separator));
});
