import type { IsoDate, IsoMonth } from '../platform/month.js';
import type { DefinitionName } from './definition.js';
import type { Counts, Goal, Rates } from './rate.js';
import type { Elsewhere, Placed } from './tree.js';

export interface UnitName {
  readonly code: string;
  readonly name: string;
  /** 局, 部, 課, 係 … as the city calls it; 全体 for the root. */
  readonly kind: string;
}

export interface CitizenComparison {
  readonly area: string;
  readonly code: string;
  /** `issued` 交付 or `owned` 保有: never one line. */
  readonly metric: 'issued' | 'owned';
  readonly asOf: IsoDate;
  readonly cards: number | null;
  readonly population: number | null;
  readonly rate: number;
  /** Staff rate minus this area's rate. */
  readonly differencePoints: number | null;
}

/** One unit with its subtree on a day: the JSON of `rates`. */
export interface UnitAdoption extends Counts, Rates, Placed, Elsewhere {
  readonly unit: UnitName;
  readonly asOf: IsoDate;
  /** Who is counted on the day. */
  readonly definition: DefinitionName;
  readonly goal: Goal;
  readonly remaining: number;
  /** The people assigned to the unit itself; with the children, where these are told, they add up to the unit. */
  readonly direct: Counts | null;
  readonly citizens: readonly CitizenComparison[];
  readonly children: readonly UnitAdoption[];
}

/** One unit with its subtree, wherever it stands. */
export interface RemainingLine extends Counts, Rates, Elsewhere {
  readonly unit: UnitName;
  readonly remaining: number;
}

/** One line of a list of units, without its relatives. */
export interface UnitLine extends RemainingLine {
  readonly unitId: number;
  readonly parentCode: string | null;
  /** Names from below the root down to the unit itself. */
  readonly path: readonly string[];
  readonly depth: number;
  readonly position: number;
}

/** A line that stands among all others of the organisation. */
export interface WholeUnitLine extends UnitLine {
  /** The people assigned to the unit itself; with the units below they add up to the unit. */
  readonly direct: Counts;
}

export interface TrendPoint extends Counts, Rates, Elsewhere {
  readonly month: IsoMonth;
  readonly asOf: IsoDate;
  /** Who is counted on the day: points of different ones do not compare. */
  readonly definition: DefinitionName;
  readonly remaining: number;
}

export interface Trend extends Placed {
  readonly unit: UnitName;
  readonly goal: Goal;
  readonly points: readonly TrendPoint[];
}
