import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../platform/errors.js';

export const CSRF_HEADER = 'x-csrf-token';
export const CSRF_FIELD = '_csrf';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isUnsafe(request: FastifyRequest): boolean {
  return !SAFE_METHODS.has(request.method);
}

/**
 * Throws AppError `csrf_token_invalid` unless `token` is the one of the request's session. Handlers marked
 * `@CsrfCheckedByHandler()` call it with the header or with the field that comes before the file, and before they do
 * anything else. Never take the token from the address: addresses are logged and passed on.
 */
export function assertCsrf(request: FastifyRequest, token: unknown): void {
  // A personal token is sent by a program on purpose, never by a browser on its own.
  if (request.access?.token) return;
  const expected = request.access?.session.csrfToken;
  if (!expected || typeof token !== 'string' || !sameText(token, expected)) {
    throw new AppError(
      'csrf_token_invalid',
      'forbidden',
      '送信元を確かめられませんでした。ページを開き直して、もう一度送信してください。',
    );
  }
}

/** The token of the header or, of a form or JSON body that has been read, of its `_csrf` field. */
export function sentCsrfToken(request: FastifyRequest): unknown {
  const header = request.headers[CSRF_HEADER];
  if (header !== undefined) return header;
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null
    ? (body as Record<string, unknown>)[CSRF_FIELD]
    : undefined;
}

/**
 * A form on another site must not sign its visitor in to somebody else's account: there is no session yet whose
 * token could tell. Limit: browsers send the header only over https and to localhost.
 */
export function refuseOtherSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') {
    throw new AppError(
      'cross_site_request',
      'forbidden',
      '別のサイトからの送信は受け付けません。このサイトのページを開いて、もう一度送信してください。',
    );
  }
}

/** By hash, because the comparison wants equal lengths. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
