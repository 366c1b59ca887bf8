/** What holds for all standing rules together: when anybody may be written to, and how often at most. */
import { AppError } from '../platform/errors.js';
import { addDays, isIsoDate } from '../platform/month.js';
import { refuseIn } from '../platform/request-text.js';
import type { PersonalLimits } from './reminder-limits.js';
import type { QuietPeriod, SendingTimes } from './sending-times.js';

export interface ReminderRules extends SendingTimes, PersonalLimits {}

/** Where the city has set nothing else. */
export const PROPOSED_RULES: ReminderRules = {
  officeHours: { from: '09:00', to: '17:00' },
  minGapDays: 14,
  maxPerYear: 6,
  quietPeriods: [],
};

const MOST_GAP_DAYS = 365;
const MOST_PER_YEAR = 52;
const MOST_PERIODS = 50;
const MOST_DAYS_QUIET = 366;
const MOST_LETTERS = 50;

/** The same with names trimmed and periods in order. Throws `bad_rules`, `individual_number`. */
export function checkedRules({
  officeHours,
  minGapDays,
  maxPerYear,
  quietPeriods,
}: ReminderRules): ReminderRules {
  if (![officeHours.from, officeHours.to].every(isTime) || officeHours.from >= officeHours.to)
    throw bad('送ってよい時間帯は、09:00 から 17:00 のように、始まりを終わりより前にして指定してください。');
  if (!isBetween(minGapDays, 0, MOST_GAP_DAYS))
    throw bad(`案内の間隔は0から${MOST_GAP_DAYS}までの日数で指定してください。`);
  if (!isBetween(maxPerYear, 1, MOST_PER_YEAR))
    throw bad(`1年に送る件数の上限は1から${MOST_PER_YEAR}までで指定してください。`);
  if (quietPeriods.length > MOST_PERIODS)
    throw bad(`休止期間は${MOST_PERIODS}件までです。過ぎたものを取り消してください。`);
  return {
    officeHours: { from: officeHours.from, to: officeHours.to },
    minGapDays,
    maxPerYear,
    quietPeriods: quietPeriods.map(checkedPeriod).toSorted(inOrder),
  };
}

function checkedPeriod({ from, to, name }: QuietPeriod): QuietPeriod {
  if (!isIsoDate(from) || !isIsoDate(to) || to < from || to >= addDays(from, MOST_DAYS_QUIET))
    throw bad(
      `休止期間は、2023-02-20 から 2023-03-20 のように、実在する日で指定してください。終わりの日は、はじめの日かそのあとで、${MOST_DAYS_QUIET}日以内です。`,
    );
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > MOST_LETTERS)
    throw bad(`休止期間の名前を${MOST_LETTERS}文字までで入力してください(例: 議会)。`);
  refuseIn(trimmed, 'name');
  return { from, to, name: trimmed };
}

function inOrder(a: QuietPeriod, b: QuietPeriod): number {
  return a.from < b.from || (a.from === b.from && a.to < b.to) ? -1 : 1;
}

function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function bad(message: string): AppError {
  return new AppError('bad_rules', 'invalid', message);
}
