/** The states of a wave as they are changed: each change says from which states it leads. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { WaveState } from './wave.types.js';

/** Work that lay still for longer than a day's limit makes it wait is no longer what somebody has asked for. */
const OVERDUE_AFTER_HOURS = 26;

export interface WorkedWave {
  readonly id: number;
  readonly policy: string;
  readonly on: IsoDate;
  /** The day on which it should leave: its own; where somebody began it by hand, the day of that. */
  readonly begunOn: IsoDate;
  readonly templateId: number;
  /** Leaves only when standing rules may. */
  readonly inOfficeHours: boolean;
}

/**
 * The wave, if it is being sent now. One that nobody has worked on for more than a day, because the service was down or
 * was restored, waits for a person instead.
 */
export async function beginWork(
  em: EntityManager,
  waveId: number,
  now: Date,
): Promise<WorkedWave | undefined> {
  const rows: (WorkedWave & { state: WaveState })[] = await em.query(
    `WITH worked AS (
       UPDATE wave SET active_at = $2::timestamptz,
              state = CASE WHEN active_at < $2::timestamptz - ${OVERDUE_AFTER_HOURS} * interval '1 hour' THEN 'awaiting' ELSE 'sending' END,
              note = CASE WHEN active_at < $2::timestamptz - ${OVERDUE_AFTER_HOURS} * interval '1 hour' THEN 'overdue' ELSE note END
       WHERE id = $1 AND state = 'sending'
       RETURNING id, policy, on_date, planned_at, template_id, in_office_hours, state
     )
     SELECT id::int, policy, on_date::text AS "on",
            CASE WHEN in_office_hours THEN on_date ELSE (planned_at AT TIME ZONE 'Asia/Tokyo')::date END::text AS "begunOn", template_id AS "templateId", in_office_hours AS "inOfficeHours", state FROM worked`,
    [waveId, now],
  );
  return rows[0]?.state === 'sending' ? rows[0] : undefined;
}

/** Over all processes, to the end of the transaction: the limits of a wave count what the one before it has queued. */
export async function oneCreationAtATime(em: EntityManager): Promise<void> {
  await em.query(`SELECT pg_advisory_xact_lock(hashtext('wave_creation'))`);
}

/** Answers whether the wave was in one of the states it leads from, and where `noted` is given, for that reason. */
export async function moveWave(
  em: EntityManager,
  waveId: number,
  from: readonly WaveState[],
  to: WaveState,
  {
    note = '',
    noted = null,
    now,
  }: { readonly note?: string; readonly noted?: string | null; readonly now: Date },
): Promise<boolean> {
  const rows = await em.query(
    `WITH moved AS (
       UPDATE wave SET state = $3, note = $4, active_at = $5::timestamptz,
              finished_at = CASE WHEN $3 = 'cancelled' THEN $5::timestamptz END
       WHERE id = $1 AND state = ANY ($2) AND ($6::text IS NULL OR note = $6) RETURNING id
     )
     SELECT id FROM moved`,
    [waveId, from, to, note, now, noted],
  );
  return rows.length > 0;
}

/** It lies still until then because it must: nobody has to confirm it for that. */
export async function restWave(em: EntityManager, waveId: number, until: Date, note: string): Promise<void> {
  await em.query(`UPDATE wave SET active_at = $2, note = $3 WHERE id = $1 AND state = 'sending'`, [
    waveId,
    until,
    note,
  ]);
}

/** Waves that were being sent, and on which nobody has worked since: they wait until somebody confirms them. */
export async function holdWavesSince(em: EntityManager, since: Date): Promise<number[]> {
  const rows: { id: number }[] = await em.query(
    `WITH held AS (
       UPDATE wave SET state = 'awaiting', note = 'overdue' WHERE state = 'sending' AND active_at <= $1 RETURNING id
     )
     SELECT id::int FROM held`,
    [since],
  );
  return rows.map(({ id }) => id);
}

/** What HR reads while the wave goes on: why nothing leaves at the moment. */
export async function noteWave(em: EntityManager, waveId: number, note: string): Promise<void> {
  await em.query(`UPDATE wave SET note = $2 WHERE id = $1 AND state = 'sending' AND note <> $2`, [
    waveId,
    note,
  ]);
}
