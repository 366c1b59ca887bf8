import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { UNIT_TREE } from '../roster/unit-tree.query.js';
import type { Counts } from './rate.js';

export interface Recount {
  readonly asOf: IsoDate;
  readonly code: string;
  readonly total: Counts;
}

/**
 * The counting rule once more, straight from the facts and with nothing derived, for every unit that has people: what
 * the ledger is held against. Reads every assignment and every event there is.
 */
export function recountUnits(em: EntityManager, dates: readonly IsoDate[]): Promise<Recount[]> {
  return em.query(RECOUNT, [dates, null]);
}

/** Days on which a fact begins or ends: between two of them no figure changes. */
export async function daysOfChange(em: EntityManager, until: IsoDate): Promise<IsoDate[]> {
  const rows: { day: IsoDate }[] = await em.query(DAYS_OF_CHANGE, [until]);
  return rows.map((row) => row.day);
}

const of = (status: string) => `(count(*) FILTER (WHERE status = '${status}'))::int`;

/** Whether the definition, NULL for none, counts whoever has the assignment `a` on the day. */
export const isCountedBy = (definition: string, day: string) => /* sql */ `(
  ${definition}.version IS NULL
  OR (a.employment <> ALL (${definition}.left_out_employment) AND a.leave <> ALL (${definition}.left_out_leave)
      -- Of the last so many days none was without a 本務.
      AND (${definition}.min_days = 0 OR ${definition}.min_days = (
        SELECT sum(least(b.valid_to, ${day}) - greatest(b.valid_from, ${day} - ${definition}.min_days)) FROM assignment b
        WHERE b.staff_id = a.staff_id AND b.is_primary AND b.superseded_at IS NULL
          AND b.valid_from < ${day} AND ${day} - ${definition}.min_days < b.valid_to))))`;

/** $1 days, $2 NULL */
const RECOUNT = /* sql */ `
WITH RECURSIVE ${UNIT_TREE},
definition AS (
  SELECT DISTINCT ON (day.as_of) day.as_of, d.* FROM day
  JOIN count_definition d ON d.superseded_at IS NULL AND d.valid_from <= day.as_of
  ORDER BY day.as_of, d.valid_from DESC
),
person AS (
  SELECT day.as_of, a.unit_id, coalesce(c.status, 'unanswered') AS status,
         coalesce(c.status, '') <> 'held' AND EXISTS (
           SELECT FROM card_exception_approved x
           WHERE x.staff_id = a.staff_id AND x.valid_from <= day.as_of AND day.as_of < x.valid_to) AS exempt
  FROM day
  JOIN assignment a ON a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= day.as_of AND day.as_of < a.valid_to
  LEFT JOIN definition d ON d.as_of = day.as_of
  LEFT JOIN card_status_period c ON c.staff_id = a.staff_id AND c.valid_from <= day.as_of AND day.as_of < c.valid_to
  WHERE ${isCountedBy('d', 'day.as_of')}
),
placed AS (
  SELECT p.*, coalesce(home.line, root.line) AS line
  FROM person p
  JOIN tree root ON root.as_of = p.as_of AND root.depth = 0
  LEFT JOIN tree home ON home.as_of = p.as_of AND home.unit_id = p.unit_id
)
SELECT p.as_of AS "asOf", u.code, json_build_object(
         'staff', count(*)::int, 'held', ${of('held')}, 'applied', ${of('applied')}, 'notApplied', ${of('not_applied')},
         'undisclosed', ${of('undisclosed')}, 'unanswered', ${of('unanswered')}, 'lapsed', ${of('lapsed')},
         'exempt', (count(*) FILTER (WHERE exempt))::int) AS total
FROM placed p CROSS JOIN LATERAL unnest(p.line) AS ancestor JOIN unit u ON u.id = ancestor
GROUP BY p.as_of, u.code`;

/** $1 last day */
const DAYS_OF_CHANGE = /* sql */ `
SELECT DISTINCT day FROM (
  SELECT valid_from AS day FROM assignment WHERE is_primary AND superseded_at IS NULL
  UNION ALL SELECT valid_to FROM assignment WHERE is_primary AND superseded_at IS NULL
  UNION ALL SELECT valid_from FROM unit_period WHERE superseded_at IS NULL
  UNION ALL SELECT valid_to FROM unit_period WHERE superseded_at IS NULL
  UNION ALL SELECT valid_from + min_days FROM assignment CROSS JOIN (SELECT DISTINCT min_days FROM count_definition WHERE superseded_at IS NULL) AS d
            WHERE is_primary AND superseded_at IS NULL
  UNION ALL SELECT valid_from FROM count_definition WHERE superseded_at IS NULL AND valid_from > '-infinity'
  UNION ALL SELECT effective_on FROM card_event
  UNION ALL SELECT valid_from FROM card_status_period
  UNION ALL SELECT valid_from FROM card_exception_approved
  UNION ALL SELECT valid_to FROM card_exception_approved
) AS fact WHERE day <= $1 ORDER BY day`;
