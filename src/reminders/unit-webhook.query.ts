/** Where the chat rooms of units take messages. An address is kept only while it is in force. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { Webhook, WebhookFormat } from './webhook.js';

export interface UnitWebhook {
  readonly unitCode: string;
  readonly unitName: string;
  readonly format: WebhookFormat;
  /** All that anybody is shown of the address. */
  readonly host: string;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

/** Those in force, by the code of the unit. */
export async function currentWebhooks(em: EntityManager, today: IsoDate): Promise<UnitWebhook[]> {
  return em.query(
    `SELECT u.code AS "unitCode", coalesce(p.name, u.code) AS "unitName", w.format, w.host,
            w.recorded_at AS "recordedAt", w.recorded_by AS "recordedBy"
     FROM unit_webhook w JOIN unit u ON u.id = w.unit_id
     LEFT JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
     WHERE w.ended_at IS NULL ORDER BY u.code`,
    [today],
  );
}

/** The unit that has one, also where the organisation has it no longer. */
export async function unitWithWebhook(em: EntityManager, code: string): Promise<number | null> {
  const rows: { id: number }[] = await em.query(
    `SELECT u.id FROM unit_webhook w JOIN unit u ON u.id = w.unit_id WHERE u.code = $1 AND w.ended_at IS NULL`,
    [code],
  );
  return rows[0]?.id ?? null;
}

/** With its secret, for whoever is about to post. */
export async function webhookOf(em: EntityManager, unitId: number): Promise<Webhook | null> {
  const rows: Webhook[] = await em.query(
    `SELECT format, url FROM unit_webhook WHERE unit_id = $1 AND ended_at IS NULL`,
    [unitId],
  );
  return rows[0] ?? null;
}

/** True where there was one. Its address is forgotten. */
export async function endWebhook(em: EntityManager, unitId: number, now: Date, by: string): Promise<boolean> {
  const [ended]: { count: number }[] = await em.query(
    `WITH ended AS (
       UPDATE unit_webhook SET url = NULL, ended_at = $2, ended_by = $3 WHERE unit_id = $1 AND ended_at IS NULL RETURNING id
     ) SELECT count(*)::int AS count FROM ended`,
    [unitId, now, by],
  );
  return ended!.count > 0;
}

export async function addWebhook(
  em: EntityManager,
  unitId: number,
  { format, url, host }: Webhook & { readonly host: string },
  now: Date,
  by: string,
): Promise<void> {
  await em.query(
    `INSERT INTO unit_webhook (unit_id, format, host, url, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6)`,
    [unitId, format, host, url, now, by],
  );
}

/** Two who change the same one at once do so one after the other. */
export async function lockWebhooks(em: EntityManager): Promise<void> {
  await em.query('LOCK TABLE unit_webhook IN SHARE ROW EXCLUSIVE MODE');
}
