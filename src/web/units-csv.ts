import { stringify } from 'csv-stringify/sync';
import type { UnitLine } from '../adoption/adoption.types.js';
import type { IsoDate } from '../platform/month.js';

/** With a byte order mark, without which Excel misreads UTF-8; cells that look like formulas are defused. */
export function renderUnitsCsv(lines: readonly UnitLine[], asOf: IsoDate): Buffer {
  const rows = lines.map((line) => [
    asOf,
    line.unit.code,
    line.unit.name,
    line.remaining,
    line.held,
    line.staff,
    line.rate === null ? '' : line.rate.toFixed(1),
  ]);
  const header = ['時点', '所属コード', '所属名', '残り(人)', '保有(人)', '職員(人)', '保有率(%)'];
  return Buffer.from(
    stringify([header, ...rows], { bom: true, record_delimiter: 'windows', escape_formulas: true }),
  );
}
