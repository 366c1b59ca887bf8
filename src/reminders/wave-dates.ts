/** The days of a wave and how a message writes them. */
import { DateTime } from 'luxon';
import { addDays, addMonths, lastDay, monthOf, weekdayOf, type IsoDate } from '../platform/month.js';
import { businessDayFrom } from './business-calendar.js';

/** What a recipient gets to answer in: long enough for one round of weekly meetings. */
const DAYS_TO_DEADLINE = 10;

/** Waves speak about whole months: the last month end on or before the wave's day. */
export function figuresDate(on: IsoDate): IsoDate {
  const end = lastDay(monthOf(on));
  return end === on ? on : lastDay(addMonths(monthOf(on), -1));
}

/** Ten days after the wave, or the first business day after that. */
export function deadlineOf(on: IsoDate): IsoDate {
  return businessDayFrom(addDays(on, DAYS_TO_DEADLINE));
}

/** With fewer days left a deadline asks for haste. */
const LEAST_DAYS_LEFT = 5;

/** What a message of the wave names that leaves on a day: the wave's deadline while it leaves time, else one that does. */
export function deadlineWhenLeaving(on: IsoDate, leaving: IsoDate): IsoDate {
  const deadline = deadlineOf(on);
  return deadline < addDays(leaving, LEAST_DAYS_LEFT) ? deadlineOf(leaving) : deadline;
}

/** How a message writes its deadline, in its text and in its subject. */
export interface DeadlineWords {
  readonly deadline: string;
  readonly deadlineShort: string;
}

export function deadlineWords(deadline: IsoDate): DeadlineWords {
  return { deadline: dayAndWeekday(deadline), deadlineShort: shortDay(deadline) };
}

/** 11月21日(月) */
export function dayAndWeekday(date: IsoDate): string {
  const weekday = '月火水木金土日'[weekdayOf(date) - 1];
  return `${day(date).toFormat("M'月'd'日'")}(${weekday})`;
}

/** 11/21 */
export function shortDay(date: IsoDate): string {
  return day(date).toFormat('M/d');
}

function day(date: IsoDate): DateTime {
  return DateTime.fromISO(date, { zone: 'utc' });
}
