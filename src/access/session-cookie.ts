import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '../platform/config.js';
import type { Access } from './access.types.js';
import { PROVIDER_SIGN_IN_MS } from './session-limits.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard on every route that is not public. */
    access?: Access;
  }
}

export const SESSION_COOKIE = 'session';

/** Lives as long as the browser does; the limits that count are the server's. */
function options(config: Config): CookieSerializeOptions {
  return {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: config.baseUrl.startsWith('https:'),
  };
}

export function sessionToken(request: FastifyRequest): string | undefined {
  return request.cookies[SESSION_COOKIE];
}

export function setSessionCookie(reply: FastifyReply, token: string, config: Config): void {
  void reply.setCookie(SESSION_COOKIE, token, options(config));
}

export function clearSessionCookie(reply: FastifyReply, config: Config): void {
  void reply.clearCookie(SESSION_COOKIE, options(config));
}

/** From leaving for the identity provider until coming back from it, in the same browser. */
const STATE_COOKIE = 'provider_state';
const STATE_PATH = '/sign-in/oidc';

export function stateCookie(request: FastifyRequest): string | undefined {
  return request.cookies[STATE_COOKIE];
}

export function setStateCookie(reply: FastifyReply, state: string, config: Config): void {
  const maxAge = PROVIDER_SIGN_IN_MS / 1000;
  void reply.setCookie(STATE_COOKIE, state, { ...options(config), path: STATE_PATH, maxAge });
}

export function clearStateCookie(reply: FastifyReply, config: Config): void {
  void reply.clearCookie(STATE_COOKIE, { ...options(config), path: STATE_PATH });
}
