import type { CitizenComparison } from '../adoption/adoption.types.js';
import type { DefinitionName } from '../adoption/definition.js';
import type { Counts, Goal, Rates } from '../adoption/rate.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';

/** The monthly report, once: every writer (PDF, XLSX, CSV, JSON) renders this and computes nothing. */
export interface ReportDocument {
  readonly month: IsoMonth;
  readonly asOf: IsoDate;
  readonly version: number;
  /** ISO instant of the month's close; the only time in the files, so that they stay byte-identical. */
  readonly closedAt: string;
  /** Who was counted; absent in months that were closed before definitions were kept. */
  readonly definition?: DefinitionName;
  readonly city: { readonly name: string; readonly contact: string };
  readonly headline: Counts & Rates & { readonly remaining: number; readonly goal: Goal };
  /** Against the end of the month before; null where nothing is known of it. */
  readonly change: ReportChange | null;
  /** Month ends, oldest first, the report's month last; at most 12. */
  readonly trend: readonly ReportTrendPoint[];
  readonly citizens: readonly CitizenComparison[];
  /** The units below the root, by people remaining, largest first; small ones merged into one last line. */
  readonly departments: readonly ReportDepartment[];
  /**
   * Where the audit record ended just before the close: whoever keeps a report can later prove with it that nothing
   * before was changed. Absent in documents that are not closed.
   */
  readonly auditChain?: { readonly rows: number; readonly head: string };
  /** Groups below this size are merged. */
  readonly smallGroupThreshold: number;
}

export interface ReportChange {
  readonly previousAsOf: IsoDate;
  readonly previousRate: number | null;
  readonly held: number;
  readonly staff: number;
  readonly points: number | null;
}

export interface ReportTrendPoint {
  readonly month: IsoMonth;
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
  /** As the report's own. */
  readonly definition?: DefinitionName;
}

export interface ReportDepartment {
  /** Empty for the merged line. */
  readonly code: string;
  readonly name: string;
  readonly staff: number;
  readonly held: number;
  readonly remaining: number;
  readonly rate: number | null;
  /** Change of the rate against the month before, in points; null for merged lines and new units. */
  readonly changePoints: number | null;
  /** How many units the line stands for: 1, or more for the merged line. */
  readonly units: number;
  /** Names of the units of a merged line. */
  readonly members?: readonly string[];
}
