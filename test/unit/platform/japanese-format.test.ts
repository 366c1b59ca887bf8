import { describe, expect, it } from '@jest/globals';
import {
  formatCount,
  formatDate,
  formatGoalRate,
  formatMonth,
  formatMonthEnd,
  formatPercent,
  formatPoints,
  formatRate,
  formatSignedCount,
} from '../../../src/platform/japanese-format.js';

describe('figures for people', () => {
  it('group thousands', () => expect(formatCount(3300)).toBe('3,300'));

  it('carry their sign, with a true minus and ± for no change', () => {
    expect([38, -4, 0, -1200].map(formatSignedCount)).toEqual(['+38', '\u22124', '±0', '\u22121,200']);
    expect([1.3, -0.4, 0, -0.04].map(formatPoints)).toEqual(['+1.3', '\u22120.4', '±0.0', '±0.0']);
  });

  it('always show one decimal of a rate', () => {
    expect([82, 99.9, 100, 0].map(formatRate)).toEqual(['82.0', '99.9', '100.0', '0.0']);
    expect(formatPercent(82)).toBe('82.0%');
  });

  it('are a hyphen where there is none', () => {
    expect([formatRate(null), formatPercent(null), formatPoints(null)]).toEqual(['-', '-', '-']);
  });

  it('show a target as it was set', () => {
    expect([100, 97.5].map(formatGoalRate)).toEqual(['100%', '97.5%']);
  });
});

describe('days for people', () => {
  it('are written out without leading zeros', () => {
    expect(formatDate('2022-10-31')).toBe('2022年10月31日');
    expect(formatDate('2023-04-01')).toBe('2023年4月1日');
    expect(formatMonth('2022-04')).toBe('2022年4月');
  });

  it.each([
    ['2022-10', '2022年(令和4年)10月末'],
    ['2019-04', '2019年(平成31年)4月末'],
    ['2019-05', '2019年(令和元年)5月末'],
  ])('%s names the era of its last day', (month, written) => {
    expect(formatMonthEnd(month)).toBe(written);
  });
});
