import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
// Jest loads this file as it is, without its name mapping: `npm test` builds first.
import { dataSourceOptions } from '../../dist/src/platform/database/data-source-options.js';
import {
  acquireEmbeddedPostgres,
  removeEmbeddedPostgres,
} from '../../dist/src/platform/database/embedded-postgres.js';
import { migrate } from '../../dist/src/platform/database/migrate.js';

const PREFIX = 'staff-card-tracker-test-';

/** One server and one migrated template for the whole run; test/support/test-database.ts clones it. */
export default async function globalSetup() {
  const stop = [];
  globalThis.__stopTestDatabase = async () => {
    for (const step of stop.toReversed()) await step();
  };
  try {
    process.env.TEST_SCRATCH = scratchFolder();
    await removeLeftovers();
    const server = process.env.TEST_DATABASE_URL ?? (await startServer(stop));
    const template = `tracker_template_${process.pid}_${randomBytes(3).toString('hex')}`;
    await onServer(server, `CREATE DATABASE ${template} ENCODING 'UTF8' TEMPLATE template0`);
    stop.push(async () => {
      await onServer(server, `ALTER DATABASE ${template} ALLOW_CONNECTIONS true`);
      await onServer(server, `DROP DATABASE ${template}`);
    });
    const url = new URL(server);
    url.pathname = `/${template}`;
    const dataSource = await new DataSource(dataSourceOptions(url.href)).initialize();
    await migrate(dataSource);
    await dataSource.destroy();
    // A template with a connection cannot be cloned.
    await onServer(server, `ALTER DATABASE ${template} ALLOW_CONNECTIONS false`);
    process.env.TEST_SERVER_URL = server;
    process.env.TEST_TEMPLATE = template;
  } catch (error) {
    await globalThis.__stopTestDatabase();
    throw error;
  }
}

async function startServer(stop) {
  const dataDir = mkdtempSync(join(process.env.TEST_SCRATCH, `${PREFIX}${process.pid}-`));
  // Root's PostgreSQL runs as another user, who must get through.
  chmodSync(dataDir, 0o711);
  stop.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const { url, release } = await acquireEmbeddedPostgres({ dataDir, unsafeFast: true, log: console.error });
  stop.push(() => removeEmbeddedPostgres(dataDir));
  stop.push(release);
  return url;
}

/** Memory, where there is plenty: a clone then takes 15 ms, also while the disk is busy (400 ms). */
function scratchFolder() {
  const memory = '/dev/shm';
  try {
    accessSync(memory, constants.W_OK);
    const { bavail, bsize } = statfsSync(memory);
    // Containers often have 64 MB there, too little for a run.
    if (bavail * bsize >= 2 * 1024 ** 3) return memory;
  } catch {
    // Not Linux.
  }
  return tmpdir();
}

/** Of runs that were killed and could not clean up. */
async function removeLeftovers() {
  for (const name of readdirSync(process.env.TEST_SCRATCH)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    const dataDir = join(process.env.TEST_SCRATCH, name);
    try {
      await removeEmbeddedPostgres(dataDir);
      rmSync(dataDir, { recursive: true, force: true });
    } catch {
      // Another user's, or another run is just removing it.
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function onServer(url, sql) {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
