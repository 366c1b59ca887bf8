import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { addDays, addMonths, monthOf, tokyoDate, tokyoInstant } from '../../../src/platform/month.js';
import { isBusinessDay } from '../../../src/reminders/business-calendar.js';
import { POLICIES } from '../../../src/reminders/policy.js';
import {
  dueWaves,
  joinedFor,
  nextWave,
  type DueWave,
  type Schedule,
} from '../../../src/reminders/schedule.js';
import {
  mayLeaveAt,
  nextOpening,
  sendingDayFrom,
  type QuietPeriod,
  type SendingTimes,
} from '../../../src/reminders/sending-times.js';
import { deadlineOf } from '../../../src/reminders/wave-dates.js';

const OFFICE: SendingTimes = { officeHours: { from: '09:00', to: '17:00' }, quietPeriods: [] };
const quiet = (...periods: [string, string][]): SendingTimes => ({
  ...OFFICE,
  quietPeriods: periods.map(([from, to]) => ({ from, to, name: '議会' })),
});
const policy = (name: string) => POLICIES.find((one) => one.name === name)!;
const at = (text: string) => new Date(`${text.replace(' ', 'T')}:00+09:00`);
const due = (name: string, from: string, to: string, times = OFFICE) =>
  dueWaves(policy(name), at(from), at(to), times).map(({ on, state }) => `${on} ${state}`);

describe('each shipped policy in the new year of 2023', () => {
  test.each([
    ['manager-monthly', ['2023-01-04', '2023-02-01']],
    ['thanks', ['2023-01-04', '2023-02-01']],
    ['bureau-digest', ['2023-01-06', '2023-02-03']],
    ['escalation', ['2023-01-11', '2023-02-07']],
    ['renewal', ['2023-01-11', '2023-02-07']],
    ['staff-monthly', ['2023-01-18', '2023-02-14']],
    ['top-message', []],
  ])('%s falls due on %s', (name, days) => {
    const waves = dueWaves(policy(name), at('2022-12-28 09:00'), at('2023-02-28 16:00'), OFFICE);
    expect(waves.map(({ on }) => on)).toEqual(days);
  });

  test('staff-start may speak on every business day, and speaks of those whose fourteenth day it is', () => {
    const start = policy('staff-start');
    const waves = dueWaves(start, at('2022-12-27 09:00'), at('2023-01-06 16:00'), OFFICE);
    expect(waves.map(({ on }) => on)).toEqual(['2022-12-28', '2023-01-04', '2023-01-05', '2023-01-06']);
    const schedule = start.schedule as Extract<Schedule, { kind: 'after-joining' }>;
    expect(joinedFor(schedule, '2022-12-28', OFFICE)).toEqual({ from: '2022-12-14', to: '2022-12-15' });
    // From 29 December to 3 January nobody is written to: whose day lies there is written to on the fourth.
    expect(joinedFor(schedule, '2023-01-04', OFFICE)).toEqual({ from: '2022-12-15', to: '2022-12-22' });
    expect(joinedFor(schedule, '2024-03-14', OFFICE)).toEqual({ from: '2024-02-29', to: '2024-03-01' });
  });

  test('every shipped policy is one of these', () => {
    expect(POLICIES.map(({ name }) => name).toSorted()).toEqual([
      'bureau-digest',
      'escalation',
      'exception-decided',
      'exception-ending',
      'manager-monthly',
      'renewal',
      'staff-monthly',
      'staff-start',
      'thanks',
      'top-message',
    ]);
  });
});

describe('a wave is due', () => {
  test.each([
    ['on a first of the month', '2022-12-01 08:59', '2022-12-01 09:00', ['2022-12-01 due']],
    ['not before the office opens', '2022-11-30 09:00', '2022-12-01 08:59', []],
    ['not again a minute later', '2022-12-01 09:00', '2022-12-01 09:01', []],
    [
      'for the rest of its day, where nothing ran',
      '2022-11-30 09:00',
      '2022-12-01 16:59',
      ['2022-12-01 due'],
    ],
    ['after the holidays of May', '2019-04-30 12:00', '2019-05-07 09:00', ['2019-05-07 due']],
    ['before the holidays of May', '2023-04-28 12:00', '2023-05-01 09:00', ['2023-05-01 due']],
    ['on no holiday: New Year is on the fourth', '2023-12-28 09:00', '2024-01-04 09:00', ['2024-01-04 due']],
    ['not on 1 January', '2023-12-28 09:00', '2024-01-01 12:00', []],
    ['after a leap day', '2024-02-29 09:00', '2024-03-01 09:00', ['2024-03-01 due']],
  ])('%s', (_, from, to, waves) => expect(due('manager-monthly', from, to)).toEqual(waves));

  test('on the day of Tokyo: at midnight in UTC its first of December has been going on for nine hours', () => {
    const tick = (from: string, to: string) =>
      dueWaves(policy('manager-monthly'), new Date(from), new Date(to), OFFICE).map(({ on }) => on);
    expect(tick('2022-11-30T23:59:00Z', '2022-12-01T00:00:00Z')).toEqual(['2022-12-01']);
    expect(tick('2022-11-30T15:00:00Z', '2022-11-30T23:59:00Z')).toEqual([]);
    expect(tick('2022-12-01T00:00:00Z', '2022-12-01T15:00:00Z')).toEqual([]);
  });

  test('on the leap day, where that is the business day', () => {
    const schedule: Schedule = { kind: 'monthly', businessDay: 19 };
    const waves = dueWaves(
      { name: 'leap', schedule },
      at('2024-02-28 09:00'),
      at('2024-02-29 09:00'),
      OFFICE,
    );
    expect(waves).toEqual([{ policy: 'leap', regular: '2024-02-29', on: '2024-02-29', state: 'due' }]);
  });
});

describe('a wave is overdue', () => {
  test.each([
    ['once the office has closed on its day', '2022-11-30 09:00', '2022-12-01 17:00', ['2022-12-01 overdue']],
    ['after three days down', '2022-11-30 18:00', '2022-12-03 18:00', ['2022-12-01 overdue']],
    [
      'each month, after a restore from an old backup',
      '2022-09-30 09:00',
      '2022-12-01 10:00',
      ['2022-10-03 overdue', '2022-11-01 overdue', '2022-12-01 due'],
    ],
  ])('%s', (_, from, to, waves) => expect(due('manager-monthly', from, to)).toEqual(waves));

  test('for each day of three days down, and the one of today is due', () => {
    expect(due('staff-start', '2022-11-30 09:00', '2022-12-05 09:30')).toEqual([
      '2022-12-01 overdue',
      '2022-12-02 overdue',
      '2022-12-05 due',
    ]);
  });
});

describe('a quiet period', () => {
  const assembly = quiet(['2023-03-01', '2023-03-10']);

  test('moves a wave to the first business day after it, which stays the wave of its regular day', () => {
    expect(due('manager-monthly', '2023-02-28 09:00', '2023-03-10 12:00', assembly)).toEqual([]);
    expect(
      dueWaves(policy('manager-monthly'), at('2023-03-10 12:00'), at('2023-03-13 09:00'), assembly),
    ).toEqual([{ policy: 'manager-monthly', regular: '2023-03-01', on: '2023-03-13', state: 'due' }]);
  });

  test('may move it into the next month', () => {
    const waves = dueWaves(
      policy('staff-monthly'),
      at('2023-02-01 08:00'),
      at('2023-02-28 09:00'),
      quiet(['2023-01-18', '2023-01-31']),
    );
    expect(waves.map(({ regular, on }) => [regular, on])).toEqual([
      ['2023-01-18', '2023-02-01'],
      ['2023-02-14', '2023-02-14'],
    ]);
  });

  test('of more than two weeks leaves the wave of the month out', () => {
    const long = quiet(['2023-02-20', '2023-03-20']);
    expect(nextWave(policy('manager-monthly'), at('2023-02-01 09:00'), long)).toEqual({
      regular: '2023-04-03',
      on: '2023-04-03',
    });
  });

  test('holds back those who would hear after joining, and nobody is forgotten', () => {
    const schedule = policy('staff-start').schedule as Extract<Schedule, { kind: 'after-joining' }>;
    expect(joinedFor(schedule, '2023-03-13', assembly)).toEqual({ from: '2023-02-15', to: '2023-02-28' });
  });
});

describe('messages may leave', () => {
  const holidays = quiet(['2022-11-07', '2022-11-08']);
  test.each([
    ['2022-12-01 08:59', '2022-12-01 09:00'],
    ['2022-12-01 09:00', '2022-12-01 09:00'],
    ['2022-12-01 16:59', '2022-12-01 16:59'],
    ['2022-12-01 17:00', '2022-12-02 09:00'],
    ['2022-12-02 17:00', '2022-12-05 09:00'],
    ['2022-12-28 20:00', '2023-01-04 09:00'],
    ['2022-11-04 17:00', '2022-11-09 09:00'],
  ])('at %s: from %s on', (asked, opens) => {
    expect(nextOpening(at(asked), holidays)).toEqual(at(opens));
    expect(mayLeaveAt(at(asked), holidays)).toBe(asked === opens);
  });
});

/** 2015 to 2042 */
const instant = fc
  .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 24 * 60 - 1 }))
  .map(([days, minutes]) => new Date(tokyoInstant(addDays('2015-01-01', days)).getTime() + minutes * 60_000));
const times = fc.record({
  officeHours: fc.constantFrom({ from: '09:00', to: '17:00' }, { from: '08:30', to: '17:15' }),
  quietPeriods: fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 60 }))
      .map(([from, length]): QuietPeriod => {
        const first = addDays('2015-01-01', from);
        return { from: first, to: addDays(first, length), name: '休止' };
      }),
    { maxLength: 30 },
  ),
});
const shipped = fc.constantFrom(...POLICIES);
const after = (from: Date, days: number) => new Date(from.getTime() + days * 86_400_000);
const isQuiet = (day: string, { quietPeriods }: SendingTimes) =>
  quietPeriods.some(({ from, to }) => from <= day && day <= to);

describe('whatever the policy, the moments and the sending times', () => {
  test('ticks that follow each other find each wave once, as a single look would', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 120 * 24 * 60 }), { maxLength: 12 });
    fc.assert(
      fc.property(shipped, instant, cuts, times, (one, start, minutes, when) => {
        const moments = [0, ...minutes.toSorted((a, b) => a - b), 120 * 24 * 60].map(
          (minute) => new Date(start.getTime() + minute * 60_000),
        );
        const names = (waves: DueWave[]) => waves.map(({ regular, on }) => `${regular} ${on}`);
        const ticks = moments.slice(1).flatMap((to, n) => names(dueWaves(one, moments[n]!, to, when)));
        expect(ticks).toEqual(names(dueWaves(one, start, moments.at(-1)!, when)));
        expect(new Set(ticks).size).toBe(ticks.length);
      }),
      { numRuns: 50 },
    );
  });

  test('waves open on business days outside quiet periods, and are due only while the office is open', () => {
    fc.assert(
      fc.property(shipped, instant, fc.integer({ min: 1, max: 90 }), times, (one, from, days, when) => {
        const to = after(from, days);
        for (const { on, state } of dueWaves(one, from, to, when)) {
          expect([on, isBusinessDay(on), isQuiet(on, when)]).toEqual([on, true, false]);
          expect(state === 'due').toBe(on === tokyoDate(to) && mayLeaveAt(to, when));
        }
      }),
    );
  });

  test('a monthly policy speaks once a month at most, never within ten days of the last time', () => {
    const monthly = fc.constantFrom(...POLICIES.filter(({ schedule }) => schedule.kind === 'monthly'));
    fc.assert(
      fc.property(monthly, instant, times, (one, from, when) => {
        const waves = dueWaves(one, from, after(from, 400), when);
        expect(new Set(waves.map(({ regular }) => monthOf(regular))).size).toBe(waves.length);
        waves.slice(1).forEach(({ on }, n) => expect(on >= addDays(waves[n]!.on, 10)).toBe(true));
      }),
      { numRuns: 50 },
    );
  });

  test('the next wave is the first that falls due later', () => {
    fc.assert(
      fc.property(shipped, instant, times, (one, from, when) => {
        const next = nextWave(one, from, when);
        if (!next) return expect(one.schedule.kind).toBe('by-hand');
        const opening = tokyoInstant(next.on, when.officeHours.from);
        expect(dueWaves(one, from, opening, when)).toEqual([{ policy: one.name, ...next, state: 'due' }]);
      }),
    );
  });

  test('everybody who joins hears of it in exactly one wave, fourteen days later or as soon as possible then', () => {
    const schedule = policy('staff-start').schedule as Extract<Schedule, { kind: 'after-joining' }>;
    fc.assert(
      fc.property(instant, times, (when, sending) => {
        const joined = tokyoDate(when);
        const waves: string[] = [];
        for (let on = addDays(joined, 1); on < addDays(joined, 400); on = addDays(on, 1)) {
          if (sendingDayFrom(on, sending) !== on) continue;
          const { from, to } = joinedFor(schedule, on, sending);
          if (from <= joined && joined < to) waves.push(on);
        }
        expect(waves).toEqual([sendingDayFrom(addDays(joined, 14), sending)]);
      }),
      { numRuns: 30 },
    );
  });

  test('people are written to only once the time is over that their managers had to tell them', () => {
    fc.assert(
      fc.property(instant.map(tokyoDate).map(monthOf), (month) => {
        const start = tokyoInstant(`${month}-01`);
        const [managers] = dueWaves(policy('manager-monthly'), start, after(start, 31), OFFICE);
        const people = dueWaves(policy('staff-monthly'), start, after(start, 31), OFFICE);
        expect(monthOf(people[0]!.on)).toBe(month);
        expect(people[0]!.on > deadlineOf(managers!.on)).toBe(true);
        expect(people.slice(1).every(({ on }) => monthOf(on) === addMonths(month, 1))).toBe(true);
      }),
    );
  });
});
