import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../platform/errors.js';
import type { Access } from './access.types.js';
import { sessionToken } from './session-cookie.js';
import { SessionService } from './session.service.js';
import { TokenService } from './token.service.js';

/** Who sends a request: found out once, however many ask. */
@Injectable()
export class RequestIdentity {
  private readonly known = new WeakMap<FastifyRequest, Promise<Access>>();

  constructor(
    private readonly sessions: SessionService,
    private readonly tokens: TokenService,
  ) {}

  /** Throws AppError `sign_in_required`, `token_invalid` or `too_many_attempts`. */
  of(request: FastifyRequest): Promise<Access> {
    const known = this.known.get(request);
    if (known) return known;
    const found = this.find(request);
    this.known.set(request, found);
    return found;
  }

  /** A request with a personal token stands on it alone, whatever cookie comes with it. */
  private async find(request: FastifyRequest): Promise<Access> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.tokens.accessOf(authorization, request.ip);
    const token = sessionToken(request);
    const access = token ? await this.sessions.scopeOf(token) : null;
    if (!access) {
      throw new AppError(
        'sign_in_required',
        'unauthenticated',
        'ログインしてください。時間がたつと、ログインは切れます。',
      );
    }
    return access;
  }
}
