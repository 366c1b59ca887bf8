/**
 * The delivery rows as a queue. A row's state is the truth about its message; the jobs only say where to look.
 * Attempts are timed by the database, whose clock all processes share and no trial fixes.
 */
import type { EntityManager } from 'typeorm';
import { prepared } from '../platform/database/prepared.js';
import { MAX_ATTEMPTS } from '../platform/jobs/job-queue.js';
import type { IsoDate } from '../platform/month.js';
import type { Channel } from './message-sender.js';

export const TASK = 'deliver';
/** Deliveries of one job: enough to keep the pool of connections busy, few enough to share a wave among processes. */
const BLOCK = 500;

/** The deliveries of one wave from one id to another, both included. */
export interface Block {
  readonly wave: number;
  readonly from: number;
  readonly to: number;
  /** How often in a row the mail server was not there. */
  readonly troubles?: number;
}

export interface ClaimedDelivery {
  readonly id: number;
  readonly channel: Channel;
  readonly address: string;
  readonly messageId: string;
  readonly context: object;
  readonly attempts: number;
}

/** What became of a delivery. `queued` goes back into the queue, for after `waitMs`. */
export interface Settled {
  readonly id: number;
  readonly state: 'sent' | 'failed' | 'unknown' | 'queued';
  readonly reason: string;
  readonly waitMs?: number;
  /** Whether the attempt counts. */
  readonly deferred?: boolean;
}

export interface Claim {
  readonly block: Block;
  /** The last id of the block that was looked at. */
  readonly after: number;
  readonly limit: number;
  readonly worker: string;
  readonly now: Date;
  readonly today: IsoDate;
}

/**
 * One job for each block of what is queued, in place of those that wait. In the transaction that queued it, so that
 * neither is there alone.
 */
export async function enqueueWave(em: EntityManager, waveId: number): Promise<void> {
  await em.query(
    `SELECT graphile_worker.complete_jobs(ARRAY(
       SELECT id FROM graphile_worker.jobs WHERE flags ? ('wave:' || $1::bigint) AND locked_at IS NULL))`,
    [waveId],
  );
  await em.query(ENQUEUE, [waveId, BLOCK, TASK, MAX_ATTEMPTS]);
}

export async function enqueueBlock(em: EntityManager, block: Block, waitMs: number): Promise<void> {
  await em.query(
    `SELECT graphile_worker.add_job($1, $2::json, run_at := now() + $3 * interval '1 ms', max_attempts := $4,
                                    flags := ARRAY['wave:' || $5])`,
    [TASK, JSON.stringify(block), waitMs, MAX_ATTEMPTS, String(block.wave)],
  );
}

/**
 * Writes what has become of deliveries and takes the next ones, in one statement and one commit: rows say `sending`
 * before anything leaves. Who has lost the reason to be written to is not taken but suppressed.
 */
export async function settleAndClaim(
  em: EntityManager,
  settled: readonly Settled[],
  { block, after, limit, worker, now, today }: Claim,
): Promise<{ claimed: ClaimedDelivery[]; last: number | null }> {
  const rows = await prepared<ClaimedDelivery & { state: string }>(em, SETTLE_AND_CLAIM, [
    settled.map(({ id }) => id),
    settled.map(({ state }) => state),
    settled.map(({ reason }) => reason),
    settled.map(({ waitMs }) => waitMs ?? 0),
    settled.map(({ deferred }) => (deferred ? 1 : 0)),
    now,
    block.wave,
    after,
    block.to,
    limit,
    today,
    worker,
  ]);
  return {
    claimed: rows.filter(({ state }) => state === 'sending'),
    last: rows.length > 0 ? Math.max(...rows.map(({ id }) => id)) : null,
  };
}

/** What is left to do in a block: now, and from when on; `sending` counts for nothing here. */
export async function leftIn(
  em: EntityManager,
  { wave, from, to }: Block,
): Promise<{ due: boolean; waitMs: number | null }> {
  const rows: { due: boolean; waitMs: number | null }[] = await em.query(
    `SELECT coalesce(bool_or(next_attempt_at IS NULL OR next_attempt_at <= now()), false) AS due,
            ceil(1000 * extract(epoch FROM min(next_attempt_at) FILTER (WHERE next_attempt_at > now()) - now()))::int AS "waitMs"
     FROM delivery WHERE wave_id = $1 AND id BETWEEN $2 AND $3 AND state = 'queued'`,
    [wave, from, to],
  );
  return rows[0]!;
}

/**
 * After a run that holds nothing any more: what it took and did not begin goes back, what may have been sent without
 * being on record is unknown.
 */
export async function putBack(
  em: EntityManager,
  { wave, from, to }: Block,
  worker: string,
  unrecorded: readonly number[],
  now: Date,
): Promise<void> {
  await em.query(
    `UPDATE delivery
     SET state = CASE WHEN id = ANY ($5::bigint[]) THEN 'unknown' ELSE 'queued' END,
         reason = CASE WHEN id = ANY ($5::bigint[]) THEN 'interrupted' ELSE '' END,
         settled_at = CASE WHEN id = ANY ($5::bigint[]) THEN $6::timestamptz END, worker = NULL
     WHERE wave_id = $1 AND id BETWEEN $2 AND $3 AND state = 'sending' AND worker = $4`,
    [wave, from, to, worker, unrecorded, now],
  );
}

/** True while something of the wave is under way or could start at once. */
export async function isBusy(em: EntityManager, waveId: number): Promise<boolean> {
  const rows: { busy: boolean }[] = await em.query(
    `SELECT EXISTS (SELECT FROM wave WHERE id = $1 AND state IN ('sending', 'paused', 'cancelled'))
        AND (${OPEN(`'sending'`)} IS NOT NULL
             OR EXISTS (SELECT FROM wave WHERE id = $1 AND state = 'sending')
                AND EXISTS (SELECT FROM graphile_worker.jobs
                            WHERE flags ? ('wave:' || $1) AND attempts < max_attempts
                              AND (locked_at IS NOT NULL OR run_at <= now()))) AS busy`,
    [waveId],
  );
  return rows[0]!.busy;
}

/** True when this call finished the wave. */
export async function finishWhenDone(em: EntityManager, waveId: number, now: Date): Promise<boolean> {
  const rows = await em.query(
    `WITH finished AS (
       UPDATE wave SET state = 'finished', finished_at = $2, note = ''
       WHERE id = $1 AND state = 'sending' AND ${OPEN(`'queued', 'sending'`)} IS NULL
       RETURNING id
     )
     SELECT id FROM finished`,
    [waveId, now],
  );
  return rows.length > 0;
}

/** From the end: the blocks are worked on from the beginning. */
function OPEN(states: string): string {
  return `(SELECT id FROM delivery WHERE wave_id = $1 AND state IN (${states}) ORDER BY id DESC LIMIT 1)`;
}

/** $1 wave, $2 deliveries a job, $3 task, $4 attempts */
const ENQUEUE = /* sql */ `
SELECT graphile_worker.add_jobs(array_agg(ROW(
  $3::text, json_build_object('wave', $1::bigint, 'from', first, 'to', last), NULL, NULL, $4::int, NULL, NULL, ARRAY['wave:' || $1::bigint]
)::graphile_worker.job_spec))
FROM (
  SELECT min(id) AS first, max(id) AS last
  FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / $2::int AS block FROM delivery WHERE wave_id = $1 AND state = 'queued') AS queued
  GROUP BY block
) AS blocks
HAVING count(*) > 0`;

/**
 * $1 ids, $2 states, $3 reasons, $4 waits, $5 counted attempts of what is settled; $6 now, $7 wave, $8 after, $9 to,
 * $10 limit, $11 today, $12 worker. `unknown` may still turn into what the answer said, should it come after all. A
 * message about a card that ends is for those who hold that card still; any other personal one for those who hold none.
 */
const SETTLE_AND_CLAIM = /* sql */ `
WITH settled AS (
  UPDATE delivery d
  SET state = CASE WHEN r.state = 'queued' AND w.state = 'cancelled' THEN 'suppressed' ELSE r.state END,
      reason = CASE WHEN r.state = 'queued' AND w.state = 'cancelled' THEN 'cancelled' ELSE r.reason END,
      settled_at = CASE WHEN r.state = 'queued' AND w.state <> 'cancelled' THEN NULL ELSE $6::timestamptz END,
      attempts = d.attempts + r.counts,
      next_attempt_at = CASE WHEN r.wait > 0 THEN now() + r.wait * interval '1 ms' END,
      worker = NULL
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::int[]) AS r (id, state, reason, wait, counts), wave w
  WHERE d.id = r.id AND w.id = d.wave_id AND d.state IN ('sending', 'unknown')
),
due AS (
  SELECT d.id, d.personal, d.staff_id, CASE WHEN d.personal THEN d.context #>> '{person,cardMonth}' END AS card FROM delivery d
  WHERE d.wave_id = $7 AND d.id > $8 AND d.id <= $9 AND d.state = 'queued'
    AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= now())
    AND (SELECT state FROM wave WHERE id = $7) = 'sending'
  ORDER BY d.id LIMIT $10 FOR UPDATE SKIP LOCKED
),
checked AS (
  SELECT due.id, CASE WHEN NOT due.personal THEN NULL
                      WHEN t.staff_id IS NULL OR NOT t.counted THEN 'left'
                      WHEN due.card IS NOT NULL AND t.status <> 'held' THEN 'not_held'
                      WHEN due.card IS NOT NULL AND exception.approved THEN 'exempt'
                      WHEN due.card IS NOT NULL THEN CASE WHEN card.month IS DISTINCT FROM due.card THEN 'renewed' END
                      WHEN t.status = 'held' THEN 'held'
                      WHEN t.exempt THEN 'exempt'
                      WHEN t.status = 'undisclosed' THEN 'undisclosed' END AS gone
  FROM due
  LEFT JOIN timeline t ON due.personal AND t.staff_id = due.staff_id AND t.valid_from <= $11::date AND $11::date < t.valid_to
  LEFT JOIN LATERAL (
    SELECT to_char(v.expires_month, 'YYYY-MM') AS month FROM card_event_valid v
    WHERE due.card IS NOT NULL AND v.staff_id = due.staff_id AND v.effective_on <= $11::date
    ORDER BY v.effective_on DESC, v.id DESC LIMIT 1
  ) AS card ON true
  LEFT JOIN LATERAL (
    SELECT true AS approved FROM card_exception_approved x
    WHERE due.card IS NOT NULL AND x.staff_id = due.staff_id AND x.valid_from <= $11::date AND $11::date < x.valid_to LIMIT 1
  ) AS exception ON true
)
UPDATE delivery d
SET state = CASE WHEN c.gone IS NULL THEN 'sending' ELSE 'suppressed' END, reason = coalesce(c.gone, ''),
    attempted_at = $6, settled_at = CASE WHEN c.gone IS NOT NULL THEN $6::timestamptz END,
    worker = CASE WHEN c.gone IS NULL THEN $12 END, next_attempt_at = NULL
FROM checked c WHERE d.id = c.id
RETURNING d.id, d.state, d.channel, d.address, d.message_id AS "messageId", d.context, d.attempts`;
