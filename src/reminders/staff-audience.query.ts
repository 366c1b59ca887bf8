/** What a wave that speaks to persons has to know about each of them. */
import type { EntityManager } from 'typeorm';
import type { CardStatus } from '../ledger/card-status.js';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { yearBefore, type Received } from './reminder-limits.js';

/** Somebody of an audience, before anything else is known. */
export interface FoundPerson {
  readonly staffId: number;
  readonly unitId: number;
  readonly status: CardStatus;
  /** The last month of the card the wave is about; null where it is about none. */
  readonly cardExpires: IsoMonth | null;
}

export interface StaffCandidate extends FoundPerson {
  readonly name: string;
  readonly email: string | null;
  readonly unit: { readonly code: string; readonly name: string };
  /** The last day of an exception that holds on the day. */
  readonly exemptUntil: IsoDate | null;
  readonly received: Received;
}

/** The wave that is planned: where it is there already, its own messages do not hold it back. */
export interface WaveToPlan {
  readonly policy: string;
  readonly on: IsoDate;
}

export async function candidatesOf(
  em: EntityManager,
  { policy, on }: WaveToPlan,
  people: readonly FoundPerson[],
): Promise<StaffCandidate[]> {
  const rows = await prepared<CandidateRow>(em, CANDIDATES, [
    people.map(({ staffId }) => staffId),
    people.map(({ unitId }) => unitId),
    people.map(({ cardExpires }) => cardExpires && `${cardExpires}-01`),
    on,
    policy,
    yearBefore(on),
  ]);
  return rows.map((row) => ({
    ...people[row.position - 1]!,
    name: row.name,
    email: row.email,
    unit: { code: row.unit_code, name: row.unit_name },
    exemptUntil: row.exempt_until,
    received: {
      lastOfPolicy: row.last_of_policy,
      lastPersonal: row.last_personal,
      personalInYear: row.personal_in_year,
    },
  }));
}

/** In small letters: addresses that more than one person of the day has, or that are a unit's mailbox. */
export async function sharedAddresses(em: EntityManager, on: IsoDate): Promise<Set<string>> {
  const rows: { address: string }[] = await em.query(SHARED, [on]);
  return new Set(rows.map(({ address }) => address));
}

interface CandidateRow {
  readonly position: number;
  readonly name: string;
  readonly email: string | null;
  readonly unit_code: string;
  readonly unit_name: string;
  readonly exempt_until: IsoDate | null;
  readonly last_of_policy: IsoDate | null;
  readonly last_personal: IsoDate | null;
  readonly personal_in_year: number;
}

/** The day of delivery `d` of wave `w`: the wave's, as many days later as the message left after it was planned. */
export const REACHED_ON = /* sql */ `(w.on_date + coalesce(
  (d.settled_at AT TIME ZONE 'Asia/Tokyo')::date - (w.planned_at AT TIME ZONE 'Asia/Tokyo')::date, 0))`;

/**
 * What was sent, what may have been, and what still will be: a wave that is under way reaches people as well. A card is
 * valid for five years at least, so whatever a policy said of one in the year before its last month was about that card.
 */
const RECEIVED = /* sql */ `
SELECT (max(w.on_date) FILTER (WHERE w.policy = $5 AND w.on_date >= coalesce((asked.card - interval '1 year')::date, '-infinity')))::text AS last_of_policy,
       (max(${REACHED_ON}) FILTER (WHERE d.personal))::text AS last_personal,
       (count(*) FILTER (WHERE d.personal AND w.on_date > $6::date))::int AS personal_in_year
FROM delivery d JOIN wave w ON w.id = d.wave_id
WHERE d.staff_id = asked.staff_id AND d.state IN ('queued', 'sending', 'sent', 'unknown')
  AND NOT (w.policy = $5 AND w.on_date = $4::date)`;

/** $1 staff ids, $2 their units, $3 first days of the cards' last months, $4 day, $5 policy, $6 the year before */
const CANDIDATES = /* sql */ `
SELECT asked.position::int, p.name, p.email, u.code AS unit_code, coalesce(place.name, u.code) AS unit_name,
       exception.until AS exempt_until, received.*
FROM unnest($1::int[], $2::int[], $3::date[]) WITH ORDINALITY AS asked (staff_id, unit_id, card, position)
JOIN staff_profile p ON p.staff_id = asked.staff_id AND p.superseded_at IS NULL
JOIN unit u ON u.id = asked.unit_id
LEFT JOIN unit_period place ON place.unit_id = u.id AND place.superseded_at IS NULL
  AND place.valid_from <= $4::date AND $4::date < place.valid_to
CROSS JOIN LATERAL (
  SELECT (max(x.valid_to) - 1)::text AS until FROM card_exception_approved x
  WHERE x.staff_id = asked.staff_id AND x.valid_from <= $4::date AND $4::date < x.valid_to
) AS exception
CROSS JOIN LATERAL (${RECEIVED}) AS received
ORDER BY asked.position`;

/** $1 day */
const SHARED = /* sql */ `
SELECT address FROM (
  SELECT lower(p.email) AS address FROM timeline t
  JOIN staff_profile p ON p.staff_id = t.staff_id AND p.superseded_at IS NULL AND p.email IS NOT NULL
  WHERE t.valid_from <= $1::date AND $1::date < t.valid_to
  UNION ALL
  SELECT lower(email) FROM unit_period
  WHERE superseded_at IS NULL AND email IS NOT NULL AND valid_from <= $1::date AND $1::date < valid_to
) AS written GROUP BY address HAVING count(*) > 1`;
