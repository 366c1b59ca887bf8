import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { removeEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { projectRoot } from '../../src/platform/project-root.js';
import { cli, freePort, killStarted, postgresOf, start, type Program } from '../support/programs.js';
import { createEmptyDatabase } from '../support/test-database.js';

// Programs start, one after the other: a second each, several on a busy machine.
jest.setTimeout(120_000);

const READY = 'で利用できます';
const PASSWORD = 'パスワード';
const NOW = '2022-11-10T09:00:00+09:00';
const seed = (name: string) => join(projectRoot, 'seed', 'demo', name);
const FIRST_ROSTER = [seed('meibo_r031101.csv'), '--units', seed('shozoku.csv'), '--as-of', '2021-11-01'];
const NEXT_ROSTERS = [
  [seed('meibo_r040401.csv'), '--as-of', '2022-04-01'],
  [seed('meibo_r041001.csv'), '--as-of', '2022-10-01'],
];

let dataDir: string;
let port: number;

beforeAll(async () => {
  dataDir = dataFolder();
  port = await freePort();
});
afterEach(killStarted);
afterAll(async () => {
  await removeEmbeddedPostgres(dataDir);
  rmSync(dataDir, { recursive: true });
});

function dataFolder(): string {
  const folder = mkdtempSync(join(process.env.TEST_SCRATCH!, `staff-card-tracker-test-${process.pid}-`));
  chmodSync(folder, 0o711);
  return folder;
}

const env = (more: Record<string, string> = {}) => ({
  DATA_DIR: dataDir,
  PORT: String(port),
  NOW,
  ...more,
});

const service = (more?: Record<string, string>): Program => start('main', [], env(more));

async function startedService(more?: Record<string, string>): Promise<Program> {
  const program = service(more);
  await program.says(READY);
  return program;
}

async function isReady(at = port): Promise<boolean> {
  return fetch(`http://127.0.0.1:${at}/readyz`).then(
    (answer) => answer.status === 200,
    () => false,
  );
}

async function postgresRuns(): Promise<void> {
  for (let tries = 0; postgresOf(dataDir) === undefined && tries < 2000; tries++) await wait(5);
}

async function staffOn(day: string): Promise<number> {
  const { code, stdout } = await cli(env(), 'rates', '--json', '--as-of', day);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { staff: number }).staff;
}

describe('starting and stopping', () => {
  test('the first start says the first password once; SIGTERM ends everything in order', async () => {
    const first = await startedService();
    expect(await isReady()).toBe(true);
    expect(postgresOf(dataDir)).toBeDefined();
    const { code, stdout, stderr } = await first.signal('SIGTERM');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split(PASSWORD)).toHaveLength(3);
    expect(stdout.match(/admin の一度だけ使えるパスワード: \S{12,}/g)).toHaveLength(1);
    expect(await isReady()).toBe(false);
    expect(postgresOf(dataDir)).toBeUndefined();

    const second = await startedService();
    expect((await second.signal('SIGINT')).stdout).not.toContain(PASSWORD);
  });

  test('SIGTERM in the middle of starting leaves nothing running', async () => {
    const starting = service();
    await postgresRuns();
    expect(await starting.signal('SIGTERM')).toMatchObject({ code: 0, stdout: '' });
    expect(postgresOf(dataDir)).toBeUndefined();
  });

  test('a taken port is one sentence, and the database is stopped again', async () => {
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    const { code, stdout, stderr } = await service().ended;
    other.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^PORT: \d+ はほかのプログラムが使っています。[^\n]+\n$/);
    expect(postgresOf(dataDir)).toBeUndefined();
  });

  test.each([
    ['NOW', { NOW, NODE_ENV: 'production' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://localhost' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://nobody:himitsu@127.0.0.1:1/none' }],
  ])('a bad %s is one line that names it', async (variable, bad) => {
    const { code, stdout, stderr } = await service(bad).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^${variable}: [^\\n]+\\n$`));
    expect(stderr).not.toContain('himitsu');
  });

  test('two services that start at once on one empty folder share a database and one administrator', async () => {
    const shared = dataFolder();
    const ports = [port, await freePort()];
    const both = ports.map((at) => service({ DATA_DIR: shared, PORT: String(at) }));
    await Promise.all(both.map((program) => program.says(READY)));
    expect(await Promise.all(ports.map(isReady))).toEqual([true, true]);
    const one = await both[0]!.signal('SIGTERM');
    expect(await isReady(ports[1])).toBe(true);
    const other = await both[1]!.signal('SIGTERM');
    expect([one.code, other.code]).toEqual([0, 0]);
    expect((one.stdout + other.stdout).match(/admin の/g)).toHaveLength(1);
    expect(postgresOf(shared)).toBeUndefined();
    await removeEmbeddedPostgres(shared);
    rmSync(shared, { recursive: true });
  });
});

describe('kill -9', () => {
  test('of an import: it is wholly there or not at all, and the next command works', async () => {
    expect(await cli(env(), 'import', 'roster', ...FIRST_ROSTER)).toMatchObject({ code: 0 });
    const before = Date.now();
    expect(await cli(env(), 'import', 'roster', ...NEXT_ROSTERS[0]!)).toMatchObject({ code: 0 });
    const duration = Date.now() - before;
    const without = await staffOn('2022-10-01');

    const dry = await cli(env(), 'import', 'roster', ...NEXT_ROSTERS[1]!, '--dry-run', '--json');
    const { joined, left } = JSON.parse(dry.stdout) as { joined: number; left: number };
    const withIt = without + joined - left;
    expect(withIt).not.toBe(without);
    for (const share of [0.9, 0.75, 0.6]) {
      const program = start('cli', ['import', 'roster', ...NEXT_ROSTERS[1]!], env());
      await Promise.race([program.ended, wait(duration * share)]);
      const { code } = await program.signal('SIGKILL');
      const staff = await staffOn('2022-10-01');
      expect(code === 0 ? [withIt] : [without, withIt]).toContain(staff);
      expect(postgresOf(dataDir)).toBeUndefined();
      if (staff === withIt) break;
    }
    expect(await cli(env(), 'import', 'roster', ...NEXT_ROSTERS[1]!)).toMatchObject({ code: 0 });
    expect(await staffOn('2022-10-01')).toBe(withIt);
  });

  test('of the service, under requests, an upload and a command: the command ends well, the next start works', async () => {
    const staff = await staffOn('2022-10-01');
    const program = await startedService();
    const command = cli(env(), 'import', 'roster', ...NEXT_ROSTERS[1]!, '--dry-run', '--json');
    const requests = Promise.all(Array.from({ length: 20 }, () => isReady()));
    await wait(300);
    await program.signal('SIGKILL');
    await requests;
    expect(JSON.parse((await command).stdout)).toMatchObject({ problems: [], joined: 0, left: 0 });

    const next = await startedService();
    expect(await isReady()).toBe(true);
    expect(await staffOn('2022-10-01')).toBe(staff);
    const imports = join(dataDir, 'imports');
    expect(existsSync(imports) ? readdirSync(imports) : []).toEqual([]);
    expect(await next.signal('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    expect(postgresOf(dataDir)).toBeUndefined();
  });
});

describe('a command and the service', () => {
  test('a command that is interrupted is rolled back and leaves no database behind', async () => {
    const program = start('cli', ['import', 'roster', ...FIRST_ROSTER], env());
    await postgresRuns();
    await wait(200);
    expect(await program.signal('SIGINT')).toEqual({ code: 130, stdout: '', stderr: '' });
    expect(postgresOf(dataDir)).toBeUndefined();
  });

  test('work side by side, whichever comes first', async () => {
    const command = cli(env(), 'rates', '--json', '--as-of', '2022-10-31');
    const program = await startedService();
    expect(JSON.parse((await command).stdout)).toMatchObject({ asOf: '2022-10-31' });
    expect(await staffOn('2022-10-31')).toBeGreaterThan(3000);
    expect(await isReady()).toBe(true);

    // An upload that never ends does not keep the service from stopping.
    const upload = request({
      port,
      method: 'POST',
      path: '/api/v1/session',
      headers: { 'content-length': 500 },
    });
    upload.on('error', () => undefined);
    upload.write('{');
    await wait(100);
    const asked = Date.now();
    expect(await program.signal('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    expect(Date.now() - asked).toBeLessThan(9_000);
    expect(postgresOf(dataDir)).toBeUndefined();
  });
});

test('an external PostgreSQL is used as it is: nothing is started, nothing is stopped', async () => {
  const database = await createEmptyDatabase();
  const folder = dataFolder();
  const external = env({ DATABASE_URL: database.url, DATA_DIR: folder });
  const program = await startedService(external);
  expect(await cli(external, 'import', 'roster', ...FIRST_ROSTER)).toMatchObject({ code: 0 });
  expect((await program.signal('SIGTERM')).code).toBe(0);
  expect(await cli(external, 'rates', '--as-of', '2021-11-01')).toMatchObject({ code: 0 });
  expect(readdirSync(folder)).not.toContain('postgres');
  await database.drop();
  rmSync(folder, { recursive: true });
});
