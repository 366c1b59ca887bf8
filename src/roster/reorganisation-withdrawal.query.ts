import type { EntityManager } from 'typeorm';
import { addDays, OPEN_END, type IsoDate } from '../platform/month.js';
import { enactUnits } from './reorganisation-apply.query.js';
import type { Origin } from './roster-apply.query.js';
import { carry, takeBackAll, upcoming, type Reorganisation } from './succession.query.js';

/** What has been built upon a reorganisation, so that it cannot be taken out from below. */
export interface Foundation {
  /** Of one applied after it that may know of it, of its day or a later one. */
  readonly reorganisation: IsoDate | null;
  /** A roster of its day or a later one. */
  readonly roster: IsoDate | null;
}

export async function findBuiltUpon(
  em: EntityManager,
  { importId, onDay }: Reorganisation,
): Promise<Foundation> {
  const [found]: Foundation[] = await em.query(
    `SELECT (SELECT max(c.on_day) FROM unit_change c
             WHERE c.superseded_at IS NULL AND c.on_day >= $2
               AND c.id > (SELECT max(own.id) FROM unit_change own WHERE own.import_id = $1)) AS reorganisation,
            (SELECT max((options ->> 'asOf')::date) FROM import_batch
             WHERE kind = 'roster' AND state = 'applied' AND (options ->> 'asOf')::date >= $2) AS roster`,
    [importId, onDay],
  );
  return found!;
}

/**
 * Makes units and people what they would be had the reorganisation never been applied, with everything rosters have
 * said since. Nothing may be built upon it. `taken_back_people` then names whoever it concerned.
 */
export async function withdrawReorganisation(
  em: EntityManager,
  reorganisation: Reorganisation,
  origin: Origin,
): Promise<void> {
  const { importId, onDay } = reorganisation;
  const concerned = await upcoming(em, { asOf: addDays(onDay, -1), previous: null, until: OPEN_END });
  const rest = concerned.filter((other) => other.importId !== importId);
  await takeBackAll(em, concerned, origin);
  await em.query(RESTORED, [onDay]);
  await em.query(SUPERSEDE_UNITS, [origin.recordedAt]);
  await em.query(INSERT_UNITS, [origin.recordedAt, origin.importId]);
  for (const table of ['unit_change', 'unit_succession'])
    await em.query(`UPDATE ${table} SET superseded_at = $1 WHERE import_id = $2`, [
      origin.recordedAt,
      importId,
    ]);
  for (const one of rest.filter((other) => other.onDay === onDay)) await enactUnits(em, one, origin);
  for (const one of rest) await carry(em, one, origin);
}

/**
 * $1 day. Units as they would go on without the reorganisations of the day: what was known to begin on the day itself
 * comes back as it was, everything else goes on as it is on the day before.
 */
const RESTORED = /* sql */ `
CREATE TEMP TABLE unit_restored ON COMMIT DROP AS
WITH first AS (
  SELECT DISTINCT ON (unit_id) unit_id, replaces FROM unit_change
  WHERE on_day = $1 AND superseded_at IS NULL ORDER BY unit_id, id
)
SELECT at.id AS at_id, ahead.id AS ahead_id, CASE WHEN was.valid_from < $1 THEN ahead.id ELSE was.id END AS kept_id,
       was.valid_to AS until
FROM first
LEFT JOIN unit_period was ON was.id = first.replaces
LEFT JOIN unit_period at ON at.unit_id = first.unit_id AND at.superseded_at IS NULL AND at.valid_from = $1
LEFT JOIN unit_period ahead ON ahead.unit_id = first.unit_id AND ahead.superseded_at IS NULL AND ahead.valid_to = $1
  AND was.valid_from < $1
WHERE was.id IS NULL OR was.superseded_at IS NOT NULL`;

/** $1 now */
const SUPERSEDE_UNITS = /* sql */ `
UPDATE unit_period SET superseded_at = $1
WHERE id IN (SELECT at_id FROM unit_restored UNION ALL SELECT ahead_id FROM unit_restored)`;

/** $1 now, $2 import */
const INSERT_UNITS = /* sql */ `
INSERT INTO unit_period (unit_id, parent_id, name, kind, email, manager_id, position, valid_from, valid_to, recorded_at, import_id)
SELECT p.unit_id, p.parent_id, p.name, p.kind, p.email, p.manager_id, p.position, p.valid_from, r.until, $1, $2
FROM unit_restored r JOIN unit_period p ON p.id = r.kept_id`;
