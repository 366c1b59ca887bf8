import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  holdsFractions,
  readBaseDate,
  readCount,
  readMonthEnd,
  readRate,
  toPercent,
} from '../../src/adoption/published-values.js';

const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0));

const rates = (...texts: string[]) => texts.map((text) => readRate(text)!);

describe('counts and rates of a published table', () => {
  test('a count reads the same plain, grouped, in full width and with its unit', () => {
    fc.assert(
      fc.property(fc.nat({ max: 200_000_000 }), (count) => {
        const grouped = count.toLocaleString('en-US');
        for (const text of [`${count}`, grouped, fullWidth(grouped), ` ${grouped} 人`, `${count}.0`]) {
          expect(readCount(text)).toBe(count);
        }
      }),
    );
  });

  test('a rate reads the same as per cent, in full width and as the fraction of a percent cell', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1200 }), (tenths) => {
        const percent = (tenths / 10).toFixed(1);
        for (const text of [percent, `${percent}%`, `${percent}％`, fullWidth(percent)]) {
          expect(toPercent(readRate(text)!, false)).toBe(tenths / 10);
        }
        expect(toPercent(readRate(String(tenths / 1000))!, true)).toBe(tenths / 10);
      }),
    );
  });

  test('nothing short of everything reads as 100.0', () => {
    expect(toPercent(readRate('99.96')!, false)).toBe(99.9);
    expect(toPercent(readRate('0.99999')!, true)).toBe(99.9);
    expect(toPercent(readRate('1')!, true)).toBe(100);
    expect(toPercent(readRate('46.55')!, false)).toBe(46.6);
  });

  test('a column holds fractions when no number in it is too large for one', () => {
    expect(holdsFractions(rates('0.465', '1.01'))).toBe(true);
    expect(holdsFractions(rates('0.9', '46.5'))).toBe(false);
    expect(holdsFractions(rates('0.9%'))).toBe(false);
  });

  test.each(['', '-', '－', '―', '…', '*', '<NA>'])('%j says that there is no value', (text) => {
    expect(readCount(text)).toBeNull();
    expect(readRate(text)).toBeNull();
  });

  test.each(['約45万', '1,23', '12a', '-5', '4 5人口'])('%j is no count', (text) => {
    expect(readCount(text)).toBeUndefined();
  });
});

describe('dates of a published table', () => {
  test.each([
    ['2022/10/31', '2022-10-31'],
    ['2022-10-31', '2022-10-31'],
    ['人口（R7.1.1時点）', '2025-01-01'],
    ['人口（H28.1.1時点）', '2016-01-01'],
    ['保有枚数（R7.8末）', '2025-08-31'],
    ['保有枚数\n（令和7年2月末時点）', '2025-02-28'],
    ['（令和元年5月1日現在）', '2019-05-01'],
    ['交付枚数（２０２２年１０月３１日時点）', '2022-10-31'],
    ['交付枚数（令和4年10月）', null],
    ['2022/13/01', null],
    ['2022/02/30', null],
    ['人口', null],
  ])('%j is %s', (text, date) => {
    expect(readBaseDate(text)).toBe(date);
  });

  test.each([
    ['2025/5/1', '2025-05-31'],
    ['2025-05-01', '2025-05-31'],
    ['2025年5月', '2025-05-31'],
    ['2025/05', '2025-05-31'],
    ['202505', '2025-05-31'],
    ['Feb-25', '2025-02-28'],
    ['Feb-24', '2024-02-29'],
    ['R7.5', '2025-05-31'],
    ['令和7年5月末', '2025-05-31'],
    ['Foo-25', null],
    ['2025/13/1', null],
    ['5月', null],
  ])('month %j ends on %s', (text, date) => {
    expect(readMonthEnd(text)).toBe(date);
  });
});
