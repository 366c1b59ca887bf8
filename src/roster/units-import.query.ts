import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { unitUntil, type RosterSpan } from './roster-span.query.js';

/** Stands above the units of a city whose list names no single top. */
export const IMPLICIT_ROOT_CODE = 'ROOT';
export const BEFORE_ALL: IsoDate = '0001-01-01';

/** Which optional columns the list has: one it lacks says nothing, so what is known stays. */
export interface UnitColumns {
  readonly kind: boolean;
  readonly email: boolean;
  readonly manager: boolean;
}

export interface UnitCounts {
  readonly unitsAdded: number;
  readonly unitsEnded: number;
  readonly unitsChanged: number;
}

/** Gives the units of the list their ids, which `findReach` needs. */
export async function insertUnitCodes(em: EntityManager): Promise<void> {
  await em.query(
    `INSERT INTO unit (code) SELECT DISTINCT code FROM unit_stage ON CONFLICT (code) DO NOTHING`,
  );
}

/**
 * Makes the organisation of the days the roster speaks for what `unit_stage` says: units of the list get its periods,
 * units it no longer has end on the roster's day (within the scope), everything outside stays. Answers how many units
 * came, went and changed on that day.
 */
export async function applyUnits(
  em: EntityManager,
  { asOf, previous, until }: RosterSpan,
  scopeCode: string | null,
  columns: UnitColumns,
  { importId, recordedAt }: { importId: number; recordedAt: Date },
): Promise<UnitCounts> {
  await em.query(`DELETE FROM unit_stage WHERE last_day <= $1`, [previous]);
  await em.query(`UPDATE unit_stage SET valid_from = NULL WHERE valid_from <= $1`, [previous]);
  await ensureRoot(em, scopeCode);
  await em.query(UNIT_NOW, [asOf, scopeCode, until]);
  await em.query(UNIT_CLAIM, [asOf, until, columns.kind, columns.email, columns.manager]);
  await em.query(UNIT_NEXT, [asOf]);
  await em.query(KEEP_POSITIONS);
  const [counts]: UnitCounts[] = await em.query(UNIT_COUNTS, [asOf, IMPLICIT_ROOT_CODE]);
  await em.query(SUPERSEDE_UNITS, [recordedAt]);
  await em.query(INSERT_UNITS, [recordedAt, importId]);
  return counts!;
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

/** $1 day, $2 scope, $3 until: the periods the list speaks about – of its own units, and of those it no longer has */
const UNIT_NOW = /* sql */ `
CREATE TEMP TABLE unit_now ON COMMIT DROP AS
WITH RECURSIVE scoped AS (
  SELECT u.id AS unit_id FROM unit u WHERE u.code = $2
  UNION
  SELECT p.unit_id FROM scoped
  JOIN unit_period p ON p.parent_id = scoped.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
),
known AS (
  SELECT p.*, u.code, ${unitUntil('p.unit_id', '$1', '$3')} AS until
  FROM unit_period p JOIN unit u ON u.id = p.unit_id WHERE p.superseded_at IS NULL
)
SELECT * FROM known k
WHERE EXISTS (SELECT FROM unit_stage s WHERE s.code = k.code)
   OR (k.parent_id IS NOT NULL AND CASE
         WHEN $2::text IS NULL THEN k.valid_from < k.until AND $1 < k.valid_to
         ELSE k.valid_from <= $1 AND $1 < k.valid_to AND k.code <> $2 AND k.unit_id IN (SELECT unit_id FROM scoped) END)`;

/**
 * $1 day, $2 until, $3–$5 whether the list has kinds, addresses, managers. A row without a start, or with one that an
 * earlier roster has already told otherwise, goes on from where the unit is what the row says, or begins on the day.
 */
const UNIT_CLAIM = /* sql */ `
CREATE TEMP TABLE unit_claim ON COMMIT DROP AS
WITH listed AS (
  SELECT s.row, s.code, s.name, s.valid_from, s.last_day, u.id AS unit_id,
         CASE WHEN s.parent_code IS NOT NULL THEN parent.id
              WHEN u.id <> top.unit_id THEN top.unit_id ELSE now.parent_id END AS parent_id,
         coalesce(CASE WHEN $3 THEN s.kind ELSE now.kind END, '') AS kind,
         CASE WHEN $4 THEN s.email ELSE now.email END AS email,
         CASE WHEN $5 THEN m.id ELSE now.manager_id END AS manager_id,
         ${unitUntil('u.id', '$1', '$2')} AS until
  FROM unit_stage s
  JOIN unit u USING (code)
  CROSS JOIN unit_top top
  LEFT JOIN unit parent ON parent.code = s.parent_code
  LEFT JOIN staff m ON m.number = s.manager_number
  LEFT JOIN unit_now now ON now.unit_id = u.id AND now.valid_from <= $1 AND $1 < now.valid_to
),
compared AS (
  SELECT l.*, now.valid_from AS now_from, now.valid_to AS now_to,
         (l.parent_id, l.name, l.kind, l.email, l.manager_id)
           IS NOT DISTINCT FROM (now.parent_id, now.name, now.kind, now.email, now.manager_id) AND now.id IS NOT NULL AS same,
         (SELECT max(o.last_day) + 1 FROM unit_stage o
          WHERE o.code = l.code AND o.last_day < coalesce(l.last_day, 'infinity') AND o.last_day < $1) AS row_before_ends
  FROM listed l LEFT JOIN unit_now now ON now.unit_id = l.unit_id AND now.valid_from <= $1 AND $1 < now.valid_to
),
claim AS (
  SELECT *, CASE WHEN same THEN greatest(least(valid_from, now_from), row_before_ends) ELSE coalesce(valid_from, $1) END AS starts,
         CASE WHEN same AND last_day IS NULL THEN greatest(until, now_to) ELSE least(last_day + 1, until) END AS ends
  FROM compared
)
SELECT unit_id, parent_id, name, kind, email, manager_id, row AS position, starts AS valid_from, ends AS valid_to
FROM claim WHERE starts < ends`;

/** $1 day: what was, outside the days the list speaks about, and what it says; as unit_now, for set algebra */
const UNIT_NEXT = /* sql */ `
CREATE TEMP TABLE unit_next ON COMMIT DROP AS
WITH region AS (
  SELECT n.unit_id, daterange(
    least(coalesce((SELECT min(c.valid_from) FROM unit_claim c WHERE c.unit_id = n.unit_id), $1),
          (SELECT min(s.last_day) + 1 FROM unit_stage s WHERE s.code = n.code AND s.last_day < $1)),
    greatest(n.until, (SELECT max(c.valid_to) FROM unit_claim c WHERE c.unit_id = n.unit_id))) AS days
  FROM (SELECT DISTINCT unit_id, code, until FROM unit_now) AS n
)
SELECT n.unit_id, n.parent_id, n.name, n.kind, n.email, n.manager_id, n.position, lower(piece) AS valid_from, upper(piece) AS valid_to
FROM unit_now n JOIN region r USING (unit_id)
CROSS JOIN LATERAL unnest(datemultirange(daterange(n.valid_from, n.valid_to)) - datemultirange(r.days)) AS piece
UNION ALL
SELECT unit_id, parent_id, name, kind, email, manager_id, position, valid_from, valid_to FROM unit_claim`;

const SAME_UNIT_PERIOD = /* sql */ `
  (n.unit_id, n.parent_id, n.name, n.kind, n.email, n.manager_id, n.valid_from, n.valid_to)
  IS NOT DISTINCT FROM (x.unit_id, x.parent_id, x.name, x.kind, x.email, x.manager_id, x.valid_from, x.valid_to)`;

/** A position in the list is no fact about the unit: it alone changes nothing. */
const KEEP_POSITIONS = /* sql */ `
UPDATE unit_next x SET position = n.position FROM unit_now n WHERE ${SAME_UNIT_PERIOD}`;

/** $1 day, $2 code of the implicit root: compares the organisation on that day before and after */
const UNIT_COUNTS = /* sql */ `
SELECT count(*) FILTER (WHERE n.unit_id IS NULL AND x.unit_id NOT IN (SELECT id FROM unit WHERE code = $2))::int AS "unitsAdded",
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
