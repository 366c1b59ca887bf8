import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { everything } from '../../src/access/scope.js';
import { UserAdminService } from '../../src/access/user-admin.service.js';
import {
  CLIENT_ID,
  CLIENT_SECRET,
  signInAtProvider,
  startProvider,
  type TestProvider,
} from '../support/oidc-provider.js';
import { startService, type TestApp } from '../support/test-app.js';

const BASE_URL = 'http://localhost:4000';
const CALLBACK = `${BASE_URL}/sign-in/oidc/callback`;
const operator = everything('cli:operator');

let provider: TestProvider;
let service: TestApp<NestFastifyApplication>;

const environment = (issuer: string) => ({
  BASE_URL,
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: CLIENT_ID,
  OIDC_CLIENT_SECRET: CLIENT_SECRET,
  OIDC_ROLE_CLAIM: 'groups',
  OIDC_ROLE_MAPPING: 'jinji=hr,kacho=manager,shicho=leader',
  OIDC_STAFF_NUMBER_CLAIM: 'employee_number',
});

beforeAll(async () => {
  provider = await startProvider(CALLBACK);
  service = await startService(environment(provider.issuer));
});
afterAll(async () => {
  await service?.close();
  await provider?.close();
});

async function get(url: string, cookie = '') {
  return service.app.inject({ method: 'GET', url, headers: { cookie } });
}

/** As the browser goes: our link, the provider's pages, and back. */
async function comeBack(subject: string, next = '/account') {
  const left = await get(`/sign-in/oidc?next=${encodeURIComponent(next)}`);
  const { name, value, path } = left.cookies[0]!;
  const back = await signInAtProvider(left.headers.location!, subject, CALLBACK);
  return { left, state: `${name}=${value}`, path, url: back.slice(BASE_URL.length) };
}

async function signIn(subject: string) {
  const { state, url } = await comeBack(subject);
  const answer = await get(url, state);
  const session = answer.cookies.find((cookie) => cookie.name === 'session');
  return { answer, cookie: session ? `session=${session.value}` : '' };
}

async function rolesOf(cookie: string): Promise<string[] | number> {
  const answer = await get('/api/v1/session', cookie);
  return answer.statusCode === 200 ? answer.json().roles : answer.statusCode;
}

function lastEvents(): Promise<{ action: string; details: object }[]> {
  return service.app
    .get(DataSource)
    .query('SELECT action, details FROM audit_event ORDER BY id DESC LIMIT 3')
    .then((events: { action: string; details: object }[]) => events.toReversed());
}

describe('leaving for the provider', () => {
  test('asks for a code with PKCE, state and nonce, and keeps the state in this browser only', async () => {
    const answer = await get('/sign-in/oidc?next=/units');
    const asked = new URL(answer.headers.location!);
    expect(answer.statusCode).toBe(303);
    expect(asked.origin).toBe(provider.issuer);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: CLIENT_ID,
      redirect_uri: CALLBACK,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.any(String),
      state: answer.cookies[0]!.value,
    });
    expect(answer.cookies[0]).toMatchObject({
      name: 'provider_state',
      httpOnly: true,
      sameSite: 'Lax',
      path: '/sign-in/oidc',
      maxAge: 600,
    });
  });
});

describe('coming back from the provider', () => {
  test('makes the account at the first sign-in, with the roles of the mapping, and goes on to the page', async () => {
    provider.people.set('s-hanako', {
      preferred_username: 'hanako',
      name: '見本 花子',
      groups: ['jinji', 'x'],
    });
    const { state, url } = await comeBack('s-hanako', '/reports');
    const answer = await get(url, state);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/reports']);
    const cookie = `session=${answer.cookies.find(({ name }) => name === 'session')!.value}`;
    expect((await get('/api/v1/session', cookie)).json()).toMatchObject({
      name: 'hanako',
      displayName: '見本 花子',
      roles: ['hr'],
      mustChangePassword: false,
    });
    expect(await lastEvents()).toMatchObject([
      { action: 'user_added', details: { roles: ['hr'] } },
      { action: 'grant_added', details: { role: 'hr' } },
      { action: 'sign_in', details: { by: 'provider' } },
    ]);
  });

  test('follows the roles of each sign-in; a change ends the sessions of the former roles', async () => {
    provider.people.set('s-roles', { preferred_username: 'roles', groups: ['jinji'] });
    const former = await signIn('s-roles');
    provider.people.set('s-roles', { preferred_username: 'roles', groups: ['shicho'] });
    const now = await signIn('s-roles');
    expect(await rolesOf(former.cookie)).toBe(401);
    expect(await rolesOf(now.cookie)).toEqual(['leader']);
    provider.people.set('s-roles', { preferred_username: 'roles', groups: [] });
    expect(await rolesOf((await signIn('s-roles')).cookie)).toEqual([]);
  });

  test('lets a manager in whose units the roster knows', async () => {
    const db = service.app.get(DataSource);
    await db.query(`
      WITH u AS (INSERT INTO unit (code) VALUES ('77') RETURNING id), s AS (INSERT INTO staff (number) VALUES ('0007') RETURNING id),
      p AS (INSERT INTO unit_period (unit_id, name, valid_from, recorded_at) SELECT id, '市民課', '2022-04-01', now() FROM u)
      INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, recorded_at)
      SELECT s.id, u.id, true, true, '2022-04-01', now() FROM s, u`);
    provider.people.set('s-kacho', {
      preferred_username: 'kacho',
      groups: ['kacho'],
      employee_number: '0007',
    });
    expect(await rolesOf((await signIn('s-kacho')).cookie)).toEqual(['manager']);
  });

  test('lets nobody in whom the mapping gives no role, and makes no account', async () => {
    provider.people.set('s-none', { preferred_username: 'none', groups: ['x'] });
    const { answer, cookie } = await signIn('s-none');
    expect(answer.statusCode).toBe(403);
    expect(answer.payload).toContain('使う権限がまだありません');
    expect(cookie).toBe('');
    const accounts = await service.app.get(UserAdminService).list(operator);
    expect(accounts.map(({ name }) => name)).not.toContain('none');
  });

  test('never takes over an account that has the same name', async () => {
    provider.people.set('s-other', { preferred_username: 'hanako', groups: ['jinji'] });
    const { answer } = await signIn('s-other');
    expect(answer.statusCode).toBe(409);
    expect(answer.payload).toContain('すでに使われています');
  });

  test('lets a disabled account stay out', async () => {
    await service.app.get(UserAdminService).disable(operator, 'hanako');
    expect((await signIn('s-hanako')).answer.statusCode).toBe(403);
    await service.app.get(UserAdminService).enable(operator, 'hanako');
    expect((await signIn('s-hanako')).answer.statusCode).toBe(303);
  });

  test('works once, in the browser that left, with the state it left with', async () => {
    const { state, url } = await comeBack('s-hanako');
    const other = await comeBack('s-hanako');
    for (const [address, cookie] of [
      [url, ''],
      [url, other.state],
      [url.replace(/state=[^&]+/, 'state=guess'), state],
      // The state was taken by the try before.
      [url, state],
      ['/sign-in/oidc/callback', state],
    ] as const) {
      const answer = await get(address, cookie);
      expect(answer.statusCode).toBe(401);
      expect(answer.cookies.find(({ name }) => name === 'session')).toBeUndefined();
      expect(answer.payload).toContain('もう一度はじめからログインしてください');
    }
  });

  test('has no password to change or to reset', async () => {
    const { cookie } = await signIn('s-hanako');
    const session = (await get('/api/v1/session', cookie)).json();
    const answer = await service.app.inject({
      method: 'PUT',
      url: '/api/v1/session/password',
      headers: { cookie, 'x-csrf-token': session.csrfToken },
      payload: { currentPassword: 'x', newPassword: 'kaze-to-umi-7' },
    });
    expect(answer.json()).toMatchObject({ status: 409, code: 'no_password' });
    const admin = service.app.get(UserAdminService);
    await expect(admin.resetPassword(operator, 'hanako')).rejects.toMatchObject({ code: 'no_password' });
  });
});

test('the way out leads to the provider’s own sign-out', async () => {
  const page = await get('/sign-in?signed-out=1');
  expect(page.payload).toContain('href="/sign-in/oidc/sign-out"');
  const answer = await get('/sign-in/oidc/sign-out');
  const asked = new URL(answer.headers.location!);
  expect(asked.origin).toBe(provider.issuer);
  expect(asked.searchParams.get('post_logout_redirect_uri')).toBe(`${BASE_URL}/sign-in`);
});

test('a provider that is away stops neither the start nor the password, and is asked again', async () => {
  const port = Number(new URL(provider.issuer).port);
  const people = provider.people;
  await provider.close();
  const closedNetwork = await startService(environment(provider.issuer));
  const former = service;
  service = closedNetwork;
  try {
    const answer = await get('/sign-in/oidc');
    expect(answer.statusCode).toBe(503);
    expect(answer.payload).toContain('認証基盤が応答しない');
    expect(answer.payload).toContain('action="/sign-in"');
    provider = await startProvider(CALLBACK, port);
    for (const [subject, claims] of people) provider.people.set(subject, claims);
    expect((await signIn('s-roles')).answer.statusCode).toBe(403);
    expect((await signIn('s-hanako')).answer.statusCode).toBe(303);
  } finally {
    service = former;
    await closedNetwork.close();
  }
});
