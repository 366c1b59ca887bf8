/** How figures and days are written for people: the one spelling that pages, messages and reports share. */
import { lastDay, type IsoDate, type IsoMonth } from './month.js';
import { toWareki } from './wareki.js';

/** Stands where there is no figure, for example the rate of a unit without staff. */
export const NO_FIGURE = '-';

/** U+2212: as wide as the plus sign, and never read as a hyphen. */
const MINUS = '−';

const integers = new Intl.NumberFormat('ja-JP', { maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat('ja-JP', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** 3300 → `3,300` */
export function formatCount(count: number): string {
  return count < 0 ? MINUS + integers.format(-count) : integers.format(count);
}

/** 38 → `+38`, -4 → `−4`, 0 → `±0` */
export function formatSignedCount(count: number): string {
  return sign(count) + integers.format(Math.abs(count));
}

/** 12.34 → `12.3` */
export function formatDecimal(value: number): string {
  return decimals.format(value);
}

/** A rate in per cent, with one decimal and without its unit: 82 → `82.0`; null → `-`. */
export function formatRate(rate: number | null): string {
  return rate === null ? NO_FIGURE : decimals.format(rate);
}

/** 82 → `82.0%`; null → `-`. */
export function formatPercent(rate: number | null): string {
  return rate === null ? NO_FIGURE : `${decimals.format(rate)}%`;
}

/** A target, which is set in whole per cent as a rule: 100 → `100%`, 97.5 → `97.5%`. */
export function formatGoalRate(rate: number): string {
  return `${Number.isInteger(rate) ? rate : decimals.format(rate)}%`;
}

/** A difference of two rates: 1.3 → `+1.3`, -0.4 → `−0.4`, 0 → `±0.0`; null → `-`. */
export function formatPoints(points: number | null): string {
  if (points === null) return NO_FIGURE;
  const shown = Math.round(points * 10) / 10;
  return sign(shown) + decimals.format(Math.abs(shown));
}

/** `2022-10-31` → `2022年10月31日` */
export function formatDate(date: IsoDate): string {
  const [year, month, day] = date.split('-').map(Number);
  return `${year}年${month}月${day}日`;
}

/** `2022-10` (or a day in it) → `2022年10月` */
export function formatMonth(month: IsoMonth | IsoDate): string {
  return `${formatYear(month)}${formatMonthOfYear(month)}`;
}

/** `2022-10` → `10月` */
export function formatMonthOfYear(month: IsoMonth | IsoDate): string {
  return `${Number(month.slice(5, 7))}月`;
}

/** `2022-10` → `2022年` */
export function formatYear(month: IsoMonth | IsoDate): string {
  return `${Number(month.slice(0, 4))}年`;
}

/** `2022-10` → `2022年(令和4年)10月末`: the era is the one on the last day that the figures stand for. */
export function formatMonthEnd(month: IsoMonth): string {
  const [eraYear] = toWareki(lastDay(month)).split('年');
  return `${formatYear(month)}(${eraYear}年)${formatMonthOfYear(month)}末`;
}

function sign(value: number): string {
  if (value === 0) return '±';
  return value > 0 ? '+' : MINUS;
}
