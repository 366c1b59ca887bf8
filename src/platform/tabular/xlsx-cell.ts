/** What a cell of a workbook holds once parsed. */
export type XlsxValue = string | number | boolean | Date | null;

/**
 * The text a person would have typed to get what Excel shows: integers without a fraction, leading zeros where the
 * number format has them, days as YYYY-MM-DD.
 */
export function xlsxCellText(value: XlsxValue, numberFormat?: string): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number') return numberText(value, numberFormat);
  if (Number.isNaN(value.getTime())) return '########';
  const [day, time] = value.toISOString().split('T');
  return time.startsWith('00:00:00') ? day : `${day} ${time.slice(0, 8)}`;
}

function numberText(value: number, numberFormat = 'General'): string {
  if (!Number.isFinite(value)) return '';
  if (!Number.isInteger(value)) return String(Number(value.toPrecision(15)));
  const digits = Math.abs(value).toFixed(0);
  // The first section of the format, without colours, locale marks and quoted text: 0000000, "第"000.
  const [positive] = numberFormat.replace(/"[^"]*"|\[[^\]]*\]|\\./g, '').split(';');
  const width = /^0{2,}$/.test(positive) ? positive.length : 0;
  return (value < 0 ? '-' : '') + digits.padStart(width, '0');
}
