import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { UNIT_TREE } from '../roster/unit-tree.query.js';
import type { Counts } from './rate.js';

/** Counts of one unit's subtree, and of the people assigned to the unit itself, on one day. */
export interface UnitCountRow {
  readonly asOf: IsoDate;
  readonly unitId: number;
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly parentId: number | null;
  readonly parentCode: string | null;
  /** Names from below the root down to the unit itself; empty for the root. */
  readonly path: string[];
  /** Codes along the same way, the root's first. */
  readonly codePath: string[];
  /** 0 for the root of the organisation. */
  readonly depth: number;
  readonly position: number;
  readonly total: Counts;
  readonly direct: Counts;
}

export interface CountOptions {
  readonly dates: readonly IsoDate[];
  /** Only this unit and what hangs below it. */
  readonly under?: string;
  /** Levels below `under` (or below the organisation's root) to return; all unless given. */
  readonly levels?: number;
}

/**
 * The counting rule of the ledger, straight from the facts and for several days at once: a person counts for a unit on
 * a day when the primary assignment lies in the unit's subtree in that day's tree, in the status of that day.
 * People whose unit is not in that day's tree count for the root, so that nobody is lost from the total.
 */
export async function countUnits(
  em: EntityManager,
  scope: Scope,
  options: CountOptions,
): Promise<UnitCountRow[]> {
  const rows: RawRow[] = await em.query(COUNT_UNITS, [
    options.dates,
    visibleRoots(scope),
    options.under ?? null,
    options.levels ?? null,
  ]);
  return rows.map((row) => ({
    asOf: row.as_of,
    unitId: row.unit_id,
    code: row.code,
    name: row.name,
    kind: row.kind,
    parentId: row.parent_id,
    parentCode: row.code_path.at(-2) ?? null,
    path: row.path,
    codePath: row.code_path,
    depth: row.depth,
    position: row.position,
    total: toCounts(row.total),
    direct: toCounts(row.direct),
  }));
}

interface RawRow {
  as_of: IsoDate;
  unit_id: number;
  code: string;
  name: string;
  kind: string;
  parent_id: number | null;
  path: string[];
  code_path: string[];
  depth: number;
  position: number;
  total: number[];
  direct: number[];
}

function toCounts(numbers: number[]): Counts {
  const [
    staff = 0,
    held = 0,
    applied = 0,
    notApplied = 0,
    undisclosed = 0,
    unanswered = 0,
    lapsed = 0,
    exempt = 0,
  ] = numbers;
  return { staff, held, applied, notApplied, undisclosed, unanswered, lapsed, exempt };
}

const COUNTERS = ['staff', 'held', 'applied', 'not_applied', 'undisclosed', 'unanswered', 'lapsed', 'exempt'];

/** Arrays keep the eight counters in one column, in the order of COUNTERS. */
const sums = (aggregate: string) => COUNTERS.map((column) => `${aggregate}(${column})::int`).join(', ');
const NOBODY = `ARRAY[0, 0, 0, 0, 0, 0, 0, 0]`;

/** $1 days, $2 roots of the visible subtrees or NULL, $3 code of the top unit or NULL, $4 levels or NULL */
const COUNT_UNITS = /* sql */ `
WITH RECURSIVE ${UNIT_TREE},
place AS (
  SELECT * FROM tree t WHERE t.visible AND ($3::text IS NULL OR $3 = ANY (t.code_path))
),
placed AS MATERIALIZED (
  SELECT a.staff_id, a.unit_id, a.valid_from, a.valid_to FROM assignment a
  WHERE a.is_primary AND a.superseded_at IS NULL
    AND a.unit_id = ANY (ARRAY(SELECT unit_id FROM place UNION SELECT id FROM unit WHERE EXISTS (SELECT FROM place WHERE depth = 0)))
),
told AS (
  SELECT staff_id, status, effective_on AS valid_from,
         coalesce(lead(effective_on) OVER (PARTITION BY staff_id ORDER BY effective_on, id), 'infinity') AS valid_to
  FROM card_event_valid WHERE staff_id IN (SELECT staff_id FROM placed)
),
excepted AS (
  SELECT DISTINCT day.as_of, x.staff_id FROM day
  JOIN card_exception_approved x ON x.valid_from <= day.as_of AND day.as_of < x.valid_to
),
assigned AS (
  SELECT day.as_of, p.unit_id, count(*)::int AS staff,
         (count(*) FILTER (WHERE told.status = 'held'))::int AS held,
         (count(*) FILTER (WHERE told.status = 'applied'))::int AS applied,
         (count(*) FILTER (WHERE told.status = 'not_applied'))::int AS not_applied,
         (count(*) FILTER (WHERE told.status = 'undisclosed'))::int AS undisclosed,
         (count(*) FILTER (WHERE coalesce(told.status, 'unanswered') = 'unanswered'))::int AS unanswered,
         (count(*) FILTER (WHERE told.status = 'lapsed'))::int AS lapsed,
         (count(*) FILTER (WHERE x.staff_id IS NOT NULL AND told.status IS DISTINCT FROM 'held'))::int AS exempt
  FROM day
  JOIN placed p ON p.valid_from <= day.as_of AND day.as_of < p.valid_to
  LEFT JOIN told ON told.staff_id = p.staff_id AND told.valid_from <= day.as_of AND day.as_of < told.valid_to
  LEFT JOIN excepted x ON x.as_of = day.as_of AND x.staff_id = p.staff_id
  GROUP BY day.as_of, p.unit_id
),
direct AS (
  SELECT a.as_of, coalesce(t.unit_id, root.unit_id) AS unit_id, ${COUNTERS.map((c) => `sum(${c}) AS ${c}`).join(', ')}
  FROM assigned a
  LEFT JOIN tree t ON t.as_of = a.as_of AND t.unit_id = a.unit_id
  LEFT JOIN tree root ON root.as_of = a.as_of AND root.depth = 0
  GROUP BY a.as_of, coalesce(t.unit_id, root.unit_id)
),
total AS (
  SELECT t.as_of, ancestor, ARRAY[${sums('sum')}] AS counts
  FROM place t JOIN direct d USING (as_of, unit_id) CROSS JOIN LATERAL unnest(t.line) AS ancestor
  GROUP BY t.as_of, ancestor
)
SELECT t.as_of, t.unit_id, t.code, t.name, t.kind, t.parent_id, t.path, t.code_path, t.depth, t.position,
       coalesce(total.counts, ${NOBODY}) AS total,
       CASE WHEN d.unit_id IS NULL THEN ${NOBODY} ELSE ARRAY[${sums('')}] END AS direct
FROM place t
LEFT JOIN total ON total.as_of = t.as_of AND total.ancestor = t.unit_id
LEFT JOIN direct d ON d.as_of = t.as_of AND d.unit_id = t.unit_id
WHERE $4::int IS NULL OR t.depth - coalesce(array_position(t.code_path, $3), 1) + 1 <= $4
ORDER BY t.as_of, t.depth, t.position, t.code`;
