import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { presentNumber } from '../roster/renumber.query.js';

/** A staged status row that cannot be recorded. */
export interface StatusStageProblem {
  readonly row: number;
  readonly code: 'unknown_staff' | 'renumbered_staff' | 'stripped_zeros' | 'duplicate_staff' | 'future_date';
  /** What the product calls the column. */
  readonly column: '職員番号' | '基準日';
  readonly read: string;
  /** The other row, the width of the number that is known, or the person's number of today. */
  readonly other: string | null;
  /** How many there are, of which at most `limit` are answered. */
  readonly total: number;
}

export function findStatusProblems(
  em: EntityManager,
  today: IsoDate,
  limit: number,
): Promise<StatusStageProblem[]> {
  return em.query(STATUS_PROBLEMS, [today, limit]);
}

export interface StatusCounts {
  readonly recorded: number;
  readonly unchanged: number;
  readonly unknownStaff: number;
}

/** Compares `status_stage` with what is known, into `status_change`: one row for each that is new. */
export async function compareStatuses(em: EntityManager): Promise<StatusCounts> {
  await em.query(
    `CREATE TEMP TABLE status_change ON COMMIT DROP AS WITH ${STATUS_CHANGE} SELECT * FROM status_change WHERE is_new`,
  );
  const [counts]: StatusCounts[] = await em.query(
    `SELECT new AS recorded, known - new AS unchanged, staged - known AS "unknownStaff"
     FROM (SELECT (SELECT count(*)::int FROM status_change) AS new, (SELECT count(*)::int FROM status_stage) AS staged,
                  (SELECT count(*)::int FROM status_stage s JOIN staff st USING (number)
                   WHERE EXISTS (SELECT FROM staff_profile p WHERE p.staff_id = st.id)) AS known) AS counted`,
  );
  return counts!;
}

export async function recordStatusChanges(
  em: EntityManager,
  by: { importId: number; actor: string; recordedAt: Date },
): Promise<void> {
  await em.query(
    `INSERT INTO card_event (staff_id, status, effective_on, evidence, expires_month, recorded_at, recorded_by, import_id)
     SELECT staff_id, status, effective_on, coalesce(evidence, 'import'), expires_month, $1, $2, $3
     FROM status_change ORDER BY row`,
    [by.recordedAt, by.actor, by.importId],
  );
}

/**
 * A row is new when, on its day, the person was in another status by what is known and what the file says before it.
 * A month that the list does not tell goes on as it is known; a card that is past it is held again by any later 保有.
 * A list's 未回答 says that its collector has no answer: it never takes back one that was given, 回答しない least of all.
 * Whoever has said 回答しない was promised to be left alone: no list of somebody else's ends that but by a card.
 */
const STATUS_CHANGE = /* sql */ `
known_staff AS (
  SELECT st.id, st.number FROM staff st WHERE EXISTS (SELECT FROM staff_profile p WHERE p.staff_id = st.id)
),
staged AS (
  SELECT k.id AS staff_id, s.*, (s.expires_on || '-01')::date AS expires_month FROM status_stage s JOIN known_staff k USING (number)
),
rather_not AS (
  SELECT DISTINCT staff_id FROM card_event WHERE status = 'undisclosed' AND evidence = 'self' AND import_id IS NULL
),
left_alone AS (
  SELECT s.row FROM staged s JOIN rather_not USING (staff_id)
  CROSS JOIN LATERAL (
    SELECT e.status, e.evidence, e.import_id FROM card_event_valid e
    WHERE e.staff_id = s.staff_id AND e.effective_on <= s.effective_on ORDER BY e.effective_on DESC, e.id DESC LIMIT 1
  ) AS said
  WHERE said.status = 'undisclosed' AND said.evidence = 'self' AND said.import_id IS NULL
    AND s.status <> 'held' AND s.evidence IS DISTINCT FROM 'self'
),
told AS (
  SELECT staff_id, status, effective_on, evidence, expires_month, row, NULL::bigint AS event_id FROM staged
  WHERE status <> 'unanswered' AND row NOT IN (SELECT row FROM left_alone)
  UNION ALL
  SELECT e.staff_id, e.status, e.effective_on, e.evidence, e.expires_month, NULL, e.id
  FROM card_event_valid e WHERE e.staff_id IN (SELECT staff_id FROM staged)
),
in_order AS (
  SELECT *, lag(status, 1, 'unanswered') OVER w AS before FROM told
  WINDOW w AS (PARTITION BY staff_id ORDER BY effective_on, row NULLS FIRST, event_id)
),
same_card AS (
  SELECT *, count(*) FILTER (WHERE row IS NULL OR expires_month IS NOT NULL OR (status, before) <> ('held', 'held')) OVER w AS card
  FROM in_order
  WINDOW w AS (PARTITION BY staff_id ORDER BY effective_on, row NULLS FIRST, event_id)
),
known_month AS (
  SELECT *, max(expires_month) OVER (PARTITION BY staff_id, card) AS month FROM same_card
),
compared AS (
  SELECT *, lag(month) OVER (PARTITION BY staff_id ORDER BY effective_on, row NULLS FIRST, event_id) AS month_before
  FROM known_month
),
status_change AS (
  SELECT staff_id, status, effective_on, evidence, expires_month, row,
         CASE
           WHEN expires_month IS NOT NULL THEN (status, expires_month) IS DISTINCT FROM (before, month_before)
           ELSE status <> CASE WHEN month_before + interval '1 month' <= effective_on THEN 'lapsed' ELSE before END
         END AS is_new
  FROM compared WHERE row IS NOT NULL
)`;

/** $1 today, $2 limit */
const STATUS_PROBLEMS = /* sql */ `
WITH known_staff AS (
  SELECT st.number FROM staff st WHERE EXISTS (SELECT FROM staff_profile p WHERE p.staff_id = st.id)
),
first AS (
  SELECT row, number, effective_on, min(row) OVER (PARTITION BY number, effective_on) AS first_row
  FROM status_stage
  WHERE (number, effective_on) IN (SELECT number, effective_on FROM status_stage GROUP BY 1, 2 HAVING count(*) > 1)
),
unknown AS (
  SELECT s.row, s.number, (SELECT max(length(k.number)) FROM known_staff k
                           WHERE k.number LIKE '0%' AND ltrim(k.number, '0') = s.number) AS width,
         ${presentNumber('s.number')} AS present
  FROM status_stage s
  WHERE NOT EXISTS (SELECT FROM staff st JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
                    WHERE st.number = s.number)
),
problem AS (
  SELECT row, CASE WHEN present IS NOT NULL THEN 'renumbered_staff' WHEN width IS NULL THEN 'unknown_staff'
                   ELSE 'stripped_zeros' END AS code, '職員番号' AS "column",
         number AS read, coalesce(present, width::text) AS other FROM unknown
  UNION ALL
  SELECT row, 'duplicate_staff', '職員番号', number, first_row::text FROM first WHERE row <> first_row
  UNION ALL
  SELECT row, 'future_date', '基準日', effective_on::text, NULL FROM status_stage WHERE effective_on > $1
)
SELECT row, code, "column", read, other, (count(*) OVER ())::int AS total FROM problem ORDER BY row, code LIMIT $2`;
