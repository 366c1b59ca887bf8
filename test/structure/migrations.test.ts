import { expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { MIGRATIONS } from '../../migrations/index.js';
import { projectRoot } from '../../src/platform/project-root.js';
import { dumpSchema } from '../support/schema-dump.js';
import { createTestDatabase } from '../support/test-database.js';
import { filesBelow } from './source-files.js';

/**
 * SHA-256 of the migrations that are part of a release, by file name without `.ts`. A release adds its migrations
 * here; from then on they never change, because databases out there have run them. Nothing has been released yet.
 */
const RELEASED: Record<string, string> = {};

const files = filesBelow(['migrations'], /\/\d+-.*\.ts$/);

test('migrations are numbered in order and without gaps', () => {
  const numbers = files.map(({ path }) => Number(/\/(\d{4})-/.exec(path)![1]));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('the list names every migration in the order of the files', () => {
  const listed = MIGRATIONS.map(({ name }) => name);
  const declared = files.map(({ text }) => /export class (\w+) implements MigrationInterface/.exec(text)![1]);
  expect(listed).toEqual(declared);
  // TypeORM takes the last 13 characters of the name as the moment the migration belongs to.
  expect(listed.map((name) => Number(name.slice(-13)))).toEqual(listed.map((_, index) => index + 1));
});

test('a released migration never changes', () => {
  const hashes = Object.fromEntries(
    files.map(({ path, text }) => [
      path.replace(/^migrations\/|\.ts$/g, ''),
      createHash('sha256').update(text.replaceAll('\r\n', '\n')).digest('hex'),
    ]),
  );
  expect(hashes).toMatchObject(RELEASED);
});

test('migrations/schema.sql shows the schema that the migrations make', async () => {
  const database = await createTestDatabase();
  const client = new Client(database.url);
  await client.connect();
  try {
    const { rows } = await client.query<{ major: number }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS major`,
    );
    // PostgreSQL words views and constraints a little differently from version to version.
    if (rows[0]!.major !== 18) return;
    const dump = await dumpSchema(client);
    const path = join(projectRoot, 'migrations', 'schema.sql');
    // `npm run schema` writes it anew after a migration was added.
    if (process.env.WRITE_SCHEMA === '1') writeFileSync(path, dump);
    expect(readFileSync(path, 'utf8').replaceAll('\r\n', '\n')).toBe(dump);
  } finally {
    await client.end();
    await database.drop();
  }
});
