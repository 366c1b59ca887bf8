import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { AppError } from '../errors.js';
import { withFolderLock } from './folder-lock.js';
import { findBinaries } from './postgres-binaries.js';
import { placePostgres } from './postgres-placement.js';
import { runningPostmaster } from './postgres-postmaster.js';
import {
  APP_NAME,
  createCluster,
  readPassword,
  retireAbandoned,
  type Server,
  startPostmaster,
  stopPostmaster,
} from './postgres-server.js';

export interface EmbeddedPostgresOptions {
  dataDir: string;
  /** Wished for; another free one is taken when it is not free or the server already runs. */
  port?: number;
  /** For tests: the data do not survive a crash of the machine. */
  unsafeFast?: boolean;
  log?: (message: string) => void;
}

export interface EmbeddedPostgres {
  /** For the application's own role, which owns its database and is no superuser. */
  readonly url: string;
  /** Stops the server when nobody else uses it. Close every connection first. */
  release(): Promise<void>;
}

/** Advisory lock in the database `postgres`: shared by all who use the server, exclusive for the one who stops it. */
const IN_USE = 7_120_318;
const JOIN_PATIENCE_MS = 300_000;

/**
 * Starts the PostgreSQL under DATA_DIR/postgres, or joins it when another process of this machine has started it.
 *
 * Who uses the server is known by a lock that each process holds in the server itself, through a connection it keeps
 * open. The system closes that connection when the process dies, however it dies, so no list of users can become
 * stale; and nobody can join while the last one stops it. Only creating and starting need a lock outside.
 */
export async function acquireEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = openServer(options);
  retireAbandoned(server);
  let seat = await joinServer(server, options.port);
  const port = seat.port;
  let released = false;
  let rejoining: Promise<void> | undefined;

  /** The server crashed or was killed: without us in it, another process could stop it under us. */
  const watch = () =>
    seat.once('end', () => {
      if (!released) rejoining = rejoin();
    });
  const rejoin = async () => {
    for (;;) {
      if (released) return;
      try {
        seat = await joinServer(server, port);
        watch();
        if (seat.port !== port)
          server.log('データベースのポートが変わりました。サービスを再起動してください。');
        return;
      } catch (error) {
        server.log(`データベースを再開できません: ${error instanceof Error ? error.message : 'unknown'}`);
        await sleep(1000);
      }
    }
  };
  watch();

  return {
    url: `postgresql://${APP_NAME}:${readPassword(server)}@127.0.0.1:${port}/${APP_NAME}`,
    async release() {
      if (released) return;
      released = true;
      await rejoining;
      await leave(server, seat);
    },
  };
}

/** Deletes the database with all its data. Refused while a process uses it; fine when there is none. */
export async function removeEmbeddedPostgres(dataDir: string): Promise<void> {
  if (!existsSync(join(dataDir, 'postgres'))) return;
  const server = openServer({ dataDir });
  await withFolderLock(join(server.control, 'lock'), async () => {
    const running = runningPostmaster(server.cluster);
    if (running && !(await leave(server, await takeSeat(server, running.port)))) {
      throw new AppError(
        'database_in_use',
        'conflict',
        'データベースを使っているプログラムがあるため、削除できません。サービスを止めてからやり直してください。',
      );
    }
    rmSync(server.cluster, { recursive: true, force: true });
    if (server.around !== server.control) rmSync(server.around, { recursive: true, force: true });
    rmSync(join(dataDir, 'postgres.location'), { force: true });
    rmSync(server.control, { recursive: true, force: true });
  });
}

interface Seat extends Client {
  port: number;
}

function openServer(options: EmbeddedPostgresOptions): Server {
  try {
    const placement = placePostgres(options.dataDir);
    const binaries = findBinaries(placement.runAs);
    return {
      ...placement,
      binaries,
      unsafeFast: options.unsafeFast ?? false,
      log: options.log ?? (() => {}),
    };
  } catch (error) {
    throw explained(error, options.dataDir);
  }
}

async function joinServer(server: Server, wishedPort?: number): Promise<Seat> {
  const patience = performance.now() + JOIN_PATIENCE_MS;
  for (;;) {
    const running = runningPostmaster(server.cluster);
    if (running?.ready) {
      try {
        return await takeSeat(server, running.port);
      } catch (error) {
        // It is starting or stopping just now: look again.
        if (!isPassing(error) || performance.now() > patience) throw explained(error, server.control);
      }
    } else if (!running) {
      await startOnce(server, wishedPort);
      continue;
    } else if (performance.now() > patience) {
      throw explained(new Error('timed out'), server.control);
    }
    await sleep(5);
  }
}

async function startOnce(server: Server, wishedPort?: number): Promise<void> {
  try {
    await withFolderLock(join(server.control, 'lock'), async () => {
      if (runningPostmaster(server.cluster)) return;
      if (!existsSync(server.cluster)) await createCluster(server);
      await startPostmaster(server, wishedPort);
    });
  } catch (error) {
    throw explained(error, server.control);
  }
}

async function takeSeat(server: Server, port: number): Promise<Seat> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    password: readPassword(server),
    application_name: 'staff-card-tracker (in use)',
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  // What happens to the connection shows in its end or in the next query.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT pg_advisory_lock_shared($1)', [IN_USE]);
  } catch (error) {
    client.end().catch(() => {});
    throw error;
  }
  return Object.assign(client, { port });
}

/** Gives the seat up, and stops the server when nobody else has one. Returns whether it did. */
async function leave(server: Server, seat: Seat): Promise<boolean> {
  let last = false;
  try {
    await seat.query('SELECT pg_advisory_unlock_shared($1)', [IN_USE]);
    const { rows } = await seat.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [IN_USE]);
    last = rows[0]!.last;
    // While we hold the exclusive lock nobody gets in; those who wait for it are sent away and start the server anew.
    const running = last ? runningPostmaster(server.cluster) : undefined;
    if (running) await stopPostmaster(server, running);
  } catch (error) {
    // The server went down by itself: nothing is left to stop.
    if (!isPassing(error)) throw error;
  }
  await seat.end().catch(() => {});
  return last;
}

function isPassing(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // Shutting down, crashed, starting up; refused or reset connections.
  return (
    ['57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(code) ||
    /Connection terminated|not queryable|Client was closed/.test(message)
  );
}

function explained(error: unknown, place: string): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new AppError(
    'database_start_failed',
    'unexpected',
    `組み込みのデータベース(${place})を用意できませんでした。書き込みの権限と空き容量を確認してから、もう一度実行してください。`,
    { code, reason: message },
  );
}
