import { formatDate } from '../../platform/japanese-format.js';
import { addMonths, lastDay, monthOf, type IsoDate } from '../../platform/month.js';
import type { PublishedChild, PublishedPoint, PublishedUnit } from '../../reports/published-unit.js';
import { toDashboardView, type DashboardView } from './dashboard.view.js';
import { unitHref } from './unit-rows.view.js';

/** A year of month ends. */
export const TREND_MONTHS = 12;

export interface PublishedInput {
  readonly unit: PublishedUnit;
  /** The months in which units are shown on their own. */
  readonly series: ReadonlyMap<string, readonly PublishedPoint[]>;
  /** Last days of the closed months, newest first. */
  readonly days: readonly IsoDate[];
  /** 全国地方公共団体コード of the own city; null while it is not known. */
  readonly cityCode: string | null;
}

/** A unit of a closed month for leaders and auditors: every number comes from what was published with the month. */
export function toPublishedView({ unit, series, days, cityCode }: PublishedInput): DashboardView {
  const { asOf, document, children } = unit;
  const { smallGroupThreshold } = document;
  const from = addMonths(monthOf(asOf), 1 - TREND_MONTHS);
  const trendOf = (code: string) => ({
    unit: { code },
    points: (series.get(code) ?? []).filter((point) => point.month >= from),
  });
  const whole = document.trend.map((point) => ({ ...point, asOf: lastDay(point.month) }));
  // A unit without others below it is all its own people: a table would only say the total again.
  const parts = children.some(({ code, units }) => code !== '' || units > 1) ? children : [];
  const departments = parts.map((child) => ({
    ...child,
    unit: { code: child.code, name: child.name, kind: child.kind },
  }));
  return toDashboardView({
    subject: unit.isRoot ? '全職員' : unit.unit.name,
    adoption: unit,
    trend: unit.isRoot ? { unit: unit.unit, points: whole } : trendOf(unit.unit.code),
    departments,
    departmentTrends: departments.filter(({ code }) => code !== '').map(({ code }) => trendOf(code)),
    cityCode,
    asOfAction: unit.above.length === 0 ? '/' : unitHref(unit.unit.code),
    asOfChoices: days.map((value) => ({
      value,
      label: `${formatDate(value)}(締め済み)`,
      selected: value === asOf,
    })),
    statuses: null,
    offersCsv: false,
    wavesWaiting: 0,
    note: `月の途中の数字は、少人数の状況が分かってしまうため表示しません。人数、保有、残りのいずれかが1人から${smallGroupThreshold - 1}人になる所属は、ほかの所属と合算します。現在の組織に組み替えた数字も、同じ理由で表示しません。`,
    smallGroupNote: hiddenWords(children, smallGroupThreshold),
    otherTops: unit.tops
      .filter(({ code }) => code !== unit.unit.code && unit.above.length === 0)
      .map(({ code, name }) => ({ name, href: unitHref(code, asOf) })),
  });
}

/** Which groups count only in a sum; large ones are among them where the small would follow by subtraction. */
function hiddenWords(children: readonly PublishedChild[], threshold: number): string | null {
  const merged = children.find(({ units }) => units > 1);
  if (!merged) return null;
  return `少人数のため表示しません(「${merged.name}」に合算): ${(merged.members ?? []).join('、')}。引き算で${threshold}人未満の人数が分からないように、人数の多い所属を含めることがあります。`;
}
