/** What people decide about deliveries. */
import type { EntityManager } from 'typeorm';
import type { Bounce } from './bounce-file.js';

/** Answers the ids of those that were still unknown. */
export async function decideUnknown(
  em: EntityManager,
  waveId: number,
  decision: 'resend' | 'keep',
  deliveryId: number | null,
  now: Date,
): Promise<number[]> {
  const rows: { id: number }[] = await em.query(
    `WITH decided AS (
       UPDATE delivery
       SET state = CASE $2 WHEN 'keep' THEN 'sent' ELSE 'queued' END,
           reason = CASE $2 WHEN 'keep' THEN 'assumed_sent' ELSE '' END,
           settled_at = CASE $2 WHEN 'keep' THEN $4::timestamptz END,
           attempts = CASE $2 WHEN 'keep' THEN attempts ELSE 0 END, next_attempt_at = NULL
       WHERE wave_id = $1 AND state = 'unknown' AND ($3::bigint IS NULL OR id = $3)
       RETURNING id
     )
     SELECT id::int FROM decided ORDER BY id`,
    [waveId, decision, deliveryId, now],
  );
  return rows.map(({ id }) => id);
}

/** Nothing that waits is sent any more. */
export async function suppressQueued(em: EntityManager, waveId: number, now: Date): Promise<void> {
  await em.query(
    `UPDATE delivery SET state = 'suppressed', reason = 'cancelled', settled_at = $2
     WHERE wave_id = $1 AND state = 'queued'`,
    [waveId, now],
  );
}

/** Answers how many were not known to have bounced. A message that comes back was taken, whatever was known of it. */
export async function markBounced(em: EntityManager, bounces: readonly Bounce[], now: Date): Promise<number> {
  if (bounces.length === 0) return 0;
  const rows = await em.query(
    `WITH bounced AS (
       UPDATE delivery d SET state = 'bounced', reason = b.reason, settled_at = $3
       FROM unnest($1::text[], $2::text[]) AS b (message_id, reason)
       WHERE d.message_id = b.message_id AND d.state IN ('sent', 'unknown')
       RETURNING d.id
     )
     SELECT id FROM bounced`,
    [bounces.map(({ messageId }) => messageId), bounces.map(({ reason }) => reason), now],
  );
  return rows.length;
}
