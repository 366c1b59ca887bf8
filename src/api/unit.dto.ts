import { IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';
import { seesStatuses, type Scope } from '../access/scope.js';
import type { RemainingLine, Trend, UnitAdoption, UnitName } from '../adoption/adoption.types.js';
import type { Goal } from '../adoption/rate.js';
import { TREES, type Tree } from '../adoption/tree.js';
import type { PublishedChild, PublishedPoint, PublishedUnit } from '../reports/published-unit.js';

export const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MONTH = /^\d{4}-\d{2}$/;

export class AsOfQuery {
  /**
   * Day the figures are of; today unless given. Leaders and auditors: the last day of a closed month, of the newest unless
   * given.
   * @example 2022-10-31
   */
  @IsOptional()
  @Matches(DAY)
  asOf?: string;
}

export class PlacedQuery extends AsOfQuery {
  /** `then`: in the organisation of the day itself. `now`: in today's, for HR and managers. */
  @IsOptional()
  @IsIn(TREES)
  tree: Tree = 'then';
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

  /** `then`: each month in the organisation of its own end. `now`: all in today's, for HR and managers. */
  @IsOptional()
  @IsIn(TREES)
  tree: Tree = 'then';
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

/** The version of the rules of who is counted. */
export class DefinitionDto {
  version: number;
  /** Null for the one that holds from the beginning. @example 2023-04-01 */
  validFrom: string | null;
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
  /** With `tree=now`: people who were below the unit on that day in units that no longer exist; only the whole counts them. */
  elsewhere?: number;
}

/** In which organisation the figures stand. */
export class PlacedDto {
  tree: Tree;
  /** The day whose organisation it is; null where each month stands in that of its own end. */
  treeAsOf: string | null;
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
  /** Null in months that were closed before definitions were kept. */
  definition: DefinitionDto | null;
  tree: Tree;
  treeAsOf: string | null;
  goal: GoalDto;
  citizens: CitizenComparisonDto[];
  children: UnitLineDto[];
}

export class UnitLineDto extends CountsDto {
  /** The code is empty where several small units appear together. */
  unit: UnitNameDto;
}

export class UnitListDto {
  /** Null in months that were closed before definitions were kept. */
  definition: DefinitionDto | null;
  units: UnitLineDto[];
}

export class PlacedUnitListDto extends UnitListDto {
  tree: Tree;
  treeAsOf: string | null;
}

export class TrendPointDto extends CountsDto {
  month: string;
  asOf: string;
  /** Null in months that were closed before definitions were kept. */
  definition: DefinitionDto | null;
}

export class TrendDto extends PlacedDto {
  unit: UnitNameDto;
  goal: GoalDto;
  points: TrendPointDto[];
}

export function toUnitAdoption(scope: Scope, adoption: UnitAdoption): UnitAdoptionDto {
  return {
    ...toCounts(scope, adoption),
    unit: adoption.unit,
    asOf: adoption.asOf,
    definition: adoption.definition,
    tree: adoption.tree,
    treeAsOf: adoption.treeAsOf,
    goal: adoption.goal,
    citizens: adoption.citizens.map((citizen) => ({ ...citizen })),
    children: adoption.children.map((child) => toUnitLine(scope, child)),
  };
}

export function toUnitLine(scope: Scope, line: UnitAdoption | RemainingLine): UnitLineDto {
  return { ...toCounts(scope, line), unit: line.unit };
}

export function toTrend(scope: Scope, { unit, tree, treeAsOf, goal, points }: Trend): TrendDto {
  return {
    unit,
    tree,
    treeAsOf,
    goal,
    points: points.map((point) => ({
      ...toCounts(scope, point),
      month: point.month,
      asOf: point.asOf,
      definition: point.definition,
    })),
  };
}

export function toPublishedUnit(published: PublishedUnit): UnitAdoptionDto {
  const { unit, asOf, definition, goal, staff, held, rate, remaining, citizens, children } = published;
  return {
    staff,
    held,
    rate,
    remaining,
    unit,
    asOf,
    definition,
    tree: 'then',
    treeAsOf: asOf,
    goal,
    citizens: citizens.map((citizen) => ({ ...citizen })),
    children: children.map(toPublishedLine),
  };
}

export function toPublishedLine(child: PublishedChild): UnitLineDto {
  const { staff, held, rate, remaining, code, name, kind } = child;
  return { staff, held, rate, remaining, unit: { code, name, kind } };
}

export function toPublishedTrend(
  unit: UnitName,
  goal: Goal,
  series: ReadonlyMap<string, readonly PublishedPoint[]>,
  { from, to }: Pick<TrendQuery, 'from' | 'to'>,
): TrendDto {
  const points = (series.get(unit.code) ?? []).filter(({ month }) => from <= month && month <= to);
  return { unit, tree: 'then', treeAsOf: null, goal, points: points.map((point) => ({ ...point })) };
}

type Figures = Pick<RemainingLine, keyof CountsDto & keyof RemainingLine>;

function toCounts(scope: Scope, figures: Figures): CountsDto {
  const { staff, held, rate, remaining, elsewhere } = figures;
  const gone = elsewhere === undefined ? {} : { elsewhere };
  if (!seesStatuses(scope)) return { staff, held, rate, remaining, ...gone };
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
    ...gone,
  };
}
