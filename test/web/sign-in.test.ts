import cookie from '@fastify/cookie';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Body, Controller, Get, Module, Post, Req, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { ACCESS_ENTITIES } from '../../src/access/access.entities.js';
import { AccessModule } from '../../src/access/access.module.js';
import { assertCsrf } from '../../src/access/csrf.js';
import {
  CsrfCheckedByHandler,
  CurrentScope,
  Permit,
  Public,
  SignedIn,
} from '../../src/access/permission.decorator.js';
import { RequestLimits } from '../../src/access/request-limits.service.js';
import type { Scope } from '../../src/access/scope.js';
import { UserService } from '../../src/access/user.service.js';
import { SessionController } from '../../src/api/session.controller.js';
import { readConfig } from '../../src/platform/config.js';
import { createLogger } from '../../src/platform/logging.js';
import { PlatformModule } from '../../src/platform/platform.module.js';
import { ProblemFilter } from '../../src/platform/problem.filter.js';
import { PageService } from '../../src/web/page.service.js';
import { SignInController } from '../../src/web/sign-in.controller.js';
import { createTestDatabase } from '../support/test-database.js';

const PASSWORD = 'kaze-to-umi-7';

/** Routes that differ in nothing but what they declare. */
@Controller('api/probe')
class ProbeController {
  @Get('undeclared')
  undeclared() {
    return 'open';
  }

  @Public()
  @Get('public')
  public() {
    return 'open';
  }

  @Permit('leader')
  @Get('leaders')
  leaders() {
    return 'open';
  }

  @Permit('hr', 'leader')
  @Get('hr-and-leaders')
  hrAndLeaders(@CurrentScope() scope: Scope) {
    return scope;
  }

  @SignedIn()
  @Post('change')
  change(@Body() body: object) {
    return body;
  }

  @SignedIn()
  @CsrfCheckedByHandler()
  @Post('upload')
  upload(@Req() request: FastifyRequest, @Body() body: { field?: string }) {
    assertCsrf(request, body.field);
    return 'taken';
  }
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let app: NestFastifyApplication;
let dataDir: string;

async function start(baseUrl: string): Promise<NestFastifyApplication> {
  const config = readConfig({
    BASE_URL: baseUrl,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    REQUESTS_PER_MINUTE: '100000',
    NOW: '2022-12-05T09:00:00+09:00',
  });
  const logger = createLogger(config.logLevel);
  const platform = PlatformModule.forRoot({
    config,
    logger,
    databaseUrl: database.url,
    entities: ACCESS_ENTITIES,
  });
  @Module({
    imports: [platform, AccessModule],
    controllers: [SignInController, SessionController, ProbeController],
    providers: [PageService],
  })
  class TestModule {}
  const started = await NestFactory.create<NestFastifyApplication>(TestModule as Type, new FastifyAdapter(), {
    logger: false,
  });
  started.useGlobalFilters(new ProblemFilter(logger, (problem) => problem.code));
  await started.register(cookie);
  await started.get(RequestLimits).attach(started.getHttpAdapter().getInstance());
  await started.init();
  await started.getHttpAdapter().getInstance().ready();
  return started;
}

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'tracker-sign-in-'));
  app = await start('http://localhost:3000');
});

afterAll(async () => {
  await app?.close();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  await app.get(DataSource).query('DELETE FROM app_grant; DELETE FROM app_session; DELETE FROM app_user');
  await app
    .get(UserService)
    .add({ name: 'hanako', displayName: '見本 花子', role: 'hr', password: PASSWORD }, 'cli');
});

type Form = Record<string, string>;

function get(url: string, headers: Form = {}) {
  return app.inject({ method: 'GET', url, headers });
}

function post(url: string, form: Form, headers: Form = {}) {
  const payload = new URLSearchParams(form).toString();
  return app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}

/** Signs in over the API: the headers of the session, and its CSRF token. */
async function signIn(name = 'hanako', password = PASSWORD) {
  const answer = await app.inject({ method: 'POST', url: '/api/v1/session', payload: { name, password } });
  const csrf: string = answer.json().csrfToken;
  return { headers: { cookie: `session=${answer.cookies[0]!.value}` }, csrf };
}

describe('the guard', () => {
  test('refuses a route that does not say who may use it, even to those signed in', async () => {
    const { headers } = await signIn();
    const answer = await get('/api/probe/undeclared', headers);
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'permission_not_declared' });
  });

  test('leaves public routes open', async () => {
    expect((await get('/api/probe/public')).payload).toBe('open');
  });

  test('asks for a sign-in, and for the role', async () => {
    expect(await get('/api/probe/leaders').then((answer) => answer.json())).toMatchObject({
      status: 401,
      code: 'sign_in_required',
    });
    const { headers } = await signIn();
    expect(await get('/api/probe/leaders', headers).then((answer) => answer.json())).toMatchObject({
      status: 403,
      code: 'role_required',
    });
    expect(await get('/api/probe/hr-and-leaders', headers).then((answer) => answer.json())).toMatchObject({
      actor: 'hanako',
      roles: ['hr'],
      unitIds: 'all',
    });
  });

  test('takes no change without the CSRF token of the session, wherever else the token may be', async () => {
    const { headers, csrf } = await signIn();
    const other = await signIn();
    const refused = [
      await post('/api/probe/change', {}, headers),
      await post('/api/probe/change', { _csrf: other.csrf }, headers),
      await post(`/api/probe/change?_csrf=${csrf}`, {}, headers),
      await post('/api/probe/change', {}, { cookie: `${headers.cookie}; _csrf=${csrf}` }),
    ];
    for (const answer of refused) {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'csrf_token_invalid' });
    }
  });

  test('takes the token from the header or from the form, and keeps it from the handler', async () => {
    const { headers, csrf } = await signIn();
    const byHeader = await post('/api/probe/change', { a: '1' }, { ...headers, 'x-csrf-token': csrf });
    const byField = await post('/api/probe/change', { a: '1', _csrf: csrf }, headers);
    expect([byHeader.json(), byField.json()]).toEqual([{ a: '1' }, { a: '1' }]);
  });

  test('leaves the check to handlers that read the form themselves', async () => {
    const { headers, csrf } = await signIn();
    expect((await post('/api/probe/upload', { field: csrf }, headers)).payload).toBe('taken');
    expect((await post('/api/probe/upload', { field: 'x' }, headers)).statusCode).toBe(403);
  });
});

describe('the sign-in page', () => {
  test('signs in, sets a cookie no script can read and goes on to the page that was asked for', async () => {
    const answer = await post('/sign-in', {
      name: 'hanako',
      password: PASSWORD,
      next: '/reports?month=2022-10',
    });
    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toBe('/reports?month=2022-10');
    expect(answer.cookies).toEqual([
      { name: 'session', value: expect.any(String), path: '/', httpOnly: true, sameSite: 'Lax' },
    ]);
  });

  test('never leads to another site', async () => {
    const answer = await post('/sign-in', { name: 'hanako', password: PASSWORD, next: '//example.jp/' });
    expect(answer.headers.location).toBe('/');
    expect((await get('/sign-in?next=https://example.jp/')).payload).not.toContain('example.jp');
  });

  test('says what is wrong beside the fields, keeps the name and never the password', async () => {
    const answer = await post('/sign-in', { name: 'hanako', password: 'kaze-to-umi-8', next: '/' });
    expect(answer.statusCode).toBe(401);
    expect(answer.cookies).toEqual([]);
    expect(answer.payload).toContain('アカウント名またはパスワードが正しくありません');
    expect(answer.payload).toContain('value="hanako"');
    expect(answer.payload).toContain('aria-describedby="sign-in-error"');
    expect(answer.payload).not.toContain('kaze-to-umi-8');
  });

  test('does not repeat an individual number that was typed as a name', async () => {
    const answer = await post('/sign-in', { name: '123456789018', password: 'x' });
    expect(answer.statusCode).toBe(401);
    expect(answer.payload).not.toContain('123456789018');
  });

  test('takes no form from another site', async () => {
    const form = { name: 'hanako', password: PASSWORD };
    expect((await post('/sign-in', form, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403);
    expect((await post('/sign-in', form, { 'sec-fetch-site': 'same-origin' })).statusCode).toBe(303);
  });

  test('is skipped by those who are signed in, and ends the former session of the browser', async () => {
    const { headers } = await signIn();
    expect((await get('/sign-in', headers)).statusCode).toBe(303);
    await post('/sign-in', { name: 'hanako', password: PASSWORD }, headers);
    expect((await get('/api/v1/session', headers)).statusCode).toBe(401);
  });

  test('sends the cookie over https only where the service has https', async () => {
    const secured = await start('https://cards.example.jp');
    const answer = await secured.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { name: 'hanako', password: PASSWORD },
    });
    await secured.close();
    expect(answer.cookies[0]).toMatchObject({ name: 'session', secure: true });
  });
});

describe('signing out', () => {
  test('ends the session and clears the cookie', async () => {
    const { headers, csrf } = await signIn();
    const answer = await post('/sign-out', { _csrf: csrf }, headers);
    expect(answer.headers.location).toBe('/sign-in?signed-out=1');
    expect(answer.cookies[0]).toMatchObject({ name: 'session', value: '' });
    expect((await get('/api/v1/session', headers)).statusCode).toBe(401);
  });

  test('needs the token, so that no other page can do it', async () => {
    const { headers } = await signIn();
    expect((await post('/sign-out', {}, headers)).statusCode).toBe(403);
    expect((await get('/api/v1/session', headers)).statusCode).toBe(200);
  });
});

describe('a one-time password', () => {
  test('opens the password page and nothing else, until it is changed', async () => {
    const { oneTimePassword } = await app.get(UserService).add({ name: 'taro', role: 'hr' }, 'cli');
    const first = await post('/sign-in', { name: 'taro', password: oneTimePassword!, next: '/reports' });
    expect(first.headers.location).toBe('/password');
    const headers = { cookie: `session=${first.cookies[0]!.value}` };
    expect((await get('/api/probe/hr-and-leaders', headers)).json()).toMatchObject({
      status: 403,
      code: 'password_change_required',
    });

    const page = await get('/password', headers);
    expect(page.payload).toContain('一度だけ');
    const csrf = /name="_csrf" value="([^"]+)"/.exec(page.payload)![1]!;
    const changed = await post(
      '/password',
      { _csrf: csrf, currentPassword: oneTimePassword!, newPassword: PASSWORD, newPasswordAgain: PASSWORD },
      headers,
    );
    expect(changed.headers.location).toBe('/');
    expect((await get('/api/probe/hr-and-leaders', headers)).statusCode).toBe(200);
  });
});

describe('the password page', () => {
  test.each([
    ['the present password is wrong', { currentPassword: 'x' }, 'currentPassword'],
    ['the new one is too short', { newPassword: 'short', newPasswordAgain: 'short' }, 'newPassword'],
    ['the two new ones differ', { newPasswordAgain: 'yama-to-kawa-8' }, 'newPasswordAgain'],
  ])('points at the field when %s', async (_, fault, field) => {
    const { headers, csrf } = await signIn();
    const right = {
      currentPassword: PASSWORD,
      newPassword: 'yama-to-kawa-9',
      newPasswordAgain: 'yama-to-kawa-9',
    };
    const answer = await post('/password', { _csrf: csrf, ...right, ...fault }, headers);
    expect(answer.statusCode).toBe(422);
    expect(answer.payload).toContain(`href="#${field}"`);
    expect(answer.payload.match(/<input[^>]*aria-invalid="true"[^>]*>/g)).toEqual([
      expect.stringContaining(`id="${field}"`),
    ]);
    expect(answer.payload).not.toContain('yama-to-kawa');
  });
});

describe('the session over the API', () => {
  test('tells who is signed in, and ends', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { name: 'hanako', password: PASSWORD },
    });
    const session = { name: 'hanako', displayName: '見本 花子', roles: ['hr'], mustChangePassword: false };
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ ...session, csrfToken: expect.any(String) });

    const headers = { cookie: `session=${answer.cookies[0]!.value}` };
    expect((await get('/api/v1/session', headers)).json()).toEqual(answer.json());
    const ended = await app.inject({
      method: 'DELETE',
      url: '/api/v1/session',
      headers: { ...headers, 'x-csrf-token': answer.json().csrfToken },
    });
    expect(ended.statusCode).toBe(204);
    expect((await get('/api/v1/session', headers)).statusCode).toBe(401);
  });

  test('is a problem document when the password is wrong', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { name: 'hanako', password: 'wrong' },
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 401, code: 'sign_in_failed' });
  });
});
