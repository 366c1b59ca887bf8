/** When messages of standing rules may leave: in office hours of business days that lie in no quiet period. */
import { addDays, tokyoDate, tokyoInstant, type IsoDate } from '../platform/month.js';
import { addBusinessDays, businessDayFrom } from './business-calendar.js';

/** `HH:MM` in Tokyo, from the first minute up to, but not with, the last. */
export interface OfficeHours {
  readonly from: string;
  readonly to: string;
}

/** Days on which nobody is written to: 議会, 人事異動 … Both days are part of it. */
export interface QuietPeriod {
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly name: string;
}

export interface SendingTimes {
  readonly officeHours: OfficeHours;
  readonly quietPeriods: readonly QuietPeriod[];
}

/** The first day from `date` on, itself included, on which messages may leave. */
export function sendingDayFrom(date: IsoDate, { quietPeriods }: SendingTimes): IsoDate {
  for (;;) {
    const day = businessDayFrom(date);
    const quiet = quietOn(day, quietPeriods);
    if (!quiet) return day;
    date = addDays(quiet.to, 1);
  }
}

/** The last day before `date` on which messages may leave. */
export function sendingDayBefore(date: IsoDate, { quietPeriods }: SendingTimes): IsoDate {
  for (;;) {
    const day = addBusinessDays(date, -1);
    const quiet = quietOn(day, quietPeriods);
    if (!quiet) return day;
    date = quiet.from;
  }
}

/** The moment from which messages may leave on a day on which they may. */
export function openingOf(day: IsoDate, { officeHours }: SendingTimes): Date {
  return tokyoInstant(day, officeHours.from);
}

/** The moment from which messages may not leave any more on the day of the instant. */
export function closingOf(instant: Date, { officeHours }: SendingTimes): Date {
  return tokyoInstant(tokyoDate(instant), officeHours.to);
}

export function mayLeaveAt(instant: Date, times: SendingTimes): boolean {
  return nextOpening(instant, times).getTime() === instant.getTime();
}

/** The instant itself where messages may leave, else the next moment at which they may. */
export function nextOpening(instant: Date, times: SendingTimes): Date {
  const today = tokyoDate(instant);
  const over = instant >= closingOf(instant, times);
  const opening = openingOf(sendingDayFrom(over ? addDays(today, 1) : today, times), times);
  return opening > instant ? opening : instant;
}

function quietOn(day: IsoDate, periods: readonly QuietPeriod[]): QuietPeriod | undefined {
  return periods.find(({ from, to }) => from <= day && day <= to);
}
