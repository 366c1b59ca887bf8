import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { UNIT_TREE } from '../roster/unit-tree.query.js';
import type { CardStatus, Evidence } from './card-status.js';

export interface StaffIdentity {
  readonly id: number;
  readonly number: string;
  readonly name: string;
  readonly kana: string | null;
  readonly email: string | null;
  readonly hiredOn: IsoDate | null;
  /** The last day on which the person's place is known: today, or the last day of whoever has left. */
  readonly asOf: IsoDate;
  readonly unitCode: string | null;
  readonly unitName: string | null;
  /** Names from below the root down to the unit. */
  readonly path: string[];
  readonly employment: string;
  /** 勤務状況: 休職, 育休 …; empty where the roster says nothing. */
  readonly leave: string;
  readonly isManager: boolean;
  /** Whether the figures of that day count the person. */
  readonly isCounted: boolean;
  readonly hasLeft: boolean;
}

/**
 * The person with this number, on the roster today, before or later, whose last known unit the caller may see.
 * People who have left are found too: their record is kept until it is erased.
 */
export async function findStaffRecord(
  em: EntityManager,
  scope: Scope,
  number: string,
  today: IsoDate,
): Promise<StaffIdentity | null> {
  const [place]: { as_of: IsoDate }[] = await em.query(
    `SELECT CASE WHEN a.valid_from > $2 THEN a.valid_from ELSE least($2::date, a.valid_to - 1) END AS as_of
     FROM staff st
     JOIN assignment a ON a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL
     WHERE st.number = $1 AND NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = st.id)
     ORDER BY a.valid_from <= $2 DESC, CASE WHEN a.valid_from <= $2 THEN a.valid_from END DESC, a.valid_from LIMIT 1`,
    [number, today],
  );
  // Asked for unknown people too: who is elsewhere must not take longer than who does not exist.
  const [person]: StaffIdentity[] = await em.query(
    `WITH RECURSIVE ${UNIT_TREE}
     SELECT st.id, st.number, p.name, p.kana, p.email, p.hired_on AS "hiredOn", day.as_of AS "asOf",
            u.code AS "unitCode", t.name AS "unitName", coalesce(t.path, '{}') AS path, a.employment, a.leave,
            a.is_manager AS "isManager", coalesce(line.counted, false) AS "isCounted", a.valid_to <= $4 AS "hasLeft"
     FROM day
     JOIN staff st ON st.number = $3 AND NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = st.id)
     JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
     JOIN assignment a ON a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL
       AND a.valid_from <= day.as_of AND day.as_of < a.valid_to
     JOIN unit u ON u.id = a.unit_id
     LEFT JOIN timeline line ON line.staff_id = st.id AND line.valid_from <= day.as_of AND day.as_of < line.valid_to
     LEFT JOIN tree t ON t.unit_id = a.unit_id
     WHERE coalesce(t.visible, $2::int[] IS NULL)`,
    [[place?.as_of ?? today], visibleRoots(scope), number, today],
  );
  return person ?? null;
}

export interface AssignmentRecord {
  readonly unitCode: string;
  /** As the unit was called on the first day. */
  readonly unitName: string;
  readonly isPrimary: boolean;
  readonly isManager: boolean;
  readonly employment: string;
  readonly leave: string;
  readonly from: IsoDate;
  /** First day after it; `infinity` while it has no known end. */
  readonly until: IsoDate;
}

/** The latest first. */
export function assignmentsOf(em: EntityManager, staffId: number): Promise<AssignmentRecord[]> {
  return em.query(
    `SELECT u.code AS "unitCode", coalesce(p.name, u.code) AS "unitName", a.is_primary AS "isPrimary",
            a.is_manager AS "isManager", a.employment, a.leave, a.valid_from AS "from", a.valid_to AS until
     FROM assignment a
     JOIN unit u ON u.id = a.unit_id
     LEFT JOIN unit_period p ON p.unit_id = a.unit_id AND p.superseded_at IS NULL
       AND p.valid_from <= a.valid_from AND a.valid_from < p.valid_to
     WHERE a.staff_id = $1 AND a.superseded_at IS NULL
     ORDER BY a.valid_from DESC, a.is_primary DESC, a.id DESC`,
    [staffId],
  );
}

export interface CardEventRecord {
  readonly id: number;
  /** Null where an earlier event was taken back. */
  readonly status: CardStatus | null;
  readonly effectiveOn: IsoDate;
  readonly evidence: Evidence;
  /** Last month of the card, where it is known. */
  readonly expiresOn: IsoMonth | null;
  readonly recordedAt: Date;
  readonly recordedBy: string;
  readonly corrects: number | null;
  readonly correctedBy: number | null;
}

/** Everything that was ever recorded, corrected or not; the latest day first. */
export function cardEventsOf(em: EntityManager, staffId: number): Promise<CardEventRecord[]> {
  return em.query(
    `SELECT e.id, e.status, e.effective_on AS "effectiveOn", e.evidence,
            to_char(e.expires_month, 'YYYY-MM') AS "expiresOn", e.recorded_at AS "recordedAt",
            e.recorded_by AS "recordedBy", e.corrects, c.id AS "correctedBy"
     FROM card_event e LEFT JOIN card_event c ON c.corrects = e.id
     WHERE e.staff_id = $1 ORDER BY e.effective_on DESC, e.id DESC`,
    [staffId],
  );
}

export interface ProfileRecord {
  readonly name: string;
  readonly kana: string | null;
  readonly email: string | null;
  readonly hiredOn: IsoDate | null;
  readonly recordedAt: Date;
  readonly supersededAt: Date | null;
}

export function profilesOf(em: EntityManager, staffId: number): Promise<ProfileRecord[]> {
  return em.query(
    `SELECT name, kana, email, hired_on AS "hiredOn", recorded_at AS "recordedAt", superseded_at AS "supersededAt"
     FROM staff_profile WHERE staff_id = $1 ORDER BY id DESC`,
    [staffId],
  );
}

export interface OwnPlace {
  readonly number: string;
  /** Null for whoever is not on the roster of that day. */
  readonly unitName: string | null;
}

/** By what people recognise their own record, without a name; null for whoever is erased. */
export async function ownPlaceOf(em: EntityManager, staffId: number, day: IsoDate): Promise<OwnPlace | null> {
  const rows: OwnPlace[] = await em.query(
    `SELECT st.number, CASE WHEN a.unit_id IS NOT NULL THEN coalesce(p.name, '') END AS "unitName"
     FROM staff st
     LEFT JOIN timeline a ON a.staff_id = st.id AND a.valid_from <= $2 AND $2 < a.valid_to
     LEFT JOIN unit_period p ON p.unit_id = a.unit_id AND p.superseded_at IS NULL
       AND p.valid_from <= $2 AND $2 < p.valid_to
     WHERE st.id = $1 AND NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = st.id)`,
    [staffId, day],
  );
  return rows[0] ?? null;
}

export interface StaffLabel {
  readonly id: number;
  readonly number: string;
  readonly name: string;
}

/** Number and present name of people by their internal ids; whoever is erased has none. */
export function staffLabels(em: EntityManager, ids: readonly number[]): Promise<StaffLabel[]> {
  return em.query(
    `SELECT st.id, st.number, p.name FROM staff st
     JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
     WHERE st.id = ANY ($1::int[]) AND NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = st.id)`,
    [ids],
  );
}

export async function staffIdOf(em: EntityManager, number: string): Promise<number | null> {
  const [row]: { id: number }[] = await em.query(
    `SELECT id FROM staff WHERE number = $1 AND NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = staff.id)`,
    [number],
  );
  return row?.id ?? null;
}
