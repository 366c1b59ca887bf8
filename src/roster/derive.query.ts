import type { EntityManager } from 'typeorm';

/**
 * Brings what is derived from the facts up to date (see migrations/0007): to be called at the end of every transaction
 * that writes facts, after the last of them. Whoever comes second waits until the first has committed.
 */

/** After card events, decisions or assignments of a few people. */
export async function derivePeople(em: EntityManager, staffIds: readonly number[], at: Date): Promise<void> {
  await em.query('SELECT derive_people($1, $2)', [staffIds, at]);
}

/** The same for as many people as a file brings: `people` is a query, of our own, that answers their `staff_id`. */
export async function derivePeopleOf(em: EntityManager, people: string, at: Date): Promise<void> {
  // The planner must know how much has come just now, and how many people this is about.
  await em.query('ANALYZE assignment, card_event, org_closure, timeline');
  await em.query(`SET LOCAL plan_cache_mode = force_custom_plan`);
  await em.query(`SELECT derive_people(ARRAY(${people}), $1)`, [at]);
}

/** People derived by one statement. */
const PEOPLE_AT_ONCE = 50_000;

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

/** After units have come, gone, moved, or were given another day. */
export async function deriveUnits(em: EntityManager, at: Date): Promise<void> {
  await em.query('ANALYZE unit_period, unit');
  await em.query('SELECT derive_units($1)', [at]);
}

/** Sums up what changes have appended; answers how many rows it took. Figures are right before and after. */
export async function foldDeltas(em: EntityManager): Promise<number> {
  const [row]: { folded: number }[] = await em.query('SELECT fold_deltas() AS folded');
  return row!.folded;
}
