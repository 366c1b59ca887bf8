import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** Who can be written to about a unit on a day. */
export interface UnitContacts {
  readonly unitId: number;
  /** False where the unit no longer exists on that day. */
  readonly exists: boolean;
  readonly unitEmail: string | null;
  /** Managers of the unit itself on that day, those in their primary unit first. */
  readonly managers: readonly { readonly staffId: number; readonly email: string | null }[];
}

export async function managersOf(
  em: EntityManager,
  unitIds: readonly number[],
  on: IsoDate,
): Promise<UnitContacts[]> {
  return em.query(MANAGERS, [unitIds, on]);
}

/** $1 unit ids, $2 day */
const MANAGERS = /* sql */ `
WITH manager AS (
  SELECT a.unit_id,
         json_agg(json_build_object('staffId', a.staff_id, 'email', s.email) ORDER BY a.is_primary DESC, a.staff_id) AS list
  FROM assignment a
  JOIN staff_profile s ON s.staff_id = a.staff_id AND s.superseded_at IS NULL
  WHERE a.unit_id = ANY ($1::int[]) AND a.is_manager AND a.superseded_at IS NULL
    AND a.valid_from <= $2::date AND $2::date < a.valid_to
  GROUP BY a.unit_id
)
SELECT asked.unit_id AS "unitId", p.unit_id IS NOT NULL AS "exists", p.email AS "unitEmail",
       coalesce(manager.list, '[]') AS managers
FROM unnest($1::int[]) AS asked (unit_id)
LEFT JOIN unit_period p ON p.unit_id = asked.unit_id AND p.superseded_at IS NULL
  AND p.valid_from <= $2::date AND $2::date < p.valid_to
LEFT JOIN manager ON manager.unit_id = asked.unit_id`;
