/** Which days of policies have been dealt with, and since when somebody has looked without a gap. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** One at a time over all processes begins waves: others would plan the same for nothing. */
export async function mayLook(em: EntityManager): Promise<boolean> {
  const rows: { free: boolean }[] = await em.query(
    `SELECT pg_try_advisory_xact_lock(hashtext('scheduled_wave')) AS free`,
  );
  return rows[0]!.free;
}

export interface Watch {
  /** Since when there has been no gap: what came due before has been missed. */
  readonly since: Date;
  /** The look before this one; null for the first. */
  readonly last: Date | null;
}

/** Writes down a look at `now`. A gap longer than `patienceMs` begins a new watch. */
export async function keepWatch(em: EntityManager, now: Date, patienceMs: number): Promise<Watch> {
  const [before]: (Watch | undefined)[] = await em.query(
    'SELECT since, last FROM scheduler_watch FOR UPDATE',
  );
  const last = before?.last ?? null;
  const unbroken = before && last && now.getTime() - last.getTime() <= patienceMs;
  const since = unbroken ? before.since : now;
  await em.query(
    `INSERT INTO scheduler_watch (since, last) VALUES ($1, $2)
     ON CONFLICT (one) DO UPDATE SET since = $1, last = greatest(scheduler_watch.last, $2)`,
    [since, now],
  );
  return { since, last };
}

export async function isHandled(em: EntityManager, policy: string, regular: IsoDate): Promise<boolean> {
  const rows = await em.query('SELECT FROM scheduled_wave WHERE policy = $1 AND regular_on = $2', [
    policy,
    regular,
  ]);
  return rows.length > 0;
}

/** False where the day has been dealt with, or is by another transaction that this one has waited for. */
export async function takeDay(
  em: EntityManager,
  policy: string,
  regular: IsoDate,
  now: Date,
): Promise<boolean> {
  const rows = await em.query(
    `INSERT INTO scheduled_wave (policy, regular_on, handled_at) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING policy`,
    [policy, regular, now],
  );
  return rows.length > 0;
}

export async function nameWaveOfDay(
  em: EntityManager,
  policy: string,
  regular: IsoDate,
  waveId: number,
): Promise<void> {
  await em.query('UPDATE scheduled_wave SET wave_id = $3 WHERE policy = $1 AND regular_on = $2', [
    policy,
    regular,
    waveId,
  ]);
}

/** The last wave that somebody has begun by hand for a day from `from` on. */
export async function waveByHand(
  em: EntityManager,
  policy: string,
  from: IsoDate,
): Promise<number | undefined> {
  const rows: { id: number }[] = await em.query(
    `SELECT id::int FROM wave WHERE policy = $1 AND on_date >= $2 AND state <> 'cancelled'
     AND NOT in_office_hours ORDER BY on_date DESC LIMIT 1`,
    [policy, from],
  );
  return rows[0]?.id;
}
