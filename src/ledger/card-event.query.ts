import type { EntityManager } from 'typeorm';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import type { CardStatus, Evidence } from './card-status.js';

export interface NewCardEvent {
  readonly staffId: number;
  readonly status: CardStatus | null;
  readonly effectiveOn: IsoDate;
  readonly evidence: Evidence;
  readonly corrects: number | null;
  readonly expiresMonth: IsoDate | null;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

/** Adds the event and derives what follows from it, in one way to the database and back; answers the event's id. */
export async function addCardEvent(em: EntityManager, event: NewCardEvent): Promise<number> {
  const [row] = await prepared<{ id: number }>(em, ADD, [
    event.staffId,
    event.status,
    event.effectiveOn,
    event.evidence,
    event.corrects,
    event.expiresMonth,
    event.recordedAt,
    event.recordedBy,
  ]);
  return row!.id;
}

/** The columns of the event in the order above. The function that is called sees the row: it asks after it was added. */
const ADD = /* sql */ `
WITH added AS (
  INSERT INTO card_event AS event (staff_id, status, effective_on, evidence, corrects, expires_month, recorded_at, recorded_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING event.id, event
)
SELECT id, derive_event(event) FROM added`;

/** Of two answers of one person at once the second sees the first. Until the end of the transaction. */
export async function lockAnswersOf(em: EntityManager, staffId: number): Promise<void> {
  await em.query('SELECT pg_advisory_xact_lock(7120321, $1)', [staffId]);
}

/** What is known of a person on a day; null for whoever is not on the roster then. */
export async function statusOnRoster(
  em: EntityManager,
  staffId: number,
  day: IsoDate,
): Promise<CardStatus | null> {
  const rows: { status: CardStatus }[] = await em.query(
    'SELECT status FROM timeline WHERE staff_id = $1 AND valid_from <= $2 AND $2 < valid_to',
    [staffId, day],
  );
  return rows[0]?.status ?? null;
}
