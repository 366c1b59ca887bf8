import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createApp } from '../../src/app.setup.js';
import { readConfig } from '../../src/platform/config.js';
import {
  acquireEmbeddedPostgres,
  removeEmbeddedPostgres,
} from '../../src/platform/database/embedded-postgres.js';
import { createLogger } from '../../src/platform/logging.js';
import { createTestDatabase } from '../support/test-database.js';
import { Caller, startCity, type City } from '../support/api-city.js';

let city: City;
let hr: Caller;

beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
});
afterAll(() => city.close());

describe('health', () => {
  test('tells that the process lives and can work, to anybody, and nothing about people', async () => {
    expect((await city.nobody.get('/healthz')).json).toEqual({ status: 'ok' });
    expect((await city.nobody.get('/readyz')).json).toEqual({
      status: 'ok',
      checks: { database: 'ok', migrations: 'ok', queue: 'ok' },
    });
    const metrics = await city.nobody.get('/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(metrics.text).toMatch(/^process_cpu_seconds_total \d/m);
  });

  test('notices that the database is gone, and that it is back', async () => {
    const dataDir = mkdtempSync(join(process.env.TEST_SCRATCH!, `staff-card-tracker-test-${process.pid}-`));
    chmodSync(dataDir, 0o711);
    let database = await acquireEmbeddedPostgres({ dataDir, unsafeFast: true });
    const port = Number(new URL(database.url).port);
    const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
    const app = await createApp({ config, logger: createLogger('silent'), databaseUrl: database.url });
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const operator = new Caller(app);
    try {
      expect((await operator.get('/readyz')).status).toBe(200);
      await database.release();
      const gone = await operator.get('/readyz');
      expect(gone.status).toBe(503);
      expect(gone.json).toEqual({
        status: 'unavailable',
        checks: { database: 'failed', migrations: 'failed', queue: 'failed' },
      });
      expect((await operator.get('/healthz')).status).toBe(200);
      const page = await operator.send('GET', '/units', undefined, { cookie: `session=${'a'.repeat(43)}` });
      expect(page.status).toBe(500);
      expect(page.text).toContain('照会番号');

      database = await acquireEmbeddedPostgres({ dataDir, port, unsafeFast: true });
      expect(Number(new URL(database.url).port)).toBe(port);
      let back = 0;
      for (let tries = 0; back !== 200 && tries < 50; tries++) {
        back = (await operator.get('/readyz')).status;
        if (back !== 200) await wait(100);
      }
      expect(back).toBe(200);
    } finally {
      await app.close();
      await database.release();
      await removeEmbeddedPostgres(dataDir);
      rmSync(dataDir, { recursive: true });
    }
  });
});

describe('headers', () => {
  test('pages allow no script, no foreign content and no framing elsewhere', async () => {
    for (const [who, url] of [
      [city.nobody, '/sign-in'],
      [hr, '/'],
      [hr, '/units'],
      [hr, '/imports'],
      [hr, '/none'],
    ] as const) {
      const { headers } = await who.get(url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'/);
      expect(policy).toContain("frame-ancestors 'self'");
      expect(policy).not.toMatch(/unsafe|script-src|\*/);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
      });
      expect(headers).not.toHaveProperty('x-powered-by');
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
  });

  test('the session’s cookie is out of reach of scripts and other sites', async () => {
    const caller = await city.caller('auditor');
    expect(caller.cookie).toMatch(/^session=[\w-]{43}$/);
    const signIn = await city.nobody.post('/api/v1/session', { name: 'hr-1', password: 'kaze-to-umi-7' });
    const [cookie] = [signIn.headers['set-cookie']].flat() as string[];
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=(Lax|Strict)/);
    expect(cookie).toMatch(/; Path=\//);
  });
});

describe('the description of the API', () => {
  test('is open to anybody, as it tells of no data', async () => {
    const { status, json } = await city.nobody.get('/api/openapi.json');
    expect(status).toBe(200);
    expect(json.openapi).toMatch(/^3\./);
    expect(Object.keys(json.paths as object).every((path) => /^\/(api\/v1|opendata)\//.test(path))).toBe(
      true,
    );
  });

  test('can be browsed under a policy of its own, which no other page has', async () => {
    const page = await city.nobody.get('/api/docs');
    expect(page.status).toBe(200);
    expect(page.text).toContain('swagger-ui');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("connect-src 'self'");
    expect(page.text).not.toMatch(/<script>(?!\s*<\/script>)/);
    for (const [, script] of page.text.matchAll(/<script src="([^"]+)"/g)) {
      const answer = await city.nobody.get(new URL(script!, 'http://localhost/api/docs').pathname);
      expect([script, answer.status, String(answer.headers['content-type'])]).toEqual([
        script,
        200,
        expect.stringContaining('javascript'),
      ]);
    }
    const elsewhere = await city.nobody.get('/api/docsx');
    expect(elsewhere.headers['content-security-policy']).not.toContain('script-src');
  });
});

describe('reports', () => {
  test('are there once the month is closed, each in its own type', async () => {
    const early = await hr.get('/api/v1/reports/2022-10.pdf');
    expect([early.status, early.json.code]).toEqual([404, 'month_not_closed']);
    expect((await hr.post('/api/v1/months/2022-10/close')).json).toMatchObject({
      month: '2022-10',
      version: 1,
      staff: 26,
      held: 13,
    });
    const again = await hr.post('/api/v1/months/2022-10/close');
    expect([again.status, again.json.code]).toEqual([409, 'month_closed']);
    expect((await hr.post('/api/v1/months/2022-10/close', { again: true })).json).toMatchObject({
      version: 2,
    });

    const leader = await city.caller('leader');
    for (const [format, type, start] of [
      ['pdf', 'application/pdf', '%PDF-'],
      ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'PK'],
      ['csv', 'text/csv; charset=utf-8', '\ufeff'],
      ['json', 'application/json; charset=utf-8', '{'],
    ]) {
      const report = await leader.get(`/api/v1/reports/2022-10.${format}`);
      expect(report.status).toBe(200);
      expect(report.headers).toMatchObject({
        'content-type': type,
        'content-disposition': `attachment; filename="mynumber-card-2022-10.${format}"`,
        'cache-control': 'no-store',
        'content-length': String(report.bytes.length),
      });
      expect(report.bytes.subarray(0, Buffer.byteLength(start!))).toEqual(Buffer.from(start!));
    }
  });

  test.each(['2022-10.doc', '2022-10', '2022-1.pdf', '2022-10.pdf.exe', '..%2f2022-10.pdf', 'constructor'])(
    '%s is no report',
    async (name) => {
      const answer = await hr.get(`/api/v1/reports/${name}`);
      expect([answer.status, answer.json.code]).toEqual([404, 'report_not_found']);
    },
  );

  test('a month that does not exist is said to be none', async () => {
    const answer = await hr.get('/api/v1/reports/2022-13.pdf');
    expect([answer.status, answer.json.code]).toEqual([400, 'bad_month']);
  });
});

test('nothing that is asked for is logged with its address', async () => {
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const dataDir = mkdtempSync(join(tmpdir(), 'tracker-log-'));
  const database = await createTestDatabase();
  const config = readConfig({ DATA_DIR: dataDir });
  const app = await createApp({ config, logger, databaseUrl: database.url });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const caller = new Caller(app);
  await caller.get('/api/v1/staff?q=himitsu-query');
  await caller.get('/none/himitsu-path');
  await caller.get('/api/v1/units/%zz-himitsu/adoption');
  await caller.post('/api/v1/session', { name: 'himitsu-name', password: 'himitsu-password' });
  await caller.send('POST', '/api/v1/session', '{"himitsu', { 'content-type': 'application/json' });
  expect(lines.join('')).not.toContain('himitsu');
  await app.close();
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});
