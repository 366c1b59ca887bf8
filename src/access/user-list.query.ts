import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { Role } from './scope.js';
import { IDLE_LIMIT_MS } from './session-limits.js';

export interface GrantView {
  /** Null: from the roster, while it names the person as manager. */
  readonly id: number | null;
  readonly role: Role;
  /** Null: every unit. */
  readonly unitCode: string | null;
  readonly unitName: string | null;
  readonly from: IsoDate | null;
  /** Last day; null without end. */
  readonly until: IsoDate | null;
  readonly source: 'manual' | 'provider' | 'roster';
  readonly inForce: boolean;
}

/** An account as the administrator sees it: nothing about the person but what makes the account. */
export interface AccountView {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly staffNumber: string | null;
  readonly disabled: boolean;
  readonly mustChangePassword: boolean;
  /** By password, by the identity provider, or both. */
  readonly hasPassword: boolean;
  readonly hasProvider: boolean;
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
  readonly openSessions: number;
  readonly activeTokens: number;
  /** Present and coming ones; those that are over are on the audit record. */
  readonly grants: readonly GrantView[];
}

/** @param name one account, or null for all */
export function listAccounts(
  em: EntityManager,
  at: { readonly today: IsoDate; readonly now: Date },
  name: string | null,
): Promise<AccountView[]> {
  const idleSince = new Date(at.now.getTime() - IDLE_LIMIT_MS);
  return em.query(ACCOUNTS, [at.today, name, at.now, idleSince]);
}

/** $1 day, $2 account name or NULL, $3 now, $4 since when a session that was not used has ended */
const ACCOUNTS = /* sql */ `
WITH named AS (
  SELECT u.id, u.code, p.name FROM unit u
  LEFT JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL AND p.valid_from <= $1::date AND $1::date < p.valid_to
),
held AS (
  SELECT g.user_id, g.id, g.role, g.unit_id, g.valid_from, g.valid_to, g.source
  FROM app_grant g WHERE g.revoked_at IS NULL AND $1::date < g.valid_to
  UNION ALL
  SELECT a.id, NULL, 'manager', m.unit_id, NULL, NULL, 'roster'
  FROM app_user a JOIN staff st ON st.number = a.staff_number JOIN unit_manager_on($1::date) m ON m.staff_id = st.id
)
SELECT a.id, a.name, a.display_name AS "displayName", a.staff_number AS "staffNumber",
       a.disabled_at IS NOT NULL AS disabled, a.must_change_password AS "mustChangePassword",
       a.password_hash IS NOT NULL AS "hasPassword", a.oidc_subject IS NOT NULL AS "hasProvider",
       a.created_at AS "createdAt", s.last_seen_at AS "lastSeenAt", coalesce(s.open, 0) AS "openSessions",
       (SELECT count(*)::int FROM api_token t WHERE t.user_id = a.id AND t.revoked_at IS NULL AND t.expires_at > $3) AS "activeTokens",
       coalesce(g.grants, '[]') AS grants
FROM app_user a
LEFT JOIN (
  SELECT user_id, max(last_seen_at) AS last_seen_at, count(*) FILTER (WHERE ended_at IS NULL AND last_seen_at > $4)::int AS open
  FROM app_session GROUP BY user_id) s ON s.user_id = a.id
LEFT JOIN (
  SELECT held.user_id, json_agg(json_build_object(
           'id', held.id, 'role', held.role, 'unitCode', named.code, 'unitName', named.name, 'from', held.valid_from,
           'until', CASE WHEN held.valid_to < 'infinity' THEN held.valid_to - 1 END, 'source', held.source,
           'inForce', coalesce(held.valid_from <= $1::date, true)) ORDER BY held.role, named.code, held.valid_from) AS grants
  FROM held LEFT JOIN named ON named.id = held.unit_id GROUP BY held.user_id) g ON g.user_id = a.id
WHERE $2::text IS NULL OR a.name = $2
ORDER BY a.disabled_at IS NOT NULL, a.name`;
