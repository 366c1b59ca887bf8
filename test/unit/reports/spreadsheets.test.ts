import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { readXlsx } from 'hucre/xlsx';
import { renderOpenDataCsv } from '../../../src/reports/open-data-file.js';
import type { PublishedLine } from '../../../src/reports/published-lines.js';
import { renderReport } from '../../../src/reports/report-files.js';
import { renderUnitsCsv } from '../../../src/web/units-csv.js';
import { department, sampleReport } from '../../support/sample-report.js';
import { counts, line } from '../web/sample-adoption.js';

/** Names as somebody might call a unit who wants other people's Excel to do something. */
const name = fc
  .tuple(
    fc.constantFrom('=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '|', '', '"', '\n', '；'),
    fc.constantFrom(
      'HYPERLINK("https://example.jp","人事課")',
      "cmd|'/c calc'!A0",
      '1+1',
      '総務局',
      '2',
      ',',
    ),
    fc.constantFrom('', '=1', '"', '\r\n=2+5'),
  )
  .map((parts) => parts.join(''));

/** What Excel, in Japanese too, takes for a formula at the beginning of a cell. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;
const NUMBER = /^-?\d+(?:\.\d+)?$/;
/** The mark of official statistics for "none". */
const MARK = '-';

function cellsOf(csv: Buffer): string[] {
  return (parse(csv, { bom: true, relax_column_count: true }) as string[][]).flat();
}
const running = (cells: string[]) =>
  cells.filter((cell) => FORMULA.test(cell) && !NUMBER.test(cell) && cell !== MARK);

describe('no cell of a file that opens in Excel is a formula', () => {
  it('in the list of units', () => {
    fc.assert(
      fc.property(name, (unit) => {
        const cells = cellsOf(renderUnitsCsv([line(unit, counts(10, 5))], '2022-10-31'));
        expect(running(cells)).toEqual([]);
        expect(cells.some((cell) => cell.endsWith(unit))).toBe(true);
      }),
    );
  });

  it('in the report as CSV', async () => {
    await fc.assert(
      fc.asyncProperty(name, async (unit) => {
        const document = sampleReport({
          departments: [{ ...department('=1', unit, 10, 5), changePoints: -0.4 }],
        });
        const cells = cellsOf((await renderReport(document, 'csv')).bytes);
        expect(running(cells)).toEqual([]);
        expect(cells).toContain('-0.4');
      }),
    );
  });

  it('in open data', () => {
    fc.assert(
      fc.property(name, name, (city, unit) => {
        const of = (different: Partial<PublishedLine>): PublishedLine => ({
          line: 'unit',
          unitId: 1,
          code: '0',
          name: city,
          kind: '市',
          parentCode: null,
          units: 1,
          members: [],
          before: null,
          staff: 20,
          held: 12,
          ...different,
        });
        const csv = renderOpenDataCsv({
          month: '2022-10',
          asOf: '2022-10-31',
          version: 1,
          closedAt: '',
          releasedAt: '',
          city: { name: city, areaCode: null, contact: unit },
          threshold: 10,
          departments: [{ code: '=1', name: unit }],
          lines: [of({}), of({ code: '=1', name: unit, parentCode: '0' })],
        });
        expect(running(cellsOf(csv))).toEqual([]);
      }),
    );
  });

  it('in the report as a workbook: every name is text', async () => {
    await fc.assert(
      fc.asyncProperty(name, async (unit) => {
        const document = sampleReport({
          city: { name: unit, contact: unit },
          departments: [department('=1', unit, 10, 5)],
        });
        const book = await readXlsx((await renderReport(document, 'xlsx')).bytes, { readStyles: true });
        const formulas = book.sheets.flatMap((sheet) =>
          [...(sheet.cells ?? [])].filter(([, cell]) => cell.formula?.includes(unit) && unit.length > 3),
        );
        expect(formulas).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
