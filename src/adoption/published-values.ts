/** Numbers and dates as published tables write them. */
import { isIsoDate, isIsoMonth, lastDay, type IsoDate } from '../platform/month.js';

/** Statistical marks for "none", "not available" and "suppressed" (JIS and 統一ルール). */
const NOTHING = /^(?:[-―—ー–…*#]|\.\.\.|N\/?A|<NA>|該当なし)?$/i;

/** A count such as `1,960,668` or `448702人`; null where the cell says that there is none, undefined where it says neither. */
export function readCount(text: string): number | null | undefined {
  const plain = squeeze(text);
  if (NOTHING.test(plain)) return null;
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?[人枚件]?$/.exec(plain);
  if (!match) return undefined;
  const count = Number(match[1]!.replaceAll(',', ''));
  return Number.isSafeInteger(count) ? count : undefined;
}

export interface WrittenRate {
  readonly value: number;
  /** The cell itself says per cent. Otherwise `0.465` may mean 46.5 %: the rest of the column tells. */
  readonly isPercent: boolean;
}

/** A rate such as `46.5`, `46.5％` or, from a percent cell, `0.465331…`; null and undefined as for counts. */
export function readRate(text: string): WrittenRate | null | undefined {
  const plain = squeeze(text);
  if (NOTHING.test(plain)) return null;
  const match = /^(\d{1,4}(?:\.\d+)?|\.\d+)(%?)$/.exec(plain);
  return match ? { value: Number(match[1]), isPercent: match[2] === '%' } : undefined;
}

/** No area's rate is over 120 %, so a column without a larger number holds fractions (0.465), not per cent. */
export function holdsFractions(rates: readonly WrittenRate[]): boolean {
  const unmarked = rates.filter((rate) => !rate.isPercent);
  return unmarked.length > 0 && unmarked.every((rate) => rate.value <= 1.2);
}

/** Per cent with one decimal, half up; below 100 never 100. */
export function toPercent(rate: WrittenRate, fractions: boolean): number {
  // 15 digits: 0.5555 × 100 is 55.550000000000004 otherwise, and a tenth may tip over.
  const percent = Number((fractions && !rate.isPercent ? rate.value * 100 : rate.value).toPrecision(15));
  const tenths = Math.round(Number((percent * 10).toPrecision(15)));
  return (percent < 100 ? Math.min(tenths, 999) : tenths) / 10;
}

const YEAR = String.raw`(?:(令和|平成|昭和|R|H|S)(元|\d{1,2})|(?<!\d)(20\d\d|19\d\d))`;
const DATE = new RegExp(String.raw`${YEAR}[年./-](\d{1,2})(?:[月./-](\d{1,2})(?!\d)日?|月?(末)|月)?`, 'iu');
const ERA_START: Record<string, number> = { 令: 2018, R: 2018, 平: 1988, H: 1988, 昭: 1925, S: 1925 };

/**
 * The first date in a text: `2022/10/31`, `人口（R7.1.1時点）`, `令和元年5月1日`, `保有枚数（R7.8末）`. A month alone
 * is read as its end where `monthAlone` says so, and is no date otherwise.
 */
export function readBaseDate(text: string, monthAlone: 'end' | 'unknown' = 'unknown'): IsoDate | null {
  const match = DATE.exec(squeeze(text));
  if (!match) return null;
  const [, era, eraYear, westernYear, month, day, end] = match;
  const year = westernYear
    ? Number(westernYear)
    : ERA_START[era![0]!.toUpperCase()]! + (eraYear === '元' ? 1 : Number(eraYear));
  const isoMonth = `${year}-${month!.padStart(2, '0')}`;
  if (!isIsoMonth(isoMonth)) return null;
  if (day === undefined) return end || monthAlone === 'end' ? lastDay(isoMonth) : null;
  const date = `${isoMonth}-${day.padStart(2, '0')}`;
  return isIsoDate(date) ? date : null;
}

const ENGLISH_MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The last day of a month given as `2025/5/1` (its first day), `2025年5月`, `2025-05`, `202505`, `R7.5` or `Feb-25`. */
export function readMonthEnd(text: string): IsoDate | null {
  const plain = squeeze(text);
  const english = /^([a-z]{3})[a-z]*[-.' ]?(?:20)?(\d\d)$/i.exec(plain);
  if (english) {
    const month = ENGLISH_MONTHS.indexOf(english[1]!.toLowerCase()) + 1;
    return month > 0 ? lastDay(`20${english[2]}-${String(month).padStart(2, '0')}`) : null;
  }
  const digits = /^(20\d\d)(\d\d)(?:\d\d)?$/.exec(plain);
  if (digits) return isIsoMonth(`${digits[1]}-${digits[2]}`) ? lastDay(`${digits[1]}-${digits[2]}`) : null;
  const date = readBaseDate(plain, 'end');
  return date === null ? null : lastDay(date.slice(0, 7));
}

function squeeze(text: string): string {
  return text.normalize('NFKC').replace(/\s/gu, '');
}
