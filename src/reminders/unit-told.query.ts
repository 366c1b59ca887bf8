/** Of which units a policy has spoken. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/**
 * The last wave day on which each unit was spoken of, waves of other days than `on` alone: what has left, what may have
 * arrived, and what is on its way. Suppressed, failed and returned messages reached nobody.
 */
export async function unitsTold(
  em: EntityManager,
  policy: string,
  on: IsoDate,
): Promise<ReadonlyMap<number, IsoDate>> {
  const rows: { unitId: number; last: IsoDate }[] = await em.query(
    `SELECT about.unit_id AS "unitId", max(w.on_date)::text AS last
     FROM wave w JOIN delivery d ON d.wave_id = w.id CROSS JOIN LATERAL unnest(d.about_units) AS about (unit_id)
     WHERE w.policy = $1 AND w.on_date <> $2
       AND (d.state IN ('sent', 'unknown', 'sending') OR d.state = 'queued' AND w.state IN ('sending', 'paused'))
     GROUP BY about.unit_id`,
    [policy, on],
  );
  return new Map(rows.map(({ unitId, last }) => [unitId, last]));
}
