import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { presentNumber } from './renumber.query.js';

/** A staged row of a reorganisation that cannot stand, with what to say about it. */
export interface ReorganisationStageProblem {
  readonly row: number;
  readonly code:
    | 'unknown_unit'
    | 'ended_unit'
    | 'unit_exists'
    | 'unknown_parent'
    | 'closed_unit'
    | 'root_unit'
    | 'later_change'
    | 'unit_has_children'
    | 'unit_has_staff'
    | 'unknown_staff'
    | 'renumbered_staff'
    | 'duplicate_staff'
    | 'not_in_unit'
    | 'contradictory_rows'
    | 'cyclic_units';
  /** What the product calls the column. */
  readonly column: '区分' | '所属コード' | '新所属コード' | '上位所属コード' | '職員番号' | '所属長職員番号';
  readonly read: string;
  /** What stands in the way: another row, a name, a day, a number of people. */
  readonly other: string | null;
  /** How many there are, of which at most `limit` are answered. */
  readonly total: number;
}

/**
 * At most `limit` problems in file order; the plan must be made. Rows that are missing for their own faults speak about
 * the `doubtful` codes, perhaps about any (null): such a unit may be founded or cared for there.
 */
export function findReorganisationProblems(
  em: EntityManager,
  asOf: IsoDate,
  doubtful: readonly string[] | null,
  limit: number,
): Promise<ReorganisationStageProblem[]> {
  return em.query(PROBLEMS, [asOf, doubtful, limit]);
}

/** $1 day, $2 doubtful codes or NULL, $3 limit */
const PROBLEMS = /* sql */ `
WITH closed AS (SELECT code, unit_id FROM reorganisation_unit WHERE change = 'closed'),
created AS (SELECT code FROM reorganisation_unit WHERE change = 'created'),
last_name AS (
  SELECT DISTINCT ON (u.code) u.code, p.name FROM unit u JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL
  WHERE u.code IN (SELECT code FROM reorganisation_stage UNION SELECT new_code FROM reorganisation_stage)
  ORDER BY u.code, p.valid_to DESC
),
-- The nearest known day after this one on which something is to change with the unit.
later AS (
  SELECT u.code, min(p.valid_from) AS day FROM unit u JOIN unit_period p ON p.unit_id = u.id
  WHERE p.superseded_at IS NULL AND p.valid_from > $1 GROUP BY u.code
),
-- The same for whatever reorganisations say of it: a unit they close, lead into, or take people out of must be there.
later_told AS (
  SELECT unit_id, min(on_day) AS day
  FROM (SELECT unit_id, on_day, superseded_at FROM unit_change
        UNION ALL SELECT unit_id, on_day, superseded_at FROM unit_succession) AS told
  WHERE superseded_at IS NULL AND on_day > $1 GROUP BY unit_id
),
named AS (
  SELECT s.*, st.id AS staff_id, place.code AS place
  FROM reorganisation_stage s
  LEFT JOIN staff st ON st.number = s.staff_number
  LEFT JOIN LATERAL (
    SELECT u.code FROM assignment a JOIN unit u ON u.id = a.unit_id
    WHERE a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to) AS place ON true
  WHERE s.staff_number IS NOT NULL
),
problem AS (
  SELECT s.row, CASE WHEN n.name IS NULL THEN 'unknown_unit' ELSE 'ended_unit' END AS code, '所属コード' AS "column",
         s.code AS read, n.name AS other
  FROM reorganisation_stage s LEFT JOIN last_name n ON n.code = s.code
  WHERE s.code IS NOT NULL AND NOT EXISTS (SELECT FROM reorganisation_now now WHERE now.code = s.code)
  UNION ALL
  -- What a row goes into must be there, be founded in this file, or at least be called something.
  SELECT s.row, CASE WHEN n.name IS NULL THEN 'unknown_unit' ELSE 'ended_unit' END, '新所属コード', s.new_code, n.name
  FROM reorganisation_stage s LEFT JOIN last_name n ON n.code = s.new_code
  WHERE s.new_code <> ALL ($2::text[]) AND s.kind IN ('merge', 'split', 'transfer')
    AND NOT EXISTS (SELECT FROM reorganisation_now now WHERE now.code = s.new_code)
    AND NOT EXISTS (SELECT FROM reorganisation_unit u WHERE u.code = s.new_code AND u.change = 'created' AND u.name IS NOT NULL)
  UNION ALL
  SELECT s.row, 'closed_unit', '新所属コード', s.new_code, NULL
  FROM reorganisation_stage s JOIN closed ON closed.code = s.new_code WHERE s.kind IN ('merge', 'split', 'transfer')
  UNION ALL
  SELECT s.row, 'unit_exists', '新所属コード', s.new_code, coalesce(now.name, n.name)
  FROM reorganisation_stage s
  LEFT JOIN reorganisation_now now ON now.code = s.new_code
  LEFT JOIN last_name n ON n.code = s.new_code
  LEFT JOIN later ON later.code = s.new_code
  WHERE s.kind = 'create' AND (now.code IS NOT NULL OR later.day IS NOT NULL)
  UNION ALL
  SELECT u.parent_row, 'unknown_parent', '上位所属コード', u.parent_code, NULL FROM reorganisation_unit u
  WHERE u.parent_code IS NOT NULL AND u.parent_code <> ALL ($2::text[]) AND u.parent_code NOT IN (SELECT code FROM created)
    AND NOT EXISTS (SELECT FROM reorganisation_now now WHERE now.code = u.parent_code)
  UNION ALL
  SELECT u.parent_row, 'closed_unit', '上位所属コード', u.parent_code, NULL
  FROM reorganisation_unit u JOIN closed ON closed.code = u.parent_code WHERE u.change <> 'closed'
  UNION ALL
  SELECT u.row, 'root_unit', '所属コード', u.code, NULL
  FROM reorganisation_unit u JOIN reorganisation_now now USING (code)
  WHERE now.parent_id IS NULL AND (u.change = 'closed' OR u.parent_code IS NOT NULL)
  UNION ALL
  SELECT u.row, 'later_change', '所属コード', u.code, least(later.day, told.day)::text
  FROM reorganisation_unit u
  LEFT JOIN later USING (code)
  LEFT JOIN later_told told ON told.unit_id = u.unit_id AND u.change = 'closed'
  WHERE (told.day IS NOT NULL OR (later.day IS NOT NULL AND (
      u.change = 'closed' OR num_nonnulls(u.name, u.parent_code, u.unit_kind, u.email, u.manager_number) > 0)))
    AND NOT EXISTS (SELECT FROM reorganisation_stage s WHERE s.kind = 'create' AND s.new_code = u.code)
  UNION ALL
  SELECT u.row, 'unit_has_children', '所属コード', u.code,
         (array_agg(format('%s(%s)', child.name, child.code) ORDER BY child.position, child.code))[1]
         || CASE WHEN count(*) > 1 THEN format('ほか%s件', count(*) - 1) ELSE '' END
  FROM reorganisation_unit u JOIN reorganisation_now child ON child.parent_id = u.unit_id
  LEFT JOIN reorganisation_unit also ON also.code = child.code
  WHERE child.code <> ALL ($2::text[]) AND u.code <> ALL ($2) AND u.change = 'closed' AND also.change IS DISTINCT FROM 'closed' AND also.parent_code IS NULL
  GROUP BY u.row, u.code
  UNION ALL
  SELECT way.row, 'unit_has_staff', '所属コード', way.code, count(DISTINCT a.staff_id)::text
  FROM reorganisation_way way JOIN unit u ON u.code = way.code
  JOIN assignment a ON a.unit_id = u.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_to > $1
  WHERE way.code <> ALL ($2::text[]) AND way.staff_id IS NULL AND way.new_code IS NULL
    AND NOT (a.valid_from <= $1 AND EXISTS (SELECT FROM reorganisation_way own WHERE own.staff_id = a.staff_id AND own.new_code <> way.code))
  GROUP BY way.row, way.code
  UNION ALL
  SELECT row, CASE WHEN present IS NULL THEN 'unknown_staff' ELSE 'renumbered_staff' END, '職員番号', staff_number, present
  FROM (SELECT *, ${presentNumber('staff_number')} AS present FROM named WHERE place IS NULL) AS missing
  UNION ALL
  SELECT n.row, 'duplicate_staff', '職員番号', n.staff_number, other.row::text
  FROM (SELECT *, min(row) OVER (PARTITION BY staff_number) AS first_row FROM named) AS n
  JOIN named other ON other.row = n.first_row WHERE n.row <> n.first_row
  UNION ALL
  SELECT row, 'not_in_unit', '職員番号', staff_number, place FROM named WHERE place <> code
  UNION ALL
  SELECT min(u.row), 'unknown_staff', '所属長職員番号', u.manager_number, NULL FROM reorganisation_said u
  WHERE u.manager_number IS NOT NULL AND NOT EXISTS (SELECT FROM staff WHERE number = u.manager_number)
  GROUP BY u.manager_number
  UNION ALL
  -- Against what the first row says: going into a unit that is closed is told at the row's own column.
  SELECT said.row, 'contradictory_rows', '区分', said.code, coalesce(ends.row, u.row)::text
  FROM reorganisation_said said
  JOIN reorganisation_unit u USING (code)
  LEFT JOIN reorganisation_way ends ON ends.code = said.code AND ends.staff_id IS NULL
  JOIN reorganisation_stage s ON s.row = said.row
  WHERE CASE
    WHEN said.change = 'closed' THEN s.kind <> ends.kind OR (s.kind = 'merge' AND s.new_code <> ends.new_code)
    WHEN ends.code IS NOT NULL THEN s.kind IN ('create', 'rename', 'move')
    ELSE said.name <> u.name OR said.parent_code <> u.parent_code OR said.unit_kind <> u.unit_kind
      OR said.email <> u.email OR said.manager_number <> u.manager_number END
)
SELECT row, code, "column", read, other, (count(*) OVER ())::int AS total FROM problem ORDER BY row, code LIMIT $3`;
