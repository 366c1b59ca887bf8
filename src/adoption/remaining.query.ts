import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import { NAMED_TOP } from '../roster/unit-tree.query.js';
import { COUNTERS, perCounter, startOf, toCounts } from './counts.query.js';
import type { Counts, Goal } from './rate.js';

export interface RemainingRow {
  readonly unitId: number;
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly total: Counts;
}

/**
 * Units below the one with this code in which somebody still needs a card for the goal, most people first; equals in
 * the order of the organisation. By people, not by rate: units of one person would fill a list by rate. Null where the
 * unit is not there on that day, or not visible.
 */
export async function largestRemaining(
  em: EntityManager,
  scope: Scope,
  asked: { readonly code: string; readonly asOf: IsoDate; readonly goal: Goal; readonly limit: number },
): Promise<RemainingRow[] | null> {
  const { code, asOf, goal, limit } = asked;
  const rows = await prepared<Omit<RemainingRow, 'total'> & { total: number[] }>(em, REMAINING, [
    [asOf],
    visibleRoots(scope),
    code,
    Math.round(goal.rate * 10),
    limit,
  ]);
  if (rows.length === 0) return null;
  return rows.filter((row) => row.unitId !== null).map((row) => ({ ...row, total: toCounts(row.total) }));
}

/** As `remaining` in rate.ts: what is missing of the goal's share, rounded up to whole people. */
const MISSING = `(staff * $4::bigint + 999) / 1000 - held`;

/**
 * $1 [day], $2 roots of the visible subtrees or NULL, $3 code, $4 goal in tenths of a per cent, $5 limit. Sums up what
 * is known of all units at once; only those that may be among the first are looked up in the tree.
 */
const REMAINING = /* sql */ `
WITH ${NAMED_TOP},
asked AS MATERIALIZED (SELECT top.unit_id AS top_id, top.as_of, this.* FROM top ${startOf('top')}),
below AS MATERIALIZED (
  SELECT c.descendant_id AS unit_id FROM asked
  JOIN org_closure c ON c.ancestor_id = asked.top_id AND c.valid_from <= asked.as_of AND asked.as_of < c.valid_to
  WHERE c.descendant_id <> asked.top_id
),
known AS (
  SELECT c.unit_id, ${perCounter((c) => `c.${c}`)}
  FROM roll_current c WHERE c.unit_id = ANY (ARRAY(SELECT unit_id FROM below)) AND (SELECT is_current FROM asked)
  UNION ALL
  SELECT m.* FROM below CROSS JOIN LATERAL (
    SELECT m.unit_id, ${perCounter((c) => `m.${c}`)} FROM roll_month m
    WHERE m.unit_id = below.unit_id AND m.month < (SELECT start FROM asked) ORDER BY m.month DESC LIMIT 1
  ) AS m
  WHERE NOT (SELECT is_current FROM asked)
),
rest AS (
  SELECT d.unit_id, ${perCounter((c) => `d.${c}`)}
  FROM below JOIN roll_delta d USING (unit_id)
  WHERE (SELECT start <= as_of FROM asked) AND d.on_date >= (SELECT start FROM asked) AND d.on_date <= (SELECT as_of FROM asked)
  UNION ALL
  SELECT d.unit_id, ${perCounter((c) => `d.${c}`)}
  FROM below JOIN roll_unfolded d USING (unit_id)
  WHERE EXISTS (SELECT FROM roll_unfolded) AND d.on_date <= (SELECT as_of FROM asked)
),
figure AS (
  SELECT unit_id, ${perCounter((c) => `coalesce(k.${c}, 0) + coalesce(r.${c}, 0) AS ${c}`)}
  FROM known k FULL JOIN (SELECT unit_id, ${perCounter((c) => `sum(${c})::int AS ${c}`)} FROM rest GROUP BY unit_id) AS r USING (unit_id)
),
first AS (
  SELECT *, ${MISSING} AS missing FROM figure WHERE ${MISSING} > 0
  ORDER BY missing DESC FETCH FIRST ($5::int) ROWS WITH TIES
),
placed AS (
  SELECT f.unit_id, u.code, p.name, p.kind, ARRAY[${COUNTERS.join(', ')}] AS total, f.missing, p.position
  FROM first f
  JOIN unit u ON u.id = f.unit_id
  JOIN unit_period p ON p.unit_id = f.unit_id AND p.superseded_at IS NULL
    AND p.valid_from <= (SELECT as_of FROM asked) AND (SELECT as_of FROM asked) < p.valid_to
  ORDER BY f.missing DESC, p.position, u.code COLLATE "C" LIMIT $5
)
SELECT p.unit_id AS "unitId", p.code, p.name, p.kind, p.total FROM asked LEFT JOIN placed p ON true
ORDER BY p.missing DESC, p.position, p.code COLLATE "C"`;
