import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import { prepared } from '../platform/database/prepared.js';
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
    `${STAFF}${PERSON},
     page AS (
       SELECT * FROM person ${MATCHING}
       AND ($8::int[] IS NULL OR ("sortKey", number) > ($8::int[], $9::text))
       ORDER BY "sortKey", number LIMIT $10
     )
     SELECT page.*, c.valid_from AS since, c.evidence, c.event_id AS "eventId", to_char(c.expires_month, 'YYYY-MM') AS "expiresOn"
     FROM page LEFT JOIN LATERAL (
       -- Of this person alone: without OFFSET everybody's periods would be made first.
       SELECT * FROM card_status_period c
       WHERE c.staff_id = page.id AND c.valid_from <= ($1::date[])[1] AND ($1::date[])[1] < c.valid_to OFFSET 0
     ) AS c ON true
     ORDER BY "sortKey", number`,
    [...parameters(scope, filter), filter.after?.sortKey ?? null, filter.after?.number ?? null, filter.limit],
  );
}

export async function countStaff(
  em: EntityManager,
  scope: Scope,
  filter: Omit<StaffListFilter, 'limit' | 'after'>,
): Promise<number> {
  const isPlain = !filter.employment && !filter.query && filter.expiring === undefined;
  if (isPlain) {
    const [plain]: { count: number }[] = await em.query(
      `${STAFF} SELECT count(*)::int AS count FROM line`,
      parameters(scope, filter).slice(0, 4),
    );
    return plain!.count;
  }
  const [row]: { count: number }[] = await em.query(
    `${STAFF}${PERSON} SELECT count(*)::int AS count FROM person ${MATCHING}`,
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
  const [row] = await prepared<{ id: number }>(em, IN_SCOPE, [asOf, visibleRoots(scope), number]);
  return row ?? null;
}

/** $1 day, $2 visible roots or NULL, $3 number */
const IN_SCOPE = /* sql */ `
SELECT st.id FROM staff st
JOIN assignment a ON a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
WHERE st.number = $3
  AND ($2::int[] IS NULL OR EXISTS (
    SELECT FROM org_closure c WHERE c.descendant_id = a.unit_id AND c.ancestor_id = ANY ($2)
      AND c.valid_from <= $1 AND $1 < c.valid_to))`;

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
-- Whose unit is not there stands at the root.
home AS (
  SELECT unit_id, code, name, sort_key FROM place
  UNION ALL
  SELECT u.id, root.code, root.name, root.sort_key
  FROM place root CROSS JOIN unit u
  WHERE root.depth = 0 AND u.id NOT IN (SELECT unit_id FROM tree)
),
line AS (
  SELECT t.*, home.code, home.name AS unit_name, home.sort_key
  FROM home JOIN timeline t ON t.unit_id = home.unit_id AND t.valid_from <= ($1::date[])[1] AND ($1::date[])[1] < t.valid_to
  WHERE $4::text IS NULL OR t.status = $4
)`;

const PERSON = /* sql */ `,
person AS (
  SELECT st.id, st.number, p.name, p.kana, line.code AS "unitCode", line.unit_name AS "unitName", a.employment, a.leave,
         a.is_manager AS "isManager", line.status, line.exempt AS "isExempt", line.counted AS "isCounted",
         line.sort_key AS "sortKey"
  FROM line
  JOIN assignment a ON a.staff_id = line.staff_id AND a.is_primary AND a.superseded_at IS NULL
    AND a.valid_from <= ($1::date[])[1] AND ($1::date[])[1] < a.valid_to
  JOIN staff st ON st.id = line.staff_id
  JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
)`;

const MATCHING = /* sql */ `
WHERE ($5::text IS NULL OR employment = $5)
  AND ($6::text IS NULL OR number LIKE $6 OR name LIKE $6 OR kana LIKE $6)
  AND ($7::int IS NULL OR (status = 'held' AND "isCounted" AND EXISTS (
    SELECT FROM card_status_period c
    WHERE c.staff_id = person.id AND c.valid_from <= ($1::date[])[1] AND ($1::date[])[1] < c.valid_to
      AND to_char(c.expires_month, 'YYYY-MM') <= to_char(($1::date[])[1] + make_interval(months => $7), 'YYYY-MM') OFFSET 0)))`;
