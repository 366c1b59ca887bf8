import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { Client } from 'pg';
import { cli, killStarted, start, type Program } from '../support/programs.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

// Programs start, one after the other: a second each, several on a busy machine.
jest.setTimeout(120_000);

let database: TestDatabase;
let session: Client;
let folder: string;
let next: string;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'tracker-cli-'));
  session = new Client(database.url);
  await session.connect();
  const first = file('meibo.csv', people(CREW));
  next = file('tsugi.csv', people(CREW.map((line) => line.replace('0001 110', '0001 120'))));
  await cli(env(), 'import', 'roster', first, '--units', file('shozoku.csv', UNITS), '--as-of', '2022-10-01');
});
afterEach(killStarted);
afterAll(async () => {
  await session.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const env = () => ({ DATABASE_URL: database.url, DATA_DIR: folder, NOW: '2022-11-10T09:00:00+09:00' });

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const importNext = (...args: string[]) =>
  start('cli', ['import', 'roster', next, '--as-of', '2022-11-01', ...args], env());

/** Resolves when somebody waits for the lock that this test's session holds. */
async function metBy(program: Program): Promise<void> {
  for (;;) {
    const { rows } = await session.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    if (rows.length > 0) return;
    if (program.child.exitCode !== null) throw new Error((await program.ended).stderr);
    await wait(20);
  }
}

const rowsOf = async (table: string) =>
  Number((await session.query(`SELECT count(*) FROM ${table}`)).rows[0].count);

test('Ctrl-C ends an import in the middle of a statement, says so, and leaves nothing behind', async () => {
  const before = [await rowsOf('assignment'), await rowsOf('import_batch'), await rowsOf('timeline')];
  await session.query('BEGIN; SELECT pg_advisory_xact_lock(7120319, 3)');
  const program = importNext('--json');
  await metBy(program);
  const { code, stdout, stderr } = await program.signal('SIGINT');
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toBe('取込を取りやめました。何も変更していません。\n');
  // Nobody of it works on in the database, although what it waited for is still held.
  const { rows } = await session.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'staff-card-tracker' AND state <> 'idle'`,
  );
  expect(rows).toEqual([]);
  await session.query('ROLLBACK');
  expect([await rowsOf('assignment'), await rowsOf('import_batch'), await rowsOf('timeline')]).toEqual(
    before,
  );
});

test('a second import says that it waits for the first, and then does its work', async () => {
  await session.query('BEGIN; SELECT pg_advisory_xact_lock(7231002)');
  const program = importNext('--json');
  await metBy(program);
  await session.query('ROLLBACK');
  const { code, stdout, stderr } = await program.ended;
  expect(stderr).toBe('ほかの取込が終わるのを待っています。終わると自動で始まります。\n');
  expect({ code, report: JSON.parse(stdout) }).toMatchObject({ code: 0, report: { moved: 1, unchanged: 6 } });
});
