import type { EntityManager } from 'typeorm';

/**
 * Ends the sessions of an account, but for the one named by `SignedInSession.id`, and answers how many. A change of
 * rights ends them too: what stands on somebody's screen was drawn for the rights of then.
 */
export async function endSessions(
  em: EntityManager,
  userId: number,
  now: Date,
  keepSession?: string,
): Promise<number> {
  const [ended] = await em.query<[unknown[], number]>(
    `UPDATE app_session SET ended_at = $2
     WHERE user_id = $1 AND ended_at IS NULL AND token_hash IS DISTINCT FROM decode($3, 'hex') RETURNING 1`,
    [userId, now, keepSession ?? null],
  );
  return ended.length;
}
