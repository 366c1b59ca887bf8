import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** Who can be written to about a unit on a day. */
export interface UnitContacts {
  readonly unitId: number;
  /** False where the unit no longer exists on that day. */
  readonly exists: boolean;
  readonly unitEmail: string | null;
  /** Managers of the unit itself on that day: those the roster marks, else whom the list of units names. */
  readonly managers: readonly { readonly staffId: number; readonly email: string | null }[];
  /** Whether it has a chat room that messages may be sent to. */
  readonly hasChat?: boolean;
}

export async function managersOf(
  em: EntityManager,
  unitIds: readonly number[],
  on: IsoDate,
  chatHosts: readonly string[],
): Promise<UnitContacts[]> {
  return em.query(MANAGERS, [unitIds, on, chatHosts]);
}

/** $1 unit ids, $2 day, $3 hosts of chat rooms that may be posted to */
const MANAGERS = /* sql */ `
WITH place AS (
  SELECT p.unit_id, p.email FROM unit_period p
  WHERE p.unit_id = ANY ($1::int[]) AND p.superseded_at IS NULL AND p.valid_from <= $2::date AND $2::date < p.valid_to
),
manager AS (
  SELECT m.unit_id,
         json_agg(json_build_object('staffId', m.staff_id, 'email', s.email) ORDER BY m.is_primary DESC, m.staff_id) AS list
  FROM unit_manager_on($2::date) m
  JOIN staff_profile s ON s.staff_id = m.staff_id AND s.superseded_at IS NULL
  WHERE m.unit_id = ANY ($1::int[])
  GROUP BY m.unit_id
)
SELECT asked.unit_id AS "unitId", place.unit_id IS NOT NULL AS "exists", place.email AS "unitEmail",
       coalesce(manager.list, '[]') AS managers,
       EXISTS (SELECT FROM unit_webhook w WHERE w.unit_id = asked.unit_id AND w.ended_at IS NULL AND w.host = ANY ($3::text[])) AS "hasChat"
FROM unnest($1::int[]) AS asked (unit_id)
LEFT JOIN place ON place.unit_id = asked.unit_id
LEFT JOIN manager ON manager.unit_id = asked.unit_id`;
