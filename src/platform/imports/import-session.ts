import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Reach } from './import-watch.js';

/** Any number, the same in every process: imports happen one after the other. */
const IMPORT_LOCK = 7_231_002;
const STOP_AGAIN_MS = 200;

/** Files come in one after the other: whoever comes second waits, and knows it. */
export async function takeTurn(em: EntityManager, reach?: Reach): Promise<void> {
  const [{ free }]: [{ free: boolean }] = await em.query('SELECT pg_try_advisory_xact_lock($1) AS free', [
    IMPORT_LOCK,
  ]);
  if (free) return;
  reach?.('waiting');
  await em.query('SELECT pg_advisory_xact_lock($1)', [IMPORT_LOCK]);
}

/**
 * From now on the signal ends whatever statement `runner` is executing. The answer, once it is asked for, is whether
 * it did; from then on the signal comes too late.
 */
export async function stoppable(
  db: DataSource,
  runner: QueryRunner,
  signal: AbortSignal | undefined,
): Promise<() => Promise<boolean>> {
  if (!signal) return async () => false;
  const [{ pid }]: [{ pid: number }] = await runner.query('SELECT pg_backend_pid() AS pid');
  const over = new AbortController();
  // Between two statements nothing is hit; where even asking fails, the next step of the import finds the signal.
  const keepStopping = async () => {
    while (!over.signal.aborted) {
      await db.query('SELECT pg_cancel_backend($1)', [pid]).catch(() => undefined);
      await sleep(STOP_AGAIN_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping = keepStopping());
  signal.addEventListener('abort', stop, { once: true });
  return async () => {
    signal.removeEventListener('abort', stop);
    over.abort();
    const wasStopped = signal.aborted;
    // The connection goes on to others: nothing may be under way that could hit them.
    await stopping;
    return wasStopped;
  };
}
