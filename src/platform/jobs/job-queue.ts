import type { WorkerPool } from 'graphile-worker';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { dataSourceOptions } from '../database/data-source-options.js';
import type { Logger } from '../logging.js';

/** The newest migration of the queue's library in the version that package.json pins. */
export const QUEUE_SCHEMA = 19;

/** LISTEN, and a few to fetch and complete jobs. */
const CONNECTIONS = 3;
/** What a job may be interrupted: workers that die under it are no fault of the job. */
export const MAX_ATTEMPTS = 32_767;

export interface JobWorker {
  /** What the queue's locks are held under. */
  readonly id: string;
  /** Settles when the worker has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Lets the jobs under way end. */
  stop(): Promise<void>;
}

/** True when the queue's tables are those of this program. Changes nothing. */
export async function isQueueUpToDate(dataSource: DataSource): Promise<boolean> {
  const [{ present }] = await dataSource.query<[{ present: boolean }]>(
    `SELECT to_regclass('graphile_worker.migrations') IS NOT NULL AS present`,
  );
  if (!present) return false;
  const [{ newest }] = await dataSource.query<[{ newest: number | null }]>(
    'SELECT max(id) AS newest FROM graphile_worker.migrations',
  );
  return newest !== null && newest >= QUEUE_SCHEMA;
}

/** Makes or changes the queue's own schema. */
export async function migrateQueue(dataSource: DataSource): Promise<void> {
  if (await isQueueUpToDate(dataSource)) return;
  const { Logger: QueueLogger, runMigrations } = await import('graphile-worker');
  const pool = openPool(dataSource);
  try {
    await runMigrations({ pgPool: pool, logger: new QueueLogger(() => () => {}) });
  } finally {
    await pool.end();
  }
}

/** Starts to work on the jobs of one task. What the work throws is tried again by the queue. */
export async function startJobWorker(
  dataSource: DataSource,
  task: string,
  work: (payload: unknown, workerId: string) => Promise<void>,
  concurrency: number,
  logger: Logger,
): Promise<JobWorker> {
  const { EventEmitter } = await import('node:events');
  const { Logger: QueueLogger, run } = await import('graphile-worker');
  const pool = openPool(dataSource);
  const events = new EventEmitter();
  let id = '';
  events.on('pool:create', ({ workerPool }: { workerPool: WorkerPool }) => {
    id = workerPool.id;
    // The library ends a pool that has lost its database without looking at how that went: nobody else would catch it.
    const shutDown = workerPool.gracefulShutdown.bind(workerPool);
    workerPool.gracefulShutdown = (...reason) => {
      const down = Promise.resolve(shutDown(...reason));
      down.catch(() => {});
      return down;
    };
  });
  const runner = await run({
    pgPool: pool,
    taskList: { [task]: (payload) => work(payload, id) },
    concurrency,
    pollInterval: 1_000,
    noHandleSignals: true,
    // Its messages may quote errors of the database: only that there was one is worth telling.
    logger: new QueueLogger(() => (level) => {
      if (level === 'error') logger.warn({ part: 'queue' }, 'the queue reports a problem');
    }),
    parsedCronItems: [],
    events,
  });
  const ended = runner.promise.catch(() => {}).then(() => pool.end().catch(() => {}));
  return {
    id,
    ended,
    stop: async () => {
      await runner.stop().catch(() => {});
      await ended;
    },
  };
}

function openPool(dataSource: DataSource): Pool {
  const { url } = dataSource.options as { url: string };
  const { extra } = dataSourceOptions(url) as { extra: object };
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    application_name: 'staff-card-tracker queue',
    ...extra,
  });
  // A connection that breaks is replaced; whoever was using it hears of it.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
