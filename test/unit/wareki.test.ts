import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { explainBadDate, parseDate, parseMonth, toWareki } from '../../src/platform/wareki.js';

describe('parseDate', () => {
  it.each([
    ['2022-10-31', '2022-10-31'],
    ['2022/10/31', '2022-10-31'],
    ['2022/1/7', '2022-01-07'],
    ['2022.10.31', '2022-10-31'],
    ['20221031', '2022-10-31'],
    ['2022年10月31日', '2022-10-31'],
    ['令和4年10月31日', '2022-10-31'],
    ['令和 4 年 10 月 31 日', '2022-10-31'],
    ['令和元年5月1日', '2019-05-01'],
    ['R4.10.31', '2022-10-31'],
    ['r4.10.31', '2022-10-31'],
    ['R04/10/31', '2022-10-31'],
    ['R041031', '2022-10-31'],
    ['R.4.10.31', '2022-10-31'],
    ['H31.4.30', '2019-04-30'],
    ['S63.1.7', '1988-01-07'],
    ['昭和64年1月7日', '1989-01-07'],
    ['㋿4.10.31', '2022-10-31'],
    ['㍻30年4月1日', '2018-04-01'],
    ['２０２２／１０／３１', '2022-10-31'],
    ['Ｒ４．１０．３１', '2022-10-31'],
    ['44865', '2022-10-31'],
    ['44865.375', '2022-10-31'],
    ['2022/10/31 00:00', '2022-10-31'],
    ['2022-10-31T00:00:00', '2022-10-31'],
    ['2022/10/31 0:00:00', '2022-10-31'],
    ['2022年10月31日(月)', '2022-10-31'],
    ['2024-02-29', '2024-02-29'],
  ])('reads %s', (text, date) => expect(parseDate(text)).toBe(date));

  it.each([
    'R4.13.1',
    '2022-02-30',
    '2023-02-29',
    '2022/4/31',
    '2022/0/1',
    '22/10/31',
    '4.10.31',
    '2022年10月',
    '10/31/2022',
    '今日',
    '',
    '00000',
    '12345',
    '99999',
    '45120120',
  ])('takes %s for no date', (text) => expect(parseDate(text)).toBeNull());

  it('takes a day after the end of an era, which papers printed before still say', () => {
    expect(parseDate('平成31年10月1日')).toBe('2019-10-01');
    expect(parseDate('H32.3.31')).toBe('2020-03-31');
  });

  it('refuses a day before the beginning of an era', () => {
    expect(parseDate('令和元年4月30日')).toBeNull();
    expect(explainBadDate('R1.4.30')).toBe('令和は2019/5/1からです。');
  });

  it('reads back every day it writes', () => {
    const days = fc
      .integer({ min: 0, max: 84_000 })
      .map((n) => new Date(Date.UTC(1870, 0, 1 + n)).toISOString().slice(0, 10));
    fc.assert(fc.property(days, (day) => parseDate(toWareki(day)) === day && parseDate(day) === day));
  });
});

describe('toWareki', () => {
  it.each([
    ['2022-10-31', '令和4年10月31日'],
    ['2019-05-01', '令和元年5月1日'],
    ['2019-04-30', '平成31年4月30日'],
    ['1989-01-07', '昭和64年1月7日'],
    ['1926-12-25', '昭和元年12月25日'],
  ])('writes %s as %s', (date, text) => expect(toWareki(date)).toBe(text));
});

describe('explainBadDate', () => {
  it.each([
    ['R4.13.1', '13月はありません。'],
    ['2022-02-30', '2022年2月は28日までです。'],
    [
      '22/10/31',
      '年が2桁では西暦か和暦かを決められません。2022/10/31 または R4.10.31 のように直してください。',
    ],
    ['未定', '日付として読み取れません。2022/10/31 または R4.10.31 のように直してください。'],
  ])('says of %s: %s', (text, sentence) => expect(explainBadDate(text)).toBe(sentence));
});

describe('parseMonth', () => {
  it.each([
    ['2027-03', '2027-03'],
    ['2027/3', '2027-03'],
    ['2027.3', '2027-03'],
    ['202703', '2027-03'],
    ['2027年3月', '2027-03'],
    ['令和9年3月', '2027-03'],
    ['令和 9 年 3 月', '2027-03'],
    ['R9.3', '2027-03'],
    ['２０２７／０３', '2027-03'],
    ['2027-03-14', '2027-03'],
    ['令和9年3月14日', '2027-03'],
    ['46460', '2027-03'],
  ])('reads %s', (text, month) => expect(parseMonth(text)).toBe(month));

  it.each(['27/3', '9.3', '2027-13', '2027', '3月', 'なし', '', '2027-02-30'])(
    'takes %s for no month',
    (text) => expect(parseMonth(text)).toBeNull(),
  );
});
