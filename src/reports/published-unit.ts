/** What a reader gets of closed months, from what was published of them: no queries. */
import type { Scope } from '../access/scope.js';
import type { CitizenComparison, UnitName } from '../adoption/adoption.types.js';
import type { DefinitionName } from '../adoption/definition.js';
import { percentage, points, remaining, type Goal } from '../adoption/rate.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { toDepartments, type PublishedLine } from './published-lines.js';
import type { ReportDepartment, ReportDocument } from './report-document.js';

/** A closed month as readers outside HR get it. */
export interface PublishedMonth {
  readonly month: IsoMonth;
  readonly version: number;
  readonly asOf: IsoDate;
  readonly document: ReportDocument;
  /** Null where the month was closed before anything was published for the audience. */
  readonly lines: readonly PublishedLine[] | null;
}

/** What readers outside HR get of a unit: no breakdown by status. */
export interface PublishedFigures {
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
  readonly remaining: number;
}

export interface PublishedPoint extends PublishedFigures {
  readonly month: IsoMonth;
  readonly asOf: IsoDate;
  /** Null in months that were closed before definitions were kept. */
  readonly definition: DefinitionName | null;
}

/** A unit of a closed month, with what may be told of what is below it. */
export interface PublishedUnit extends PublishedFigures {
  readonly unit: UnitName;
  readonly asOf: IsoDate;
  /** Null where the month was closed before definitions were kept. */
  readonly definition: DefinitionName | null;
  readonly goal: Goal;
  readonly citizens: readonly CitizenComparison[];
  readonly isRoot: boolean;
  /** The units above it that the caller may see, the topmost first. */
  readonly above: readonly UnitName[];
  /** For readers of several subtrees: the tops of all of them that are shown. */
  readonly tops: readonly UnitName[];
  /** Most people remaining first, the merged line last. */
  readonly children: readonly PublishedChild[];
  /** The frozen report; its figures of the whole are complete. */
  readonly document: ReportDocument;
}

export interface PublishedChild extends ReportDepartment {
  readonly kind: string;
}

/**
 * The unit, or the top of what the caller may see. Throws `unit_not_published`, the same for a unit that is hidden, that is
 * elsewhere and that does not exist.
 */
export function unitIn(scope: Scope, published: PublishedMonth, code?: string): PublishedUnit {
  const { document, asOf } = published;
  const { goal } = document.headline;
  const lines = visible(scope, published.lines ?? wholeOf(document));
  const line = lineOf(lines, code);
  const figures = toFigures(line, goal);
  return {
    ...figures,
    unit: nameOf(line),
    asOf,
    definition: document.definition ?? null,
    goal,
    citizens: document.citizens.map((citizen) => ({
      ...citizen,
      differencePoints: points(figures.rate, citizen.rate),
    })),
    isRoot: line.parentCode === null,
    above: unitsAbove(lines, line),
    tops: topsOf(lines).map(nameOf),
    children: childrenOf(lines, line.code, goal),
    document,
  };
}

/** Units below with somebody remaining, most people first; merged lines are none. */
export function remainingIn(
  scope: Scope,
  { document, lines }: PublishedMonth,
  code: string,
): (PublishedFigures & { readonly unit: UnitName })[] {
  const { goal } = document.headline;
  const shown = visible(scope, lines ?? wholeOf(document));
  const top = lineOf(shown, code);
  return below(shown, top)
    .filter((line) => line !== top && line.line === 'unit')
    .map((line) => ({ unit: nameOf(line), ...toFigures(line, goal) }))
    .filter((line) => line.remaining > 0)
    .toSorted((a, b) => b.remaining - a.remaining);
}

/** The months, oldest first, in which a unit is shown on its own, for every unit that is. `months`: newest first. */
export function seriesOf(
  scope: Scope,
  months: readonly PublishedMonth[],
  until: IsoDate,
): ReadonlyMap<string, PublishedPoint[]> {
  const series = new Map<string, PublishedPoint[]>();
  for (const { month, asOf, lines, document } of months.toReversed()) {
    if (asOf > until) continue;
    for (const line of visible(scope, lines ?? [])) {
      if (line.line !== 'unit') continue;
      const unitPoints = series.get(line.code) ?? [];
      unitPoints.push({
        month,
        asOf,
        definition: document.definition ?? null,
        ...toFigures(line, document.headline.goal),
      });
      series.set(line.code, unitPoints);
    }
  }
  return series;
}

/** A month that was closed before anything was published: only its whole is told. */
function wholeOf({ headline: { staff, held }, city }: ReportDocument): PublishedLine[] {
  const figures = { staff, held, before: null, units: 1, members: [] };
  const unit = { unitId: null, code: '', name: city.name, kind: '全体', parentCode: null };
  return [{ line: 'unit', ...unit, ...figures }];
}

/** Lines come parents before children. */
function visible(scope: Scope, lines: readonly PublishedLine[]): PublishedLine[] {
  if (scope.unitIds === 'all') return [...lines];
  const roots = scope.unitIds;
  const seen = new Set<string>();
  return lines.filter((line) => {
    const isRoot = line.line === 'unit' && line.unitId !== null && roots.includes(line.unitId);
    const isInside = isRoot || (line.parentCode !== null && seen.has(line.parentCode));
    if (isInside && line.line === 'unit') seen.add(line.code);
    return isInside;
  });
}

function below(lines: readonly PublishedLine[], top: PublishedLine): PublishedLine[] {
  const inside = new Set([top.code]);
  return lines.filter((line) => {
    const isInside = line === top || (line.parentCode !== null && inside.has(line.parentCode));
    if (isInside && line.line === 'unit') inside.add(line.code);
    return isInside;
  });
}

function lineOf(lines: readonly PublishedLine[], code: string | undefined): PublishedLine {
  const shown = lines.filter((line) => line.line === 'unit');
  const line = code === undefined ? shown[0] : shown.find((candidate) => candidate.code === code);
  if (line) return line;
  throw new AppError(
    'unit_not_published',
    'not_found',
    'この所属の数字は表示していません。所属がないか、見られる範囲の外か、人数が少ないためほかの所属と合算しています。',
  );
}

function childrenOf(lines: readonly PublishedLine[], code: string, goal: Goal): PublishedChild[] {
  const kinds = new Map(lines.map((line) => [line.code, line.kind]));
  return toDepartments(lines, code, goal).map((child) => ({ ...child, kind: kinds.get(child.code) ?? '' }));
}

function unitsAbove(lines: readonly PublishedLine[], line: PublishedLine): UnitName[] {
  const parent = lines.find((candidate) => candidate.line === 'unit' && candidate.code === line.parentCode);
  return parent ? [...unitsAbove(lines, parent), nameOf(parent)] : [];
}

function topsOf(lines: readonly PublishedLine[]): PublishedLine[] {
  const codes = new Set(lines.map(({ code }) => code));
  return lines.filter(({ line, parentCode }) => line === 'unit' && !codes.has(parentCode ?? ''));
}

function nameOf({ code, name, kind }: PublishedLine): UnitName {
  return { code, name, kind };
}

function toFigures({ staff, held }: PublishedLine, goal: Goal): PublishedFigures {
  return { staff, held, rate: percentage(held, staff), remaining: remaining({ staff, held }, goal) };
}
