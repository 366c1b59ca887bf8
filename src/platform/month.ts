/** Business dates are days in Asia/Tokyo, written `YYYY-MM-DD`; months are `YYYY-MM`. Both compare as text. */

export type IsoDate = string;
export type IsoMonth = string;

export const ZONE = 'Asia/Tokyo';
/** Without summer time, since 1951. */
const TOKYO_MS = 9 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The end of a period that has none yet, as PostgreSQL writes it. Periods are half-open: [from, to). */
export const OPEN_END: IsoDate = 'infinity';

/** True for a day that exists, written `YYYY-MM-DD`. */
export function isIsoDate(text: string): boolean {
  // The database knows no year 0.
  if (!/^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const start = Date.parse(text);
  // Some days that do not exist are read as days of the next month.
  return !Number.isNaN(start) && dayAt(start) === text;
}

export function isIsoMonth(text: string): boolean {
  return /^\d{4}-\d{2}$/.test(text) && isIsoDate(`${text}-01`);
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return dayAt(Date.parse(date) + days * DAY_MS);
}

/** 1 Monday … 7 Sunday */
export function weekdayOf(date: IsoDate): number {
  return new Date(date).getUTCDay() || 7;
}

export function monthOf(date: IsoDate): IsoMonth {
  return date.slice(0, 7);
}

export function firstDay(month: IsoMonth): IsoDate {
  return `${month}-01`;
}

export function lastDay(month: IsoMonth): IsoDate {
  return addDays(firstDay(addMonths(month, 1)), -1);
}

export function addMonths(month: IsoMonth, months: number): IsoMonth {
  const first = new Date(firstDay(month));
  return monthOf(dayAt(first.setUTCMonth(first.getUTCMonth() + months)));
}

/** Every month from `from` to `to`, both included; empty when `from` is later. */
export function monthsBetween(from: IsoMonth, to: IsoMonth): IsoMonth[] {
  const months: IsoMonth[] = [];
  for (let month = from; month <= to; month = addMonths(month, 1)) months.push(month);
  return months;
}

/** The day in Tokyo on which the instant falls. */
export function tokyoDate(instant: Date): IsoDate {
  return dayAt(instant.getTime() + TOKYO_MS);
}

/** The moment at which a clock in Tokyo shows `HH:MM` of the day. */
export function tokyoInstant(date: IsoDate, time = '00:00'): Date {
  return new Date(`${date}T${time}:00+09:00`);
}

/** The day in Greenwich at so many milliseconds. */
function dayAt(ms: number): IsoDate {
  return new Date(ms).toISOString().slice(0, 10);
}
