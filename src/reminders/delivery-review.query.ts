/**
 * Asks again whether messages that wait are still to be sent, where time has passed since they were planned: a wave that
 * was confirmed or resumed days later, or that took days. What concerns a person's card is asked at every claim besides.
 */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { Block } from './delivery-queue.query.js';
import { REACHED_ON } from './staff-audience.query.js';
import type { DeadlineWords } from './wave-dates.js';

export interface Review {
  readonly today: IsoDate;
  readonly now: Date;
  /** From one message about a person or a card to the next. */
  readonly minGapDays: number;
  /** In place of the one that was planned; null where that one still leaves time. */
  readonly deadline: DeadlineWords | null;
}

/** Whose reason is gone gets nothing; what the others get names the deadline that is given. */
export async function reviewBlock(
  em: EntityManager,
  { wave, from, to }: Block,
  { today, now, minGapDays, deadline }: Review,
): Promise<void> {
  await em.query(REVIEW, [wave, from, to, today, now, minGapDays, JSON.stringify(deadline ?? {})]);
}

const HOLDS = (period: string) => `${period}.valid_from <= $4::date AND $4::date < ${period}.valid_to`;
/** The number after `decision:` or `exception:` of a message about one. */
const ABOUT = (kind: string) => `substring(q.about FROM '^${kind}:([0-9]+)$')::int`;

/** $1 wave, $2 from, $3 to, $4 today, $5 now, $6 least gap in days, $7 words of another deadline, if any */
const REVIEW = /* sql */ `
WITH waiting AS (
  SELECT d.id, d.recipient, d.staff_id, d.unit_id, d.personal, d.about_units <> '{}' AS is_about_units, d.context ->> 'about' AS about,
         w.policy, w.on_date, w.planned_at
  FROM delivery d JOIN wave w ON w.id = d.wave_id
  WHERE d.wave_id = $1 AND d.id BETWEEN $2 AND $3 AND d.state = 'queued'
),
manager AS MATERIALIZED (SELECT unit_id, staff_id FROM unit_manager_on($4::date)),
reviewed AS (
  SELECT q.id, CASE
    WHEN q.staff_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM assignment a WHERE a.staff_id = q.staff_id AND a.is_primary AND a.superseded_at IS NULL AND ${HOLDS('a')}) THEN 'left'
    WHEN q.is_about_units AND q.staff_id IS NULL AND NOT EXISTS (
      SELECT FROM unit_period p WHERE p.unit_id = q.unit_id AND p.superseded_at IS NULL AND ${HOLDS('p')}) THEN 'unit_ended'
    WHEN q.is_about_units AND q.staff_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM manager m WHERE m.unit_id = q.unit_id AND m.staff_id = q.staff_id) THEN 'other_manager'
    WHEN q.about IS NULL AND EXISTS (
      SELECT FROM wave w JOIN delivery d ON d.wave_id = w.id
      WHERE w.policy = q.policy AND w.on_date > q.on_date AND d.recipient = q.recipient
        AND d.state IN ('queued', 'sending', 'sent', 'unknown')) THEN 'later_wave'
    WHEN q.personal AND EXISTS (
      SELECT FROM delivery d JOIN wave w ON w.id = d.wave_id
      WHERE d.staff_id = q.staff_id AND d.personal AND d.id <> q.id AND d.state IN ('sending', 'sent', 'unknown')
        AND ${REACHED_ON} > $4::date - $6::int) THEN 'too_soon'
    WHEN q.about LIKE 'decision:%' AND NOT EXISTS (
      SELECT FROM card_exception_decision c
      WHERE c.id = ${ABOUT('decision')}
        AND NOT EXISTS (SELECT FROM card_exception_decision later WHERE later.exception_id = c.exception_id AND later.id > c.id)
        AND (c.decision = 'rejected'
             OR EXISTS (SELECT FROM card_exception_approved x WHERE x.id = c.exception_id AND $4::date < x.valid_to))) THEN 'exception_changed'
    WHEN q.about LIKE 'exception:%' AND NOT EXISTS (
      SELECT FROM card_exception_approved x
      JOIN timeline t ON t.staff_id = x.staff_id AND t.exempt AND t.counted AND t.status <> 'undisclosed' AND ${HOLDS('t')}
      WHERE x.id = ${ABOUT('exception')} AND ${HOLDS('x')}
        AND NOT EXISTS (SELECT FROM card_exception_approved n WHERE n.staff_id = x.staff_id AND n.valid_from <= x.valid_to AND x.valid_to < n.valid_to)
        AND NOT EXISTS (SELECT FROM card_exception_decision c
                        WHERE c.exception_id = x.id AND c.decision = 'withdrawn' AND c.decided_at > q.planned_at)) THEN 'exception_changed'
  END AS gone
  FROM waiting q
)
UPDATE delivery d
SET state = CASE WHEN r.gone IS NULL THEN 'queued' ELSE 'suppressed' END, reason = coalesce(r.gone, d.reason),
    settled_at = CASE WHEN r.gone IS NOT NULL THEN $5::timestamptz END,
    context = CASE WHEN r.gone IS NULL AND d.context ? 'deadline' THEN d.context || $7::jsonb ELSE d.context END
FROM reviewed r WHERE d.id = r.id AND d.state = 'queued' AND (r.gone IS NOT NULL OR NOT d.context @> $7::jsonb)`;
