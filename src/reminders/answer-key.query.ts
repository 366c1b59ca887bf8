import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { AnswerKey } from './answer-token.js';

/** The one that holds; null as long as no link has been made. */
export async function newestKey(em: EntityManager): Promise<AnswerKey | null> {
  const rows: AnswerKey[] = await em.query('SELECT id, secret FROM answer_key ORDER BY id DESC LIMIT 1');
  return rows[0] ?? null;
}

/** Of two processes that want the first key the second finds it: call `newestKey` again under the lock. */
export async function lockKeys(em: EntityManager): Promise<void> {
  await em.query('LOCK TABLE answer_key IN SHARE ROW EXCLUSIVE MODE');
}

/** Retires all before it. */
export async function addKey(
  em: EntityManager,
  secret: Buffer,
  madeAt: Date,
  madeBy: string,
): Promise<AnswerKey> {
  const [row]: AnswerKey[] = await em.query(
    'INSERT INTO answer_key (secret, made_at, made_by) VALUES ($1, $2, $3) RETURNING id, secret',
    [secret, madeAt, madeBy],
  );
  return row!;
}

/** What a link of the newest key to this delivery has to be held against. */
export interface LinkedDelivery {
  readonly secret: Buffer;
  readonly messageId: string;
  readonly staffId: number;
}

/**
 * Null unless the key holds and the delivery is one to a person that was made to carry a link and may have arrived: one
 * that came back lies in a mailbox where somebody else reads it. Whoever came to the roster after the wave, with a day off it before, may be
 * somebody else who was given the number: their link is in a later message.
 */
export async function linkedDelivery(
  em: EntityManager,
  keyId: number,
  deliveryId: number,
  today: IsoDate,
): Promise<LinkedDelivery | null> {
  const rows: LinkedDelivery[] = await em.query(
    `SELECT k.secret, d.message_id AS "messageId", d.staff_id AS "staffId"
     FROM answer_key k CROSS JOIN delivery d JOIN wave w ON w.id = d.wave_id
     WHERE k.id = $1 AND k.id = (SELECT max(id) FROM answer_key) AND d.id = $2
       AND d.staff_id IS NOT NULL AND d.context ? 'answerUrl' AND d.state NOT IN ('suppressed', 'failed', 'bounced')
       AND NOT EXISTS (
         SELECT FROM assignment a
         WHERE a.staff_id = d.staff_id AND a.superseded_at IS NULL AND a.valid_from > w.on_date AND a.valid_from <= $3
           AND NOT EXISTS (SELECT FROM assignment before WHERE before.staff_id = a.staff_id AND before.superseded_at IS NULL
                             AND before.valid_from < a.valid_from AND a.valid_from <= before.valid_to))`,
    [keyId, deliveryId, today],
  );
  return rows[0] ?? null;
}
