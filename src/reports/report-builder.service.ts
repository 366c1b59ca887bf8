import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scope.js';
import { AdoptionService, byRemaining } from '../adoption/adoption.service.js';
import type { Trend, UnitLine } from '../adoption/adoption.types.js';
import { CityService } from '../adoption/city.service.js';
import { percentage, points, remaining, type Goal } from '../adoption/rate.js';
import { addMonths, lastDay, type IsoMonth } from '../platform/month.js';
import { isSmall, mergeSmall, sumOf } from './merge-small.js';
import type { ReportChange, ReportDepartment, ReportDocument } from './report-document.js';

/** Leadership sees no group of fewer people. */
export const LEADERSHIP_THRESHOLD = 5;
const TREND_MONTHS = 12;

/** Puts a month's figures into the one document all report files are written from. */
@Injectable()
export class ReportBuilder {
  constructor(
    private readonly adoption: AdoptionService,
    private readonly city: CityService,
  ) {}

  async build(scope: Scope, month: IsoMonth, version: number, closedAt: Date): Promise<ReportDocument> {
    const asOf = lastDay(month);
    const [root, departments, city, [whole, ...below]] = await Promise.all([
      this.adoption.unit(scope, undefined, asOf, 0),
      this.adoption.children(scope, undefined, asOf),
      this.city.current(),
      this.adoption.trends(scope, undefined, addMonths(month, 1 - TREND_MONTHS), month, 1),
    ]);
    const known = whole!.points.filter((point) => point.staff > 0);
    const previousMonth = addMonths(month, -1);
    const { unit: _unit, asOf: _asOf, direct: _direct, citizens, children: _children, ...headline } = root;
    return {
      month,
      asOf,
      version,
      closedAt: closedAt.toISOString(),
      city: { name: city.name, contact: city.contact },
      headline,
      change: changeOf(whole!, previousMonth),
      trend: known.map((point) => ({
        month: point.month,
        staff: point.staff,
        held: point.held,
        rate: point.rate,
      })),
      citizens,
      departments: toDepartments(departments, root.direct, root.goal, below, previousMonth),
      smallGroupThreshold: LEADERSHIP_THRESHOLD,
    };
  }
}

function changeOf(trend: Trend, previousMonth: IsoMonth): ReportChange | null {
  const now = trend.points.at(-1);
  const before = trend.points.find((point) => point.month === previousMonth);
  if (!now || !before || before.staff === 0) return null;
  return {
    previousAsOf: before.asOf,
    previousRate: before.rate,
    held: now.held - before.held,
    staff: now.staff - before.staff,
    points: points(now.rate, before.rate),
  };
}

function toDepartments(
  lines: readonly UnitLine[],
  direct: { staff: number; held: number },
  goal: Goal,
  trends: readonly Trend[],
  previousMonth: IsoMonth,
): ReportDepartment[] {
  const groups = lines.filter((line) => line.staff > 0);
  // People assigned to the root itself belong to no department: they make the sum complete.
  const loose = { staff: direct.staff, held: direct.held, remaining: remaining(direct, goal) };
  const { shown, merged } = mergeSmall(loose.staff > 0 ? [...groups, loose] : groups, LEADERSHIP_THRESHOLD);
  const departments = shown
    .filter((group): group is UnitLine => 'unit' in group)
    .toSorted(byRemaining)
    .map((line): ReportDepartment => ({
      code: line.unit.code,
      name: line.unit.name,
      staff: line.staff,
      held: line.held,
      remaining: line.remaining,
      rate: line.rate,
      changePoints: changePointsOf(line, trends, previousMonth),
      units: 1,
    }));
  if (shown.includes(loose)) {
    departments.push({
      code: '',
      name: '所属なし',
      ...loose,
      rate: percentage(loose.held, loose.staff),
      changePoints: null,
      units: 1,
    });
  }
  if (merged.length > 0) {
    const sum = sumOf(merged);
    departments.push({
      code: '',
      name: `ほか${merged.length}所属`,
      ...sum,
      rate: percentage(sum.held, sum.staff),
      changePoints: null,
      units: merged.length,
    });
  }
  return departments;
}

/** Nothing is said of a change from a month in which the group was too small to be shown. */
function changePointsOf(line: UnitLine, trends: readonly Trend[], previousMonth: IsoMonth): number | null {
  const before = trends
    .find((trend) => trend.unit.code === line.unit.code)
    ?.points.find((point) => point.month === previousMonth);
  if (!before || isSmall(before, LEADERSHIP_THRESHOLD)) return null;
  return points(line.rate, before.rate);
}
