import { percentage, points, rates } from '../../src/adoption/rate.js';
import { addMonths } from '../../src/platform/month.js';
import type { ReportDepartment, ReportDocument } from '../../src/reports/report-document.js';

/** Departments by their counts of staff and holders; the last one stands for twelve small ones. */
const DEPARTMENTS: [string, string, number, number, number][] = [
  ['0700', '市立病院', 420, 327, 1],
  ['0900', '消防局', 440, 352, 1],
  ['0800', '教育委員会事務局', 360, 283, 1],
  ['0400', 'こども未来局', 330, 262, 1],
  ['0300', '福祉健康局', 310, 254, 1],
  ['1000', '企業局', 280, 232, 1],
  ['', 'ほか12所属', 1160, 996, 12],
];

const TREND: [number, number][] = [
  [3280, 2168],
  [3280, 2207],
  [3280, 2247],
  [3280, 2289],
  [3280, 2329],
  [3280, 2371],
  [3301, 2446],
  [3302, 2503],
  [3302, 2556],
  [3303, 2613],
  [3303, 2666],
  [3300, 2706],
];

/** The report of October 2022 with the customer's figures; a test states only what it is about. */
export function sampleReport(different: Partial<ReportDocument> = {}): ReportDocument {
  const counts = {
    staff: 3300,
    held: 2706,
    applied: 132,
    notApplied: 298,
    undisclosed: 41,
    unanswered: 118,
    lapsed: 5,
    exempt: 24,
  };
  const rate = percentage(2706, 3300)!;
  const area = (name: string, code: string, cards: number, population: number) => ({
    area: name,
    code,
    metric: 'issued' as const,
    asOf: '2022-10-31',
    cards,
    population,
    rate: percentage(cards, population)!,
    differencePoints: points(rate, percentage(cards, population)),
  });
  return {
    month: '2022-10',
    asOf: '2022-10-31',
    version: 1,
    closedAt: '2022-11-08T01:30:00.000Z',
    city: { name: '金沢市', contact: '人事課' },
    headline: { ...counts, ...rates(counts), remaining: 594, goal: { rate: 100, by: null } },
    change: {
      previousAsOf: '2022-09-30',
      previousRate: percentage(2666, 3303),
      held: 40,
      staff: -3,
      points: points(rate, percentage(2666, 3303)),
    },
    trend: TREND.map(([staff, held], index) => ({
      month: addMonths('2021-11', index),
      staff,
      held,
      rate: percentage(held, staff),
    })),
    citizens: [
      area('加賀市', '17206', 50_583, 65_101),
      area('石川県', '17', 578_951, 1_122_000),
      area('全国', '00', 64_435_000, 126_096_000),
      area('金沢市', '17201', 208_794, 448_702),
    ],
    departments: DEPARTMENTS.map(([code, name, staff, held, units]) =>
      department(code, name, staff, held, units),
    ),
    smallGroupThreshold: 5,
    ...different,
  };
}

export function department(
  code: string,
  name: string,
  staff: number,
  held: number,
  units = 1,
): ReportDepartment {
  return {
    code,
    name,
    staff,
    held,
    remaining: staff - held,
    rate: percentage(held, staff),
    units,
    changePoints: units > 1 ? null : 1.2,
  };
}
