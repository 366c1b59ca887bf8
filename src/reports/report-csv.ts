import { oneDecimal, renderCsvTable } from '../platform/tabular/csv-text.js';
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
/** The table of departments with its total: one header line with units. Missing figures are empty. */
export function renderCsv(document: ReportDocument): Buffer {
  const { headline, change, asOf } = document;
  const lines = document.departments.map((line) => [
    asOf,
    line.code,
    departmentName(line),
    line.staff,
    line.held,
    line.remaining,
    oneDecimal(line.rate),
    oneDecimal(line.changePoints),
  ]);
  const total = [
    asOf,
    '',
    '合計',
    headline.staff,
    headline.held,
    headline.remaining,
    oneDecimal(headline.rate),
    oneDecimal(change?.points ?? null),
  ];
  return renderCsvTable([HEADER, ...lines, total]);
}
