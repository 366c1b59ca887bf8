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
person AS (
  SELECT day.as_of, a.unit_id, coalesce(latest.status, 'unanswered') AS status,
         coalesce(latest.status, '') <> 'held' AND EXISTS (
           SELECT FROM card_exception_approved x
           WHERE x.staff_id = a.staff_id AND x.valid_from <= day.as_of AND day.as_of < x.valid_to) AS exempt
  FROM day
  JOIN assignment a ON a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= day.as_of AND day.as_of < a.valid_to
  LEFT JOIN LATERAL (
    SELECT e.status FROM card_event_valid e WHERE e.staff_id = a.staff_id AND e.effective_on <= day.as_of
    ORDER BY e.effective_on DESC, e.id DESC LIMIT 1) latest ON true
),
assigned AS (
  SELECT as_of, unit_id, count(*) AS staff,
         count(*) FILTER (WHERE status = 'held') AS held,
         count(*) FILTER (WHERE status = 'applied') AS applied,
         count(*) FILTER (WHERE status = 'not_applied') AS not_applied,
         count(*) FILTER (WHERE status = 'undisclosed') AS undisclosed,
         count(*) FILTER (WHERE status = 'unanswered') AS unanswered,
         count(*) FILTER (WHERE status = 'lapsed') AS lapsed,
         count(*) FILTER (WHERE exempt) AS exempt
  FROM person GROUP BY as_of, unit_id
),
direct AS MATERIALIZED (
  SELECT a.as_of, coalesce(t.unit_id, root.unit_id) AS unit_id, ${COUNTERS.map((c) => `sum(${c}) AS ${c}`).join(', ')}
  FROM assigned a
  LEFT JOIN tree t ON t.as_of = a.as_of AND t.unit_id = a.unit_id
  LEFT JOIN tree root ON root.as_of = a.as_of AND root.depth = 0
  GROUP BY a.as_of, coalesce(t.unit_id, root.unit_id)
),
-- Few rows that every unit below looks up: computed once, never again for each of them.
total AS MATERIALIZED (
  SELECT t.as_of, ancestor, ARRAY[${sums('sum')}] AS counts
  FROM tree t JOIN direct d USING (as_of, unit_id) CROSS JOIN LATERAL unnest(t.line) AS ancestor
  GROUP BY t.as_of, ancestor
)
SELECT t.as_of, t.unit_id, t.code, t.name, t.kind, t.parent_id, t.path, t.code_path, t.depth, t.position,
       coalesce(total.counts, ${NOBODY}) AS total,
       CASE WHEN d.unit_id IS NULL THEN ${NOBODY} ELSE ARRAY[${sums('')}] END AS direct
FROM tree t
LEFT JOIN total ON total.as_of = t.as_of AND total.ancestor = t.unit_id
LEFT JOIN direct d ON d.as_of = t.as_of AND d.unit_id = t.unit_id
WHERE t.visible
  AND ($3::text IS NULL OR $3 = ANY (t.code_path))
  AND ($4::int IS NULL OR t.depth - coalesce(array_position(t.code_path, $3), 1) + 1 <= $4)
ORDER BY t.as_of, t.depth, t.position, t.code`;
