/** The delivery rows as a queue. A row's state is the truth about its message. */
import type { EntityManager, QueryRunner } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { ManagerMessageContext } from './manager-message.js';
import type { Channel } from './message-sender.js';

type Db = EntityManager | QueryRunner;

export interface QueuedWave {
  readonly id: number;
  readonly policy: string;
  readonly on: IsoDate;
  readonly templateId: number;
}

export interface ClaimedDelivery {
  readonly id: number;
  readonly address: string;
  readonly messageId: string;
  readonly context: ManagerMessageContext;
}

/** Key space of the wave locks among the advisory locks of the database. */
const WAVE_LOCKS = 0x57415645;

/** One process at a time sends a wave. The lock lasts as long as the connection of `runner`. */
export async function tryLockWave(runner: QueryRunner, waveId: number): Promise<boolean> {
  const [row] = await runner.query(`SELECT pg_try_advisory_lock($1, $2) AS locked`, [WAVE_LOCKS, waveId]);
  return row.locked;
}

export async function unlockWave(runner: QueryRunner, waveId: number): Promise<void> {
  await runner.query(`SELECT pg_advisory_unlock($1, $2)`, [WAVE_LOCKS, waveId]);
}

export async function queuedWave(db: Db, waveId: number): Promise<QueuedWave | undefined> {
  const rows = await db.query(
    `SELECT id::int, policy, on_date::text AS on, template_id AS "templateId" FROM wave WHERE id = $1`,
    [waveId],
  );
  return rows[0];
}

export async function unfinishedWaves(db: Db): Promise<number[]> {
  const rows: { id: number }[] = await db.query(
    `SELECT id::int FROM wave WHERE state <> 'finished' ORDER BY id`,
  );
  return rows.map((row) => row.id);
}

export async function queuedChannels(db: Db, waveId: number): Promise<Channel[]> {
  const rows: { channel: Channel }[] = await db.query(
    `SELECT DISTINCT channel FROM delivery WHERE wave_id = $1 AND state = 'queued'`,
    [waveId],
  );
  return rows.map((row) => row.channel);
}

export async function markSending(db: Db, waveId: number): Promise<void> {
  await db.query(`UPDATE wave SET state = 'sending' WHERE id = $1 AND state = 'planned'`, [waveId]);
}

/** Takes the next delivery; the row says `sending` before anything leaves. */
export async function claimNext(
  db: Db,
  waveId: number,
  channel: Channel,
  now: Date,
): Promise<ClaimedDelivery | undefined> {
  const rows: ClaimedDelivery[] = await db.query(
    `WITH claimed AS (
       UPDATE delivery SET state = 'sending', attempted_at = $3
       WHERE id = (SELECT id FROM delivery WHERE wave_id = $1 AND channel = $2 AND state = 'queued'
                   ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING id, address, message_id, context
     )
     SELECT id::int, address, message_id AS "messageId", context FROM claimed`,
    [waveId, channel, now],
  );
  return rows[0];
}

/** `unknown` may still turn into what the answer said, should it come after all; nothing else is overwritten. */
export async function settle(
  db: Db,
  deliveryId: number,
  state: 'sent' | 'failed' | 'unknown',
  reason: string,
  now: Date,
): Promise<void> {
  await db.query(
    `UPDATE delivery SET state = $2, reason = $3, settled_at = $4 WHERE id = $1 AND state IN ('sending', 'unknown')`,
    [deliveryId, state, reason, now],
  );
}

/** Nothing of it left: it waits for its turn again. */
export async function putBack(db: Db, deliveryId: number): Promise<void> {
  await db.query(
    `UPDATE delivery SET state = 'queued', attempted_at = NULL WHERE id = $1 AND state = 'sending'`,
    [deliveryId],
  );
}

/** What a process that died was sending. Call it under the wave's lock. */
export async function abandoned(
  db: Db,
  waveId: number,
): Promise<{ id: number; channel: Channel; messageId: string }[]> {
  return db.query(
    `SELECT id::int, channel, message_id AS "messageId" FROM delivery WHERE wave_id = $1 AND state = 'sending' ORDER BY id`,
    [waveId],
  );
}

/** True when this call finished the wave. */
export async function finishWhenDone(db: Db, waveId: number, now: Date): Promise<boolean> {
  const rows = await db.query(
    `WITH finished AS (
       UPDATE wave SET state = 'finished', finished_at = $2
       WHERE id = $1 AND state <> 'finished'
         AND NOT EXISTS (SELECT FROM delivery WHERE wave_id = $1 AND state IN ('queued', 'sending'))
       RETURNING id
     )
     SELECT id FROM finished`,
    [waveId, now],
  );
  return rows.length > 0;
}
