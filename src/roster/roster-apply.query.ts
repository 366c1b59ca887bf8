import type { EntityManager } from 'typeorm';

/** Which import writes, and when. */
export interface Origin {
  readonly importId: number;
  readonly recordedAt: Date;
}

/** Writes what `compareRoster` found: old rows are superseded, new ones added. */
export async function applyRoster(em: EntityManager, asOf: string, origin: Origin): Promise<void> {
  await replaceAssignments(em, NEXT_ASSIGNMENTS, [asOf], origin);
  await replaceAssignments(em, CONCURRENT_IN_OFFICE, [], origin);
  await em.query(SUPERSEDE_PROFILES, [origin.recordedAt]);
  await em.query(INSERT_PROFILES, [origin.recordedAt, origin.importId]);
}

/** `next` answers what follows, with the id of the row it `replaces`; a row without days only ends what it replaces. */
export async function replaceAssignments(
  em: EntityManager,
  next: string,
  parameters: unknown[],
  { importId, recordedAt }: Origin,
): Promise<void> {
  await em.query(`CREATE TEMP TABLE assignment_next ON COMMIT DROP AS ${next}`, parameters);
  await em.query(
    `UPDATE assignment SET superseded_at = $1 WHERE id IN (SELECT replaces FROM assignment_next WHERE replaces IS NOT NULL)`,
    [recordedAt],
  );
  await em.query(
    `INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, employment, leave, carried_from, valid_from, valid_to, recorded_at, import_id)
     SELECT staff_id, unit_id, is_primary, is_manager, employment, leave, carried_from, valid_from, valid_to, $1, $2
     FROM assignment_next WHERE valid_from IS NOT NULL ORDER BY staff_id, valid_from`,
    [recordedAt, importId],
  );
  await em.query(`DROP TABLE assignment_next`);
}

/** $1 day */
const NEXT_ASSIGNMENTS = /* sql */ `
WITH touched AS (
  SELECT * FROM roster_person
  WHERE change IN ('joined', 'moved', 'left')
     OR (change = 'changed' AND ((employment, leave, is_manager) IS DISTINCT FROM (e_employment, e_leave, e_is_manager)
                                 OR ends <> least(e_to, until)))
),
replaced AS (
  SELECT a.id, t.starts, t.until FROM touched t
  JOIN assignment a ON a.staff_id = t.staff_id AND a.is_primary AND a.superseded_at IS NULL
    AND a.valid_from <= t.on_day AND t.starts < a.valid_to
  UNION ALL
  SELECT e_id, $1::date, until FROM roster_concurrent WHERE e_id IS NOT NULL
)
-- what remains of the old rows outside the days this roster speaks for
SELECT r.id AS replaces, a.staff_id, a.unit_id, a.is_primary, a.is_manager, a.employment, a.leave, a.carried_from,
       lower(piece) AS valid_from, upper(piece) AS valid_to
FROM replaced r JOIN assignment a ON a.id = r.id
LEFT JOIN LATERAL unnest(datemultirange(daterange(a.valid_from, a.valid_to))
                         - datemultirange(daterange(r.starts, greatest(r.until, r.starts)))) AS piece ON true
UNION ALL
SELECT NULL, staff_id, unit_id, true, is_manager, employment, leave, NULL, starts, ends
FROM touched WHERE change <> 'left' AND starts < ends
UNION ALL
SELECT NULL, c.staff_id, c.unit_id, false, c.is_manager, c.employment, '', NULL, $1::date,
       least(c.until, c.e_to, (SELECT min(b.valid_from) FROM assignment b WHERE b.staff_id = c.staff_id AND b.unit_id = c.unit_id
                                AND NOT b.is_primary AND b.superseded_at IS NULL AND b.valid_from > $1))
FROM roster_concurrent c WHERE c.wanted`;

/** Nobody is 兼務 anywhere on a day without a place of their own. */
const CONCURRENT_IN_OFFICE = /* sql */ `
WITH touched AS (
  SELECT staff_id FROM roster_person WHERE change <> 'unchanged' UNION SELECT staff_id FROM roster_concurrent
),
held AS (
  SELECT t.staff_id, coalesce(range_agg(daterange(a.valid_from, a.valid_to)) FILTER (WHERE a.id IS NOT NULL), '{}') AS days
  FROM touched t LEFT JOIN assignment a ON a.staff_id = t.staff_id AND a.is_primary AND a.superseded_at IS NULL
  GROUP BY t.staff_id
)
SELECT a.id AS replaces, a.staff_id, a.unit_id, a.is_primary, a.is_manager, a.employment, a.leave, a.carried_from,
       lower(piece) AS valid_from, upper(piece) AS valid_to
FROM held h
JOIN assignment a ON a.staff_id = h.staff_id AND NOT a.is_primary AND a.superseded_at IS NULL
  AND NOT daterange(a.valid_from, a.valid_to) <@ h.days
LEFT JOIN LATERAL unnest(datemultirange(daterange(a.valid_from, a.valid_to)) * h.days) AS piece ON true`;

/** $1 now. A roster of the past does not know today's names. */
const SUPERSEDE_PROFILES = /* sql */ `
UPDATE staff_profile p SET superseded_at = $1 FROM roster_person r
WHERE p.id = r.p_id AND r.present AND r.until = 'infinity'
  AND (r.name, r.kana, r.email, r.hired_on) IS DISTINCT FROM (r.p_name, r.p_kana, r.p_email, r.p_hired_on)`;

/** $1 now, $2 import: whoever has no current details now */
const INSERT_PROFILES = /* sql */ `
INSERT INTO staff_profile (staff_id, name, kana, email, hired_on, recorded_at, import_id)
SELECT r.staff_id, r.name, r.kana, r.email, r.hired_on, $1, $2
FROM roster_person r
WHERE r.present AND NOT EXISTS (SELECT FROM staff_profile p WHERE p.staff_id = r.staff_id AND p.superseded_at IS NULL)`;
