import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { readXlsx } from 'hucre';
import { renderOpenDataCsv } from '../../../src/reports/open-data-file.js';
import { renderCsv } from '../../../src/reports/report-csv.js';
import { renderXlsx } from '../../../src/reports/report-xlsx.js';
import { renderUnitsCsv } from '../../../src/web/units-csv.js';
import { filesBelow, linesMatching } from '../../structure/source-files.js';
import { department, sampleReport } from '../../support/sample-report.js';
import { counts, line, DEFINITION } from '../web/sample-adoption.js';

/** What Excel, LibreOffice and Numbers take for a formula; a plain number or a lone sign runs nothing. */
const RUNS = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;
const HARMLESS = /^(?:[-－]|-?\d+(?:\.\d)?)$/;

/** Names as a hostile roster could bring them. */
const hostile = fc.oneof(
  fc.constantFrom(
    '=HYPERLINK("http://example.jp","見本")',
    "=cmd|'/C calc'!A0",
    '+1+1',
    '-2+3',
    '-1',
    '@SUM(A1)',
    '\t=1+1',
    '\r=1+1',
    '\n=1+1',
    '＝1+1',
    '＠SUM(A1)',
    'a","=1+1',
    'a\r\n=1+1',
    '"=1+1"',
    '-',
  ),
  fc
    .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', ''), fc.string())
    .map(([sign, rest]) => sign + rest),
);

function running(csv: Buffer, columns: number): string[] {
  const rows: string[][] = parse(csv, { bom: true, record_delimiter: '\r\n' });
  // A name that breaks out of its cell would make a row of another length.
  for (const row of rows) expect(row).toHaveLength(columns);
  return rows.flat().filter((cell) => RUNS.test(cell) && !HARMLESS.test(cell));
}

describe('no cell of a file that leaves is a formula, whatever units and the city are called', () => {
  test('in the monthly report as CSV', () => {
    fc.assert(
      fc.property(hostile, hostile, (code, name) => {
        const document = sampleReport({ departments: [department(code, name, 40, 20)] });
        expect(running(renderCsv(document), 8)).toEqual([]);
      }),
    );
  });

  test('in the list of units', () => {
    fc.assert(
      fc.property(hostile, hostile, (code, name) => {
        const unit = { code, name, kind: '課' };
        const lines = [line(name, counts(40, 20), { unit })];
        const how = { definition: DEFINITION, treeAsOf: '2022-10-31' };
        expect(running(renderUnitsCsv(lines, '2022-10-31', how), 9)).toEqual([]);
      }),
    );
  });

  test('in the open data', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (code, name, city) => {
        const published = {
          line: 'unit',
          unitId: 1,
          kind: '課',
          units: 1,
          members: [],
          before: null,
        } as const;
        const csv = renderOpenDataCsv({
          month: '2022-10',
          asOf: '2022-10-31',
          version: 1,
          closedAt: '2022-11-08T01:30:00.000Z',
          releasedAt: '2022-11-09T01:30:00.000Z',
          city: { name: city, areaCode: null, contact: city },
          threshold: 10,
          departments: [{ code, name }],
          lines: [
            { ...published, code: 'root', name: city, parentCode: null, staff: 400, held: 200 },
            { ...published, unitId: 2, code, name, parentCode: 'root', staff: 40, held: 20 },
          ],
        });
        expect(running(csv, 9)).toEqual([]);
      }),
    );
  });

  test('in the workbook, where such a name is a text', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (name, city) => {
        const document = sampleReport({
          city: { name: city, contact: name },
          departments: [department('01', name, 40, 20)],
        });
        const { sheets } = await readXlsx(await renderXlsx(document), { readStyles: true });
        const cells = sheets.flatMap((sheet) => [...(sheet.cells?.values() ?? [])]);
        expect(cells.length).toBeGreaterThan(20);
        expect(cells.filter((cell) => cell.formula !== undefined || cell.hyperlink !== undefined)).toEqual(
          [],
        );
      }),
      { numRuns: 30 },
    );
  });

  test('and CSV is written in one place only', () => {
    const sources = filesBelow(['src'], /\.ts$/).filter(({ path }) => !path.endsWith('/csv-text.ts'));
    expect(linesMatching(sources, /csv-stringify/)).toEqual([]);
  });
});
