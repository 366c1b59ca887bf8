import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** A row of the staged list of units that cannot stand, with what to say about it. */
export interface UnitStageProblem {
  readonly row: number;
  readonly code:
    'duplicate_unit' | 'unknown_parent' | 'unknown_staff' | 'bad_period' | 'cyclic_units' | 'outside_scope';
  /** What the product calls the column. */
  readonly column: '所属コード' | '上位所属コード' | '所属長職員番号' | '適用終了日';
  readonly read: string;
  readonly otherRow: number | null;
}

/** Stands above the units of a city whose list names no single top. */
export const IMPLICIT_ROOT_CODE = 'ROOT';
const BEFORE_ALL: IsoDate = '0001-01-01';

/** What is wrong with `unit_stage` by itself and against the database on day $1. */
export function findUnitProblems(
  em: EntityManager,
  asOf: IsoDate,
  scopeCode: string | null,
): Promise<UnitStageProblem[]> {
  return em.query(UNIT_PROBLEMS, [asOf, scopeCode]);
}

/**
 * Makes the organisation from `asOf` to `until` (exclusive; the day of the next list already known) what `unit_stage`
 * says: units of the list get its periods, units it no longer has end on that day (within the scope), everything
 * outside stays. Answers how many units came, went and changed.
 */
export async function applyUnits(
  em: EntityManager,
  asOf: IsoDate,
  scopeCode: string | null,
  until: IsoDate,
  importId: number,
  recordedAt: Date,
): Promise<{ unitsAdded: number; unitsEnded: number; unitsChanged: number }> {
  await em.query(
    `INSERT INTO unit (code) SELECT DISTINCT code FROM unit_stage ON CONFLICT (code) DO NOTHING`,
  );
  await ensureRoot(em, scopeCode);
  await em.query(UNIT_NOW, [asOf, scopeCode]);
  await em.query(UNIT_CLAIM, [asOf, until]);
  await em.query(UNIT_NEXT, [asOf, until]);
  await em.query(KEEP_POSITIONS);
  const [counts]: { unitsAdded: number; unitsEnded: number; unitsChanged: number }[] = await em.query(
    UNIT_COUNTS,
    [asOf],
  );
  await em.query(SUPERSEDE_UNITS, [recordedAt]);
  await em.query(INSERT_UNITS, [recordedAt, importId]);
  return counts!;
}

/** Rows whose unit does not hang below the root on some day of its period: parents that end too early, or circles. */
export function findDetachedUnits(
  em: EntityManager,
): Promise<{ code: string; row: number | null; day: IsoDate }[]> {
  return em.query(DETACHED_UNITS);
}

/** Blank parents hang below the scope's unit, the existing root, or – where there are several – a root of our own. */
async function ensureRoot(em: EntityManager, scopeCode: string | null): Promise<void> {
  await em.query(
    `CREATE TEMP TABLE unit_top ON COMMIT DROP AS
    SELECT coalesce(
      (SELECT id FROM unit WHERE code = $1),
      (SELECT p.unit_id FROM unit_period p JOIN unit u ON u.id = p.unit_id
       WHERE p.parent_id IS NULL AND p.superseded_at IS NULL ORDER BY p.valid_to DESC LIMIT 1),
      (SELECT min(u.id) FROM unit_stage s JOIN unit u USING (code) WHERE s.parent_code IS NULL
       HAVING count(DISTINCT s.code) = 1)
    ) AS unit_id`,
    [scopeCode],
  );
  const [top]: { unit_id: number | null }[] = await em.query(`SELECT unit_id FROM unit_top`);
  if (top!.unit_id !== null) return;
  await em.query(`INSERT INTO unit (code) VALUES ($1) ON CONFLICT (code) DO NOTHING`, [IMPLICIT_ROOT_CODE]);
  await em.query(`UPDATE unit_top SET unit_id = (SELECT id FROM unit WHERE code = $1)`, [IMPLICIT_ROOT_CODE]);
  await em.query(
    `INSERT INTO unit_stage (row, code, name, kind, valid_from)
     VALUES (0, $1, '全体', '全体', $2)`,
    [IMPLICIT_ROOT_CODE, BEFORE_ALL],
  );
}

/** $1 day, $2 scope */
const UNIT_PROBLEMS = /* sql */ `
WITH staged AS (
  SELECT *, daterange(coalesce(valid_from, $1), coalesce(last_day, 'infinity'), '[]') AS period
  FROM unit_stage WHERE coalesce(valid_from, $1) <= coalesce(last_day, 'infinity')
)
SELECT row, 'bad_period' AS code, '適用終了日' AS "column", last_day::text AS read, NULL::int AS "otherRow"
FROM unit_stage WHERE valid_from > last_day
UNION ALL
SELECT DISTINCT ON (b.row) b.row, 'duplicate_unit', '所属コード', b.code, a.row
FROM staged a JOIN staged b ON b.code = a.code AND a.row < b.row AND a.period && b.period
UNION ALL
SELECT s.row, 'unknown_parent', '上位所属コード', s.parent_code, NULL
FROM unit_stage s
WHERE s.parent_code IS NOT NULL
  AND NOT EXISTS (SELECT FROM unit_stage p WHERE p.code = s.parent_code)
  AND NOT EXISTS (SELECT FROM unit u JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL
                  WHERE u.code = s.parent_code AND ($2::text IS NOT NULL OR p.parent_id IS NULL))
UNION ALL
SELECT s.row, 'unknown_staff', '所属長職員番号', s.manager_number, NULL
FROM unit_stage s
WHERE s.manager_number IS NOT NULL AND NOT EXISTS (SELECT FROM staff WHERE number = s.manager_number)
ORDER BY 1`;

/** $1 day, $2 scope: the periods the list speaks about – of its own units, and of those it no longer has */
const UNIT_NOW = /* sql */ `
CREATE TEMP TABLE unit_now ON COMMIT DROP AS
WITH RECURSIVE scoped AS (
  SELECT u.id AS unit_id FROM unit u WHERE u.code = $2
  UNION
  SELECT p.unit_id FROM scoped
  JOIN unit_period p ON p.parent_id = scoped.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
)
SELECT p.* FROM unit_period p JOIN unit u ON u.id = p.unit_id
WHERE p.superseded_at IS NULL
  AND (EXISTS (SELECT FROM unit_stage s WHERE s.code = u.code)
       OR (p.parent_id IS NOT NULL AND p.valid_from <= $1 AND $1 < p.valid_to
           AND ($2::text IS NULL OR (u.code <> $2 AND p.unit_id IN (SELECT unit_id FROM scoped)))))`;

/** $1 day, $2 until: a row without a start goes on from where the unit already is what the row says */
const UNIT_CLAIM = /* sql */ `
CREATE TEMP TABLE unit_claim ON COMMIT DROP AS
WITH listed AS (
  SELECT s.*, u.id AS unit_id, m.id AS manager_id,
         CASE WHEN s.parent_code IS NOT NULL THEN parent.id
              WHEN u.id <> top.unit_id THEN top.unit_id
              ELSE (SELECT n.parent_id FROM unit_now n
                    WHERE n.unit_id = u.id AND n.valid_from <= $1 AND $1 < n.valid_to) END AS parent_id
  FROM unit_stage s
  JOIN unit u USING (code)
  CROSS JOIN unit_top top
  LEFT JOIN unit parent ON parent.code = s.parent_code
  LEFT JOIN staff m ON m.number = s.manager_number
)
SELECT l.unit_id, l.parent_id, l.name, coalesce(l.kind, now.kind, '') AS kind, l.email, l.manager_id, l.row AS position,
       coalesce(l.valid_from, CASE WHEN (l.parent_id, l.name, coalesce(l.kind, now.kind), l.email, l.manager_id)
                                     IS NOT DISTINCT FROM (now.parent_id, now.name, now.kind, now.email, now.manager_id)
                                   THEN now.valid_from END, $1) AS valid_from,
       least(coalesce(l.last_day + 1, 'infinity'), $2) AS valid_to
FROM listed l
LEFT JOIN unit_now now ON now.unit_id = l.unit_id AND now.valid_from <= $1 AND $1 < now.valid_to
WHERE coalesce(l.valid_from, $1) < least(coalesce(l.last_day + 1, 'infinity'), $2)`;

/** $1 day, $2 until: what was, outside the days the list speaks about, and what it says; as unit_now, for set algebra */
const UNIT_NEXT = /* sql */ `
CREATE TEMP TABLE unit_next ON COMMIT DROP AS
WITH region AS (
  SELECT n.unit_id, daterange(coalesce(min(c.valid_from), $1), $2) AS days
  FROM unit_now n LEFT JOIN unit_claim c USING (unit_id) GROUP BY n.unit_id
)
SELECT n.unit_id, n.parent_id, n.name, n.kind, n.email, n.manager_id, n.position, lower(piece) AS valid_from, upper(piece) AS valid_to
FROM unit_now n JOIN region r USING (unit_id)
CROSS JOIN LATERAL unnest(datemultirange(daterange(n.valid_from, n.valid_to)) - datemultirange(r.days)) AS piece
UNION ALL
SELECT * FROM unit_claim`;

const SAME_UNIT_PERIOD = /* sql */ `
  (n.unit_id, n.parent_id, n.name, n.kind, n.email, n.manager_id, n.valid_from, n.valid_to)
  IS NOT DISTINCT FROM (x.unit_id, x.parent_id, x.name, x.kind, x.email, x.manager_id, x.valid_from, x.valid_to)`;

/** A position in the list is no fact about the unit: it alone changes nothing. */
const KEEP_POSITIONS = /* sql */ `
UPDATE unit_next x SET position = n.position FROM unit_now n WHERE ${SAME_UNIT_PERIOD}`;

/** $1 day: compares the organisation on that day before and after */
const UNIT_COUNTS = /* sql */ `
SELECT count(*) FILTER (WHERE n.unit_id IS NULL)::int AS "unitsAdded",
       count(*) FILTER (WHERE x.unit_id IS NULL)::int AS "unitsEnded",
       count(*) FILTER (WHERE (n.parent_id, n.name, n.kind) IS DISTINCT FROM (x.parent_id, x.name, x.kind)
                          AND n.unit_id = x.unit_id)::int AS "unitsChanged"
FROM (SELECT * FROM unit_now WHERE valid_from <= $1 AND $1 < valid_to) n
FULL JOIN (SELECT * FROM unit_next WHERE valid_from <= $1 AND $1 < valid_to) x USING (unit_id)`;

/** $1 now */
const SUPERSEDE_UNITS = /* sql */ `
UPDATE unit_period SET superseded_at = $1
WHERE id IN (SELECT n.id FROM unit_now n WHERE NOT EXISTS (SELECT FROM unit_next x WHERE ${SAME_UNIT_PERIOD}))`;

/** $1 now, $2 import */
const INSERT_UNITS = /* sql */ `
INSERT INTO unit_period (unit_id, parent_id, name, kind, email, manager_id, position, valid_from, valid_to, recorded_at, import_id)
SELECT x.unit_id, x.parent_id, x.name, x.kind, x.email, x.manager_id, x.position, x.valid_from, x.valid_to, $1, $2
FROM unit_next x WHERE NOT EXISTS (SELECT FROM unit_now n WHERE ${SAME_UNIT_PERIOD})`;

const DETACHED_UNITS = /* sql */ `
WITH RECURSIVE day AS (
  SELECT DISTINCT valid_from AS on_day FROM unit_period WHERE superseded_at IS NULL
  UNION SELECT DISTINCT valid_to FROM unit_period WHERE superseded_at IS NULL AND valid_to < 'infinity'
),
attached AS (
  SELECT day.on_day, p.unit_id FROM day JOIN unit_period p
    ON p.parent_id IS NULL AND p.superseded_at IS NULL AND p.valid_from <= day.on_day AND day.on_day < p.valid_to
  UNION ALL
  SELECT a.on_day, p.unit_id FROM attached a JOIN unit_period p
    ON p.parent_id = a.unit_id AND p.superseded_at IS NULL AND p.valid_from <= a.on_day AND a.on_day < p.valid_to
)
SELECT DISTINCT ON (u.code) u.code, s.row, day.on_day AS day
FROM day
JOIN unit_period p ON p.superseded_at IS NULL AND p.valid_from <= day.on_day AND day.on_day < p.valid_to
JOIN unit u ON u.id = p.unit_id
LEFT JOIN unit_stage s ON s.code = u.code
WHERE NOT EXISTS (SELECT FROM attached a WHERE a.on_day = day.on_day AND a.unit_id = p.unit_id)
ORDER BY u.code, day.on_day`;
