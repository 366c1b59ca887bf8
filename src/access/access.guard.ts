import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../platform/errors.js';
import { assertCsrf, CSRF_FIELD, isUnsafe, refuseOtherSite, sentCsrfToken } from './csrf.js';
import {
  ACCESS_RULE,
  BEFORE_PASSWORD_CHANGE,
  COSTLY,
  CSRF_BY_HANDLER,
  NO_TOKENS,
  type AccessRule,
} from './permission.decorator.js';
import { RequestIdentity } from './request-identity.service.js';
import { RequestLimits } from './request-limits.service.js';
import { requireRole, requireWholeOrganisation } from './scope.js';

/** Stands before every route and lets nothing through that has not said who may use it. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly identity: RequestIdentity,
    private readonly limits: RequestLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const declared = <T>(key: string) =>
      this.reflector.getAllAndOverride<T | undefined>(key, [context.getHandler(), context.getClass()]);
    const rule = declared<AccessRule>(ACCESS_RULE);
    const request = context.switchToHttp().getRequest<FastifyRequest>();

    if (!rule) {
      throw new AppError(
        'permission_not_declared',
        'unexpected',
        'このページの権限が定められていないため、開けません。情報システム課にお知らせください。',
      );
    }
    if (declared<boolean>(COSTLY)) await this.limits.countCostly(request);
    if (rule.who === 'anybody') {
      if (isUnsafe(request)) refuseOtherSite(request);
      return true;
    }

    const access = await this.identity.of(request);
    request.access = access;
    if (access.token) {
      refuseBeyondToken(access.token, request, declared<boolean>(NO_TOKENS) === true);
    } else if (isUnsafe(request) && !declared<boolean>(CSRF_BY_HANDLER)) {
      checkCsrf(request);
    }
    if (access.session.mustChangePassword && !declared<boolean>(BEFORE_PASSWORD_CHANGE)) {
      throw new AppError(
        'password_change_required',
        'forbidden',
        '最初にパスワードを変更してください。変更すると、ほかのページを開けます。',
        { page: '/password' },
      );
    }
    if (rule.who === 'roles') {
      const required = rule.whole ? requireWholeOrganisation : requireRole;
      request.access = { ...access, scope: required(access.scope, ...rule.roles) };
    }
    return true;
  }
}

/** Tokens are for the API, and one for reading changes nothing. No form can be made to send one, so none is asked for. */
function refuseBeyondToken(token: 'read' | 'write', request: FastifyRequest, noTokens: boolean): void {
  if (noTokens || !request.url.startsWith('/api/')) {
    throw new AppError(
      'token_not_accepted',
      'forbidden',
      'この操作はAPIトークンではできません。画面からログインして行ってください。',
    );
  }
  if (token === 'read' && isUnsafe(request)) {
    throw new AppError(
      'token_read_only',
      'forbidden',
      'このAPIトークンは読み取り専用です。書き込みのできるトークンを作ってください。',
    );
  }
}

/** Takes the token out of the body: pipes that refuse unknown fields need not know it. */
function checkCsrf(request: FastifyRequest): void {
  assertCsrf(request, sentCsrfToken(request));
  if (typeof request.body === 'object' && request.body !== null) {
    delete (request.body as Record<string, unknown>)[CSRF_FIELD];
  }
}
