import { changesOfDefinition, type DefinitionName } from '../../adoption/definition.js';
import type { TrendPoint } from '../../adoption/adoption.types.js';
import { points } from '../../adoption/rate.js';
import { treeWords, type Elsewhere } from '../../adoption/tree.js';
import { rateAxis, trendChart } from '../../platform/chart.js';
import {
  formatDate,
  formatGoalRate,
  formatMonth,
  formatMonthOfYear,
  formatPercent,
  formatPoints,
  formatRate,
  formatSignedCount,
  formatYear,
} from '../../platform/japanese-format.js';
import { addMonths, lastDay, monthOf, type IsoDate, type IsoMonth } from '../../platform/month.js';
import type { ShownFigures } from './figure.view.js';

type MonthPoint = Pick<TrendPoint, 'month' | 'asOf' | 'staff' | 'held' | 'rate'> &
  Elsewhere & {
    /** Null where it is not known any more. */
    readonly definition?: DefinitionName | null;
  };

/** Month ends, oldest first. */
export interface ShownTrend {
  readonly unit: { readonly code: string };
  readonly points: readonly MonthPoint[];
}

/** How a chart is cut for one range of screen widths; text stays 14 px in each. */
export interface ChartSize {
  readonly id: string;
  readonly className: string;
  readonly width: number;
  readonly height: number;
}

export const PAGE_CHARTS: readonly ChartSize[] = [
  { id: 'trend-wide', className: 'only-wide', width: 1216, height: 340 },
  { id: 'trend-mid', className: 'only-mid', width: 680, height: 250 },
  { id: 'trend-narrow', className: 'only-narrow', width: 343, height: 280 },
];

export const COLUMN_CHARTS: readonly ChartSize[] = [
  { id: 'trend-wide', className: 'only-wide grow', width: 480, height: 250 },
  { id: 'trend-narrow', className: 'only-narrow', width: 343, height: 250 },
];

export interface TrendView {
  readonly headline: string;
  readonly note: string;
  /** In which organisation the figures stand. */
  readonly tree: string;
  readonly restated: boolean;
  readonly charts: readonly { readonly chartSvg: string }[];
  readonly rows: readonly {
    readonly label: string;
    readonly held: number;
    readonly staff: number;
    readonly rate: string;
    readonly elsewhere: number;
  }[];
}

export interface ChangeView {
  readonly sinceDate: IsoDate;
  /** `+1.3`; null where one of the rates is not known. */
  readonly pointsText: string | null;
  readonly heldText: string;
  readonly staffText: string;
  /** Whether the two days are counted by different definitions. */
  readonly byDefinition: boolean;
}

/**
 * Month ends before the day of the headline, then the headline itself: the line ends in the figure that stands above
 * it, also in the middle of a month.
 */
export function pointsUpTo(trend: ShownTrend, adoption: ShownFigures): MonthPoint[] {
  const { asOf, staff, held, rate, elsewhere, definition } = adoption;
  const before = trend.points.filter((point) => point.asOf < asOf && point.month < monthOf(asOf));
  return [...before, { month: monthOf(asOf), asOf, staff, held, rate, elsewhere, definition }];
}

/** Null where there are not two months to draw a line between. */
export function toTrendView(
  subject: string,
  trend: ShownTrend,
  adoption: ShownFigures,
  sizes: readonly ChartSize[],
): TrendView | null {
  const months = fillGaps(pointsUpTo(trend, adoption));
  const known = months.filter((point) => point.rate !== null);
  const first = known[0];
  const last = known.at(-1);
  if (!first || !last || first === last) return null;

  const goal = adoption.goal.rate;
  const rose = points(last.rate, first.rate)!;
  const tree = treeWords(adoption);
  const title = `${subject}の保有率(${tree})は${pointLabel(first)}${formatPercent(first.rate)}から${pointLabel(last)}${formatPercent(last.rate)}へ${direction(rose)}。目標は${formatGoalRate(goal)}。`;
  const axis = rateAxis(
    known.map((point) => point.rate!),
    goal,
  );
  const partial =
    last.asOf === lastDay(last.month)
      ? ''
      : `${formatMonthOfYear(last.month)}は${formatDate(last.asOf)}時点。`;
  return {
    headline: headlineOf(months, first, rose),
    note: `${subject}の保有率、各月末時点、${tree}。${partial}縦軸は${axis.low}〜${axis.high}%。${changesOfDefinition(known.flatMap(({ definition }) => (definition ? [{ definition }] : [])))}`,
    tree,
    restated: adoption.tree === 'now',
    charts: sizes.map((size) => ({
      chartSvg: trendChart({
        points: months.map(({ month, rate }) => ({
          label: formatMonthOfYear(month),
          year: formatYear(month),
          value: rate,
        })),
        goal,
        title,
        ...size,
      }),
    })),
    rows: months
      .filter((point) => point.staff > 0)
      .map((point) => ({
        label: point.asOf === lastDay(point.month) ? formatMonth(point.month) : formatDate(point.asOf),
        held: point.held,
        staff: point.staff,
        rate: formatRate(point.rate),
        elsewhere: point.elsewhere ?? 0,
      })),
  };
}

/** Against the end of the month before; null where nothing is known of it. Net figures: they do not say why. */
export function toChangeView(trend: ShownTrend, adoption: ShownFigures): ChangeView | null {
  const before = pointsUpTo(trend, adoption).at(-2);
  if (!before || before.staff === 0 || before.month !== addMonths(monthOf(adoption.asOf), -1)) return null;
  const change = points(adoption.rate, before.rate);
  return {
    sinceDate: before.asOf,
    pointsText: change === null ? null : formatPoints(change),
    heldText: formatSignedCount(adoption.held - before.held),
    staffText: formatSignedCount(adoption.staff - before.staff),
    byDefinition: (before.definition?.version ?? 1) !== (adoption.definition?.version ?? 1),
  };
}

/** `2021年11月末から15.9ポイント上昇、直近6か月は月平均1.6ポイント` */
function headlineOf(months: readonly MonthPoint[], first: MonthPoint, rose: number): string {
  const whole = `${pointLabel(first)}から${rose === 0 ? '変わっていません' : `${formatPoints(Math.abs(rose)).slice(1)}ポイント${direction(rose)}`}`;
  const last = months.at(-1)!;
  const sixBefore = months.find((point) => point.month === addMonths(last.month, -6));
  if (rose === 0 || !sixBefore || sixBefore === first || sixBefore.rate === null || last.rate === null)
    return whole;
  // Only whole months make a pace: an unfinished one would look slow.
  if (last.asOf !== lastDay(last.month)) return whole;
  return `${whole}、直近6か月は月平均${formatPoints(points(last.rate, sixBefore.rate)! / 6)}ポイント`;
}

function direction(rose: number): string {
  if (rose === 0) return '変わらず';
  return rose > 0 ? '上昇' : '低下';
}

function pointLabel(point: MonthPoint): string {
  return point.asOf === lastDay(point.month) ? `${formatMonth(point.month)}末` : formatDate(point.asOf);
}

/** A month without figures is a gap in the line, not a shorter axis. */
function fillGaps(known: readonly MonthPoint[]): MonthPoint[] {
  const first = known[0];
  if (!first) return [];
  const byMonth = new Map(known.map((point) => [point.month, point]));
  const filled: MonthPoint[] = [];
  for (let month: IsoMonth = first.month; month <= known.at(-1)!.month; month = addMonths(month, 1)) {
    filled.push(byMonth.get(month) ?? { month, asOf: lastDay(month), staff: 0, held: 0, rate: null });
  }
  return filled;
}
