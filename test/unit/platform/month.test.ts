import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  addDays,
  addMonths,
  isIsoDate,
  lastDay,
  monthOf,
  tokyoDate,
  weekdayOf,
} from '../../../src/platform/month.js';

const day = (date: string) => DateTime.fromISO(date, { zone: 'utc' });
const instant = fc.date({
  min: new Date('1952-01-01'),
  max: new Date('9990-12-31'),
  noInvalidDate: true,
});
const date = instant.map((moment) => moment.toISOString().slice(0, 10));

describe('days and months, against a library of calendars', () => {
  test('days are added and have their weekday', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -3_000, max: 3_000 }), (from, days) => {
        expect(addDays(from, days)).toBe(day(from).plus({ days }).toISODate());
        expect(weekdayOf(from)).toBe(day(from).weekday);
      }),
    );
  });

  test('months are added and have their last day', () => {
    fc.assert(
      fc.property(date, fc.integer({ min: -300, max: 100 }), (from, months) => {
        const month = monthOf(from);
        const other = day(`${month}-01`).plus({ months });
        expect(addMonths(month, months)).toBe(other.toFormat('yyyy-MM'));
        expect(lastDay(month)).toBe(day(from).endOf('month').toISODate());
      }),
    );
  });

  test('an instant falls on its day in Tokyo', () => {
    fc.assert(
      fc.property(instant, (moment) => {
        expect(tokyoDate(moment)).toBe(DateTime.fromJSDate(moment, { zone: 'Asia/Tokyo' }).toISODate());
      }),
    );
  });

  test('a day is one that exists', () => {
    const part = (max: number, digits: number) =>
      fc.integer({ min: 0, max }).map((n) => String(n).padStart(digits, '0'));
    fc.assert(
      fc.property(part(9999, 4), part(14, 2), part(33, 2), (year, month, dayOfMonth) => {
        const text = `${year}-${month}-${dayOfMonth}`;
        expect(isIsoDate(text)).toBe(year !== '0000' && day(text).isValid);
      }),
      { numRuns: 2_000 },
    );
    for (const text of ['', '2022-2-3', '2022-02-30', '2022-10-31T00:00', '２０２２-10-31', '0000-01-01'])
      expect([text, isIsoDate(text)]).toEqual([text, false]);
  });
});
