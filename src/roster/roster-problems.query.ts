import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** A staged roster row that cannot stand against the other rows or the organisation of its day. */
export interface RosterStageProblem {
  readonly row: number;
  readonly code:
    | 'duplicate_staff'
    | 'duplicate_concurrent'
    | 'no_primary'
    | 'unknown_unit'
    | 'ended_unit'
    | 'outside_scope'
    | 'renumbered_staff'
    | 'stripped_zeros';
  /** What the product calls the column. */
  readonly column: '職員番号' | '所属コード';
  readonly read: string;
  /** What stands in the way: another row, the name of a unit not in use that day, a known staff number's width. */
  readonly other: string | null;
  /** How many there are, of which at most `limit` are answered. */
  readonly total: number;
}

export interface RosterChecks {
  readonly asOf: IsoDate;
  readonly scopeCode: string | null;
  /** False where rows of the roster are missing for their own faults: whoever seems to lack one may have it there. */
  readonly rosterIsSound: boolean;
  /** The file itself has told that zeros are missing: it is not said twice. */
  readonly zerosAreTold: boolean;
  /** False where the list of units cannot be taken in: its units are missing. */
  readonly unitsAreSound: boolean;
}

/** At most `limit` problems in file order. `roster_stage` must be filled. */
export function findRosterProblems(
  em: EntityManager,
  { asOf, scopeCode, rosterIsSound, zerosAreTold, unitsAreSound }: RosterChecks,
  limit: number,
): Promise<RosterStageProblem[]> {
  return em.query(ROSTER_PROBLEMS, [asOf, scopeCode, unitsAreSound, rosterIsSound, zerosAreTold, limit]);
}

/** $1 day, $2 scope or NULL, $3 units are sound, $4 roster is sound, $5 zeros are told, $6 limit */
const ROSTER_PROBLEMS = /* sql */ `
WITH RECURSIVE scoped AS (
  SELECT u.id AS unit_id FROM unit u WHERE u.code = $2
  UNION
  SELECT p.unit_id FROM scoped
  JOIN unit_period p ON p.parent_id = scoped.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
),
-- The few who may stand there wrongly: numbering everybody's rows takes longer than all the other checks.
to_look_at AS (
  SELECT number FROM roster_stage GROUP BY number HAVING count(*) > 1 OR NOT bool_or(is_primary)
),
numbered AS (
  SELECT s.*, min(row) FILTER (WHERE is_primary) OVER (PARTITION BY number) AS first_primary,
         min(row) OVER (PARTITION BY number, unit_code, is_primary) AS first_here
  FROM roster_stage s JOIN to_look_at USING (number)
),
in_tree AS (
  SELECT p.unit_id FROM unit_period p
  WHERE p.parent_id IS NULL AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
  UNION
  SELECT p.unit_id FROM in_tree
  JOIN unit_period p ON p.parent_id = in_tree.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
),
there AS (
  SELECT u.code, u.id AS unit_id FROM in_tree JOIN unit u ON u.id = in_tree.unit_id
),
problem AS (
  SELECT row, 'duplicate_staff' AS code, '職員番号' AS "column", number AS read, first_primary::text AS other
  FROM numbered WHERE is_primary AND row <> first_primary
  UNION ALL
  SELECT row, 'duplicate_concurrent', '所属コード', unit_code, first_here::text
  FROM numbered WHERE NOT is_primary AND row <> first_here
  UNION ALL
  -- In a roster of a scope, those with their own place elsewhere may stand with their 兼務 alone.
  SELECT row, 'no_primary', '職員番号', number, NULL FROM numbered
  WHERE $4 AND first_primary IS NULL AND ($2::text IS NULL OR NOT EXISTS (
    SELECT FROM staff st JOIN assignment a ON a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL
      AND a.valid_from <= $1 AND $1 < a.valid_to AND a.unit_id NOT IN (SELECT unit_id FROM scoped)
    WHERE st.number = numbered.number))
  UNION ALL
  SELECT s.row, CASE WHEN ended.name IS NULL THEN 'unknown_unit' ELSE 'ended_unit' END, '所属コード', s.unit_code, ended.name
  FROM roster_stage s
  LEFT JOIN LATERAL (
    SELECT p.name FROM unit u JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL
    WHERE u.code = s.unit_code ORDER BY p.valid_to DESC LIMIT 1) ended ON true
  WHERE $3 AND s.unit_code IS NOT NULL AND (s.left_on IS NULL OR s.left_on >= $1)
    AND NOT EXISTS (SELECT FROM there n WHERE n.code = s.unit_code)
  UNION ALL
  SELECT s.row, 'outside_scope', '所属コード', s.unit_code, NULL
  FROM roster_stage s JOIN there n ON n.code = s.unit_code
  WHERE $3 AND $2::text IS NOT NULL AND s.is_primary AND n.unit_id NOT IN (SELECT unit_id FROM scoped)
  UNION ALL
  SELECT s.row, 'renumbered_staff', '職員番号', s.number, st.number
  FROM roster_stage s JOIN staff_former_number f ON f.number = s.number JOIN staff st ON st.id = f.staff_id
  WHERE st.number <> f.number
  UNION ALL
  SELECT s.row, 'stripped_zeros', '職員番号', s.number, max(length(known.number))::text
  FROM roster_stage s
  JOIN staff known ON known.number LIKE '0%' AND ltrim(known.number, '0') = s.number
  JOIN staff_profile p ON p.staff_id = known.id AND p.superseded_at IS NULL
  WHERE NOT $5 AND s.number NOT LIKE '0%'
    AND NOT EXISTS (SELECT FROM staff st JOIN staff_profile sp ON sp.staff_id = st.id WHERE st.number = s.number)
  GROUP BY s.row, s.number
)
SELECT row, code, "column", read, other, (count(*) OVER ())::int AS total FROM problem ORDER BY row, code LIMIT $6`;
