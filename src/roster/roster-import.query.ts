import type { EntityManager } from 'typeorm';
import type { RosterSpan } from './roster-span.query.js';

/** Which optional columns the file has: one it lacks says nothing, so what is known stays. */
export interface RosterColumns {
  readonly kana: boolean;
  readonly email: boolean;
  readonly hiredOn: boolean;
  readonly employment: boolean;
  readonly leave: boolean;
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
    columns.leave,
  ]);
  await em.query(ROSTER_CONCURRENT, [
    span.asOf,
    span.until,
    scopeCode,
    columns.concurrent,
    columns.employment,
    columns.manager,
  ]);
  await em.query(
    `UPDATE roster_person SET change = 'changed'
     WHERE change = 'unchanged' AND staff_id IN (SELECT staff_id FROM roster_concurrent)`,
  );
  const [counts]: RosterCounts[] = await em.query(
    `SELECT count(*) FILTER (WHERE change = 'joined')::int AS joined, count(*) FILTER (WHERE change = 'left')::int AS left,
            count(*) FILTER (WHERE change = 'moved')::int AS moved, count(*) FILTER (WHERE change = 'changed')::int AS changed,
            count(*) FILTER (WHERE change = 'unchanged')::int AS unchanged,
            count(*) FILTER (WHERE e_from <= $1)::int AS before
     FROM roster_person`,
    [span.asOf],
  );
  return counts!;
}

/** Units of the scope on day $1; to follow `WITH RECURSIVE`. */
const scoped = (scope: string) => /* sql */ `
scoped AS (
  SELECT u.id AS unit_id FROM unit u WHERE u.code = ${scope}
  UNION
  SELECT p.unit_id FROM scoped
  JOIN unit_period p ON p.parent_id = scoped.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
)`;

/**
 * $1 day, $2 until, $3 previous roster or NULL, $4 scope or NULL, $5–$11 which columns the file has.
 * One row a person: as the file says, as known (`e_…`), what kind of change it is and the days it holds for.
 */
const ROSTER_PERSON = /* sql */ `
CREATE TEMP TABLE roster_person ON COMMIT DROP AS
WITH RECURSIVE ${scoped('$4')},
said AS (
  SELECT s.*, st.id AS staff_id, u.id AS unit_id
  FROM roster_stage s JOIN staff st ON st.number = s.number LEFT JOIN unit u ON u.code = s.unit_code
  WHERE s.is_primary
),
placed AS NOT MATERIALIZED (
  SELECT * FROM assignment WHERE is_primary AND superseded_at IS NULL
),
known AS (
  SELECT p.* FROM placed p WHERE p.valid_from <= $1 AND $1 < p.valid_to
  UNION ALL
  -- Whoever is hired only after the roster's day is compared on the first day in office.
  SELECT p.* FROM said JOIN placed p ON p.staff_id = said.staff_id AND p.valid_from <= said.hired_on AND said.hired_on < p.valid_to
  WHERE said.hired_on > $1
    AND NOT EXISTS (SELECT FROM placed n WHERE n.staff_id = said.staff_id AND n.valid_from <= $1 AND $1 < n.valid_to)
),
told AS (
  SELECT p.staff_id, r.day FROM roster_reach r JOIN placed p ON p.unit_id = r.unit_id AND p.valid_from <= r.day AND r.day < p.valid_to
  UNION ALL
  SELECT s.staff_id, r.day FROM roster_reach r JOIN said s USING (unit_id)
),
span AS (
  SELECT staff_id, max(day) FILTER (WHERE day < $1) AS previous, min(day) FILTER (WHERE day > $1) AS until
  FROM told GROUP BY staff_id
),
-- Few: looking up every person's took as long as everything else together.
later AS (
  SELECT DISTINCT staff_id FROM placed WHERE valid_from > $1
),
unit_life AS (
  SELECT unit_id, lower(run) AS since
  FROM (SELECT unit_id, range_agg(daterange(valid_from, valid_to)) AS days FROM unit_period
        WHERE superseded_at IS NULL GROUP BY unit_id) AS u, unnest(u.days) AS run
  WHERE run @> $1::date
),
person AS (
  SELECT said.row, said.unit_id, st.id AS staff_id,
         said.staff_id IS NOT NULL AND (said.left_on IS NULL OR said.left_on >= $1) AS present,
         CASE WHEN $8 THEN coalesce(said.employment, '') ELSE coalesce(known.employment, '') END AS employment,
         CASE WHEN $11 THEN coalesce(said.leave, '') ELSE coalesce(known.leave, '') END AS leave,
         CASE WHEN $9 THEN said.is_manager ELSE coalesce(known.is_manager AND known.unit_id = said.unit_id, false) END AS is_manager,
         said.name, CASE WHEN $5 THEN said.kana ELSE p.kana END AS kana,
         CASE WHEN $6 THEN said.email ELSE p.email END AS email,
         CASE WHEN $7 THEN said.hired_on ELSE p.hired_on END AS hired_on,
         said.left_on, said.effective_on, greatest($3, span.previous) AS previous, least($2, span.until) AS until,
         CASE WHEN known.valid_from > $1 THEN said.hired_on ELSE $1 END AS on_day,
         unit_life.since AS unit_since, later.staff_id IS NOT NULL AS has_later,
         known.id AS e_id, known.unit_id AS e_unit_id, known.employment AS e_employment,
         known.leave AS e_leave, known.is_manager AS e_is_manager, known.valid_from AS e_from, known.valid_to AS e_to,
         p.id AS p_id, p.name AS p_name, p.kana AS p_kana, p.email AS p_email, p.hired_on AS p_hired_on
  FROM said
  FULL JOIN known ON known.staff_id = said.staff_id
  JOIN staff st ON st.id = coalesce(said.staff_id, known.staff_id)
  LEFT JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
  LEFT JOIN span ON span.staff_id = st.id
  LEFT JOIN unit_life ON unit_life.unit_id = said.unit_id
  LEFT JOIN later ON later.staff_id = st.id
  WHERE said.staff_id IS NOT NULL OR $4::text IS NULL OR known.unit_id IN (SELECT unit_id FROM scoped)
),
dated AS (
  SELECT person.*,
         -- The file's own dates are believed between the roster before and this one; further back was already told.
         CASE
           WHEN NOT present THEN CASE WHEN left_on IS NULL THEN $1 ELSE least($1, greatest(left_on + 1, previous)) END
           WHEN e_id IS NULL THEN greatest(
             CASE WHEN hired_on > $1 THEN hired_on
                  WHEN hired_on > previous THEN hired_on
                  WHEN effective_on > previous AND effective_on <= $1 THEN effective_on ELSE $1 END,
             unit_since,
             (SELECT max(b.valid_to) FROM placed b WHERE b.staff_id = person.staff_id AND b.valid_to <= $1))
           WHEN effective_on > previous AND effective_on <= $1 AND (unit_id <> e_unit_id OR effective_on > e_from)
           THEN greatest(effective_on, unit_since)
           ELSE on_day END AS starts,
         -- A blank date of leaving takes an earlier one back, unless a later roster has told the end.
         least(CASE WHEN $10 AND until = 'infinity' THEN NULL ELSE e_to END, left_on + 1, until,
               CASE WHEN has_later THEN
                 (SELECT min(b.valid_from) FROM placed b
                  WHERE b.staff_id = person.staff_id AND b.valid_from > $1 AND b.id IS DISTINCT FROM e_id) END) AS ends
  FROM person
  WHERE present OR e_id IS NOT NULL
)
SELECT dated.*,
       CASE
         WHEN NOT present THEN 'left'
         WHEN e_id IS NULL THEN 'joined'
         WHEN e_unit_id <> unit_id THEN 'moved'
         WHEN (employment, leave, is_manager) IS DISTINCT FROM (e_employment, e_leave, e_is_manager) OR ends <> least(e_to, until)
           OR (until = 'infinity' AND (name, kana, email, hired_on) IS DISTINCT FROM (p_name, p_kana, p_email, p_hired_on))
         THEN 'changed' ELSE 'unchanged' END AS change
FROM dated`;

/**
 * $1 day, $2 until, $3 scope or NULL, $4–$6 whether the file tells 兼務, employment, managers. What changes of 兼務: those
 * that are new, told differently or over. Those in units outside the scope stay unless the file tells of them.
 */
const ROSTER_CONCURRENT = /* sql */ `
CREATE TEMP TABLE roster_concurrent ON COMMIT DROP AS
WITH RECURSIVE ${scoped('$3')},
said AS (
  SELECT st.id AS staff_id, u.id AS unit_id, s.is_manager, s.employment
  FROM roster_stage s JOIN staff st ON st.number = s.number JOIN unit u ON u.code = s.unit_code
  WHERE NOT s.is_primary AND (s.left_on IS NULL OR s.left_on >= $1)
),
known AS (
  SELECT a.* FROM assignment a
  WHERE NOT a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
    AND ($3::text IS NULL OR a.unit_id IN (SELECT unit_id FROM scoped)
         OR (a.staff_id, a.unit_id) IN (SELECT staff_id, unit_id FROM said))
),
compared AS (
  SELECT coalesce(said.staff_id, known.staff_id) AS staff_id, coalesce(said.unit_id, known.unit_id) AS unit_id,
         CASE WHEN $6 THEN said.is_manager ELSE coalesce(known.is_manager, false) END AS is_manager,
         coalesce(CASE WHEN $5 THEN said.employment ELSE known.employment END, '') AS employment,
         known.id AS e_id, known.valid_to AS e_to, known.is_manager AS e_is_manager, known.employment AS e_employment,
         said.staff_id IS NOT NULL AS wanted
  FROM said FULL JOIN known ON known.staff_id = said.staff_id AND known.unit_id = said.unit_id
)
SELECT c.staff_id, c.unit_id, c.is_manager, c.employment, c.e_id, c.e_to, c.wanted, coalesce(p.until, $2) AS until
FROM compared c LEFT JOIN roster_person p USING (staff_id)
WHERE $4 AND (c.e_id IS NULL OR NOT c.wanted OR (c.is_manager, c.employment) IS DISTINCT FROM (c.e_is_manager, c.e_employment))`;
