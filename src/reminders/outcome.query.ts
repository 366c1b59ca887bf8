/** What happened after waves: counts alone, of people who had no card on the day of a wave. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { DeliveryState } from './wave.types.js';

export interface OutcomeRow {
  readonly waveId: number;
  readonly policy: string;
  readonly on: IsoDate;
  readonly templateVersion: number;
  readonly deliveries: Readonly<Partial<Record<DeliveryState, number>>>;
  /** Without a card on the day, and somebody the wave has reached. */
  readonly reached: number;
  /** Of them, those who gave an answer themselves within the days. */
  readonly answered: number;
  /** Of them, those who held a card after the days. */
  readonly reachedGot: number;
  /** Without a card on the day, and reached by no wave of the policy from as many days before to as many after. */
  readonly others: number;
  readonly othersGot: number;
}

/**
 * Waves of the days from `from` to `to`, the newest first. `personal` are the policies that speak to persons; the others
 * reach whoever works in the unit they speak about.
 */
export function outcomesOf(
  em: EntityManager,
  { from, to, days, personal }: { from: IsoDate; to: IsoDate; days: number; personal: readonly string[] },
): Promise<OutcomeRow[]> {
  return em.query(OUTCOMES, [from, to, days, personal]);
}

/** $1 from, $2 to, $3 days, $4 policies that speak to persons */
const OUTCOMES = /* sql */ `
WITH near AS (
  SELECT id, policy, on_date, planned_at, template_id, policy = ANY ($4::text[]) AS personal FROM wave
  WHERE on_date BETWEEN $1::date - $3::int AND $2::date AND state <> 'planned'
),
told AS (
  SELECT DISTINCT near.id AS wave_id, near.policy, near.on_date, coalesce(p.staff_id, d.staff_id) AS staff_id
  FROM near JOIN delivery d ON d.wave_id = near.id AND d.state = 'sent'
  LEFT JOIN org_closure c ON NOT near.personal AND c.ancestor_id = d.unit_id AND c.valid_from <= near.on_date AND near.on_date < c.valid_to
  LEFT JOIN timeline p ON p.unit_id = c.descendant_id AND p.valid_from <= near.on_date AND near.on_date < p.valid_to
  WHERE CASE WHEN near.personal THEN d.staff_id ELSE p.staff_id END IS NOT NULL
),
asked AS (
  SELECT *, least(on_date + $3::int, $2::date) AS until FROM near WHERE on_date >= $1
),
person AS (
  SELECT asked.id AS wave_id, b.staff_id,
         EXISTS (SELECT FROM told WHERE told.wave_id = asked.id AND told.staff_id = b.staff_id) AS reached,
         EXISTS (SELECT FROM told WHERE told.policy = asked.policy AND told.staff_id = b.staff_id
                 AND told.on_date BETWEEN asked.on_date - $3::int AND asked.until) AS reached_about,
         EXISTS (SELECT FROM timeline a WHERE a.staff_id = b.staff_id AND a.status = 'held'
                 AND a.valid_from <= asked.until AND asked.until < a.valid_to) AS got,
         EXISTS (SELECT FROM card_event e WHERE e.staff_id = b.staff_id AND e.evidence = 'self'
                 AND e.recorded_at > asked.planned_at AND (e.recorded_at AT TIME ZONE 'Asia/Tokyo')::date <= asked.until) AS answered
  FROM asked JOIN timeline b ON b.valid_from <= asked.on_date AND asked.on_date < b.valid_to
    AND b.counted AND NOT b.exempt AND b.status <> 'held'
),
counted AS (
  SELECT wave_id, count(*) FILTER (WHERE reached)::int AS reached, count(*) FILTER (WHERE reached AND answered)::int AS answered,
         count(*) FILTER (WHERE reached AND got)::int AS reached_got,
         count(*) FILTER (WHERE NOT reached AND NOT reached_about)::int AS others,
         count(*) FILTER (WHERE NOT reached AND NOT reached_about AND got)::int AS others_got
  FROM person GROUP BY wave_id
)
SELECT asked.id::int AS "waveId", asked.policy, asked.on_date::text AS on, t.version AS "templateVersion",
       (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
          SELECT state, count(*)::int AS n FROM delivery WHERE wave_id = asked.id GROUP BY state) s) AS deliveries,
       coalesce(c.reached, 0) AS reached, coalesce(c.answered, 0) AS answered, coalesce(c.reached_got, 0) AS "reachedGot",
       coalesce(c.others, 0) AS others, coalesce(c.others_got, 0) AS "othersGot"
FROM asked JOIN message_template t ON t.id = asked.template_id LEFT JOIN counted c ON c.wave_id = asked.id
ORDER BY asked.on_date DESC, asked.id DESC`;
