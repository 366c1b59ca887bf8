import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import { prepared } from '../platform/database/prepared.js';
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
 * Common table expression `below`: units with the way down to them, on each of the days $1::date[]. `named` begins with
 * the unit whose code is $3, and the way counts from it; `tops` begins with the tops of what is visible, and the way
 * counts from the root. $2::int[] are the roots of what is visible (NULL: everything is), $4 how deep to go (NULL: to
 * the end). Costs what it answers, however large the organisation. To follow `WITH RECURSIVE`.
 */
export function unitsBelow(start: 'named' | 'tops'): string {
  return start === 'named'
    ? `${NAMED_TOP}, ${below(TOP_AS_ROOT)}`
    : `${VISIBLE_TOPS}, ${UP}, ${below(TOP_IN_PLACE)}`;
}

// A plan that is kept expects ten days of an array, and one where it does not know a limit: nearly always there is one.
const DAY = /* sql */ `day AS (SELECT unnest($1::date[]) AS as_of LIMIT cardinality($1::date[]))`;

/** Common table expressions `day(as_of)` and `top(as_of, unit_id, code)`: the visible unit $3, on those days on which it is in the tree. */
export const NAMED_TOP = /* sql */ `${DAY},
top AS (
  SELECT day.as_of, u.id AS unit_id, u.code
  FROM day JOIN unit u ON u.code = $3::text
  WHERE ${counts('u.id', 'u.id')} AND ($2::int[] IS NULL OR ${counts('u.id', 'ANY ($2)')})
)`;

const VISIBLE_TOPS = /* sql */ `${DAY},
top AS (
  SELECT day.as_of, p.unit_id
  FROM day JOIN unit_period p ON p.parent_id IS NULL AND ${isNow('p', 'day')}
  WHERE $2::int[] IS NULL AND $3::text IS NULL
  UNION ALL
  SELECT day.as_of, seen.unit_id
  FROM day CROSS JOIN (SELECT DISTINCT unnest($2::int[])) AS seen (unit_id)
  WHERE ${counts('seen.unit_id', 'seen.unit_id')}
    AND NOT ${counts('seen.unit_id', 'ANY ($2)', 'AND c.ancestor_id <> seen.unit_id')}
)`;

/** From each top to the root, where `next` is NULL. */
const UP = /* sql */ `
up AS (
  SELECT t.as_of, t.unit_id, p.parent_id AS next, CASE WHEN p.parent_id IS NULL THEN '{}' ELSE ARRAY[p.name] END AS path,
         ARRAY[u.code] AS code_path
  FROM top t
  JOIN unit u ON u.id = t.unit_id
  JOIN unit_period p ON p.unit_id = t.unit_id AND ${isNow('p', 't')}
  UNION ALL
  SELECT up.as_of, up.unit_id, p.parent_id, CASE WHEN p.parent_id IS NULL THEN up.path ELSE p.name || up.path END,
         u.code || up.code_path
  FROM up
  JOIN unit_period p ON p.unit_id = up.next AND ${isNow('p', 'up')}
  JOIN unit u ON u.id = p.unit_id
)`;

const TOP_AS_ROOT = /* sql */ `
SELECT t.as_of, t.unit_id, p.parent_id, t.code, p.name, p.kind, p.position, '{}'::text[] AS path, ARRAY[t.code] AS code_path, 0 AS depth
FROM top t JOIN unit_period p ON p.unit_id = t.unit_id AND ${isNow('p', 't')}`;

const TOP_IN_PLACE = /* sql */ `
SELECT up.as_of, up.unit_id, p.parent_id, up.code_path[cardinality(up.code_path)] AS code, p.name, p.kind, p.position, up.path,
       up.code_path, cardinality(up.code_path) - 1 AS depth
FROM up JOIN unit_period p ON p.unit_id = up.unit_id AND ${isNow('p', 'up')}
WHERE up.next IS NULL AND ($4::int IS NULL OR cardinality(up.code_path) - 1 <= $4)`;

function below(start: string): string {
  return /* sql */ `
below AS (${start}
  UNION ALL
  SELECT t.as_of, p.unit_id, p.parent_id, u.code, p.name, p.kind, p.position, t.path || p.name, t.code_path || u.code, t.depth + 1
  FROM below t
  JOIN unit_period p ON p.parent_id = t.unit_id AND ${isNow('p', 't')}
  JOIN unit u ON u.id = p.unit_id
  WHERE $4::int IS NULL OR t.depth < $4
)`;
}

function isNow(period: string, day: string): string {
  return `${period}.superseded_at IS NULL AND ${period}.valid_from <= ${day}.as_of AND ${day}.as_of < ${period}.valid_to`;
}

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
  const [unit] = await prepared<UnitPlace>(em, FIND_UNIT, [[asOf], visibleRoots(scope), code]);
  return unit ?? null;
}

const FIND_UNIT = /* sql */ `
WITH RECURSIVE ${NAMED_TOP}, ${UP}
SELECT up.unit_id AS "unitId", $3 AS code, p.name, p.kind, up.path, up.code_path AS "codePath", cardinality(up.code_path) - 1 AS depth
FROM up JOIN unit_period p ON p.unit_id = up.unit_id AND ${isNow('p', 'up')}
WHERE up.next IS NULL`;
