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
    `WITH RECURSIVE ${UNIT_TREE}
     SELECT unit_id AS "unitId", code, name, kind, path, code_path AS "codePath", depth
     FROM tree WHERE visible AND code = $3`,
    [[asOf], visibleRoots(scope), code],
  );
  return unit ?? null;
}
