/** The days on which a city hall is open: not on Saturdays, Sundays, public holidays and from 29 December to 3 January. */
import holidayJp from '@holiday-jp/holiday_jp';
import { addDays, firstDay, weekdayOf, type IsoDate, type IsoMonth } from '../platform/month.js';

/** Known from 1970 to 2050; outside, only weekends and the turn of the year are closed. */
const HOLIDAYS: ReadonlySet<string> = new Set(Object.keys(holidayJp.holidays));

export function isBusinessDay(date: IsoDate): boolean {
  const dayOfYear = date.slice(5);
  return weekdayOf(date) <= 5 && dayOfYear >= '01-04' && dayOfYear <= '12-28' && !HOLIDAYS.has(date);
}

/** The day itself, or the first business day after it. */
export function businessDayFrom(date: IsoDate): IsoDate {
  return isBusinessDay(date) ? date : addBusinessDays(date, 1);
}

/** The `count`-th business day after the date, or before it where the count is negative. */
export function addBusinessDays(date: IsoDate, count: number): IsoDate {
  const step = Math.sign(count);
  for (let left = Math.abs(count); left > 0;) {
    date = addDays(date, step);
    if (isBusinessDay(date)) left -= 1;
  }
  return date;
}

/** `nth` from 1. Months have 18 business days or more; what goes beyond the month falls into the next. */
export function nthBusinessDay(month: IsoMonth, nth: number): IsoDate {
  return addBusinessDays(addDays(firstDay(month), -1), nth);
}
