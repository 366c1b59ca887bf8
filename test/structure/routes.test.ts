import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ACCESS_RULE, CSRF_BY_HANDLER, type AccessRule } from '../../src/access/permission.decorator.js';
import { startService, type TestApp } from '../support/test-app.js';

interface Route {
  readonly name: string;
  readonly rule: AccessRule | undefined;
  readonly csrfByHandler: boolean;
  readonly source: string;
}

let service: TestApp<NestFastifyApplication>;
let routes: Route[];

beforeAll(async () => {
  service = await startService();
  routes = routesOf(service.app);
});
afterAll(() => service?.close());

/** What the router knows: every method of every controller that has a path. */
function routesOf(app: NestFastifyApplication): Route[] {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as new () => object;
    const handlers = Object.getOwnPropertyNames(controller.prototype)
      .filter((name) => name !== 'constructor')
      .map((name) => (controller.prototype as Record<string, () => unknown>)[name]!);
    return handlers
      .filter((handler) => Reflect.hasMetadata('path', handler))
      .map((handler) => {
        const declared = (key: string) =>
          Reflect.getMetadata(key, handler) ?? Reflect.getMetadata(key, controller);
        const path = [Reflect.getMetadata('path', controller), Reflect.getMetadata('path', handler)]
          .flat()
          .filter((part: string) => part !== '/' && part !== '')
          .join('/');
        return {
          name: `${RequestMethod[Reflect.getMetadata('method', handler) as number]} /${path}`,
          rule: declared(ACCESS_RULE) as AccessRule | undefined,
          csrfByHandler: declared(CSRF_BY_HANDLER) === true,
          source: handler.toString(),
        };
      });
  });
}

describe('every route', () => {
  test('declares who may use it', () => {
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter(({ rule }) => rule === undefined)).toEqual([]);
  });

  test('is open without a sign-in only where nothing of people is behind it', () => {
    const open = routes.filter(({ rule }) => rule?.who === 'anybody').map(({ name }) => name);
    expect(open.toSorted()).toEqual([
      'GET /healthz',
      'GET /metrics',
      // Released months, small groups hidden.
      'GET /opendata/:file',
      'GET /readyz',
      'GET /sign-in',
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
