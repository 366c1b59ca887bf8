import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { Leaver } from './personal-data.types.js';

/** What stands in place of a name; the triggers of migration 0004 let nothing else through. */
export const ERASED_NAME = '(消去済み)';

/**
 * $1 day, $2 months. The end of somebody's time is the end of the last assignment of any kind; of a person who was
 * entered by mistake, the day on which that was corrected; of one who never came to be anywhere, the last day on which
 * anything was recorded. Where nothing was, there is nothing to wait for.
 */
const DUE = /* sql */ `
SELECT staff_id, ended - 1 AS last_day FROM (
  SELECT a.staff_id,
         coalesce(max(a.valid_to) FILTER (WHERE a.superseded_at IS NULL), max(a.superseded_at)::date) AS ended
  FROM assignment a
  WHERE NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = a.staff_id)
  GROUP BY a.staff_id
  UNION ALL
  SELECT never.id,
         coalesce(greatest((SELECT max(p.recorded_at) FROM staff_profile p WHERE p.staff_id = never.id),
                           (SELECT max(e.recorded_at) FROM card_event e WHERE e.staff_id = never.id),
                           (SELECT max(x.requested_at) FROM card_exception x WHERE x.staff_id = never.id))::date + 1,
                  ($1::date - make_interval(months => $2::int))::date)
  FROM (
    SELECT st.id FROM staff st
    WHERE NOT EXISTS (SELECT FROM assignment a WHERE a.staff_id = st.id)
      AND NOT EXISTS (SELECT FROM staff_erasure x WHERE x.staff_id = st.id)
    -- Hardly anybody: without OFFSET, what was recorded of everybody would be looked for first.
    OFFSET 0
  ) AS never) AS stay
WHERE ended < 'infinity' AND ended <= ($1::date - make_interval(months => $2::int))::date`;

export async function countDue(em: EntityManager, on: IsoDate, months: number): Promise<number> {
  const [row] = await em.query<[{ count: number }]>(`SELECT count(*)::int AS count FROM (${DUE}) AS due`, [
    on,
    months,
  ]);
  return row.count;
}

export function dueLeavers(em: EntityManager, on: IsoDate, months: number, limit: number): Promise<Leaver[]> {
  return em.query(
    `SELECT st.id, st.number, due.last_day AS "lastDay", coalesce(p.spellings, '{}') AS spellings,
            ARRAY(SELECT f.number FROM staff_former_number f WHERE f.staff_id = st.id ORDER BY 1) AS "formerNumbers"
     FROM (${DUE} ORDER BY staff_id LIMIT $3) AS due
     JOIN staff st ON st.id = due.staff_id
     LEFT JOIN LATERAL (
       SELECT array_agg(DISTINCT spelling) AS spellings
       FROM staff_profile p CROSS JOIN LATERAL unnest(ARRAY[p.name, p.kana, p.email]) AS spelling
       WHERE p.staff_id = st.id AND spelling <> '') AS p ON true
     ORDER BY st.id`,
    [on, months, limit],
  );
}

/** Puts the erasure on record first: without it the database refuses to change any of these rows. */
export async function eraseStaff(
  em: EntityManager,
  leavers: readonly Leaver[],
  by: { readonly on: IsoDate; readonly at: Date; readonly actor: string },
): Promise<void> {
  const ids = leavers.map(({ id }) => id);
  await em.query(
    `INSERT INTO staff_erasure (staff_id, last_day, erased_on, erased_at, erased_by)
     SELECT id, last_day, $3, $4, $5 FROM unnest($1::int[], $2::date[]) AS leaver (id, last_day)`,
    [ids, leavers.map(({ lastDay }) => lastDay), by.on, by.at, by.actor],
  );
  await em.query('DELETE FROM staff_former_number WHERE staff_id = ANY ($1)', [ids]);
  await em.query(`UPDATE staff SET number = 'erased:' || id WHERE id = ANY ($1)`, [ids]);
  await em.query(
    `UPDATE staff_profile SET name = $2, kana = NULL, email = NULL, hired_on = NULL WHERE staff_id = ANY ($1)`,
    [ids, ERASED_NAME],
  );
  await em.query(
    `UPDATE card_exception_decision SET reason = ''
     WHERE reason <> '' AND exception_id IN (SELECT id FROM card_exception WHERE staff_id = ANY ($1))`,
    [ids],
  );
  await em.query(
    `UPDATE card_exception SET category = 'other', note = '' WHERE (category <> 'other' OR note <> '') AND staff_id = ANY ($1)`,
    [ids],
  );
  // Where nobody has been counted by it: figures stay as they are.
  await em.query(
    `UPDATE card_event e SET expires_month = NULL
     WHERE e.expires_month IS NOT NULL AND e.staff_id = ANY ($1) AND NOT EXISTS (
       SELECT FROM card_status_period p
       JOIN assignment a ON a.staff_id = p.staff_id AND a.superseded_at IS NULL AND a.valid_from < p.valid_to AND p.valid_from < a.valid_to
       WHERE p.staff_id = e.staff_id AND p.event_id = e.id AND p.status = 'lapsed')`,
    [ids],
  );
}
