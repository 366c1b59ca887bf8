import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database of its own, with the schema and without rows. Drop it in `afterAll` or `afterEach`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  return cloneDatabase(`TEMPLATE ${process.env.TEST_TEMPLATE} STRATEGY file_copy`);
}

/** A database in which no migration has run yet. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  return cloneDatabase(`ENCODING 'UTF8' TEMPLATE template0`);
}

async function cloneDatabase(how: string): Promise<TestDatabase> {
  const name = `tracker_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(`CREATE DATABASE ${name} ${how}`);
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(`DROP DATABASE ${name} WITH (FORCE)`) };
}

function serverUrl(): string {
  const url = process.env.TEST_SERVER_URL;
  if (!url) throw new Error('no test server: run Jest with test/support/global-setup.js');
  return url;
}

async function onServer(sql: string): Promise<void> {
  const client = new Client(serverUrl());
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
