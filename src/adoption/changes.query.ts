import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { holdsOn } from '../platform/database/period.js';
import { CHANGE_PARTS, kindOf, type ChangePart, type PartCounts } from './change-parts.js';
import { perCounter, perPerson, toCounts } from './counts.query.js';
import { isCountedBy } from './recount.query.js';

/** The parts by which the figures of the unit differ between the two days (see change-parts.ts), all of them. In a transaction. */
export async function findChanges(
  em: EntityManager,
  unitId: number,
  from: IsoDate,
  to: IsoDate,
): Promise<PartCounts[]> {
  // Expecting slow disks, the planner reads the whole timeline for a twentieth of it. Ends with the transaction.
  await em.query('SET LOCAL random_page_cost = 1.1');
  // Planned for its days: the work is in proportion to what happened between them, which a kept plan cannot know.
  const rows: { part: ChangePart; steps: number; counts: number[] }[] = await em.query(CHANGES, [
    unitId,
    from,
    to,
  ]);
  return CHANGE_PARTS.map((part) => {
    const { steps, counts } = rows.find((row) => row.part === part) ?? { steps: 0, counts: [] };
    return { part, people: kindOf(part) === 'answer' ? steps / 2 : steps, ...toCounts(counts) };
  });
}

const WITHOUT_CARD = `('applied', 'not_applied', 'lapsed')`;

/** $1 unit, $2 the earlier day, $3 the later */
const CHANGES = /* sql */ `
WITH
below AS MATERIALIZED (
  SELECT c.descendant_id AS unit_id, bool_or(${holdsOn('c', '$2::date')}) AS before, bool_or(${holdsOn('c', '$3::date')}) AS after
  FROM org_closure c WHERE c.ancestor_id = $1::int AND (${holdsOn('c', '$2::date')} OR ${holdsOn('c', '$3::date')})
  GROUP BY 1
),
-- Whoever stands unchanged in a unit that is below on both days changes nothing: of the others, what they were and are.
line AS MATERIALIZED (
  SELECT s.staff_id, s.unit_id, s.status, s.exempt, s.counted, u.after AND ${holdsOn('s', '$3::date')} AS is_after
  FROM below u JOIN timeline s ON s.unit_id = u.unit_id AND s.valid_from <= $3::date AND $2::date < s.valid_to
  WHERE (u.before AND ${holdsOn('s', '$2::date')}) <> (u.after AND ${holdsOn('s', '$3::date')})
),
person AS MATERIALIZED (
  SELECT staff_id, b.unit_id AS unit_before, b.status AS before, b.exempt AS exempt_before, b.counted AS counted_before,
         a.unit_id AS unit_after, a.status AS after, a.exempt AS exempt_after, a.counted AS counted_after
  FROM (SELECT * FROM line WHERE NOT is_after) AS b FULL JOIN (SELECT * FROM line WHERE is_after) AS a USING (staff_id)
  WHERE b.counted OR a.counted
),
stays AS (SELECT * FROM person WHERE counted_before AND counted_after),
definition AS (
  SELECT * FROM count_definition WHERE superseded_at IS NULL AND valid_from <= $3::date ORDER BY valid_from DESC LIMIT 1
),
-- Who is below on both days and counted on one: with what the later day's definition makes of the earlier day.
counted_once AS (
  SELECT p.*, ${isCountedBy('d', '$2::date')} AS counted_by_definition
  FROM person p
  JOIN assignment a ON a.staff_id = p.staff_id AND a.is_primary AND a.superseded_at IS NULL AND ${holdsOn('a', '$2::date')}
  LEFT JOIN definition d ON true
  WHERE counted_before <> counted_after
),
-- Each change as what comes and what goes, so that everything it does not concern cancels out.
change AS (
  SELECT CASE
      WHEN before IN ${WITHOUT_CARD} AND after = 'held' THEN 'new_card'
      WHEN before IN ('unanswered', 'undisclosed') AND after <> 'unanswered' THEN 'newly_answered'
      WHEN before = 'held' AND after IN ${WITHOUT_CARD} THEN 'lapsed'
      ELSE 'other_answer'
    END AS part, step.*
  FROM stays CROSS JOIN LATERAL (VALUES (1, after, exempt_before), (-1, before, exempt_before)) AS step (sign, status, exempt)
  WHERE before <> after
  UNION ALL
  SELECT CASE WHEN exempt_after THEN 'exception_began' ELSE 'exception_ended' END, step.*
  FROM stays CROSS JOIN LATERAL (VALUES (1, after, exempt_after), (-1, after, exempt_before)) AS step (sign, status, exempt)
  WHERE exempt_before <> exempt_after
  UNION ALL
  SELECT CASE
      WHEN counted_after THEN CASE WHEN counted_by_definition THEN 'definition_in' ELSE 'began_to_count' END
      ELSE CASE WHEN counted_by_definition THEN 'ceased_to_count' ELSE 'definition_out' END
    END, sign, status, exempt
  FROM counted_once CROSS JOIN LATERAL (VALUES (1, after, exempt_after, counted_after), (-1, before, exempt_before, counted_before))
    AS step (sign, status, exempt, is_counted)
  WHERE is_counted
  UNION ALL
  SELECT CASE
      WHEN other.unit_id IS NULL THEN 'joined'
      WHEN other.unit_id = p.unit_after THEN 'reorganised_in'
      ELSE 'transferred_in'
    END, 1, p.after, p.exempt_after
  FROM person p LEFT JOIN timeline other ON other.staff_id = p.staff_id AND ${holdsOn('other', '$2::date')}
  WHERE p.before IS NULL
  UNION ALL
  SELECT CASE
      WHEN other.unit_id IS NULL THEN 'left'
      WHEN other.unit_id = p.unit_before THEN 'reorganised_out'
      ELSE 'transferred_out'
    END, -1, p.before, p.exempt_before
  FROM person p LEFT JOIN timeline other ON other.staff_id = p.staff_id AND ${holdsOn('other', '$3::date')}
  WHERE p.after IS NULL
)
SELECT part, count(*)::int AS steps, ARRAY[${perCounter((c) => `sum(sign * ${perPerson('change')(c)})::int`)}] AS counts
FROM change GROUP BY part`;
