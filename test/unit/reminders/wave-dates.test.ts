import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { addDays } from '../../../src/platform/month.js';
import { isBusinessDay } from '../../../src/reminders/business-calendar.js';
import { hasDeadline } from '../../../src/reminders/policy-deadline.js';
import { POLICIES } from '../../../src/reminders/policy.js';
import { dayAndWeekday, deadlineOf, figuresDate, shortDay } from '../../../src/reminders/wave-dates.js';

describe('the figures of a wave', () => {
  test.each([
    ['2022-11-10', '2022-10-31'],
    ['2022-11-01', '2022-10-31'],
    ['2022-11-29', '2022-10-31'],
    ['2022-11-30', '2022-11-30'],
    ['2023-01-04', '2022-12-31'],
    ['2024-02-29', '2024-02-29'],
    ['2024-02-28', '2024-01-31'],
  ])('on %s are those of %s', (on, asOf) => expect(figuresDate(on)).toBe(asOf));
});

describe('the deadline of a wave', () => {
  test.each([
    ['2022-11-11', '2022-11-21'], // a Monday
    ['2022-11-10', '2022-11-21'], // the tenth day is a Sunday
    ['2022-11-09', '2022-11-21'], // the tenth day is a Saturday
    ['2022-11-13', '2022-11-24'], // the tenth day is a holiday
    ['2022-12-20', '2023-01-04'], // the tenth day is in the closed days around New Year
    ['2022-12-28', '2023-01-10'], // a Saturday, and the Monday after it is a holiday
  ])('on %s is %s', (on, deadline) => expect(deadlineOf(on)).toBe(deadline));

  test('is the first business day from the tenth day on, whatever the day of the wave', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (days) => {
        const on = addDays('2015-10-05', days);
        const deadline = deadlineOf(on);
        expect(isBusinessDay(deadline)).toBe(true);
        for (let day = addDays(on, 10); day < deadline; day = addDays(day, 1))
          expect([day, isBusinessDay(day)]).toEqual([day, false]);
      }),
    );
  });

  test('is written with its weekday, and short in the subject', () => {
    expect(dayAndWeekday('2022-11-15')).toBe('11月15日(火)');
    expect(shortDay('2022-11-05')).toBe('11/5');
  });
});

test('only what asks for something has a day to show for it', () => {
  const without = POLICIES.map(({ name }) => name).filter((name) => !hasDeadline(name));
  expect(without).toEqual(['thanks', 'bureau-digest', 'exception-decided', 'exception-ending']);
});
