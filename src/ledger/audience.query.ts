import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import type { CardStatus } from './card-status.js';

export interface AudienceMember {
  readonly staffId: number;
  readonly unitId: number;
  readonly status: CardStatus;
}

/**
 * People who are counted on the day, are in one of the statuses and in no exception: who can be spoken to about the card.
 * In the units the caller may see; with `unitCode` in that unit's subtree. In no order.
 */
export function findAudience(
  em: EntityManager,
  scope: Scope,
  { asOf, statuses, unitCode }: { asOf: IsoDate; statuses: readonly CardStatus[]; unitCode?: string },
): Promise<AudienceMember[]> {
  const roots = visibleRoots(scope);
  return roots === null && unitCode === undefined
    ? prepared<AudienceMember>(em, EVERYWHERE, [asOf, statuses])
    : prepared<AudienceMember>(em, BELOW, [asOf, statuses, roots, unitCode ?? null]);
}

const FOUND = /* sql */ `t.staff_id AS "staffId", t.unit_id AS "unitId", t.status`;
const WANTED = /* sql */ `t.status = ANY ($2::text[]) AND t.valid_from <= $1::date AND $1::date < t.valid_to AND NOT t.exempt AND t.counted`;

/** $1 day, $2 statuses */
const EVERYWHERE = `SELECT ${FOUND} FROM timeline t WHERE ${WANTED}`;

/** $1 day, $2 statuses, $3 visible roots or NULL, $4 unit or NULL */
const BELOW = /* sql */ `
WITH below AS (
  SELECT c.descendant_id AS unit_id FROM unit u JOIN org_closure c ON c.ancestor_id = u.id
  WHERE u.code = $4::text AND c.valid_from <= $1 AND $1 < c.valid_to
),
seen AS (
  SELECT DISTINCT c.descendant_id AS unit_id FROM org_closure c
  WHERE c.ancestor_id = ANY ($3::int[]) AND c.valid_from <= $1 AND $1 < c.valid_to
),
asked AS (
  SELECT unit_id FROM below WHERE $3 IS NULL
  UNION ALL
  SELECT unit_id FROM seen WHERE $4 IS NULL
  UNION ALL
  SELECT unit_id FROM below JOIN seen USING (unit_id) WHERE $3 IS NOT NULL
)
SELECT ${FOUND} FROM asked JOIN timeline t USING (unit_id) WHERE ${WANTED}`;
