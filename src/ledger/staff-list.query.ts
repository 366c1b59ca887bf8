import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { UNIT_TREE } from '../roster/unit-tree.query.js';
import type { CardStatus, Evidence } from './card-status.js';

export interface StaffListFilter {
  readonly asOf: IsoDate;
  /** Only this unit's subtree. */
  readonly unitCode?: string;
  readonly status?: CardStatus;
  readonly employment?: string;
  /** Only who is counted and holds a card whose last month is at most so many months after the day's. */
  readonly expiring?: number;
  /** Part of a name, a kana reading or a staff number. */
  readonly query?: string;
  readonly after?: StaffCursor;
  readonly limit: number;
}

/** Where a page ends: people are listed by their unit's place in the tree, then by number, never by status. */
export interface StaffCursor {
  readonly sortKey: readonly number[];
  readonly number: string;
}

export interface StaffListRow {
  readonly id: number;
  readonly number: string;
  readonly name: string;
  readonly kana: string | null;
  readonly unitCode: string;
  readonly unitName: string;
  readonly employment: string;
  /** 勤務状況: 休職, 育休 …; empty where the roster says nothing. */
  readonly leave: string;
  readonly isManager: boolean;
  readonly status: CardStatus;
  /** Day of the event the status comes from; null where there is none. */
  readonly since: IsoDate | null;
  readonly evidence: Evidence | null;
  readonly eventId: number | null;
  /** Last month of the card that is held, or has lapsed by it; null where it is not known. */
  readonly expiresOn: IsoMonth | null;
  readonly isExempt: boolean;
  /** Whether the figures of the day count the person, by the definition of that day. */
  readonly isCounted: boolean;
  readonly sortKey: number[];
}

export async function listStaff(
  em: EntityManager,
  scope: Scope,
  filter: StaffListFilter,
): Promise<StaffListRow[]> {
  return em.query(
    `${STAFF} SELECT * FROM person ${MATCHING}
    AND ($8::int[] IS NULL OR ("sortKey", number) > ($8::int[], $9::text))
    ORDER BY "sortKey", number LIMIT $10`,
    [...parameters(scope, filter), filter.after?.sortKey ?? null, filter.after?.number ?? null, filter.limit],
  );
}

export async function countStaff(
  em: EntityManager,
  scope: Scope,
  filter: Omit<StaffListFilter, 'limit' | 'after'>,
): Promise<number> {
  const [row]: { count: number }[] = await em.query(
    `${STAFF} SELECT count(*)::int AS count FROM person ${MATCHING}`,
    parameters(scope, filter),
  );
  return row!.count;
}

/** The person with this number if on the roster that day in a unit the caller may see. */
export async function findStaffInScope(
  em: EntityManager,
  scope: Scope,
  number: string,
  asOf: IsoDate,
): Promise<{ id: number } | null> {
  const [row]: { id: number }[] = await em.query(
    `SELECT st.id FROM staff st
     JOIN assignment a ON a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
     WHERE st.number = $3
       AND ($2::int[] IS NULL OR EXISTS (
         SELECT FROM org_closure c WHERE c.descendant_id = a.unit_id AND c.ancestor_id = ANY ($2)
           AND c.valid_from <= $1 AND $1 < c.valid_to))`,
    [asOf, visibleRoots(scope), number],
  );
  return row ?? null;
}

function parameters(scope: Scope, filter: Omit<StaffListFilter, 'limit' | 'after'>): unknown[] {
  return [
    [filter.asOf],
    visibleRoots(scope),
    filter.unitCode ?? null,
    filter.status ?? null,
    filter.employment ?? null,
    filter.query ? `%${filter.query.normalize('NFKC').replace(/[\\%_]/g, '\\$&')}%` : null,
    filter.expiring ?? null,
  ];
}

/** $1 [day], $2 visible roots, $3 unit, $4 status, $5 employment, $6 pattern, $7 months. As in the counts, whose unit is gone is at the root. */
const STAFF = /* sql */ `
WITH RECURSIVE ${UNIT_TREE},
place AS (
  SELECT * FROM tree WHERE visible AND ($3::text IS NULL OR $3 = ANY (code_path))
),
person AS (
  SELECT st.id, st.number, p.name, p.kana, t.code AS "unitCode", t.name AS "unitName", a.employment, a.leave,
         a.is_manager AS "isManager", coalesce(c.status, 'unanswered') AS status, c.valid_from AS since, c.evidence,
         c.event_id AS "eventId", to_char(c.expires_month, 'YYYY-MM') AS "expiresOn",
         coalesce(c.status, '') <> 'held' AND EXISTS (
           SELECT FROM card_exception_approved x
           WHERE x.staff_id = st.id AND x.valid_from <= t.as_of AND t.as_of < x.valid_to) AS "isExempt",
         coalesce(line.counted, false) AS "isCounted",
         t.sort_key AS "sortKey"
  FROM day
  JOIN assignment a ON a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= day.as_of AND day.as_of < a.valid_to
  LEFT JOIN tree own ON own.unit_id = a.unit_id
  LEFT JOIN tree root ON root.depth = 0
  JOIN place t ON t.unit_id = coalesce(own.unit_id, root.unit_id)
  JOIN staff st ON st.id = a.staff_id
  JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
  LEFT JOIN card_status_period c ON c.staff_id = st.id AND c.valid_from <= t.as_of AND t.as_of < c.valid_to
  LEFT JOIN timeline line ON line.staff_id = st.id AND line.valid_from <= t.as_of AND t.as_of < line.valid_to
)`;

const MATCHING = /* sql */ `
WHERE ($4::text IS NULL OR status = $4) AND ($5::text IS NULL OR employment = $5)
  AND ($6::text IS NULL OR number LIKE $6 OR name LIKE $6 OR kana LIKE $6)
  AND ($7::int IS NULL OR (status = 'held' AND "isCounted" AND "expiresOn" <= to_char(($1::date[])[1] + make_interval(months => $7), 'YYYY-MM')))`;
