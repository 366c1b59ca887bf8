/** From rows of counts to what doors show of units. */
import type { CitizenComparison, UnitAdoption, UnitLine } from './adoption.types.js';
import type { UnitCountRow } from './counts.query.js';
import type { DefinitionName } from './definition.js';
import { points, rates, remaining, type Goal } from './rate.js';
import type { Elsewhere, Placed } from './tree.js';

/** A unit in the organisation it is counted in. */
export type Row = UnitCountRow & Elsewhere;

export function toAdoption(
  row: Row,
  rows: readonly Row[],
  comparison: readonly CitizenComparison[],
  how: Placed & { readonly goal: Goal; readonly definition: DefinitionName },
): UnitAdoption {
  const line = toLine(row, how.goal);
  return {
    unit: line.unit,
    asOf: row.asOf,
    ...how,
    ...row.total,
    ...rates(row.total),
    ...elsewhereOf(row),
    remaining: line.remaining,
    direct: row.direct,
    citizens: comparison.map((citizen) => ({
      ...citizen,
      differencePoints: points(line.rate, citizen.rate),
    })),
    children: rows
      .filter((candidate) => candidate.parentCode === row.code)
      .map((child) => toAdoption(child, rows, comparison, how)),
  };
}

export function toLine(row: Row, goal: Goal): UnitLine {
  return {
    unit: { code: row.code, name: row.name, kind: row.kind },
    unitId: row.unitId,
    parentCode: row.parentCode,
    path: row.path,
    depth: row.depth,
    position: row.position,
    ...row.total,
    ...rates(row.total),
    remaining: remaining(row.total, goal),
    ...elsewhereOf(row),
  };
}

export function elsewhereOf({ elsewhere }: Row): Elsewhere {
  return elsewhere === undefined ? {} : { elsewhere };
}

/** Most people remaining first; equals keep the organisation's order. */
export function byRemaining(a: UnitLine, b: UnitLine): number {
  return b.remaining - a.remaining || a.position - b.position || (a.unit.code < b.unit.code ? -1 : 1);
}

export function groupByCode(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.code);
    if (group) group.push(row);
    else groups.set(row.code, [row]);
  }
  return groups;
}
