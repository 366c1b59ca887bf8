import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/**
 * Brings what is derived from the facts up to date (see migrations/0007): to be called at the end of every transaction
 * that writes facts, after the last of them. Whoever comes second waits until the first has committed.
 */

/** After card events, decisions or assignments of a few people. */
export async function derivePeople(em: EntityManager, staffIds: readonly number[], at: Date): Promise<void> {
  await em.query('SELECT derive_few($1, $2)', [staffIds, at]);
}

/** People derived by one statement. */
const PEOPLE_AT_ONCE = 50_000;
/** The same where somebody may want to stop. */
const PREPARED_AT_ONCE = 20_000;

/** Nobody else derives until the transaction ends: to be taken before the facts change that are about everybody. */
export async function deriveAlone(em: EntityManager): Promise<void> {
  await em.query('SELECT pg_advisory_xact_lock(7120319, 1)');
}

/** After what counts for everybody has changed; `deriveAlone` comes before. */
export async function deriveEverybody(
  em: EntityManager,
  at: Date,
  progress: (done: number, of: number) => void = () => {},
): Promise<void> {
  await em.query(`SET LOCAL plan_cache_mode = force_custom_plan`);
  const [{ last }]: [{ last: number }] = await em.query('SELECT coalesce(max(id), 0) AS last FROM staff');
  for (let first = 1; first <= last; first += PEOPLE_AT_ONCE) {
    progress(first - 1, last);
    await em.query('SELECT derive_people(ARRAY(SELECT id FROM staff WHERE id >= $1 AND id < $1 + $2), $3)', [
      first,
      PEOPLE_AT_ONCE,
      at,
    ]);
  }
  progress(last, last);
}

/** After units have come, gone, moved, or were given another day. Nobody else derives until the transaction ends. */
export async function deriveUnits(em: EntityManager, at: Date): Promise<void> {
  await em.query('ANALYZE unit_period, unit');
  await em.query('SELECT derive_units($1)', [at]);
}

/** What a file has changed: `people`, a query of our own that answers each one's `staff_id` once, and perhaps the tree. */
export interface FileChange {
  readonly people: string;
  readonly units: boolean;
}

/**
 * The same for as many people as a file brings. All of it is worked out before `settle` is called; only then others who
 * derive begin to wait, for as long as it takes to write it down: to be followed by the end of the transaction.
 */
export async function deriveFile(
  em: EntityManager,
  change: FileChange,
  at: Date,
  progress: (done: number, of: number) => void = () => {},
  settle: () => void = () => {},
): Promise<void> {
  // The planner must know how much has come just now.
  await em.query('ANALYZE assignment, card_event, unit_period, unit, timeline, org_closure');
  await em.query('SELECT prepare_derivation()');
  if (change.units) await em.query('SELECT prepare_units()');
  await em.query(
    `CREATE TEMP TABLE prepared_person ON COMMIT DROP AS
     SELECT (row_number() OVER (ORDER BY staff_id))::int AS nth, staff_id FROM (${change.people}) AS people`,
  );
  const [{ last }]: [{ last: number }] = await em.query('SELECT count(*)::int AS last FROM prepared_person');
  for (let done = 0; done < last; done += PREPARED_AT_ONCE) {
    progress(done, last);
    await em.query(
      'SELECT prepare_people(ARRAY(SELECT staff_id FROM prepared_person WHERE nth > $1 AND nth <= $1 + $2))',
      [done, PREPARED_AT_ONCE],
    );
  }
  progress(last, last);
  await em.query('ANALYZE prepared_person, prepared_told, prepared_stretch, prepared_closure');
  await em.query('SELECT prepare_figures()');
  await em.query('ANALYZE prepared_delta');
  settle();
  await em.query('SELECT derive_prepared($1)', [at]);
}

/** Sums up what changes have appended; answers how many rows it took. Figures are right before and after. */
export async function foldDeltas(em: EntityManager, today: IsoDate): Promise<number> {
  const [row]: { folded: number }[] = await em.query('SELECT fold_deltas($1) AS folded', [today]);
  return row!.folded;
}
