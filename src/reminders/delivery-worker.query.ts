/**
 * The processes that send, and what they leave behind when they die. Signs of life are timed by the database, whose
 * clock all processes share.
 */
import type { EntityManager } from 'typeorm';
import type { Channel } from './message-sender.js';
import { TASK } from './delivery-queue.query.js';

export interface AbandonedDelivery {
  readonly id: number;
  readonly waveId: number;
  readonly policy: string;
  readonly on: string;
  readonly channel: Channel;
  readonly messageId: string;
}

export async function giveSignOfLife(em: EntityManager, worker: string): Promise<void> {
  await em.query(
    `INSERT INTO delivery_worker (id, seen_at) VALUES ($1, now())
     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at`,
    [worker],
  );
}

export async function sayGoodbye(em: EntityManager, worker: string): Promise<void> {
  await em.query('DELETE FROM delivery_worker WHERE id = $1', [worker]);
}

/** Forgets the dead and returns their jobs to the queue, also those of workers that died before their first sign. */
export async function unlockDeadWorkers(em: EntityManager, deadAfterMs: number): Promise<void> {
  await em.query(`DELETE FROM delivery_worker WHERE seen_at < now() - $1 * interval '1 ms'`, [deadAfterMs]);
  await em.query(
    `SELECT graphile_worker.force_unlock_workers(array_agg(DISTINCT j.locked_by))
     FROM graphile_worker.jobs j
     WHERE j.task_identifier = $2 AND j.locked_at < now() - $1 * interval '1 ms'
       AND NOT EXISTS (SELECT FROM delivery_worker w WHERE w.id = j.locked_by)
     HAVING count(*) > 0`,
    [deadAfterMs, TASK],
  );
}

/** What nobody alive is sending, though it says so. A worker's mark is its id, a slash and the number of its run. */
export async function abandonedDeliveries(em: EntityManager): Promise<AbandonedDelivery[]> {
  return em.query(
    `SELECT d.id::int, d.wave_id::int AS "waveId", w.policy, w.on_date::text AS "on", d.channel, d.message_id AS "messageId"
     FROM wave w JOIN delivery d ON d.wave_id = w.id
     WHERE w.state <> 'finished' AND d.state = 'sending'
       AND NOT EXISTS (SELECT FROM delivery_worker l WHERE l.id = split_part(d.worker, '/', 1))
     ORDER BY d.id LIMIT 1000`,
  );
}

/** Under the same condition as they were found: a worker that was only late may have come back. */
export async function settleAbandoned(
  em: EntityManager,
  ids: readonly number[],
  state: 'sent' | 'unknown' | 'queued',
  now: Date,
): Promise<void> {
  await em.query(
    `UPDATE delivery d
     SET state = $2, reason = CASE $2 WHEN 'unknown' THEN 'interrupted' ELSE '' END,
         settled_at = CASE $2 WHEN 'queued' THEN NULL ELSE $3::timestamptz END, worker = NULL
     WHERE id = ANY ($1) AND state = 'sending'
       AND NOT EXISTS (SELECT FROM delivery_worker l WHERE l.id = split_part(d.worker, '/', 1))`,
    [ids, state, now],
  );
}

/** Waves that should be sent and have no job that could do it: after an upgrade, or a queue that was emptied. */
export async function wavesWithoutJobs(em: EntityManager): Promise<number[]> {
  const rows: { id: number }[] = await em.query(
    `SELECT w.id::int FROM wave w
     WHERE w.state = 'sending'
       AND NOT EXISTS (SELECT FROM graphile_worker.jobs j WHERE j.flags ? ('wave:' || w.id) AND j.attempts < j.max_attempts)
     ORDER BY w.id`,
  );
  return rows.map(({ id }) => id);
}
