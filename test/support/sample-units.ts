import type { WholeUnitLine } from '../../src/adoption/adoption.types.js';
import { rates, remaining, type Counts } from '../../src/adoption/rate.js';

export interface SampleUnit {
  readonly code: string;
  readonly name?: string;
  readonly kind?: string;
  readonly parent?: string;
  readonly staff: number;
  readonly held: number;
}

/** Lines as AdoptionService gives them, each with its people and those of the units below, parents before children; a test states only what matters. */
export function sampleLines(units: readonly SampleUnit[], goalRate = 100): WholeUnitLine[] {
  const depths = new Map<string, number>();
  const countsOf = (staff: number, held: number): Counts => ({
    staff,
    held,
    applied: 0,
    notApplied: staff - held,
    undisclosed: 0,
    unanswered: 0,
    lapsed: 0,
    exempt: 0,
  });
  const below = (code: string, of: 'staff' | 'held') =>
    units.filter(({ parent }) => parent === code).reduce((sum, unit) => sum + unit[of], 0);
  return units.map(({ code, name = `${code}課`, kind = '課', parent, staff, held }, index) => {
    const depth = parent === undefined ? 0 : depths.get(parent)! + 1;
    depths.set(code, depth);
    const counts = countsOf(staff, held);
    return {
      unit: { code, name, kind },
      unitId: index + 1,
      parentCode: parent ?? null,
      path: [],
      depth,
      position: index,
      ...counts,
      ...rates(counts),
      remaining: remaining(counts, { rate: goalRate, by: null }),
      direct: countsOf(staff - below(code, 'staff'), held - below(code, 'held')),
    };
  });
}
