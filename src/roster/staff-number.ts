import type { ImportProblems } from '../platform/imports/import-problems.js';
import { MAX_PROBLEMS } from '../platform/imports/import-report.js';
import { optionalText, requiredText } from '../platform/tabular/cell-rules.js';
import type { ColumnSpec, TableRecord } from '../platform/tabular/table.types.js';

export const STAFF_NUMBER_COLUMN: ColumnSpec<'number'> = {
  key: 'number',
  label: '職員番号',
  synonyms: [
    '職員NO',
    '職員No.',
    '職員ナンバー',
    '職員コード',
    '職員CD',
    '職員ID',
    '職番',
    '社員番号',
    '社員NO',
    '社員コード',
    '個人コード',
    '番号(職員)',
    'staff number',
    'staff_no',
    'employee number',
    'employee_id',
  ],
};

/** Share of the most frequent width from which a shorter number is an error even if no number begins with 0. */
const SURE_SHARE = 0.8;
/** Enough to fill a report; the rest is counted. */
const REMEMBERED = MAX_PROBLEMS;

/** The staff number of a row, '' after saying what is wrong. Leading zeros are kept. */
export function staffNumberOf<Key extends string>(record: TableRecord<Key | 'number'>): string {
  const plain = record.raw('number');
  if (/^[0-9A-Za-z_-]{1,32}$/.test(plain)) return plain;
  return wellFormed(record, 'number', requiredText(record, 'number'));
}

/** The number the person had before; null where the row says none, or after saying what is wrong. */
export function formerNumberOf<Key extends string>(record: TableRecord<Key | 'formerNumber'>): string | null {
  return wellFormed(record, 'formerNumber', optionalText(record, 'formerNumber') ?? '') || null;
}

function wellFormed<Key extends string>(record: TableRecord<Key>, key: Key, number: string): string {
  if (number === '' || /^[\p{L}\p{N}_-]{1,32}$/u.test(number)) return number;
  record.problem(key, {
    code: 'bad_staff_number',
    expected: '文字と数字だけの職員番号(例:0045120)',
    fix: /E\+\d/i.test(number)
      ? 'Excelで指数の形になっています。列を文字列にして元の番号を入力し直してください。'
      : '空白や記号、小数点を取り除いてください。',
  });
  return '';
}

interface Remembered {
  readonly row: number;
  readonly column: string;
  readonly read: string;
}

/**
 * Finds numbers whose leading zeros Excel has removed: digits only, and shorter than most numbers of the file. Such a
 * number is refused when other numbers of the full width begin with 0 or nearly all have that width, and only
 * mentioned otherwise, because a city may give numbers of several widths. It is never padded.
 */
export class StaffNumberWidths {
  private readonly counts = new Map<number, number>();
  private readonly zeroFirst = new Set<number>();
  private readonly first = new Map<number, Remembered[]>();

  add(record: TableRecord<'number'>, number: string): void {
    if (!/^\d+$/.test(number)) return;
    const width = number.length;
    this.counts.set(width, (this.counts.get(width) ?? 0) + 1);
    if (number.startsWith('0')) this.zeroFirst.add(width);
    const first = this.first.get(width) ?? [];
    if (first.length >= REMEMBERED) return;
    first.push({ row: record.row, column: record.header('number'), read: number });
    this.first.set(width, first);
  }

  report(problems: ImportProblems): void {
    const total = [...this.counts.values()].reduce((sum, count) => sum + count, 0);
    const [usual, count] = [...this.counts].toSorted((a, b) => b[1] - a[1] || b[0] - a[0])[0] ?? [0, 0];
    const shorter = [...this.counts.keys()].filter((width) => width < usual);
    if (shorter.length === 0 || count * 2 <= total) return;
    const sure = this.zeroFirst.has(usual) || count >= total * SURE_SHARE;
    if (!sure) {
      const [{ column }] = this.first.get(shorter[0])!;
      problems.warn({
        row: null,
        column,
        code: 'mixed_number_widths',
        message: `${column}の桁数がそろっていません(多くは${usual}桁)。Excelで先頭の0が消えていないか確かめてください。`,
      });
      return;
    }
    for (const width of shorter) {
      const known = this.first.get(width)!;
      for (let i = 0; i < this.counts.get(width)!; i++) {
        problems.add({
          ...(known[i] ?? known[0]),
          expected: `${usual}桁(先頭の0を含む)`,
          code: 'stripped_zeros',
          fix: 'Excelで先頭の0が消えています。列を文字列にして保存し直してください。',
        });
      }
    }
  }
}
