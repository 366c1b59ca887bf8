import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { RosterSpan } from './roster-span.query.js';

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

/**
 * What is wrong with `unit_stage` by itself and against the database on the day. With `isSound` false rows are missing
 * for their own faults, so a parent that is not there may be one of them.
 */
export function findUnitProblems(
  em: EntityManager,
  asOf: IsoDate,
  scopeCode: string | null,
  isSound: boolean,
): Promise<UnitStageProblem[]> {
  return em.query(UNIT_PROBLEMS, [asOf, scopeCode, isSound]);
}

/**
 * Units that do not hang below the root on some day this list speaks for: parents that end too early, or circles. On
 * days before the first roster nobody is counted, and lists give those days as they like. `stage` has the rows, if any.
 */
export function findDetachedUnits(
  em: EntityManager,
  { asOf, previous }: Pick<RosterSpan, 'asOf' | 'previous'>,
  stage: 'unit_stage' | 'reorganisation_unit' | null = 'unit_stage',
): Promise<{ code: string; row: number | null; day: IsoDate }[]> {
  return em.query(detachedUnits(stage ?? '(SELECT NULL AS code, NULL::int AS row)'), [asOf, previous]);
}

/** $1 day, $2 scope, $3 no row is missing */
const UNIT_PROBLEMS = /* sql */ `
WITH RECURSIVE scoped AS (
  SELECT u.id AS unit_id FROM unit u WHERE u.code = $2
  UNION
  SELECT p.unit_id FROM scoped
  JOIN unit_period p ON p.parent_id = scoped.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
),
staged AS (
  SELECT *, daterange(coalesce(valid_from, $1), coalesce(last_day, 'infinity'), '[]') AS period
  FROM unit_stage WHERE coalesce(valid_from, $1) <= coalesce(last_day, 'infinity')
),
placed AS (
  SELECT s.*, u.id AS unit_id, now.parent_id AS now_parent_id, parent.id AS parent_id,
         EXISTS (SELECT FROM unit_stage p WHERE p.code = s.parent_code) AS parent_is_listed,
         EXISTS (SELECT FROM unit_period p WHERE p.unit_id = parent.id AND p.superseded_at IS NULL) AS parent_is_known
  FROM unit_stage s
  LEFT JOIN unit u ON u.code = s.code
  LEFT JOIN unit parent ON parent.code = s.parent_code
  LEFT JOIN unit_period now ON now.unit_id = u.id AND now.superseded_at IS NULL AND now.valid_from <= $1 AND $1 < now.valid_to
)
SELECT row, 'bad_period' AS code, '適用終了日' AS "column", last_day::text AS read, NULL::int AS "otherRow"
FROM unit_stage WHERE valid_from > last_day
UNION ALL
SELECT * FROM (
  SELECT DISTINCT ON (b.row) b.row, 'duplicate_unit', '所属コード', b.code, a.row
  FROM staged a JOIN staged b ON b.code = a.code AND a.row < b.row AND a.period && b.period ORDER BY b.row, a.row
) AS duplicate
UNION ALL
SELECT row, 'unknown_parent', '上位所属コード', parent_code, NULL FROM placed
WHERE $3 AND parent_code IS NOT NULL AND NOT parent_is_listed
  AND NOT EXISTS (SELECT FROM unit_period p WHERE p.unit_id = placed.parent_id AND p.superseded_at IS NULL
                  AND ($2::text IS NOT NULL OR p.parent_id IS NULL))
UNION ALL
-- The unit of the scope itself may be listed, in the place it has.
SELECT row, 'outside_scope', '上位所属コード', parent_code, NULL FROM placed
WHERE $2::text IS NOT NULL AND parent_is_known
  AND CASE WHEN code = $2 THEN parent_id IS DISTINCT FROM now_parent_id
           ELSE NOT parent_is_listed AND parent_id NOT IN (SELECT unit_id FROM scoped) END
UNION ALL
SELECT row, 'outside_scope', '所属コード', code, NULL FROM placed
WHERE $2::text IS NOT NULL AND now_parent_id IS NOT NULL AND unit_id NOT IN (SELECT unit_id FROM scoped)
UNION ALL
SELECT row, 'unknown_staff', '所属長職員番号', manager_number, NULL FROM placed
WHERE manager_number IS NOT NULL AND NOT EXISTS (SELECT FROM staff WHERE number = manager_number)
ORDER BY 1`;

/** $1 day, $2 previous roster or NULL */
const detachedUnits = (stage: string) => /* sql */ `
WITH RECURSIVE began AS (SELECT coalesce($2::date + 1, $1::date) AS day),
day AS (
  SELECT day AS on_day FROM began
  UNION SELECT $1::date
  UNION SELECT valid_from FROM unit_period, began WHERE superseded_at IS NULL AND valid_from > began.day
  UNION SELECT valid_to FROM unit_period, began WHERE superseded_at IS NULL AND valid_to > began.day AND valid_to < 'infinity'
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
LEFT JOIN ${stage} s ON s.code = u.code
WHERE NOT EXISTS (SELECT FROM attached a WHERE a.on_day = day.on_day AND a.unit_id = p.unit_id)
ORDER BY u.code, day.on_day, s.row DESC`;
