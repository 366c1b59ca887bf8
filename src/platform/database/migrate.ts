import type { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../../migrations/index.js';
import { isQueueUpToDate, migrateQueue } from '../jobs/job-queue.js';

const MIGRATING = 7_120_319;

/**
 * Brings the schema up to date, ours and that of the job queue. Processes that start together take turns; the later ones find nothing to do.
 * Needs a pool of at least two connections: one keeps the lock, one runs the migrations.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const keeper = dataSource.createQueryRunner();
  try {
    await keeper.query('SELECT pg_advisory_lock($1)', [MIGRATING]);
    try {
      await dataSource.runMigrations();
      await migrateQueue(dataSource);
    } finally {
      await keeper.query('SELECT pg_advisory_unlock($1)', [MIGRATING]);
    }
  } finally {
    await keeper.release();
  }
}

/** True when nothing is left for `migrate` to do. Changes nothing. */
export async function isMigrated(dataSource: DataSource): Promise<boolean> {
  return (await pendingMigrations(dataSource)) === 0 && (await isQueueUpToDate(dataSource));
}

/** How many migrations this program knows and the database has not run. Changes nothing. */
export async function pendingMigrations(dataSource: DataSource): Promise<number> {
  const [{ present }] = await dataSource.query<[{ present: boolean }]>(
    `SELECT to_regclass('migrations') IS NOT NULL AS present`,
  );
  if (!present) return MIGRATIONS.length;
  const done = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
  return MIGRATIONS.filter(({ name }) => !done.some((row) => row.name === name)).length;
}
