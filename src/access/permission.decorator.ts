import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Access, SignedInSession } from './access.types.js';
import type { Role, Scope } from './scope.js';

/** Who may use a route. The guard refuses a route without one. */
export type AccessRule =
  | { readonly who: 'anybody' }
  | { readonly who: 'signed-in' }
  | { readonly who: 'roles'; readonly roles: readonly Role[]; readonly whole: boolean };

export const ACCESS_RULE = 'access:rule';
export const CSRF_BY_HANDLER = 'access:csrf-by-handler';
export const BEFORE_PASSWORD_CHANGE = 'access:before-password-change';
export const NO_TOKENS = 'access:no-tokens';
export const COSTLY = 'access:costly';

/** Open without a sign-in. The session, if there is one, is not looked up. */
export const Public = () => SetMetadata<string, AccessRule>(ACCESS_RULE, { who: 'anybody' });

/** Open to everybody who is signed in, whatever the role. */
export const SignedIn = () => SetMetadata<string, AccessRule>(ACCESS_RULE, { who: 'signed-in' });

/** Open to those who hold at least one of the roles, for whatever unit; the handler gets the scope of these roles. */
export const Permit = (...roles: [Role, ...Role[]]) =>
  SetMetadata<string, AccessRule>(ACCESS_RULE, { who: 'roles', roles, whole: false });

/** Open to those who hold at least one of the roles for every unit: what is behind it cannot be cut to a part. */
export const PermitForWhole = (...roles: [Role, ...Role[]]) =>
  SetMetadata<string, AccessRule>(ACCESS_RULE, { who: 'roles', roles, whole: true });

/** For multipart forms, whose fields are not read yet when the guard runs: the handler calls `assertCsrf`. */
export const CsrfCheckedByHandler = () => SetMetadata(CSRF_BY_HANDLER, true);

/** Stays open to a user who has to change the password first. */
export const BeforePasswordChange = () => SetMetadata(BEFORE_PASSWORD_CHANGE, true);

/** Not for programs: a token that got lost must not be able to prolong itself. */
export const NoTokens = () => SetMetadata(NO_TOKENS, true);

/** Takes much time or room to answer: allowed less often. */
export const Costly = () => SetMetadata(COSTLY, true);

/** Who asks: the first argument of every query. Not on `@Public()` routes. */
export const CurrentScope = createParamDecorator((_: unknown, context: ExecutionContext): Scope => {
  return accessOf(context).scope;
});

export const CurrentSession = createParamDecorator(
  (_: unknown, context: ExecutionContext): SignedInSession => {
    return accessOf(context).session;
  },
);

function accessOf(context: ExecutionContext): Access {
  const { access } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!access) throw new Error('a public route has no session: declare @SignedIn() or @Permit()');
  return access;
}
