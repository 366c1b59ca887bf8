import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** The days a roster speaks for: from its day to that of the next roster already known. */
export interface RosterSpan {
  /** Day of the roster before, null for the first. */
  readonly previous: IsoDate | null;
  readonly asOf: IsoDate;
  /** Exclusive; `infinity` when no later roster is known. */
  readonly until: IsoDate;
}

export async function findSpan(
  em: EntityManager,
  asOf: IsoDate,
  scopeCode: string | null,
): Promise<RosterSpan> {
  const [span]: { previous: IsoDate | null; until: IsoDate }[] = await em.query(
    `SELECT max(day) FILTER (WHERE day < $1) AS previous, coalesce(min(day) FILTER (WHERE day > $1), 'infinity') AS until
     FROM (SELECT (options ->> 'asOf')::date AS day FROM import_batch
           WHERE kind = 'roster' AND state = 'applied'
             AND (options ->> 'scopeCode' IS NULL OR options ->> 'scopeCode' = $2)) AS roster`,
    [asOf, scopeCode],
  );
  return { asOf, ...span! };
}

/** Which optional columns the file has: one it lacks says nothing, so what is known stays. */
export interface RosterColumns {
  readonly kana: boolean;
  readonly email: boolean;
  readonly hiredOn: boolean;
  readonly employment: boolean;
  readonly manager: boolean;
  readonly concurrent: boolean;
  readonly leftOn: boolean;
}

export interface RosterCounts {
  readonly joined: number;
  readonly left: number;
  readonly moved: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Staff of the scope on the day, before the import. */
  readonly before: number;
}

/** Compares `roster_stage` with the roster of that day into `roster_person` and `roster_concurrent`. */
export async function compareRoster(
  em: EntityManager,
  span: RosterSpan,
  scopeCode: string | null,
  columns: RosterColumns,
): Promise<RosterCounts> {
  await em.query(ROSTER_CONCURRENT, [span.asOf, columns.concurrent]);
  await em.query(ROSTER_PERSON, [
    span.asOf,
    span.until,
    span.previous,
    scopeCode,
    columns.kana,
    columns.email,
    columns.hiredOn,
    columns.employment,
    columns.manager,
    columns.leftOn,
  ]);
  const [counts]: RosterCounts[] = await em.query(
    `SELECT count(*) FILTER (WHERE change = 'joined')::int AS joined, count(*) FILTER (WHERE change = 'left')::int AS left,
            count(*) FILTER (WHERE change = 'moved')::int AS moved, count(*) FILTER (WHERE change = 'changed')::int AS changed,
            count(*) FILTER (WHERE change = 'unchanged')::int AS unchanged,
            count(*) FILTER (WHERE e_id IS NOT NULL)::int AS before
     FROM roster_person`,
  );
  return counts!;
}

/** Writes what `compareRoster` found: old rows are superseded, new ones added. */
export async function applyRoster(
  em: EntityManager,
  span: RosterSpan,
  importId: number,
  recordedAt: Date,
): Promise<void> {
  await em.query(ASSIGNMENT_NEXT, [span.asOf, span.until]);
  await em.query(SUPERSEDE_ASSIGNMENTS, [recordedAt]);
  await em.query(INSERT_ASSIGNMENTS, [recordedAt, importId]);
  // A roster of the past does not know today's names.
  await em.query(SUPERSEDE_PROFILES, [recordedAt, span.until]);
  await em.query(INSERT_PROFILES, [recordedAt, importId]);
}

/** $1 day, $2 the file tells 兼務. Rows kept (`same`), new, or over, of everybody in the file. */
const ROSTER_CONCURRENT = /* sql */ `
CREATE TEMP TABLE roster_concurrent ON COMMIT DROP AS
WITH said AS (
  SELECT st.id AS staff_id, u.id AS unit_id, bool_or(s.is_manager) AS is_manager, min(s.employment) AS employment
  FROM roster_stage s JOIN staff st ON st.number = s.number JOIN unit u ON u.code = s.unit_code
  WHERE NOT s.is_primary AND (s.left_on IS NULL OR s.left_on >= $1)
  GROUP BY st.id, u.id
),
known AS (
  SELECT a.* FROM assignment a
  WHERE NOT a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
    AND a.staff_id IN (SELECT st.id FROM roster_stage s JOIN staff st ON st.number = s.number)
)
SELECT coalesce(said.staff_id, known.staff_id) AS staff_id, coalesce(said.unit_id, known.unit_id) AS unit_id,
       said.is_manager, coalesce(said.employment, '') AS employment, known.id AS e_id,
       known.valid_from AS e_from, known.valid_to AS e_to, said.staff_id IS NOT NULL AS wanted
FROM said FULL JOIN known ON known.staff_id = said.staff_id AND known.unit_id = said.unit_id
WHERE $2 AND (said.staff_id IS NULL OR known.id IS NULL OR known.is_manager <> said.is_manager
              OR known.employment <> coalesce(said.employment, ''))`;

/**
 * $1 day, $2 until, $3 previous roster or NULL, $4 scope or NULL, $5–$10 which columns the file has.
 * One row a person: as the file says, as known (`e_…`), what kind of change it is and from when it holds.
 */
const ROSTER_PERSON = /* sql */ `
CREATE TEMP TABLE roster_person ON COMMIT DROP AS
WITH RECURSIVE scoped AS (
  SELECT u.id AS unit_id FROM unit u WHERE u.code = $4
  UNION
  SELECT p.unit_id FROM scoped
  JOIN unit_period p ON p.parent_id = scoped.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
),
known AS (
  SELECT a.* FROM assignment a
  WHERE a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
),
said AS (
  SELECT s.*, st.id AS staff_id, u.id AS unit_id
  FROM roster_stage s JOIN staff st ON st.number = s.number JOIN unit u ON u.code = s.unit_code
  WHERE s.is_primary
),
person AS (
  SELECT said.row, said.unit_id, st.id AS staff_id,
         said.staff_id IS NOT NULL AND (said.left_on IS NULL OR said.left_on >= $1) AS present,
         CASE WHEN $8 THEN coalesce(said.employment, '') ELSE coalesce(known.employment, '') END AS employment,
         CASE WHEN $9 THEN said.is_manager ELSE coalesce(known.is_manager AND known.unit_id = said.unit_id, false) END AS is_manager,
         said.name, CASE WHEN $5 THEN said.kana ELSE p.kana END AS kana,
         CASE WHEN $6 THEN said.email ELSE p.email END AS email,
         CASE WHEN $7 THEN said.hired_on ELSE p.hired_on END AS hired_on,
         said.left_on, said.effective_on,
         known.id AS e_id, known.unit_id AS e_unit_id, known.employment AS e_employment,
         known.is_manager AS e_is_manager, known.valid_from AS e_from, known.valid_to AS e_to,
         p.id AS p_id, p.name AS p_name, p.kana AS p_kana, p.email AS p_email, p.hired_on AS p_hired_on
  FROM said
  FULL JOIN known ON known.staff_id = said.staff_id
  JOIN staff st ON st.id = coalesce(said.staff_id, known.staff_id)
  LEFT JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
  WHERE said.staff_id IS NOT NULL OR $4::text IS NULL OR known.unit_id IN (SELECT unit_id FROM scoped)
)
SELECT person.*,
       CASE
         WHEN NOT present THEN 'left'
         WHEN e_id IS NULL THEN 'joined'
         WHEN e_unit_id <> unit_id THEN 'moved'
         WHEN (employment, is_manager) IS DISTINCT FROM (e_employment, e_is_manager)
           OR ($10 AND left_on + 1 IS DISTINCT FROM nullif(e_to, 'infinity') AND left_on IS NOT NULL)
           OR ($2 = 'infinity'::date AND (name, kana, email, hired_on) IS DISTINCT FROM (p_name, p_kana, p_email, p_hired_on))
           OR staff_id IN (SELECT c.staff_id FROM roster_concurrent c)
         THEN 'changed' ELSE 'unchanged' END AS change,
       -- The file's own dates are believed between the roster before and this one; further back was already told.
       CASE
         WHEN NOT present THEN CASE WHEN left_on + 1 > e_from THEN least(left_on + 1, $1) ELSE $1 END
         WHEN e_id IS NULL THEN greatest(
           CASE WHEN hired_on > $1 THEN hired_on
                WHEN hired_on > $3 THEN hired_on
                WHEN effective_on > $3 AND effective_on <= $1 THEN effective_on ELSE $1 END,
           (SELECT max(b.valid_to) FROM assignment b
            WHERE b.staff_id = person.staff_id AND b.is_primary AND b.superseded_at IS NULL AND b.valid_to <= $1))
         WHEN effective_on > $3 AND effective_on > e_from AND effective_on <= $1 THEN effective_on
         ELSE $1 END AS starts,
       least(coalesce(e_to, 'infinity'), coalesce(left_on + 1, 'infinity'), $2,
             (SELECT min(b.valid_from) FROM assignment b
              WHERE b.staff_id = person.staff_id AND b.is_primary AND b.superseded_at IS NULL AND b.valid_from > $1)) AS ends
FROM person
WHERE present OR e_id IS NOT NULL`;

/** $1 day, $2 until */
const ASSIGNMENT_NEXT = /* sql */ `
CREATE TEMP TABLE assignment_next ON COMMIT DROP AS
WITH touched AS (
  SELECT *, change <> 'left' AS stays FROM roster_person
  WHERE change IN ('joined', 'moved', 'left')
     OR (change = 'changed' AND ((employment, is_manager) IS DISTINCT FROM (e_employment, e_is_manager) OR ends < least(e_to, $2)))
),
ended AS (
  SELECT a.id, t.starts FROM touched t
  JOIN assignment a ON a.staff_id = t.staff_id AND NOT a.is_primary AND a.superseded_at IS NULL
    AND a.valid_from <= $1 AND $1 < a.valid_to
  WHERE t.change = 'left'
  UNION
  SELECT e_id, $1 FROM roster_concurrent WHERE e_id IS NOT NULL
),
replaced AS (
  SELECT e_id AS id, starts FROM touched WHERE e_id IS NOT NULL
  UNION SELECT id, starts FROM ended
)
-- what remains of the old rows outside the days this roster speaks for
SELECT r.id AS replaces, a.staff_id, a.unit_id, a.is_primary, a.is_manager, a.employment,
       lower(piece) AS valid_from, upper(piece) AS valid_to
FROM replaced r JOIN assignment a ON a.id = r.id
LEFT JOIN LATERAL unnest(datemultirange(daterange(a.valid_from, a.valid_to))
                         - datemultirange(daterange(least(r.starts, a.valid_to), greatest($2, r.starts)))) AS piece ON true
UNION ALL
SELECT NULL, staff_id, unit_id, true, is_manager, employment, starts, ends
FROM touched WHERE stays AND starts < ends
UNION ALL
SELECT NULL, c.staff_id, c.unit_id, false, c.is_manager, c.employment, $1,
       least($2, coalesce(c.e_to, 'infinity'),
             (SELECT min(b.valid_from) FROM assignment b WHERE b.staff_id = c.staff_id AND b.unit_id = c.unit_id
                AND NOT b.is_primary AND b.superseded_at IS NULL AND b.valid_from > $1))
FROM roster_concurrent c WHERE c.wanted`;

/** $1 now */
const SUPERSEDE_ASSIGNMENTS = /* sql */ `
UPDATE assignment SET superseded_at = $1 WHERE id IN (SELECT replaces FROM assignment_next WHERE replaces IS NOT NULL)`;

/** $1 now, $2 import */
const INSERT_ASSIGNMENTS = /* sql */ `
INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, employment, valid_from, valid_to, recorded_at, import_id)
SELECT staff_id, unit_id, is_primary, is_manager, employment, valid_from, valid_to, $1, $2
FROM assignment_next WHERE valid_from IS NOT NULL`;

/** $1 now, $2 until */
const SUPERSEDE_PROFILES = /* sql */ `
UPDATE staff_profile p SET superseded_at = $1 FROM roster_person r
WHERE p.id = r.p_id AND r.present AND $2 = 'infinity'::date
  AND (r.name, r.kana, r.email, r.hired_on) IS DISTINCT FROM (r.p_name, r.p_kana, r.p_email, r.p_hired_on)`;

/** $1 now, $2 import: whoever has no current details now */
const INSERT_PROFILES = /* sql */ `
INSERT INTO staff_profile (staff_id, name, kana, email, hired_on, recorded_at, import_id)
SELECT r.staff_id, r.name, r.kana, r.email, r.hired_on, $1, $2
FROM roster_person r
WHERE r.present AND NOT EXISTS (SELECT FROM staff_profile p WHERE p.staff_id = r.staff_id AND p.superseded_at IS NULL)`;
