/**
 * On which days standing rules fall due. Whoever computes it at whatever minute gets the same days: they follow from the
 * calendar and the city's sending times alone, never from when something ran last.
 */
import { addDays, addMonths, monthOf, tokyoDate, type IsoDate } from '../platform/month.js';
import { nthBusinessDay } from './business-calendar.js';
import {
  mayLeaveAt,
  openingOf,
  sendingDayBefore,
  sendingDayFrom,
  type SendingTimes,
} from './sending-times.js';

export type Schedule =
  | { readonly kind: 'monthly'; readonly businessDay: number }
  /** Each person so many days after joining: a wave on every sending day, about those whose day it is. */
  | { readonly kind: 'after-joining'; readonly days: number }
  /** Every sending day, about those whose day it is: no wave where there is nobody. */
  | { readonly kind: 'daily' }
  | { readonly kind: 'by-hand' };

/** A monthly wave that quiet periods would move further than that is left out. */
export const MOST_DAYS_MOVED = 14;

/** A policy, as far as its days are concerned. */
export interface Scheduled {
  readonly name: string;
  readonly schedule: Schedule;
}

export interface WaveDay {
  /**
   * The day by the calendar alone. Together with the policy it names the wave: quiet periods that are added or taken back
   * later move the wave, and make no second one of it.
   */
  readonly regular: IsoDate;
  /** The day on which it goes out. */
  readonly on: IsoDate;
}

export interface DueWave extends WaveDay {
  readonly policy: string;
  /** `overdue` where its day is over at `to`, because nothing ran on it: somebody has to confirm it first. */
  readonly state: 'due' | 'overdue';
}

/**
 * The waves whose opening lies after `from` and not after `to`, the first one first: what is due at `to`, as far as it was
 * not at `from`. Ranges that follow each other miss nothing and give nothing twice.
 */
export function dueWaves(
  { name: policy, schedule }: Scheduled,
  from: Date,
  to: Date,
  times: SendingTimes,
): DueWave[] {
  const due: DueWave[] = [];
  const today = tokyoDate(to);
  for (const day of waveDays(schedule, tokyoDate(from), times)) {
    const opening = openingOf(day.on, times);
    if (opening > to) break;
    if (opening <= from) continue;
    due.push({ policy, ...day, state: day.on === today && mayLeaveAt(to, times) ? 'due' : 'overdue' });
  }
  return due;
}

/** The next wave that opens after the moment; undefined for what is started by hand. */
export function nextWave({ schedule }: Scheduled, after: Date, times: SendingTimes): WaveDay | undefined {
  for (const day of waveDays(schedule, tokyoDate(after), times))
    if (openingOf(day.on, times) > after) return day;
  return undefined;
}

/** Those whose wave is the one on `on` joined from `from` on and before `to`: everybody who joins has exactly one. */
export function joinedFor(
  { days }: Extract<Schedule, { kind: 'after-joining' }>,
  on: IsoDate,
  times: SendingTimes,
): { from: IsoDate; to: IsoDate } {
  return { from: addDays(sendingDayBefore(on, times), 1 - days), to: addDays(on, 1 - days) };
}

/** 毎月の第1営業日 */
export function scheduleWords(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'monthly':
      return `毎月の第${schedule.businessDay}営業日`;
    case 'after-joining':
      return `着任から${schedule.days}日後(閉庁日のときは次の営業日)`;
    case 'daily':
      return '開庁日ごと(送る相手がいる日だけ)';
    case 'by-hand':
      return '手動';
  }
}

/** Without end, in order, and with every day from `from` on; perhaps some before it. */
function* waveDays(schedule: Schedule, from: IsoDate, times: SendingTimes): Generator<WaveDay> {
  if (schedule.kind === 'after-joining' || schedule.kind === 'daily') {
    for (let on = sendingDayFrom(from, times); ; on = sendingDayFrom(addDays(on, 1), times))
      yield { regular: on, on };
  }
  if (schedule.kind === 'monthly') {
    // A quiet period may have moved the wave of the month before into this one.
    for (let month = addMonths(monthOf(from), -1); ; month = addMonths(month, 1)) {
      const regular = nthBusinessDay(month, schedule.businessDay);
      const on = sendingDayFrom(regular, times);
      // Later, it would come shortly before the next: that one speaks for both.
      if (on <= addDays(regular, MOST_DAYS_MOVED)) yield { regular, on };
    }
  }
}
