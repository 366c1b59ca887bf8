import type { EntityManager } from 'typeorm';
import type { Access, SignedInSession } from './access.types.js';
import { scopeFrom, type RoleGrant } from './scope.js';

/**
 * What an account `u` may do on a day, for a SELECT list with this join: the grants in force, and `manager` of the
 * units that the roster names the person as manager of. Asked anew each time, so that transfer day needs no job.
 */
export const accountColumns = `u.id AS user_id, u.name, u.display_name, u.must_change_password,
  u.password_hash IS NOT NULL AS has_password, held.grants`;

/** @param day placeholder of the day, such as `$2` */
export const joinGrants = (day: string): string => /* sql */ `
CROSS JOIN LATERAL (
  SELECT coalesce(json_agg(json_build_object('role', role, 'unitId', unit_id)), '[]') AS grants
  FROM (
    SELECT g.role, g.unit_id FROM app_grant g
    WHERE g.user_id = u.id AND g.revoked_at IS NULL AND g.valid_from <= ${day} AND ${day} < g.valid_to
    UNION
    SELECT 'manager', m.unit_id FROM staff st JOIN unit_manager_on(${day}::date) m ON m.staff_id = st.id
    WHERE st.number = u.staff_number
  ) g) held`;

export interface AccountRow {
  readonly user_id: number;
  readonly name: string;
  readonly display_name: string;
  readonly must_change_password: boolean;
  readonly has_password: boolean;
  readonly grants: readonly RoleGrant[];
}

export function toAccess(
  row: AccountRow,
  opened: Pick<SignedInSession, 'id' | 'csrfToken'>,
): Pick<Access, 'scope' | 'session'> {
  const rights = scopeFrom(row.name, row.user_id, row.grants);
  return {
    scope: rights,
    session: {
      ...opened,
      userId: row.user_id,
      name: row.name,
      displayName: row.display_name,
      mustChangePassword: row.must_change_password,
      hasPassword: row.has_password,
      rights,
    },
  };
}

/** The number of today of whoever had this one before; otherwise the number itself. */
export async function presentStaffNumber<T extends string | null | undefined>(
  em: EntityManager,
  number: T,
): Promise<T> {
  const [person]: { number: T }[] = await em.query(
    `SELECT st.number FROM staff_former_number f JOIN staff st ON st.id = f.staff_id WHERE f.number = $1 AND st.number <> $1`,
    [number ?? null],
  );
  return person?.number ?? number;
}

/** The internal id of a staff number, for what outlives the number itself; null for none and for one nobody has. */
export async function personOf(em: EntityManager, staffNumber: string | null): Promise<number | null> {
  const [person]: { id: number }[] = await em.query('SELECT id FROM staff WHERE number = $1', [staffNumber]);
  return person?.id ?? null;
}
