/** Business dates are days in Asia/Tokyo, written `YYYY-MM-DD`; months are `YYYY-MM`. Both compare as text. */
import { DateTime } from 'luxon';

export type IsoDate = string;
export type IsoMonth = string;

export const ZONE = 'Asia/Tokyo';

/** The end of a period that has none yet, as PostgreSQL writes it. Periods are half-open: [from, to). */
export const OPEN_END: IsoDate = 'infinity';

/** True for a day that exists, written `YYYY-MM-DD`. */
export function isIsoDate(text: string): boolean {
  // The database knows no year 0.
  return /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;
}

export function isIsoMonth(text: string): boolean {
  return /^\d{4}-\d{2}$/.test(text) && isIsoDate(`${text}-01`);
}

export function addDays(date: IsoDate, days: number): IsoDate {
  return day(date).plus({ days }).toISODate()!;
}

/** 1 Monday … 7 Sunday */
export function weekdayOf(date: IsoDate): number {
  return day(date).weekday;
}

export function monthOf(date: IsoDate): IsoMonth {
  return date.slice(0, 7);
}

export function firstDay(month: IsoMonth): IsoDate {
  return `${month}-01`;
}

export function lastDay(month: IsoMonth): IsoDate {
  return day(firstDay(month)).endOf('month').toISODate()!;
}

export function addMonths(month: IsoMonth, months: number): IsoMonth {
  return monthOf(day(firstDay(month)).plus({ months }).toISODate()!);
}

/** Every month from `from` to `to`, both included; empty when `from` is later. */
export function monthsBetween(from: IsoMonth, to: IsoMonth): IsoMonth[] {
  const months: IsoMonth[] = [];
  for (let month = from; month <= to; month = addMonths(month, 1)) months.push(month);
  return months;
}

/** The day in Tokyo on which the instant falls. */
export function tokyoDate(instant: Date): IsoDate {
  return DateTime.fromJSDate(instant, { zone: ZONE }).toISODate()!;
}

/** The moment at which a clock in Tokyo shows `HH:MM` of the day. There is no summer time. */
export function tokyoInstant(date: IsoDate, time = '00:00'): Date {
  return new Date(`${date}T${time}:00+09:00`);
}

function day(date: IsoDate): DateTime {
  return DateTime.fromISO(date, { zone: 'utc' });
}
