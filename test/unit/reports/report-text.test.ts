import { describe, expect, it } from '@jest/globals';
import {
  changeLines,
  citizensNote,
  citizensTitle,
  closedOn,
  definitionLines,
  departmentsTitle,
  reportByline,
  reportHeadline,
  smallGroupNote,
  trendTitle,
} from '../../../src/reports/report-text.js';
import { department, sampleReport } from '../../support/sample-report.js';

const report = sampleReport();

describe('the sentences of the report', () => {
  it('start with the finding', () => {
    expect(reportHeadline(report)).toBe('職員の保有率は82.0%。目標まで残り594人');
  });

  it('say which target is meant when it is not everybody', () => {
    const headline = { ...report.headline, goal: { rate: 90, by: null }, remaining: 264 };
    expect(reportHeadline({ ...report, headline })).toBe('職員の保有率は82.0%。目標の90%まで残り264人');
  });

  it('say that the goal is reached', () => {
    const headline = { ...report.headline, rate: 100, remaining: 0 };
    expect(reportHeadline({ ...report, headline })).toBe('職員の保有率は100.0%。目標の100%に達しました');
  });

  it('have a sentence for a city without staff', () => {
    const headline = { ...report.headline, rate: null, remaining: 0 };
    expect(reportHeadline({ ...report, headline })).toBe('在籍職員がいないため、保有率はありません');
  });

  it('name the day of the close in Tokyo, and the version once there is a second one', () => {
    expect(reportByline(report)).toBe('2022年(令和4年)10月末 / 2022年11月8日確定 / 人事課');
    expect(closedOn({ ...report, closedAt: '2022-11-08T15:30:00Z', version: 2 })).toBe(
      '2022年11月9日確定(第2版)',
    );
  });

  it('show gains and losses with their sign', () => {
    expect(changeLines(report).map(({ value }) => value)).toEqual(['+1.3ポイント', '+40人', '−3人']);
  });

  it('name the month the rise is counted from', () => {
    expect(trendTitle(report)).toBe('2021年11月末から15.9ポイント上昇');
    expect(trendTitle({ ...report, trend: report.trend.toReversed() })).toMatch(/15\.9ポイント低下$/);
    expect(trendTitle({ ...report, trend: report.trend.slice(-1) })).toBe('保有率の推移');
  });

  it('name the few units that hold most of the remaining', () => {
    expect(departmentsTitle(report)).toBe('残りの72%は6つの所属');
  });

  it('claim nothing about few units when the remaining is spread evenly', () => {
    const departments = Array.from({ length: 6 }, (_, index) =>
      department(`${index}`, `第${index}部`, 550, 451),
    );
    expect(departmentsTitle({ ...report, departments })).toBe('所属別の残り人数と保有率');
  });

  it('compare with the own citizens', () => {
    expect(citizensTitle(report)).toBe('金沢市民より35.5ポイント高い');
    expect(citizensTitle({ ...report, city: { name: '別の市', contact: '' } })).toBe('市民の取得率との比較');
  });

  it('warn when citizens were counted on another day', () => {
    const citizens = report.citizens.map((line) => ({ ...line, asOf: '2022-09-30' }));
    expect(citizensNote({ ...report, citizens })).toContain(
      '職員は2022年10月31日、市民は2022年9月30日時点で、時点が異なります。',
    );
    expect(citizensNote(report)).toContain('定義が異なるため差は目安です。');
  });

  it('state numerator, denominator, day and definition', () => {
    const text = definitionLines(report)
      .map((line) => `${line.term} ${line.text}`)
      .join('\n');
    expect(text).toContain('カードを保有する職員 2,706人');
    expect(text).toContain('在籍職員 3,300人');
    expect(text).toContain('2022年10月31日');
    expect(text).toContain('申請中132人は分子に含みません(含めると86.0%)');
  });

  it('explain merged units with the threshold in force', () => {
    expect(smallGroupNote(report)).toBe('5人未満の人数が分かる所属は合算しています。');
  });
});
