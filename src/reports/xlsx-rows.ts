/** Rows of one sheet with their look, as the workbook writer wants them: values and styles side by side. */
import type { Cell, CellStyle, CellValue } from 'hucre/xlsx';

export interface StyledCell {
  readonly value: CellValue;
  readonly style: CellStyle;
}

const FONT = 'BIZ UDPゴシック';
const HAIR = { style: 'thin', color: { rgb: 'CCCCCC' } } as const;
const MIDDLE = { vertical: 'center' } as const;
const RULE = { style: 'thin', color: { rgb: '666666' } } as const;

const styles = {
  text: { font: { name: FONT, size: 11 } },
  note: { font: { name: FONT, size: 10, color: { rgb: '4D4D4D' } } },
  title: { font: { name: FONT, size: 16, bold: true } },
  section: { font: { name: FONT, size: 12, bold: true }, border: { bottom: RULE }, alignment: MIDDLE },
  header: {
    font: { name: FONT, size: 10, bold: true },
    fill: { type: 'pattern', pattern: 'solid', fgColor: { rgb: 'F2F2F2' } },
    border: { top: RULE, bottom: RULE },
    alignment: { vertical: 'center', wrapText: true },
  },
  cell: { font: { name: FONT, size: 11 }, border: { bottom: HAIR }, alignment: MIDDLE },
  unit: {
    font: { name: FONT, size: 11 },
    border: { bottom: HAIR },
    alignment: { ...MIDDLE, horizontal: 'left', indent: 1 },
  },
  total: {
    font: { name: FONT, size: 11, bold: true },
    border: { top: { style: 'medium', color: { rgb: '333333' } }, bottom: HAIR },
    alignment: MIDDLE,
  },
} satisfies Record<string, CellStyle>;

export type Look = keyof typeof styles;

/** Number formats. The unit stands in the header or in its own column, so every value stays a plain number. */
export const FORMATS = {
  count: '#,##0',
  rate: '0.0',
  signedCount: '+#,##0;"−"#,##0;"±"0',
  points: '+0.0;"−"0.0;"±"0.0',
  date: 'yyyy"年"m"月"d"日"',
  month: 'yyyy"年"m"月"',
} as const;

export type Format = keyof typeof FORMATS;

export function text(value: string, look: Look = 'cell'): StyledCell {
  return { value, style: styles[look] };
}

/** A column title above units and other words that follow a figure. */
export function unitHeader(value: string): StyledCell {
  return { value, style: { ...styles.header, alignment: styles.unit.alignment } };
}

/** A column title above figures. */
export function figureHeader(value: string): StyledCell {
  return {
    value,
    style: { ...styles.header, alignment: { ...styles.header.alignment, horizontal: 'right' } },
  };
}

/** A figure or a day; an empty cell where there is none, so that Excel does not count it. */
export function figure(value: number | Date | null, format: Format, look: Look = 'cell'): StyledCell {
  return {
    value,
    style: { ...styles[look], numFmt: FORMATS[format], alignment: { ...MIDDLE, horizontal: 'right' } },
  };
}

/** `2022-10-31` as a date cell. */
export function dateCell(date: string): StyledCell {
  return figure(new Date(`${date}T00:00:00Z`), 'date');
}

/** The first day of `2022-10` as a date cell that shows the month: the title of its row. */
export function monthCell(month: string): StyledCell {
  const cell = figure(new Date(`${month}-01T00:00:00Z`), 'month');
  return { ...cell, style: { ...cell.style, alignment: { ...MIDDLE, horizontal: 'left' } } };
}

/** As the writer of workbooks takes them; rows a little higher than Excel's default, so that lines can be told apart. */
export function sheetCells(rows: readonly (readonly StyledCell[])[]): {
  rows: CellValue[][];
  cells: Map<string, Partial<Cell>>;
  rowDefs: Map<number, { height: number }>;
} {
  const cells = new Map<string, Partial<Cell>>();
  rows.forEach((row, r) => row.forEach(({ value, style }, c) => cells.set(`${r},${c}`, { value, style })));
  return {
    rows: rows.map((row) => row.map(({ value }) => value)),
    cells,
    rowDefs: new Map(rows.map((row, r) => [r, { height: row[0]?.style.font?.size === 16 ? 30 : 19 }])),
  };
}
