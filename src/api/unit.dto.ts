import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { mergeSmall } from '../reports/merge-small.js';
import { LEADERSHIP_THRESHOLD } from '../reports/report-builder.service.js';
import { seesStatuses, type Scope } from '../access/scope.js';
import type { Trend, UnitAdoption, UnitLine } from '../adoption/adoption.types.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MONTH = /^\d{4}-\d{2}$/;

export class AsOfQuery {
  /** Day the figures are of; today unless given. @example 2022-10-31 */
  @IsOptional()
  @Matches(DAY)
  asOf?: string;
}

export class RemainingQuery extends AsOfQuery {
  /** How many units at most. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 50;
}

export class TrendQuery {
  /** @example 2022-04 */
  @Matches(MONTH)
  from: string;

  /** @example 2022-10 */
  @Matches(MONTH)
  to: string;
}

export class UnitNameDto {
  code: string;
  name: string;
  /** 局, 部, 課, 係 … */
  kind: string;
}

export class GoalDto {
  /** Per cent of staff. */
  rate: number;
  by: string | null;
}

/** People of a subtree. The statuses sum to `staff`; a manager's answer leaves them out. */
export class CountsDto {
  staff: number;
  held: number;
  applied?: number;
  notApplied?: number;
  undisclosed?: number;
  unanswered?: number;
  lapsed?: number;
  /** In an approved exception and without a card; overlaps the statuses. */
  exempt?: number;
  /** Per cent, one decimal, half up; null where there is nobody. */
  rate: number | null;
  rateWithApplied?: number | null;
  rateWithoutExempt?: number | null;
  /** Staff who still need a card for the goal. */
  remaining: number;
}

export class CitizenComparisonDto {
  area: string;
  code: string;
  metric: 'issued' | 'owned';
  asOf: string;
  cards: number | null;
  population: number | null;
  rate: number;
  differencePoints: number | null;
}

export class UnitAdoptionDto extends CountsDto {
  unit: UnitNameDto;
  asOf: string;
  goal: GoalDto;
  citizens: CitizenComparisonDto[];
  children: UnitLineDto[];
}

export class UnitLineDto extends CountsDto {
  unit: UnitNameDto;
}

export class UnitListDto {
  units: UnitLineDto[];
}

export class TrendPointDto extends CountsDto {
  month: string;
  asOf: string;
}

export class TrendDto {
  unit: UnitNameDto;
  goal: GoalDto;
  points: TrendPointDto[];
}

/** Small groups are hidden from everybody but those who look after them. */
export function seesUnits(scope: Scope): boolean {
  return scope.roles.includes('hr') || scope.roles.includes('manager');
}

/** Units that may stand beside their total; what is missing adds up to a group that is not small. */
function shownChildren(scope: Scope, { children, direct }: UnitAdoption): readonly UnitAdoption[] {
  if (seesUnits(scope)) return children;
  const { staff, held } = direct;
  const loose = { staff, held, remaining: staff - held };
  const groups = children.filter((child) => child.staff > 0);
  const { shown } = mergeSmall(staff > 0 ? [...groups, loose] : groups, LEADERSHIP_THRESHOLD);
  return children.filter((child) => shown.includes(child));
}

export function toUnitAdoption(scope: Scope, adoption: UnitAdoption): UnitAdoptionDto {
  return {
    ...toCounts(scope, adoption),
    unit: adoption.unit,
    asOf: adoption.asOf,
    goal: adoption.goal,
    citizens: adoption.citizens.map((citizen) => ({ ...citizen })),
    children: shownChildren(scope, adoption).map((child) => toUnitLine(scope, child)),
  };
}

export function toUnitLine(scope: Scope, line: UnitAdoption | UnitLine): UnitLineDto {
  return { ...toCounts(scope, line), unit: line.unit };
}

export function toTrend(scope: Scope, { unit, goal, points }: Trend): TrendDto {
  return {
    unit,
    goal,
    points: points.map((point) => ({ ...toCounts(scope, point), month: point.month, asOf: point.asOf })),
  };
}

type Figures = Pick<UnitLine, keyof CountsDto & keyof UnitLine>;

function toCounts(scope: Scope, figures: Figures): CountsDto {
  const { staff, held, rate, remaining } = figures;
  if (!seesStatuses(scope)) return { staff, held, rate, remaining };
  const { applied, notApplied, undisclosed, unanswered, lapsed, exempt, rateWithApplied, rateWithoutExempt } =
    figures;
  return {
    staff,
    held,
    applied,
    notApplied,
    undisclosed,
    unanswered,
    lapsed,
    exempt,
    rate,
    rateWithApplied,
    rateWithoutExempt,
    remaining,
  };
}
