import type { EntityManager } from 'typeorm';
import { LOOKS, type AuditAction, type AuditDetails } from './audit.types.js';

export interface AuditFilter {
  readonly actor?: string;
  readonly action?: AuditAction;
  /** `kind:id`, or a kind alone. */
  readonly target?: string;
  /** Instants: from the first, before the second. */
  readonly from?: Date;
  readonly before?: Date;
  /** Only events older than this one. */
  readonly beforeId?: number;
  readonly limit: number;
}

export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly actor: string;
  /** Of the actor's account; null for the service itself and the command line. */
  readonly actorName: string | null;
  readonly action: AuditAction;
  readonly target: string;
  readonly details: AuditDetails;
}

/** The newest first. */
export function findAuditEvents(em: EntityManager, filter: AuditFilter): Promise<AuditRow[]> {
  const { actor, action, target, from, before, beforeId, limit } = filter;
  return em.query(
    `${EVENTS}
     WHERE ($1::text IS NULL OR e.actor = $1) AND ($2::text IS NULL OR e.action = $2)
       AND ($3::text IS NULL OR e.target = $3 OR starts_with(e.target, $3 || ':')
            OR ($3 ~ '^staff:[0-9]{1,9}$' AND e.details ? 'staff' AND e.details -> 'staff' @> to_jsonb(substr($3, 7)::int)))
       AND ($4::timestamptz IS NULL OR e.at >= $4) AND ($5::timestamptz IS NULL OR e.at < $5)
       AND ($6::bigint IS NULL OR e.id < $6)
     ORDER BY e.id DESC LIMIT $7`,
    [actor ?? null, action ?? null, target ?? null, from ?? null, before ?? null, beforeId ?? null, limit],
  );
}

/** Who has looked at a person's record, alone or in a list, the newest first. `staffId` is `staff.id`, no number. */
export function looksAt(
  em: EntityManager,
  staffId: number,
  limit: number,
  beforeId?: number,
): Promise<AuditRow[]> {
  const looks = `e.action = ANY ($3) AND ($4::bigint IS NULL OR e.id < $4) ORDER BY e.id DESC LIMIT $5`;
  return em.query(
    `SELECT * FROM (
       (${EVENTS} WHERE e.target = $1 AND ${looks})
       UNION
       (${EVENTS} WHERE e.details ? 'staff' AND e.details -> 'staff' @> to_jsonb($2::int) AND ${looks})
     ) AS look ORDER BY id DESC LIMIT $5`,
    [`staff:${staffId}`, staffId, LOOKS, beforeId ?? null, limit],
  );
}

const EVENTS = `
SELECT e.id, e.at, e.actor, u.display_name AS "actorName", e.action, e.target, e.details
FROM audit_event e LEFT JOIN app_user u ON u.name = e.actor`;
