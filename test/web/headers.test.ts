import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { UserService } from '../../src/access/user.service.js';
import { startService, type TestApp } from '../support/test-app.js';

const PASSWORD = 'kaze-to-umi-7';
const PAGES = [
  '/sign-in',
  '/',
  '/account',
  '/users',
  '/settings',
  '/settings/definition',
  '/settings/policies',
  '/settings/templates',
  '/none',
  '/api/v1/session',
  '/healthz',
];

let service: TestApp<NestFastifyApplication>;
let cookie: string;

beforeAll(async () => {
  service = await startService({
    BASE_URL: 'https://card.example.jp',
    TRUST_PROXY: '127.0.0.1, 10.0.0.0/8',
  });
  await service.app.get(UserService).add({ name: 'hanako', role: 'admin', password: PASSWORD }, 'test');
  const answer = await service.app.inject({
    method: 'POST',
    url: '/sign-in',
    payload: { name: 'hanako', password: PASSWORD },
  });
  expect(answer.cookies[0]).toMatchObject({ name: 'session', secure: true, httpOnly: true, sameSite: 'Lax' });
  cookie = `session=${answer.cookies[0]!.value}`;
});
afterAll(() => service?.close());

describe.each(PAGES)('%s', (url) => {
  test('runs no script, stays in its own frame, on https and out of every cache', async () => {
    const { headers, payload } = await service.app.inject({ method: 'GET', url, headers: { cookie } });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(payload).not.toMatch(/<script|\son\w+=|\sstyle="/i);
    expect(headers).toMatchObject({
      'strict-transport-security': expect.stringMatching(/max-age=\d{7,}/),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});

test('whoever guesses is told apart by the address the trusted proxy names, and by no other', async () => {
  const guess = (remoteAddress: string, forwarded: string) =>
    service.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      remoteAddress,
      headers: { 'x-forwarded-for': forwarded },
      payload: { name: 'hanako', password: 'guess' },
    });
  // Ten tries are free: they are spent by one address behind the proxy …
  await Promise.all(Array.from({ length: 10 }, () => guess('10.1.2.3', '192.0.2.7')));
  const slow = guess('10.1.2.3', '192.0.2.7').then(() => 'slow');
  const quick = guess('10.1.2.3', '192.0.2.8').then(() => 'quick');
  expect(await Promise.race([slow, quick])).toBe('quick');
  // … and a stranger who claims another address with each try gains nothing by it.
  await Promise.all(Array.from({ length: 10 }, (_, n) => guess('203.0.113.9', `192.0.2.${100 + n}`)));
  const stranger = guess('203.0.113.9', '192.0.2.200').then(() => 'slow');
  const other = guess('203.0.113.10', '').then(() => 'quick');
  expect(await Promise.race([stranger, other])).toBe('quick');
  await Promise.all([slow, stranger]);
});
