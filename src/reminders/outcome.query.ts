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
  /** Without a card on the day, and somebody the wave has reached; not those who would rather not answer. */
  readonly reached: number;
  /** Of them, those who gave an answer themselves within the days. */
  readonly answered: number;
  /** Of them, those who held a card after the days. */
  readonly reachedGot: number;
  /** The like, whom no wave of the policy has reached, or perhaps reached, from as many days before to as many after. */
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
  SELECT near.id AS wave_id, near.policy, near.on_date, coalesce(p.staff_id, d.staff_id) AS staff_id, bool_or(d.state = 'sent') AS surely
  FROM near JOIN delivery d ON d.wave_id = near.id AND d.state IN ('sent', 'unknown')
  LEFT JOIN org_closure c ON NOT near.personal AND c.ancestor_id = ANY (CASE d.about_units WHEN '{}' THEN ARRAY[d.unit_id] ELSE d.about_units END) AND c.valid_from <= near.on_date AND near.on_date < c.valid_to
  LEFT JOIN timeline p ON p.unit_id = c.descendant_id AND p.valid_from <= near.on_date AND near.on_date < p.valid_to
  WHERE CASE WHEN near.personal THEN d.staff_id ELSE p.staff_id END IS NOT NULL
  GROUP BY 1, 2, 3, 4
),
asked AS (
  SELECT *, least(on_date + $3::int, $2::date) AS until FROM near WHERE on_date >= $1
),
about AS (
  SELECT asked.id AS wave_id, told.staff_id, bool_or(told.surely AND told.wave_id = asked.id) AS reached
  FROM asked JOIN told ON told.policy = asked.policy AND told.on_date BETWEEN asked.on_date - $3::int AND asked.until
  GROUP BY 1, 2
),
person AS MATERIALIZED (
  SELECT asked.id AS wave_id, about.reached, about.staff_id IS NULL AS other, a.staff_id IS NOT NULL AS got,
         CASE WHEN about.reached THEN EXISTS (
           SELECT FROM card_event e WHERE e.staff_id = b.staff_id AND e.evidence = 'self'
             AND e.recorded_at > asked.planned_at AND (e.recorded_at AT TIME ZONE 'Asia/Tokyo')::date <= asked.until) END AS answered
  FROM asked JOIN timeline b ON b.valid_from <= asked.on_date AND asked.on_date < b.valid_to
    AND b.counted AND NOT b.exempt AND b.status NOT IN ('held', 'undisclosed')
  LEFT JOIN about ON about.wave_id = asked.id AND about.staff_id = b.staff_id
  LEFT JOIN timeline a ON a.staff_id = b.staff_id AND a.status = 'held' AND a.valid_from <= asked.until AND asked.until < a.valid_to
),
counted AS (
  SELECT wave_id, count(*) FILTER (WHERE reached)::int AS reached, count(*) FILTER (WHERE answered)::int AS answered,
         count(*) FILTER (WHERE reached AND got)::int AS reached_got,
         count(*) FILTER (WHERE other)::int AS others, count(*) FILTER (WHERE other AND got)::int AS others_got
  FROM person GROUP BY wave_id
)
SELECT asked.id::int AS "waveId", asked.policy, asked.on_date::text AS on, t.version AS "templateVersion",
       (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
          SELECT state, count(*)::int AS n FROM delivery WHERE wave_id = asked.id GROUP BY state) s) AS deliveries,
       coalesce(c.reached, 0) AS reached, coalesce(c.answered, 0) AS answered, coalesce(c.reached_got, 0) AS "reachedGot",
       coalesce(c.others, 0) AS others, coalesce(c.others_got, 0) AS "othersGot"
FROM asked JOIN message_template t ON t.id = asked.template_id LEFT JOIN counted c ON c.wave_id = asked.id
ORDER BY asked.on_date DESC, asked.id DESC`;
