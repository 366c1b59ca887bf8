import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { Origin } from './roster-apply.query.js';
import type { Reorganisation } from './succession.query.js';

export interface ReorganisationCounts {
  readonly unitsCreated: number;
  readonly unitsRenamed: number;
  readonly unitsMoved: number;
  readonly unitsMerged: number;
  readonly unitsSplit: number;
  readonly unitsAbolished: number;
}

/** How many units each kind of change concerns; a unit that is renamed and moved counts in both. */
export async function countReorganisation(em: EntityManager): Promise<ReorganisationCounts> {
  const [counts]: ReorganisationCounts[] = await em.query(COUNTS);
  return counts!;
}

/**
 * Makes the organisation from the day on what the plan says, and puts on record what was said, so that whoever comes to
 * a unit later goes where it goes. People are for `carry`.
 */
export async function applyReorganisation(em: EntityManager, asOf: IsoDate, origin: Origin): Promise<void> {
  const { importId } = origin;
  await em.query(
    `INSERT INTO unit (code) SELECT code FROM reorganisation_unit WHERE change = 'created' ON CONFLICT (code) DO NOTHING`,
  );
  await em.query(INSERT_CHANGES, [importId, asOf]);
  await em.query(INSERT_SUCCESSIONS, [importId, asOf]);
  await enactUnits(em, { importId, onDay: asOf }, origin);
}

/** Makes the units from the day on what is on record of them. */
export async function enactUnits(
  em: EntityManager,
  { importId }: Reorganisation,
  origin: Origin,
): Promise<void> {
  await em.query('DROP TABLE IF EXISTS unit_enacted');
  await em.query(ENACTED, [importId]);
  await em.query('UPDATE unit_period SET superseded_at = $1 WHERE id IN (SELECT now_id FROM unit_enacted)', [
    origin.recordedAt,
  ]);
  await em.query(INSERT_PERIODS, [origin.recordedAt, origin.importId]);
}

const COUNTS = /* sql */ `
SELECT count(*) FILTER (WHERE u.change = 'created')::int AS "unitsCreated",
       count(*) FILTER (WHERE u.change = 'changed' AND u.name <> now.name)::int AS "unitsRenamed",
       count(*) FILTER (WHERE u.change = 'changed' AND u.parent_code <> now.parent_code)::int AS "unitsMoved",
       count(*) FILTER (WHERE way.kind = 'merge')::int AS "unitsMerged",
       (SELECT count(DISTINCT code) FROM reorganisation_stage WHERE kind = 'split')::int AS "unitsSplit",
       count(*) FILTER (WHERE way.kind = 'abolish')::int AS "unitsAbolished"
FROM reorganisation_unit u
LEFT JOIN reorganisation_now now USING (code)
LEFT JOIN reorganisation_way way ON way.code = u.code AND way.staff_id IS NULL`;

/** $1 import, $2 day */
const INSERT_CHANGES = /* sql */ `
INSERT INTO unit_change (import_id, on_day, unit_id, change, name, parent_id, kind, email, manager_id, position, replaces)
SELECT $1, $2, u.id, r.change, r.name, parent.id, r.unit_kind, r.email, m.id, r.position, r.now_id
FROM reorganisation_unit r JOIN unit u USING (code)
LEFT JOIN unit parent ON parent.code = r.parent_code
LEFT JOIN staff m ON m.number = r.manager_number`;

/** $1 import, $2 day. Who manages a unit goes on managing what it has become, if it has become that alone. */
const INSERT_SUCCESSIONS = /* sql */ `
INSERT INTO unit_succession (import_id, on_day, unit_id, staff_id, successor_id, keeps_managers)
SELECT $1, $2, u.id, way.staff_id, successor.id,
       way.staff_id IS NULL AND way.kind = 'merge' AND target.change = 'created' AND target.manager_number IS NULL
         AND count(*) FILTER (WHERE way.staff_id IS NULL) OVER (PARTITION BY way.new_code) = 1
FROM reorganisation_way way
JOIN unit u ON u.code = way.code
LEFT JOIN unit successor ON successor.code = way.new_code
LEFT JOIN reorganisation_unit target ON target.code = way.new_code`;

/** $1 import. Only what becomes different: a unit that others merely come into stays as it is. */
const ENACTED = /* sql */ `
CREATE TEMP TABLE unit_enacted ON COMMIT DROP AS
SELECT now.id AS now_id, c.unit_id, c.change, c.on_day, now.valid_from, now.valid_to, now.name AS name_before,
       now.parent_id AS parent_before, now.kind AS kind_before, now.email AS email_before, now.manager_id AS manager_before,
       coalesce(c.name, now.name) AS name, coalesce(c.parent_id, now.parent_id) AS parent_id,
       coalesce(c.kind, now.kind, '') AS kind, coalesce(c.email, now.email) AS email,
       coalesce(c.manager_id, now.manager_id) AS manager_id, coalesce(now.position, c.position) AS position
FROM unit_change c
LEFT JOIN unit_period now ON now.unit_id = c.unit_id AND now.superseded_at IS NULL AND now.valid_from <= c.on_day AND c.on_day < now.valid_to
WHERE c.import_id = $1 AND c.superseded_at IS NULL AND (c.change = 'created' OR (now.id IS NOT NULL AND (c.change = 'closed' OR
  num_nonnulls(nullif(c.name, now.name), nullif(c.parent_id, now.parent_id), nullif(c.kind, now.kind), nullif(c.email, now.email),
               nullif(c.manager_id, now.manager_id)) > 0)))`;

/** $1 now, $2 import */
const INSERT_PERIODS = /* sql */ `
INSERT INTO unit_period (unit_id, parent_id, name, kind, email, manager_id, position, valid_from, valid_to, recorded_at, import_id)
SELECT unit_id, parent_before, name_before, kind_before, email_before, manager_before, position, valid_from, on_day,
       $1::timestamptz, $2::bigint
FROM unit_enacted WHERE valid_from < on_day
UNION ALL
SELECT unit_id, parent_id, name, kind, email, manager_id, position, on_day, coalesce(valid_to, 'infinity'), $1, $2
FROM unit_enacted WHERE change <> 'closed'`;

export interface Split {
  readonly row: number;
  readonly name: string;
  /** People the file names, and the others, who are in `goesTo` together. */
  readonly named: number;
  readonly rest: number;
  readonly goesTo: string;
}

/** Of each unit that is split: how its people part. To be asked when they have been carried. */
export function splitsOf(em: EntityManager, asOf: IsoDate): Promise<Split[]> {
  return em.query(SPLITS, [asOf]);
}

/** $1 day */
const SPLITS = /* sql */ `
SELECT split.row, now.name, named.count AS named, rest.count AS rest, goes.name AS "goesTo"
FROM (SELECT code, min(row) AS row FROM reorganisation_stage WHERE kind = 'split' GROUP BY code) AS split
JOIN reorganisation_now now USING (code)
LEFT JOIN reorganisation_way way ON way.code = split.code AND way.staff_id IS NULL
LEFT JOIN unit u ON u.code = coalesce(way.new_code, split.code)
LEFT JOIN unit_period goes ON goes.unit_id = u.id AND goes.superseded_at IS NULL AND goes.valid_from <= $1 AND $1 < goes.valid_to
CROSS JOIN LATERAL (
  SELECT count(*)::int AS count FROM reorganisation_way own WHERE own.code = split.code AND own.staff_id IS NOT NULL) AS named
CROSS JOIN LATERAL (
  SELECT count(*)::int AS count FROM assignment a
  WHERE a.unit_id = u.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
    AND (way.new_code IS NULL OR a.staff_id IN (SELECT staff_id FROM carried WHERE unit_id = now.unit_id))
    AND NOT EXISTS (SELECT FROM reorganisation_way own WHERE own.staff_id = a.staff_id AND own.code = split.code)) AS rest
ORDER BY split.row`;
