/** How many messages all processes together may send, by the second and by the day. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

export interface MailLimits {
  readonly perSecond?: number;
  readonly perDay?: number;
}

/** The share of a second that may leave at once: more evenly would cost a question for each message. */
const BURST_S = 0.1;

/**
 * Takes as many of `wanted` as may leave now. Messages are spread evenly: each one moves the moment at which the next
 * may leave. `waitMs`, where none may: until one may again; null where that is not today.
 */
export async function takeFromBudget(
  em: EntityManager,
  { perSecond, perDay }: MailLimits,
  wanted: number,
  today: IsoDate,
): Promise<{ granted: number; waitMs: number | null }> {
  await em.query(
    `INSERT INTO mail_budget (day, used, free_at) VALUES ($1, 0, now()) ON CONFLICT DO NOTHING`,
    [today],
  );
  const rows: { granted: number; wait_ms: number | null }[] = await em.query(TAKE, [
    today,
    wanted,
    perSecond ?? null,
    perDay ?? null,
    perSecond === undefined ? 0 : Math.max(1, Math.floor(perSecond * BURST_S)),
  ]);
  const { granted, wait_ms: waitMs } = rows[0]!;
  return { granted, waitMs };
}

export async function returnToBudget(
  em: EntityManager,
  { perSecond }: MailLimits,
  unused: number,
  today: IsoDate,
): Promise<void> {
  await em.query(
    `UPDATE mail_budget SET used = used - $1, free_at = free_at - $2::float8 * interval '1 second' WHERE day = $3`,
    [unused, perSecond === undefined ? 0 : unused / perSecond, today],
  );
}

/** $1 today, $2 wanted, $3 a second, $4 a day, $5 at once */
const TAKE = /* sql */ `
WITH moment AS (SELECT clock_timestamp() AS at),
budget AS (
  SELECT CASE WHEN b.day = $1::date THEN b.used ELSE 0 END AS used,
         greatest(b.free_at, moment.at - ($5::int - 1) / coalesce($3::float8, 1) * interval '1 second') AS free_at, moment.at
  FROM mail_budget b, moment FOR UPDATE OF b
),
share AS (
  SELECT budget.*, greatest(0, least(
    $2::int,
    CASE WHEN $4::int IS NULL THEN $2 ELSE $4 - used END,
    CASE WHEN $3::float8 IS NULL THEN $2 WHEN at < free_at THEN 0
         ELSE floor(extract(epoch FROM at - free_at) * $3 + 1e-6)::int + 1 END)) AS granted
  FROM budget
),
taken AS (
  UPDATE mail_budget SET day = $1::date, used = share.used + share.granted,
         free_at = CASE WHEN $3 IS NULL THEN share.free_at ELSE share.free_at + share.granted / $3::float8 * interval '1 second' END
  FROM share
)
SELECT granted, CASE WHEN granted > 0 THEN 0
                     WHEN $4::int IS NOT NULL AND used >= $4 THEN NULL
                     ELSE greatest(5, ceil(1000 * extract(epoch FROM free_at - at)))::int END AS wait_ms
FROM share`;
