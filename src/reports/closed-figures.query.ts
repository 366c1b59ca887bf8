import type { EntityManager } from 'typeorm';
import type { UnitName } from '../adoption/adoption.types.js';
import { COUNTERS, toCounts } from '../adoption/counts.query.js';
import type { Counts } from '../adoption/rate.js';
import type { IsoMonth } from '../platform/month.js';

/** A unit as it was when the month was closed. */
export interface ClosedFigures {
  readonly unit: UnitName;
  readonly counts: Counts;
}

/** Every unit of a version of a closed month, the whole first, then level by level. */
export async function findClosedFigures(
  em: EntityManager,
  month: IsoMonth,
  version: number,
): Promise<ClosedFigures[]> {
  const rows: (UnitName & { counts: number[] })[] = await em.query(
    `SELECT u.code, f.name, f.kind, ARRAY[${COUNTERS.join(', ')}] AS counts
     FROM month_figure f JOIN unit u ON u.id = f.unit_id
     WHERE f.month = $1 AND f.version = $2 ORDER BY f.depth, f.position, u.code`,
    [month, version],
  );
  return rows.map(({ code, name, kind, counts }) => ({
    unit: { code, name, kind },
    counts: toCounts(counts),
  }));
}
