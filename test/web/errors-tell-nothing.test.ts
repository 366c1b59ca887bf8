import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { UserService } from '../../src/access/user.service.js';
import { startService, type TestApp } from '../support/test-app.js';

const PASSWORD = 'kaze-to-umi-7';
/** Of the program, its machine and its database. */
const INSIDE =
  /node_modules|\.[jt]s:\d|\bat \S+ \(|SELECT|INSERT|relation|column|typeorm|nest|fastify|postgres|argon|\/tmp\/|\/home\/|ECONN/i;

let service: TestApp<NestFastifyApplication>;
beforeAll(async () => {
  service = await startService();
  await service.app.get(UserService).add({ name: 'hanako', role: 'hr', password: PASSWORD }, 'test');
});
afterAll(() => service?.close());

const signIn = (name: string, password: string, remoteAddress: string, url = '/api/v1/session') =>
  service.app.inject({ method: 'POST', url, remoteAddress, payload: { name, password } });

test('no answer names what it was made with, not even when the address, the body or the method make no sense', async () => {
  for (const { method, url, payload, headers } of [
    { method: 'GET', url: '/none' },
    { method: 'GET', url: '/%E0%A4%A' },
    { method: 'GET', url: '/assets/../../package.json' },
    { method: 'GET', url: '/assets/%2e%2e%2fpackage.json' },
    { method: 'GET', url: '/api/v1/none' },
    { method: 'DELETE', url: '/sign-in' },
    { method: 'POST', url: '/api/v1/session', payload: '{', headers: { 'content-type': 'application/json' } },
    { method: 'POST', url: '/api/v1/session', payload: 'x', headers: { 'content-type': 'text/x-none' } },
    { method: 'POST', url: '/api/v1/session', payload: { name: ['a'], password: { b: 1 } } },
    { method: 'GET', url: `/api/v1/units/${'a'.repeat(2_000)}/adoption` },
  ] as { method: 'GET'; url: string; payload?: string; headers?: Record<string, string> }[]) {
    const answer = await service.app.inject({ method, url, payload, headers });
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.payload.replaceAll(/<style[^]*?<\/style>|href="[^"]*"/g, '')).not.toMatch(INSIDE);
    expect(answer.headers).not.toHaveProperty('server');
    expect(answer.headers).not.toHaveProperty('x-powered-by');
  }
});

test('a sign-in with an unknown name, a wrong password or a disabled account is one answer, after the same work', async () => {
  const { id } = (
    await service.app.get(UserService).add({ name: 'taro', role: 'hr', password: PASSWORD }, 'test')
  ).user;
  await service.app.get(DataSource).query('UPDATE app_user SET disabled_at = now() WHERE id = $1', [id]);
  const times: Record<string, number[]> = { hanako: [], nobody: [], taro: [] };
  const answers = new Set<string>();
  for (let n = 0; n < 12; n++) {
    for (const name of Object.keys(times)) {
      const before = performance.now();
      const answer = await signIn(name, name === 'taro' ? PASSWORD : 'guess', `192.0.2.${n}`);
      times[name]!.push(performance.now() - before);
      const { reference, ...problem } = answer.json<{ reference: string }>();
      expect(reference).toBeTruthy();
      answers.add(JSON.stringify([answer.statusCode, problem, Object.keys(answer.headers).toSorted()]));
    }
  }
  expect(answers.size).toBe(1);
  const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!;
  const [wrong, unknown, disabled] = [times.hanako!, times.nobody!, times.taro!].map(median) as [
    number,
    number,
    number,
  ];
  // Without the work of a hash an answer takes a tenth.
  expect(Math.min(wrong, unknown, disabled) / Math.max(wrong, unknown, disabled)).toBeGreaterThan(0.4);
});

test('a database that fails is a reference number, and no word of SQL', async () => {
  const db = service.app.get(DataSource);
  await db.query('ALTER TABLE app_user RENAME TO app_user_gone');
  try {
    for (const url of ['/api/v1/session', '/sign-in']) {
      const answer = await signIn('hanako', PASSWORD, '192.0.2.99', url);
      expect(answer.statusCode).toBe(500);
      expect(answer.payload.replaceAll(/href="[^"]*"/g, '')).not.toMatch(INSIDE);
      expect(answer.payload).not.toContain('hanako');
    }
  } finally {
    await db.query('ALTER TABLE app_user_gone RENAME TO app_user');
  }
});
