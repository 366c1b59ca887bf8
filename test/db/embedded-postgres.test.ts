import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import {
  acquireEmbeddedPostgres,
  removeEmbeddedPostgres,
} from '../../src/platform/database/embedded-postgres.js';

let dataDir: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  dataDir = mkdtempSync(join(process.env.TEST_SCRATCH!, `staff-card-tracker-test-${process.pid}-`));
  chmodSync(dataDir, 0o711);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  await removeEmbeddedPostgres(dataDir);
  rmSync(dataDir, { recursive: true });
});

const acquire = () => acquireEmbeddedPostgres({ dataDir, unsafeFast: true });
const postmasterFile = () => join(dataDir, 'postgres', 'data', 'postmaster.pid');
const postmasterPid = () => Number(readFileSync(postmasterFile(), 'utf8').split('\n', 1)[0]);
const processGroup = (pid: number) =>
  execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
const isRunning = () => existsSync(postmasterFile());

async function query<T = unknown>(url: string, sql: string): Promise<T[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end();
  }
}

/** Another process that uses the same database: as the command line does beside the service. */
async function otherProcess() {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../support/hold-database.js'), dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    url,
    async release() {
      child.stdin.write('release\n');
      await once(child, 'exit');
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('the embedded PostgreSQL', () => {
  it('is made once by processes that start together, and stopped by the last one out', async () => {
    const [one, two, three] = await Promise.all([otherProcess(), otherProcess(), acquire()]);
    expect(new Set([one.url, two.url, three.url]).size).toBe(1);
    await query(one.url, `CREATE TABLE kept AS SELECT '見本 花子' AS name`);

    await three.release();
    await one.release();
    expect(isRunning()).toBe(true);
    await two.release();
    expect(isRunning()).toBe(false);
  });

  it('keeps its password from other users and its port from other machines', async () => {
    expect(statSync(join(dataDir, 'postgres', 'password')).mode & 0o777).toBe(0o600);
    const { url, release } = await acquire();
    await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(
      /password authentication failed/,
    );
    expect(await query(url, `SHOW listen_addresses`)).toEqual([{ listen_addresses: '127.0.0.1' }]);
    await release();
  });

  it('gives the program no more rights than an external server would', async () => {
    const { url, release } = await acquire();
    expect(await query(url, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([
      { rolsuper: false },
    ]);
    await expect(query(url, `SELECT pg_read_file('PG_VERSION')`)).rejects.toThrow(/permission denied/);
    await release();
  });

  it('writes nothing of what it holds to its log, whatever goes wrong', async () => {
    const { url, release } = await acquire();
    const client = new Client(url);
    await client.connect();
    const secret = '123456789018';
    await client.query(
      `CREATE TABLE tight (number text PRIMARY KEY CHECK (length(number) > 3), day date);
       INSERT INTO tight VALUES ('${secret}', '2022-10-31')`,
    );
    for (const [sql, parameters] of [
      [`SELECT '${secret}x'::int`, []],
      ['SELECT $1::int', [`${secret}x`]],
      ['SELECT $1::date', [secret]],
      ['SELECT $1::jsonb', [`{"number": ${secret}`]],
      ['INSERT INTO tight VALUES ($1)', [secret]],
      ['INSERT INTO tight SELECT substr($1, 1, 2), $2::date', [secret, secret]],
      [`DO $$ BEGIN RAISE EXCEPTION 'about ${secret}'; END $$`, []],
      [`DO $$ BEGIN RAISE WARNING 'about ${secret}'; END $$`, []],
      [`SELECT nothing -- ${secret}`, []],
      [`COPY tight FROM PROGRAM '${secret}'`, []],
    ] as const) {
      await client.query(sql, [...parameters]).catch(() => undefined);
    }
    client.on('error', () => undefined);
    // One that is killed in its work makes the server say what happened to it.
    const working = client.query(`SELECT pg_sleep(30) -- ${secret}`).catch(() => undefined);
    const [{ pid }] = await query<{ pid: number }>(
      url,
      `SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND pid <> pg_backend_pid()`,
    );
    process.kill(pid, 'SIGKILL');
    await working;
    for (let back: unknown[] = []; back.length === 0;) back = await query(url, 'SELECT 1').catch(() => []);
    await release();
    const log = readFileSync(join(dataDir, 'postgres', 'postgres.log'), 'utf8');
    expect(log).toContain('was terminated by signal 9');
    expect(log).not.toContain(secret);
  });

  it('survives a killed program, and the next one takes it over with its data', async () => {
    const killed = await otherProcess();
    const pid = postmasterPid();
    await killed.kill();
    expect(postmasterPid()).toBe(pid);

    const { url, release } = await acquire();
    expect(postmasterPid()).toBe(pid);
    expect(await query(url, 'SELECT name FROM kept')).toEqual([{ name: '見本 花子' }]);
    // The killed one no longer counts: we are the last.
    await release();
    expect(isRunning()).toBe(false);
  });

  it('survives the Ctrl-C that ends a program in its terminal', async () => {
    const child = await otherProcess();
    // A terminal signals the process group in front.
    expect(processGroup(postmasterPid())).not.toBe(processGroup(process.pid));
    await child.release();
  });

  it.each([
    ['nobody', 0x3f_ff_ff],
    ['an unrelated program', process.ppid],
    ['the very program that starts it', process.pid],
  ])('starts after a crash of the machine, when the old process number belongs to %s', async (_, pid) => {
    writeFileSync(
      postmasterFile(),
      `${pid}\n${join(dataDir, 'postgres', 'data')}\n1\n5432\n\n127.0.0.1\n\nready   \n`,
    );
    const { url, release } = await acquire();
    expect(await query(url, 'SELECT name FROM kept')).toHaveLength(1);
    await release();
  });

  it('comes back by itself at the same address when PostgreSQL is killed', async () => {
    const { url, release } = await acquire();
    const pid = postmasterPid();
    process.kill(pid, 'SIGKILL');
    let rows: unknown[] = [];
    for (let tries = 0; rows.length === 0 && tries < 500; tries++) {
      rows = await query(url, 'SELECT name FROM kept').catch(() => []);
    }
    expect(rows).toEqual([{ name: '見本 花子' }]);
    expect(postmasterPid()).not.toBe(pid);
    await release();
    expect(isRunning()).toBe(false);
  });

  it('is never half there: what an interrupted start has left is cleared away', async () => {
    const fresh = mkdtempSync(join(dataDir, 'fresh-'));
    chmodSync(fresh, 0o711);
    const child = spawn(process.execPath, [join(import.meta.dirname, '../support/hold-database.js'), fresh]);
    const control = join(fresh, 'postgres');
    while (!existsSync(control) || !readdirSync(control).some((name) => name.startsWith('new-'))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(control, 'data'))).toBe(false);

    const { url, release } = await acquireEmbeddedPostgres({ dataDir: fresh, unsafeFast: true });
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(removeEmbeddedPostgres(fresh)).rejects.toMatchObject({
      code: 'database_in_use',
      kind: 'conflict',
    });
    await release();
    await removeEmbeddedPostgres(fresh);
    expect(readdirSync(fresh)).toEqual([]);
  });

  it('makes a new password when its file is lost', async () => {
    rmSync(join(dataDir, 'postgres', 'password'));
    const { url, release } = await acquire();
    expect(await query(url, 'SELECT name FROM kept')).toHaveLength(1);
    await release();
  });

  it('searches and sorts Japanese', async () => {
    const { url, release } = await acquire();
    await query(url, 'CREATE EXTENSION pg_trgm');
    const [{ trigrams }] = (await query(url, `SELECT cardinality(show_trgm('日本語')) AS trigrams`)) as [
      { trigrams: number },
    ];
    expect(trigrams).toBeGreaterThan(0);
    expect(
      await query(
        url,
        `SELECT x FROM (VALUES ('カ'), ('い'), ('ア'), ('あ'), ('が')) v(x) ORDER BY x COLLATE "ja-x-icu"`,
      ),
    ).toEqual(['あ', 'ア', 'い', 'カ', 'が'].map((x) => ({ x })));
    await release();
  });

  it('says in Japanese what to do when it cannot start', async () => {
    const version = join(dataDir, 'postgres', 'data', 'PG_VERSION');
    const before = readFileSync(version);
    writeFileSync(version, '17\n');
    await expect(acquire()).rejects.toMatchObject({
      code: 'database_start_failed',
      kind: 'unexpected',
      message: expect.stringContaining('以前の版でバックアップを取り'),
    });
    writeFileSync(version, before);
  });
});
