import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';

/**
 * Common table expressions `day(as_of)` and `tree`: the whole organisation on each of the days $1::date[], every unit
 * with its way down from the root and whether it lies in a subtree of $2::int[] (NULL: everything is visible).
 * To follow `WITH RECURSIVE`.
 */
export const UNIT_TREE = /* sql */ `
day AS (SELECT unnest($1::date[]) AS as_of),
tree AS (
  SELECT day.as_of, p.unit_id, p.parent_id, u.code, p.name, p.kind, p.position, 0 AS depth,
         '{}'::text[] AS path, ARRAY[u.code] AS code_path, ARRAY[p.unit_id] AS line, ARRAY[p.position] AS sort_key,
         $2::int[] IS NULL OR p.unit_id = ANY ($2) AS visible
  FROM day
  JOIN unit_period p ON p.parent_id IS NULL AND p.superseded_at IS NULL AND p.valid_from <= day.as_of AND day.as_of < p.valid_to
  JOIN unit u ON u.id = p.unit_id
  UNION ALL
  SELECT t.as_of, p.unit_id, p.parent_id, u.code, p.name, p.kind, p.position, t.depth + 1,
         t.path || p.name, t.code_path || u.code, t.line || p.unit_id, t.sort_key || p.position,
         t.visible OR p.unit_id = ANY ($2)
  FROM tree t
  JOIN unit_period p ON p.parent_id = t.unit_id AND p.superseded_at IS NULL AND p.valid_from <= t.as_of AND t.as_of < p.valid_to
  JOIN unit u ON u.id = p.unit_id
)`;

/**
 * Common table expression `below`: on each of the days $1::date[] the unit with code $3 – with NULL the tops of what
 * $2::int[] makes visible, where NULL is everything – and $4 levels of units below it, with their way down from the
 * root. Without a code, levels count from the root. Costs what it answers, however large the organisation.
 * To follow `WITH RECURSIVE`.
 */
export const UNITS_BELOW = /* sql */ `
day AS (SELECT unnest($1::date[]) AS as_of),
top AS (
  SELECT day.as_of, u.id AS unit_id
  FROM day JOIN unit u ON u.code = $3::text
  WHERE ${counts('u.id', 'u.id')} AND ($2::int[] IS NULL OR ${counts('u.id', 'ANY ($2)')})
  UNION ALL
  SELECT day.as_of, p.unit_id
  FROM day JOIN unit_period p ON p.parent_id IS NULL AND p.superseded_at IS NULL AND p.valid_from <= day.as_of AND day.as_of < p.valid_to
  WHERE $3::text IS NULL AND $2::int[] IS NULL
  UNION ALL
  SELECT day.as_of, seen.unit_id
  FROM day CROSS JOIN (SELECT DISTINCT unnest($2::int[])) AS seen (unit_id)
  WHERE $3::text IS NULL AND ${counts('seen.unit_id', 'seen.unit_id')}
    AND NOT ${counts('seen.unit_id', 'ANY ($2)', 'AND c.ancestor_id <> seen.unit_id')}
),
up AS (
  SELECT t.as_of, t.unit_id, p.parent_id AS next, u.code, p.name, p.kind, p.position, p.parent_id,
         CASE WHEN p.parent_id IS NULL THEN '{}' ELSE ARRAY[p.name] END AS path, ARRAY[u.code] AS code_path,
         ARRAY[p.position] AS sort_key
  FROM top t
  JOIN unit u ON u.id = t.unit_id
  JOIN unit_period p ON p.unit_id = t.unit_id AND p.superseded_at IS NULL AND p.valid_from <= t.as_of AND t.as_of < p.valid_to
  UNION ALL
  SELECT up.as_of, up.unit_id, p.parent_id, up.code, up.name, up.kind, up.position, up.parent_id,
         CASE WHEN p.parent_id IS NULL THEN up.path ELSE p.name || up.path END, u.code || up.code_path,
         p.position || up.sort_key
  FROM up
  JOIN unit_period p ON p.unit_id = up.next AND p.superseded_at IS NULL AND p.valid_from <= up.as_of AND up.as_of < p.valid_to
  JOIN unit u ON u.id = p.unit_id
),
below AS (
  SELECT as_of, unit_id, parent_id, code, name, kind, position, path, code_path, sort_key,
         cardinality(code_path) - 1 AS depth, CASE WHEN $3::text IS NULL THEN cardinality(code_path) - 1 ELSE 0 END AS level
  FROM up WHERE next IS NULL AND ($4::int IS NULL OR $3::text IS NOT NULL OR cardinality(code_path) - 1 <= $4)
  UNION ALL
  SELECT t.as_of, p.unit_id, p.parent_id, u.code, p.name, p.kind, p.position, t.path || p.name, t.code_path || u.code,
         t.sort_key || p.position, t.depth + 1, t.level + 1
  FROM below t
  JOIN unit_period p ON p.parent_id = t.unit_id AND p.superseded_at IS NULL AND p.valid_from <= t.as_of AND t.as_of < p.valid_to
  JOIN unit u ON u.id = p.unit_id
  WHERE $4::int IS NULL OR t.level < $4
)`;

/** Whether on `day` the one unit counts for the other; for itself only where it stands in the tree. */
function counts(descendant: string, ancestor: string, and = ''): string {
  return `EXISTS (SELECT FROM org_closure c WHERE c.descendant_id = ${descendant} AND c.ancestor_id = ${ancestor}
    AND c.valid_from <= day.as_of AND day.as_of < c.valid_to ${and})`;
}

/** A unit in its place on one day. */
export interface UnitPlace {
  readonly unitId: number;
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  /** Names and codes from below the root down to the unit; empty for the root. */
  readonly path: string[];
  readonly codePath: string[];
  readonly depth: number;
}

/** The unit with this code, or null where it does not exist on that day or the caller may not see it. */
export async function findUnit(
  em: EntityManager,
  scope: Scope,
  code: string,
  asOf: IsoDate,
): Promise<UnitPlace | null> {
  const [unit]: UnitPlace[] = await em.query(
    `WITH RECURSIVE ${UNITS_BELOW}
     SELECT unit_id AS "unitId", code, name, kind, path, code_path AS "codePath", depth FROM below`,
    [[asOf], visibleRoots(scope), code, 0],
  );
  return unit ?? null;
}
