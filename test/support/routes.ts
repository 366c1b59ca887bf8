import { RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ACCESS_RULE,
  CSRF_BY_HANDLER,
  NO_TOKENS,
  type AccessRule,
} from '../../src/access/permission.decorator.js';

export interface Route {
  /** `GET /units/:code` */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly rule: AccessRule | undefined;
  readonly csrfByHandler: boolean;
  readonly noTokens: boolean;
  readonly source: string;
}

/** What the router knows: every method of every controller that has a path. */
export function routesOf(app: NestFastifyApplication): Route[] {
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
        const method = RequestMethod[Reflect.getMetadata('method', handler) as number]!;
        return {
          name: `${method} /${path}`,
          method,
          path: `/${path}`,
          rule: declared(ACCESS_RULE) as AccessRule | undefined,
          csrfByHandler: declared(CSRF_BY_HANDLER) === true,
          noTokens: declared(NO_TOKENS) === true,
          source: handler.toString(),
        };
      });
  });
}
