import { stringify } from 'csv-stringify/sync';

/** A figure keeps its own spelling when it is given as text, as 12.0 must. */
export type CsvCell = string | number | null | { readonly figure: string };

/** What a spreadsheet takes for the beginning of a formula, in either width; some pass over blanks before it. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;
/** A lone sign is the mark for no figure in official tables, and runs nothing. */
const LONE_MARK = /^[-－]$/;

/**
 * A table for Excel and for machines: UTF-8 with a byte order mark (Excel takes it for CP932 otherwise), CRLF. Text that
 * a spreadsheet would run as a formula is defused by an apostrophe; every table that leaves goes through here.
 */
export function renderCsvTable(rows: readonly (readonly CsvCell[])[]): Buffer {
  const text = stringify(
    rows.map((row) => row.map(toText)),
    { bom: true, record_delimiter: 'windows' },
  );
  return Buffer.from(text, 'utf8');
}

/** One decimal, as rates and points are written; empty where there is none. */
export function oneDecimal(value: number | null): CsvCell {
  return value === null ? null : { figure: value.toFixed(1) };
}

function toText(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'object') return cell.figure;
  return FORMULA.test(cell) && !LONE_MARK.test(cell) ? `'${cell}` : cell;
}
