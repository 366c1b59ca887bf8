import type { ImportReport } from '../../platform/imports/import-report.js';
import { formatCount } from '../../platform/japanese-format.js';

export interface ReadingLine {
  readonly term: string;
  readonly text: string;
}

/** How a file was read: encoding, header, rows and columns. */
export function toReading(report: ImportReport): ReadingLine[] {
  const { encoding, headerRow, rows, skippedRows, columns } = report;
  const used = columns.filter((column) => column.field !== null).length;
  const titles = headerRow === null || headerRow === 1 ? '' : `(上の${headerRow - 1}行は表題として除外)`;
  const skipped = skippedRows === 0 ? '' : `、表題・空行・注記の${formatCount(skippedRows)}行を除外`;
  const unused = columns.length === used ? '' : `、${columns.length - used}列は使いません`;
  return [
    {
      term: '文字コード',
      text: encoding === 'CP932' ? 'CP932(Shift_JIS)' : (encoding ?? '読み取れませんでした'),
    },
    { term: '見出し行', text: headerRow === null ? '見つかりませんでした' : `${headerRow}行目${titles}` },
    { term: 'データ', text: `${formatCount(rows)}行${skipped}` },
    { term: '列', text: `${used}列を認識${unused}` },
  ];
}
