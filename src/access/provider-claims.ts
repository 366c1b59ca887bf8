import type { OidcConfig } from '../platform/config.js';
import type { Role } from './scope.js';

export interface MappedRole {
  readonly role: Role;
  readonly unitCode?: string;
}

/** What the identity provider says of the person, in our words. */
export interface MappedClaims {
  readonly roles: readonly MappedRole[];
  readonly staffNumber: string | undefined;
  readonly name: string;
  readonly displayName: string;
}

type Claims = Readonly<Record<string, unknown>>;

export function mapClaims(claims: Claims, config: OidcConfig): MappedClaims {
  const values = config.roleClaim === undefined ? [] : texts(claimAt(claims, config.roleClaim));
  const name = text(claims.preferred_username) ?? text(claims.email) ?? '';
  return {
    roles: config.roleMapping
      .filter(({ value }) => values.includes(value))
      .map(({ role, unitCode }) => ({ role: role as Role, unitCode })),
    staffNumber:
      config.staffNumberClaim === undefined ? undefined : text(claimAt(claims, config.staffNumberClaim)),
    name,
    displayName: text(claims.name) ?? name,
  };
}

/** `realm_access.roles` is the claim of that name or, failing that, the way into an object. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Claims)[part]
          : undefined,
      claims,
    );
}

function texts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
