import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

export interface LedPerson {
  readonly id: number;
  readonly name: string;
  readonly held: boolean;
}

/**
 * Who is in the unit, or below it in sections without a manager, by staff number; null where the unit is not led by
 * the caller but by a manager of its own. `managed` are the roots of what the caller manages.
 */
export async function peopleLedIn(
  em: EntityManager,
  managed: readonly number[],
  code: string,
  asOf: IsoDate,
): Promise<LedPerson[] | null> {
  const [row]: { people: LedPerson[] | null }[] = await em.query(PEOPLE, [managed, code, asOf]);
  return row?.people ?? null;
}

/** $1 roots, $2 code of the unit, $3 day */
const PEOPLE = /* sql */ `
WITH RECURSIVE led AS (
  SELECT unnest($1::int[]) AS unit_id
  UNION
  SELECT p.unit_id FROM led
  JOIN unit_period p ON p.parent_id = led.unit_id AND p.superseded_at IS NULL
    AND p.valid_from <= $3::date AND $3::date < p.valid_to
  WHERE NOT EXISTS (SELECT FROM unit_manager_on($3::date) m WHERE m.unit_id = p.unit_id)
),
shown AS (
  SELECT led.unit_id FROM led JOIN unit u ON u.id = led.unit_id
  JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL
    AND p.valid_from <= $3::date AND $3::date < p.valid_to
  WHERE u.code = $2
  UNION
  SELECT p.unit_id FROM shown
  JOIN unit_period p ON p.parent_id = shown.unit_id AND p.superseded_at IS NULL
    AND p.valid_from <= $3::date AND $3::date < p.valid_to
  WHERE NOT EXISTS (SELECT FROM unit_manager_on($3::date) m WHERE m.unit_id = p.unit_id)
),
person AS (
  SELECT st.id, st.number, profile.name, coalesce(c.status = 'held', false) AS held
  FROM shown
  JOIN assignment a ON a.unit_id = shown.unit_id AND a.is_primary AND a.superseded_at IS NULL
    AND a.valid_from <= $3::date AND $3::date < a.valid_to
  JOIN staff st ON st.id = a.staff_id
  JOIN staff_profile profile ON profile.staff_id = st.id AND profile.superseded_at IS NULL
  LEFT JOIN card_status_period c ON c.staff_id = st.id AND c.valid_from <= $3::date AND $3::date < c.valid_to
)
SELECT CASE WHEN EXISTS (SELECT FROM shown) THEN coalesce(
  (SELECT json_agg(json_build_object('id', id, 'name', name, 'held', held) ORDER BY number COLLATE "C") FROM person),
  '[]') END AS people`;
