import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { routesOf, type Route } from '../support/routes.js';
import { startService, type TestApp } from '../support/test-app.js';

let service: TestApp<NestFastifyApplication>;
let routes: Route[];

beforeAll(async () => {
  service = await startService();
  routes = routesOf(service.app);
});
afterAll(() => service?.close());

describe('every route', () => {
  test('declares who may use it', () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter(({ rule }) => rule === undefined)).toEqual([]);
  });

  test('is open without a sign-in only where nothing of people is behind it, or the address is the key', () => {
    const open = routes.filter(({ rule }) => rule?.who === 'anybody').map(({ name }) => name);
    expect(open.toSorted()).toEqual([
      // By the link of a message, to the one record of the person it was sent to.
      'GET /answer/:token',
      'GET /answer/:token/exception',
      'GET /answer/:token/receipt',
      'GET /healthz',
      'GET /metrics',
      // Released months, small groups hidden.
      'GET /opendata/:file',
      'GET /readyz',
      'GET /sign-in',
      // To the identity provider, back from it, and out of it.
      'GET /sign-in/oidc',
      'GET /sign-in/oidc/callback',
      'GET /sign-in/oidc/sign-out',
      'POST /answer/:token',
      'POST /answer/:token/exception',
      'POST /api/v1/session',
      'POST /sign-in',
    ]);
  });

  test('that checks the form token itself really does', () => {
    const promising = routes.filter(({ csrfByHandler }) => csrfByHandler);
    expect(promising.length).toBeGreaterThan(0);
    for (const { source } of promising) expect(source).toContain('assertCsrf(');
  });
});
