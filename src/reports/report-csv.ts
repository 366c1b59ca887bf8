import { stringify } from 'csv-stringify/sync';
import { departmentName } from './report-text.js';
import type { ReportDocument } from './report-document.js';

const HEADER = [
  '基準日',
  '所属コード',
  '所属名',
  '職員数(人)',
  '保有(人)',
  '残り(人)',
  '保有率(%)',
  '先月末からの変化(ポイント)',
];
/** Rates and differences follow the counts. */
const FIRST_DECIMAL = 6;

/**
 * The table of departments with its total, for Excel and for machines: UTF-8 with BOM (Excel reads it as CP932
 * otherwise), CRLF, one header line with units. Missing figures are empty.
 */
export function renderCsv(document: ReportDocument): Buffer {
  const { headline, change, asOf } = document;
  const lines = document.departments.map((line) => [
    asOf,
    line.code,
    departmentName(line),
    line.staff,
    line.held,
    line.remaining,
    line.rate,
    line.changePoints,
  ]);
  const total = [
    asOf,
    '',
    '合計',
    headline.staff,
    headline.held,
    headline.remaining,
    headline.rate,
    change?.points ?? null,
  ];
  const text = stringify([HEADER, ...lines, total], {
    bom: true,
    record_delimiter: 'windows',
    // Concerns names only: a negative number stays a number.
    escape_formulas: true,
    cast: { number: (value, { index }) => (index >= FIRST_DECIMAL ? value.toFixed(1) : String(value)) },
  });
  return Buffer.from(text, 'utf8');
}
