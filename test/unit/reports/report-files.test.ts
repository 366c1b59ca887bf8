import { describe, expect, it } from '@jest/globals';
import { readXlsx } from 'hucre/xlsx';
import { isReportFormat, REPORT_FORMATS, renderReport } from '../../../src/reports/report-files.js';
import { department, sampleReport } from '../../support/sample-report.js';

const bytesOf = async (document = sampleReport(), format: (typeof REPORT_FORMATS)[number] = 'csv') =>
  (await renderReport(document, format)).bytes;

const open = async () => readXlsx(await bytesOf(sampleReport(), 'xlsx'), { readStyles: true });

describe('report files', () => {
  it.each(REPORT_FORMATS)('in %s are the same bytes for the same document', async (format) => {
    const [first, second] = [await bytesOf(sampleReport(), format), await bytesOf(sampleReport(), format)];
    expect(first.equals(second)).toBe(true);
  });

  it.each(REPORT_FORMATS)('in %s change with the figures', async (format) => {
    const other = sampleReport({ departments: [department('1', '総務局', 3300, 2706)] });
    expect((await bytesOf(other, format)).equals(await bytesOf(sampleReport(), format))).toBe(false);
  });

  it('are named after the month', async () => {
    const file = await renderReport(sampleReport(), 'csv');
    expect(file.fileName).toBe('mynumber-card-2022-10.csv');
    expect(file.contentType).toBe('text/csv; charset=utf-8');
  });

  it('know their formats', () => {
    expect(['pdf', 'xlsx', 'csv', 'json', 'docx', ''].map(isReportFormat)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('the PDF', () => {
  it('takes names for text, whatever they mean to the typesetter or in a picture', async () => {
    const names = [
      '#panic("interpreted")',
      '#read("/etc/passwd")',
      '] #eval("1 +") [',
      '$ x_',
      '*_`#{',
      '"), panic("interpreted"), ("',
      '</text><image href="file:///etc/passwd"/><text>',
      '&lt;!ENTITY x SYSTEM "file:///etc/passwd"&gt;&x;',
      '{{7*7}}',
    ];
    const departments = names.map((name, n) => department(`0${n}`, name, 40, 20));
    const document = sampleReport({ departments, city: { name: names.join(''), contact: names[0]! } });
    expect((await bytesOf(document, 'pdf')).length).toBeGreaterThan(10_000);
  });

  it('is a tagged PDF/UA document', async () => {
    const text = (await bytesOf(sampleReport(), 'pdf')).toString('latin1');
    expect(text.startsWith('%PDF-1.7')).toBe(true);
    expect(text).toContain('pdfuaid:part');
    expect(text).toContain('/Marked true');
  });

  it('is made of names that would mean something in the template language', async () => {
    const departments = [department('1', '#panic("x") $[*', 3300, 2706)];
    expect((await bytesOf(sampleReport({ departments }), 'pdf')).length).toBeGreaterThan(10_000);
  });

  it('is made of characters that no font has', async () => {
    const departments = [department('1', '外字\uE000課\u0007', 3300, 2706)];
    expect((await bytesOf(sampleReport({ departments }), 'pdf')).length).toBeGreaterThan(10_000);
  });

  it('is made of the sparsest month there can be', async () => {
    const sparse = sampleReport({ change: null, trend: [], citizens: [], departments: [] });
    expect((await bytesOf(sparse, 'pdf')).length).toBeGreaterThan(10_000);
  });

  it('is made of a hundred units', async () => {
    const departments = Array.from({ length: 100 }, (_, index) =>
      department(`${index}`, `第${index}部`, 33, 27),
    );
    expect((await bytesOf(sampleReport({ departments }), 'pdf')).length).toBeGreaterThan(10_000);
  });
});

describe('the workbook', () => {
  it('has an overview, the units and the months', async () => {
    expect((await open()).sheets.map(({ name }) => name)).toEqual(['概要', '所属別', '推移']);
  });

  it('holds figures as numbers and codes as text', async () => {
    const units = (await open()).sheets[1]!;
    const hospital = units.rows.find((row) => row[1] === '市立病院');
    expect(hospital).toEqual(['0700', '市立病院', 420, 327, 93, 77.9, 1.2]);
    expect(units.rows.find((row) => row[1] === '合計')?.slice(2)).toEqual([3300, 2706, 594, 82, 1.3]);
  });

  it('filters the units without the total, below a header that stays', async () => {
    const units = (await open()).sheets[1]!;
    expect(units.autoFilter?.range).toBe('A4:G11');
    expect(units.freezePane).toMatchObject({ rows: 4 });
  });

  it('holds months as dates', async () => {
    const months = (await open()).sheets[2]!;
    expect(months.rows[4]![0]).toEqual(new Date('2021-11-01T00:00:00Z'));
    expect(months.rows.at(-1)).toEqual([new Date('2022-10-01T00:00:00Z'), 3300, 2706, 82, 100]);
  });

  it('prints on A4 landscape, as wide as the page', async () => {
    for (const { pageSetup } of (await open()).sheets) {
      expect(pageSetup).toMatchObject({ paperSize: 'a4', orientation: 'landscape', fitToWidth: 1 });
    }
  });
});

describe('the CSV', () => {
  it('opens in Excel: BOM, CRLF, units in the header, the total last', async () => {
    const text = (await bytesOf()).toString('utf8');
    const lines = text.split('\r\n');
    expect(text.startsWith('\uFEFF')).toBe(true);
    expect(lines[0]).toContain('職員数(人),保有(人),残り(人),保有率(%)');
    expect(lines[1]).toBe('2022-10-31,0700,市立病院,420,327,93,77.9,1.2');
    expect(lines.at(-2)).toBe('2022-10-31,,合計,3300,2706,594,82.0,1.3');
  });

  it('runs no formula and keeps negative figures as numbers', async () => {
    const line = { ...department('9', '=HYPERLINK("x")', 10, 5), changePoints: -0.4 };
    const text = (await bytesOf(sampleReport({ departments: [line] }))).toString('utf8');
    expect(text).toContain(`"'=HYPERLINK(""x"")",10,5,5,50.0,-0.4`);
  });
});

describe('the JSON', () => {
  it('is the document, whatever the order its keys were set in', async () => {
    const document = sampleReport();
    const reversed = Object.fromEntries(Object.entries(document).toReversed()) as unknown as typeof document;
    expect((await bytesOf(reversed, 'json')).equals(await bytesOf(document, 'json'))).toBe(true);
    expect(JSON.parse((await bytesOf(document, 'json')).toString('utf8'))).toEqual(document);
  });
});
