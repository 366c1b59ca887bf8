import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { UserService } from '../../src/access/user.service.js';
import { Caller } from '../support/api-city.js';
import { startService, type TestApp } from '../support/test-app.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

const PASSWORD = 'kaze-to-umi-7';
/** Of an account; half of it of an address, a twentieth for costly work. */
const PER_MINUTE = 60;

let service: TestApp<NestFastifyApplication>;
let nobody: Caller;
beforeAll(async () => {
  service = await startService({ REQUESTS_PER_MINUTE: String(PER_MINUTE) });
  nobody = new Caller(service.app);
});
afterAll(() => service.close());

let accounts = 0;
async function signedIn(): Promise<Caller> {
  const name = `hr-${++accounts}`;
  await service.app.get(UserService).add({ name, role: 'hr', password: PASSWORD }, 'test');
  const { headers, json } = await nobody.send('POST', '/api/v1/session', { name, password: PASSWORD });
  return new Caller(service.app, String(headers['set-cookie']).split(';')[0]!, json.csrfToken);
}

/** Statuses of `times` requests one after the other. */
async function statuses(times: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < times; n++) found.push((await ask()).status);
  return found;
}
const refused = (found: number[]) => found.filter((status) => status === 429).length;

describe('whoever asks too often', () => {
  test('with an account is refused for a while, and nobody else with the same address', async () => {
    const [busy, calm] = [await signedIn(), await signedIn()];
    expect(refused(await statuses(PER_MINUTE, () => busy.get('/api/v1/session')))).toBe(0);
    const answer = await busy.get('/api/v1/session');
    expect(answer.status).toBe(429);
    expect(answer.headers['content-type']).toMatch(/problem\+json/);
    expect(answer.json).toMatchObject({ code: 'too_many_requests', status: 429 });
    const seconds = Number(answer.headers['retry-after']);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    const page = await busy.get('/password');
    expect(page.status).toBe(429);
    expect(page.text).toContain('短い時間に操作が続いたため');
    expect((await calm.get('/api/v1/session')).status).toBe(200);
  });

  test('for costly work is refused sooner, and may go on with everything else', async () => {
    const hr = await signedIn();
    const costly = await statuses(4, () => hr.get('/api/v1/reports/2022-10.pdf'));
    expect(costly).toEqual([404, 404, 404, 429]);
    expect((await hr.post('/api/v1/months/2022-10/close')).status).toBe(429);
    expect((await hr.get('/api/v1/session')).status).toBe(200);
  });

  test('without an account is counted by the address, whatever cookies are invented', async () => {
    const ask = (n: number, remoteAddress: string) =>
      service.app.inject({
        url: '/api/v1/session',
        remoteAddress,
        headers: { cookie: `session=${String(n).padStart(43, 'x')}` },
      });
    const found = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(n, '203.0.113.7')));
    const counted = found.map((answer) => answer.statusCode);
    expect(counted.filter((status) => status === 401)).toHaveLength(PER_MINUTE / 2);
    expect(refused(counted)).toBe(40 - PER_MINUTE / 2);
    expect((await ask(1, '203.0.113.8')).statusCode).toBe(401);
    const health = await Promise.all(
      Array.from({ length: 40 }, () => service.app.inject({ url: '/healthz', remoteAddress: '203.0.113.7' })),
    );
    expect(health.every((answer) => answer.statusCode === 200)).toBe(true);
  });
});

describe('whoever is nobody gains nothing', () => {
  const ask = (remoteAddress: string, url: string, headers: Record<string, string> = {}) =>
    service.app.inject({ url, remoteAddress, headers }).then(({ statusCode: status }) => ({ status }));

  test('by invented tokens, addresses that lead nowhere, or text that is refused before anybody asks who it is', async () => {
    let n = 0;
    const tries = [
      () => ask('203.0.113.20', `/none/${n}`),
      () => ask('203.0.113.20', '/?q=123456789018'),
      () => ask('203.0.113.20', '/opendata/2022-10.csv', { cookie: `session=${n}` }),
    ];
    expect(refused(await statuses(PER_MINUTE, () => tries[n++ % tries.length]!()))).toBe(PER_MINUTE / 2);
    expect((await ask('203.0.113.20', '/', { authorization: 'Bearer x' })).status).toBe(429);
  });

  test('by the many addresses of one IPv6 network', async () => {
    let n = 1;
    const asked = await statuses(PER_MINUTE, () => ask(`2001:db8:1:2::${(n++).toString(16)}`, '/sign-in'));
    expect(refused(asked)).toBe(PER_MINUTE / 2);
    expect((await ask('2001:db8:1:3::1', '/sign-in')).status).toBe(200);
  });

  test('by signing in with ever new names: the work of hashing a password is costly', async () => {
    let n = 0;
    const guess = () =>
      service.app
        .inject({
          method: 'POST',
          url: n % 2 ? '/sign-in' : '/api/v1/session',
          remoteAddress: '203.0.113.30',
          payload: { name: `nobody-${n++}`, password: 'guess' },
        })
        .then(({ statusCode: status }) => ({ status }));
    expect(refused(await statuses(20, guess))).toBe(20 - PER_MINUTE / 5);
  });
});

test('an account is known wherever it comes from', async () => {
  const { cookie } = await signedIn();
  let n = 0;
  const ask = () =>
    service.app
      .inject({ url: '/api/v1/session', remoteAddress: `198.51.100.${++n}`, headers: { cookie: cookie! } })
      .then(({ statusCode: status }) => ({ status }));
  expect(refused(await statuses(PER_MINUTE + 5, ask))).toBe(5);
});

test('guessing the own current password, as at a screen left open, is slowed down and then refused', async () => {
  const hr = await signedIn();
  const guess = () =>
    hr.send('PUT', '/api/v1/session/password', { currentPassword: 'guess', newPassword: 'sora-to-mori-9' });
  expect(await statuses(10, guess)).toEqual(Array.from({ length: 10 }, () => 422));
  const late = await Promise.all(Array.from({ length: 12 }, guess));
  expect(refused(late.map(({ status }) => status))).toBe(2);
  expect(late.find(({ status }) => status === 429)!.json).toMatchObject({ code: 'too_many_attempts' });
}, 30_000);

test('whoever is not signed in does not take the page away from colleagues who are, at the same address', async () => {
  const colleague = await signedIn();
  const outside = await statuses(PER_MINUTE, () => nobody.get('/sign-in'));
  expect(refused(outside)).toBeGreaterThan(0);
  expect((await colleague.get('/api/v1/session')).status).toBe(200);
});
