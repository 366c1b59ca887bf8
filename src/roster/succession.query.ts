import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { replaceAssignments, type Origin } from './roster-apply.query.js';
import type { RosterSpan } from './roster-span.query.js';

/** One applied reorganisation and its day. */
export interface Reorganisation {
  readonly importId: number;
  readonly onDay: IsoDate;
}

export interface Transfer {
  readonly from: { readonly code: string; readonly name: string };
  readonly to: { readonly code: string; readonly name: string };
  readonly people: number;
}

/**
 * Moves whoever is in a unit of the reorganisation where that unit goes, from its day on; a 兼務 goes along, or ends
 * where it would double a place the person has. With `people`, a query of our own that answers their `staff_id`, only
 * those. `carried` then holds what has moved, until the next call.
 */
export async function carry(
  em: EntityManager,
  { importId, onDay }: Reorganisation,
  origin: Origin,
  people?: string,
): Promise<void> {
  await em.query('DROP TABLE IF EXISTS carried');
  await em.query(`CREATE TEMP TABLE carried ON COMMIT DROP AS ${carried(people)}`, [importId, onDay]);
  await em.query('ANALYZE carried');
  await replaceAssignments(em, NEXT_PRIMARY, [], origin);
  await replaceAssignments(em, NEXT_CONCURRENT, [], origin);
}

/** How many people go from which unit to which, of what `carry` has just done; most people first. */
export function transfersOf(em: EntityManager, onDay: IsoDate): Promise<Transfer[]> {
  return em.query(TRANSFERS, [onDay]);
}

/** What has been applied and begins within the days a roster speaks for, after its own; the earliest first, those of a day as they were applied. */
export function upcoming(em: EntityManager, { asOf, until }: RosterSpan): Promise<Reorganisation[]> {
  return em.query(
    `SELECT import_id AS "importId", on_day AS "onDay" FROM unit_change
     WHERE superseded_at IS NULL AND on_day > $1 AND on_day < $2
     GROUP BY import_id, on_day ORDER BY on_day, min(id)`,
    [asOf, until],
  );
}

/**
 * Before the people a roster tells something new about are written, reorganisations of later days let them stay where
 * they were, as if they had not been applied yet: `recompare` then compares once more. Answers what is to follow with
 * `carryAgain`. `roster_person` must be there; `roster_touched` then names those people.
 */
export async function takeBackUpcoming(
  em: EntityManager,
  span: RosterSpan,
  origin: Origin,
  recompare: () => Promise<unknown>,
): Promise<Reorganisation[]> {
  const later = await upcoming(em, span);
  if (later.length === 0) return later;
  await em.query(`CREATE TEMP TABLE roster_touched ON COMMIT DROP AS
    SELECT staff_id, until FROM roster_person WHERE change <> 'unchanged'`);
  if ((await takeBackAll(em, later, origin, touchedAfter)) > 0) {
    await em.query('DROP TABLE roster_person, roster_concurrent');
    await recompare();
  }
  return later;
}

/** The people a roster has told something new about go where their units go from then on, day after day. */
export async function carryAgain(
  em: EntityManager,
  later: readonly Reorganisation[],
  origin: Origin,
): Promise<void> {
  for (const reorganisation of later) await carry(em, reorganisation, origin, touchedAfter(reorganisation));
}

function touchedAfter({ onDay }: Reorganisation): string {
  return `SELECT staff_id FROM roster_touched WHERE until > '${onDay}'`;
}

/**
 * Lets people stay where they were, as if none of the reorganisations, the earliest first, had been applied. Answers how
 * many rows that concerned; `taken_back_people` then names whose they were. `people` is a query of our own that answers
 * `staff_id`; everybody without.
 */
export async function takeBackAll(
  em: EntityManager,
  reorganisations: readonly Reorganisation[],
  origin: Origin,
  people: (reorganisation: Reorganisation) => string | undefined = () => undefined,
): Promise<number> {
  await em.query('DROP TABLE IF EXISTS taken_back_people');
  await em.query('CREATE TEMP TABLE taken_back_people (staff_id int) ON COMMIT DROP');
  let all = 0;
  for (const reorganisation of reorganisations.toReversed())
    all += await takeBack(em, reorganisation, origin, people(reorganisation));
  return all;
}

async function takeBack(
  em: EntityManager,
  { importId, onDay }: Reorganisation,
  origin: Origin,
  people?: string,
): Promise<number> {
  await em.query('DROP TABLE IF EXISTS taken_back, resumed');
  await em.query(`CREATE TEMP TABLE taken_back ON COMMIT DROP AS ${takenBack(people)}`, [importId]);
  await replaceAssignments(em, STAYING, [], origin);
  await em.query(`CREATE TEMP TABLE resumed ON COMMIT DROP AS ${resumed(people)}`, [importId, onDay]);
  await replaceAssignments(em, 'SELECT * FROM resumed', [], origin);
  const [{ count }]: [{ count: number }] = await em.query(
    `WITH concerned AS (
       INSERT INTO taken_back_people SELECT staff_id FROM taken_back UNION ALL SELECT staff_id FROM resumed RETURNING 1)
     SELECT count(*)::int AS count FROM concerned`,
  );
  return count;
}

/**
 * What a list of units said about an earlier day holds from the day of an applied reorganisation on as well, except
 * where that sets something else.
 */
export async function keepUnitChanges(em: EntityManager, span: RosterSpan, origin: Origin): Promise<void> {
  for (const { importId } of await upcoming(em, span)) {
    await em.query('DROP TABLE IF EXISTS unit_kept');
    await em.query(`CREATE TEMP TABLE unit_kept ON COMMIT DROP AS ${UNIT_KEPT}`, [importId]);
    await em.query('UPDATE unit_period SET superseded_at = $1 WHERE id IN (SELECT replaces FROM unit_kept)', [
      origin.recordedAt,
    ]);
    await em.query(INSERT_KEPT, [origin.recordedAt, origin.importId]);
  }
}

/** $1 import, $2 day. Whoever is named goes by name, everybody else with the unit – not who comes once it is founded anew. */
const carried = (people: string | undefined) => /* sql */ `
WITH step AS (SELECT * FROM unit_succession WHERE import_id = $1 AND superseded_at IS NULL),
place AS (
  SELECT a.*, step.staff_id IS NOT NULL AS is_named, step.successor_id, step.keeps_managers
  FROM step JOIN assignment a ON a.staff_id = step.staff_id AND a.unit_id = step.unit_id AND a.is_primary AND a.valid_from <= $2
  WHERE a.superseded_at IS NULL AND a.valid_to > $2
  UNION ALL
  SELECT a.*, false, step.successor_id, step.keeps_managers
  FROM step JOIN assignment a ON a.unit_id = step.unit_id
  WHERE step.staff_id IS NULL AND a.superseded_at IS NULL AND a.valid_to > $2
    AND NOT EXISTS (SELECT FROM unit_period anew WHERE anew.unit_id = a.unit_id AND anew.superseded_at IS NULL
                      AND anew.valid_from > $2 AND anew.valid_from <= a.valid_from)
),
going AS (
  SELECT DISTINCT ON (id) * FROM place ${people === undefined ? '' : `WHERE staff_id IN (${people})`} ORDER BY id, is_named DESC
)
SELECT id, staff_id, unit_id, is_primary, is_manager AND keeps_managers AS is_manager, is_manager AS was_manager, employment, leave,
       carried_from, valid_from, greatest(valid_from, $2) AS starts, valid_to, successor_id
FROM going WHERE successor_id IS DISTINCT FROM unit_id`;

const BEFORE = /* sql */ `
SELECT id AS replaces, staff_id, unit_id, is_primary, was_manager AS is_manager, employment, leave, carried_from,
       CASE WHEN valid_from < starts THEN valid_from END AS valid_from, starts AS valid_to
FROM carried`;

const NEXT_PRIMARY = /* sql */ `
${BEFORE} WHERE is_primary AND successor_id IS NOT NULL
UNION ALL
SELECT NULL, staff_id, successor_id, true, is_manager, employment, leave, id, starts, valid_to
FROM carried WHERE is_primary AND successor_id IS NOT NULL`;

/** Nobody is 兼務 where they have their own place, nor twice in one unit. */
const NEXT_CONCURRENT = /* sql */ `
WITH going AS (
  SELECT c.*, row_number() OVER (PARTITION BY staff_id, successor_id ORDER BY starts, id) AS nth
  FROM carried c WHERE NOT is_primary
)
${BEFORE} WHERE NOT is_primary
UNION ALL
SELECT NULL, g.staff_id, g.successor_id, false, g.is_manager, g.employment, g.leave, g.id, g.starts, g.valid_to
FROM going g
WHERE g.successor_id IS NOT NULL AND g.nth = 1 AND NOT EXISTS (
  SELECT FROM assignment b WHERE b.staff_id = g.staff_id AND b.unit_id = g.successor_id AND b.superseded_at IS NULL
    AND daterange(b.valid_from, b.valid_to) && daterange(g.starts, g.valid_to))
UNION ALL
SELECT b.id, b.staff_id, b.unit_id, false, b.is_manager, b.employment, b.leave, b.carried_from,
       CASE WHEN b.valid_from < c.starts THEN b.valid_from END, c.starts
FROM carried c JOIN assignment b ON b.staff_id = c.staff_id AND b.unit_id = c.successor_id AND NOT b.is_primary
  AND b.superseded_at IS NULL AND daterange(b.valid_from, b.valid_to) && daterange(c.starts, c.valid_to)
WHERE c.is_primary`;

/** $1 day */
const TRANSFERS = /* sql */ `
WITH pair AS (
  SELECT unit_id, successor_id, count(DISTINCT staff_id)::int AS people
  FROM carried WHERE is_primary AND successor_id IS NOT NULL GROUP BY unit_id, successor_id
)
SELECT json_build_object('code', u.code, 'name', was.name) AS "from", json_build_object('code', s.code, 'name', will.name) AS "to", people
FROM pair
JOIN unit u ON u.id = pair.unit_id JOIN unit s ON s.id = pair.successor_id
LEFT JOIN LATERAL (SELECT name FROM unit_period p WHERE p.unit_id = u.id AND p.superseded_at IS NULL AND p.valid_from <= $1
                   ORDER BY p.valid_from >= $1, p.valid_from DESC LIMIT 1) AS was ON true
LEFT JOIN LATERAL (SELECT name FROM unit_period p WHERE p.unit_id = s.id AND p.superseded_at IS NULL AND p.valid_to > $1
                   ORDER BY p.valid_from LIMIT 1) AS will ON true
ORDER BY people DESC, u.code, s.code`;

const only = (column: string, people: string | undefined) =>
  people === undefined ? '' : `AND ${column} IN (${people})`;

/** $1 import. With what goes on without a break where the row ends that would have gone on anyway. */
const takenBack = (people: string | undefined) => /* sql */ `
WITH back AS (
  SELECT DISTINCT ON (r.id) r.id, r.staff_id, r.unit_id AS left_unit_id, was.unit_id, r.is_primary, was.is_manager, r.employment,
         r.leave, was.carried_from, r.valid_from, r.valid_to
  FROM unit_succession s
  JOIN assignment r ON r.unit_id = s.successor_id AND r.superseded_at IS NULL AND r.valid_from >= s.on_day
    AND (s.staff_id IS NULL OR s.staff_id = r.staff_id)
  JOIN assignment was ON was.id = r.carried_from AND was.unit_id = s.unit_id
  WHERE s.import_id = $1 AND s.superseded_at IS NULL ${only('r.staff_id', people)}
  ORDER BY r.id
)
SELECT back.*, before.id AS before_id, before.valid_from AS since
FROM back LEFT JOIN assignment before
  ON (before.staff_id, before.unit_id, before.is_primary, before.is_manager, before.employment, before.leave, before.valid_to)
   = (back.staff_id, back.unit_id, back.is_primary, back.is_manager, back.employment, back.leave, back.valid_from)
  AND before.superseded_at IS NULL`;

const STAYING = /* sql */ `
SELECT id AS replaces, staff_id, unit_id, is_primary, is_manager, employment, leave, carried_from,
       coalesce(since, valid_from) AS valid_from, valid_to
FROM taken_back
UNION ALL
SELECT before_id, staff_id, unit_id, is_primary, is_manager, employment, leave, carried_from, NULL, NULL
FROM taken_back WHERE before_id IS NOT NULL`;

/** $1 import, $2 day. 兼務 that ended because they would have doubled a place go on as long as their person is there. */
const resumed = (people: string | undefined) => /* sql */ `
WITH ended AS (
  SELECT a.* FROM assignment a
  WHERE NOT a.is_primary AND a.superseded_at IS NULL AND a.valid_to = $2 ${only('a.staff_id', people)}
    AND (a.unit_id IN (SELECT unit_id FROM unit_succession WHERE import_id = $1 AND superseded_at IS NULL AND staff_id IS NULL)
         OR (a.staff_id, a.unit_id) IN (SELECT staff_id, left_unit_id FROM taken_back WHERE is_primary))
),
lasting AS (
  SELECT e.*, least(
    (SELECT upper(run) FROM (SELECT range_agg(daterange(p.valid_from, p.valid_to)) AS days FROM assignment p
                             WHERE p.staff_id = e.staff_id AND p.is_primary AND p.superseded_at IS NULL) AS service,
                            unnest(days) AS run WHERE run @> $2::date),
    (SELECT min(n.valid_from) FROM assignment n
     WHERE n.staff_id = e.staff_id AND n.unit_id = e.unit_id AND n.superseded_at IS NULL AND n.valid_from >= $2)) AS until
  FROM ended e
)
SELECT id AS replaces, staff_id, unit_id, is_primary, is_manager, employment, leave, carried_from, valid_from, until AS valid_to
FROM lasting WHERE until > $2`;

/** $1 import: units whose days before the reorganisation are no longer what those after it were made from */
const UNIT_KEPT = /* sql */ `
SELECT after.id AS replaces, after.unit_id, coalesce(c.parent_id, before.parent_id) AS parent_id, coalesce(c.name, before.name) AS name,
       coalesce(c.kind, before.kind) AS kind, coalesce(c.email, before.email) AS email,
       coalesce(c.manager_id, before.manager_id) AS manager_id, after.position, after.valid_from, after.valid_to
FROM unit_change c
JOIN unit_period before ON before.unit_id = c.unit_id AND before.valid_to = c.on_day AND before.superseded_at IS NULL
JOIN unit_period after ON after.unit_id = c.unit_id AND after.valid_from = c.on_day AND after.superseded_at IS NULL
WHERE c.import_id = $1 AND c.superseded_at IS NULL AND c.change = 'changed'
  AND (coalesce(c.parent_id, before.parent_id), coalesce(c.name, before.name), coalesce(c.kind, before.kind),
       coalesce(c.email, before.email), coalesce(c.manager_id, before.manager_id))
      IS DISTINCT FROM (after.parent_id, after.name, after.kind, after.email, after.manager_id)`;

/** $1 now, $2 import */
const INSERT_KEPT = /* sql */ `
INSERT INTO unit_period (unit_id, parent_id, name, kind, email, manager_id, position, valid_from, valid_to, recorded_at, import_id)
SELECT unit_id, parent_id, name, kind, email, manager_id, position, valid_from, valid_to, $1, $2 FROM unit_kept`;
