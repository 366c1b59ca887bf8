import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { addDays, firstDay, monthOf, tokyoDate, tokyoInstant } from '../../../src/platform/month.js';
import {
  addBusinessDays,
  businessDayFrom,
  isBusinessDay,
  nthBusinessDay,
} from '../../../src/reminders/business-calendar.js';

/** 2000 to 2049 */
const day = fc.integer({ min: 0, max: 18_000 }).map((days) => addDays('2000-01-01', days));
const open = day.filter(isBusinessDay);

describe('a city hall is closed', () => {
  test.each([
    ['2022-12-03', 'on a Saturday'],
    ['2022-12-04', 'on a Sunday'],
    ['2022-11-23', 'on a holiday'],
    ['2023-01-02', 'on the second of January'],
    ['2022-12-29', 'from the 29th of December'],
    ['2023-01-03', 'to the third of January'],
    ['2024-02-12', 'on the Monday in lieu of a holiday on a Sunday'],
    ['2019-04-30', 'on the day between two holidays'],
    ['2019-05-01', 'on the holiday that there was once'],
    ['2021-07-23', 'on a holiday that was moved for one year'],
  ])('%s: %s', (date) => expect(isBusinessDay(date)).toBe(false));

  test.each([
    ['2022-12-28', 'the last day of the year that it works'],
    ['2023-01-04', 'the first one'],
    ['2021-07-19', 'the day from which a holiday was moved away'],
    ['2024-02-29', 'a leap day'],
    ['2019-12-23', 'a birthday that is no holiday any more'],
  ])('but not on %s, %s', (date) => expect(isBusinessDay(date)).toBe(true));
});

describe('the first business day of a month', () => {
  test.each([
    ['2022-12', '2022-12-01'],
    ['2022-10', '2022-10-03'], // after a weekend
    ['2023-01', '2023-01-04'],
    ['2022-01', '2022-01-04'],
    ['2024-01', '2024-01-04'],
    ['2021-01', '2021-01-04'], // a Monday after the closed days and a weekend
    ['2020-01', '2020-01-06'], // the fourth is a Saturday
    ['2019-05', '2019-05-07'], // ten days of holidays
    ['2023-05', '2023-05-01'],
    ['2024-03', '2024-03-01'],
  ])('%s is %s', (month, date) => expect(nthBusinessDay(month, 1)).toBe(date));

  test('the holidays of May lie between its second and its third', () => {
    expect([1, 2, 3].map((nth) => nthBusinessDay('2023-05', nth))).toEqual([
      '2023-05-01',
      '2023-05-02',
      '2023-05-08',
    ]);
  });

  test('the 19th of a leap February is the leap day', () => {
    expect(nthBusinessDay('2024-02', 19)).toBe('2024-02-29');
    expect(nthBusinessDay('2024-02', 20)).toBe('2024-03-01');
  });
});

describe('whatever the day', () => {
  test('the nth business day is one, and exactly n - 1 of its month come before it', () => {
    fc.assert(
      fc.property(day.map(monthOf), fc.integer({ min: 1, max: 18 }), (month, nth) => {
        const date = nthBusinessDay(month, nth);
        expect([monthOf(date), isBusinessDay(date)]).toEqual([month, true]);
        let before = 0;
        for (let one = firstDay(month); one < date; one = addDays(one, 1))
          before += isBusinessDay(one) ? 1 : 0;
        expect(before).toBe(nth - 1);
      }),
    );
  });

  test('the business day from a day on is the day itself or has only closed days before it', () => {
    fc.assert(
      fc.property(day, (date) => {
        const from = businessDayFrom(date);
        expect(from >= date && isBusinessDay(from)).toBe(true);
        for (let one = date; one < from; one = addDays(one, 1)) expect(isBusinessDay(one)).toBe(false);
        expect(businessDayFrom(from)).toBe(from);
      }),
    );
  });

  test('so many business days on and back is where one was, and steps add up', () => {
    fc.assert(
      fc.property(open, fc.nat(40), fc.nat(40), (date, one, more) => {
        expect(addBusinessDays(addBusinessDays(date, one), -one)).toBe(date);
        expect(addBusinessDays(addBusinessDays(date, one), more)).toBe(addBusinessDays(date, one + more));
      }),
    );
  });

  test('its moments in Tokyo lie on it, also where UTC is still on the day before', () => {
    expect(tokyoInstant('2022-12-01', '08:59').toISOString()).toBe('2022-11-30T23:59:00.000Z');
    fc.assert(
      fc.property(day, fc.constantFrom('00:00', '08:59', '09:00', '23:59'), (date, time) => {
        expect(tokyoDate(tokyoInstant(date, time))).toBe(date);
      }),
    );
  });
});
