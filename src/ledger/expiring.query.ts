import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import type { StaffPage } from './audience.query.js';

/** A new card takes about so long: who is asked to renew. */
export const EXPIRING_MONTHS = 3;

export interface ExpiringCard {
  readonly staffId: number;
  readonly unitId: number;
  readonly expiresOn: IsoMonth;
}

/**
 * People who are counted and hold a card on the day whose last month is at most `months` after the day's, in the units
 * the caller may see: the audience of a renewal. Costs what expires in these months, however many people there are.
 * The first to expire first; a page in the order of staff ids.
 */
export function findExpiring(
  em: EntityManager,
  scope: Scope,
  { asOf, months, unitCode }: { asOf: IsoDate; months: number; unitCode?: string },
  page?: StaffPage,
): Promise<ExpiringCard[]> {
  const values = [asOf, months, visibleRoots(scope), unitCode ?? null];
  return page === undefined
    ? em.query(`${EXPIRING} ORDER BY e.expires_month, t.staff_id`, values)
    : em.query(`${EXPIRING} AND t.staff_id > $5 ORDER BY t.staff_id LIMIT $6`, [
        ...values,
        page.after,
        page.size,
      ]);
}

/** How many they are. */
export async function countExpiring(
  em: EntityManager,
  scope: Scope,
  { asOf, months }: { asOf: IsoDate; months: number },
): Promise<number> {
  const rows: { count: number }[] = await em.query(
    `SELECT count(*)::int AS count FROM (${EXPIRING}) AS expiring`,
    [asOf, months, visibleRoots(scope), null],
  );
  return rows[0]!.count;
}

const counts = (ancestor: string) => /* sql */ `EXISTS (
  SELECT FROM org_closure c WHERE c.descendant_id = t.unit_id AND ${ancestor} AND c.valid_from <= $1 AND $1 < c.valid_to)`;

/** $1 day, $2 months, $3 visible roots, $4 unit */
const EXPIRING = /* sql */ `
SELECT t.staff_id AS "staffId", t.unit_id AS "unitId", to_char(e.expires_month, 'YYYY-MM') AS "expiresOn"
FROM card_event e
JOIN timeline t ON t.staff_id = e.staff_id AND t.valid_from <= $1 AND $1 < t.valid_to AND t.status = 'held' AND t.counted
CROSS JOIN LATERAL (
  SELECT v.id FROM card_event_valid v WHERE v.staff_id = e.staff_id AND v.effective_on <= $1
  ORDER BY v.effective_on DESC, v.id DESC LIMIT 1
) AS latest
WHERE e.expires_month BETWEEN date_trunc('month', $1::date::timestamp)::date AND ($1::date + make_interval(months => $2))::date
  AND e.id = latest.id
  AND ($3::int[] IS NULL OR ${counts('c.ancestor_id = ANY ($3)')})
  AND ($4::text IS NULL OR ${counts('c.ancestor_id = (SELECT u.id FROM unit u WHERE u.code = $4)')})`;
