import { AppError } from '../platform/errors.js';

export const ROLES = ['hr', 'manager', 'leader', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** The roots of the visible subtrees on the day a question is about; `all` is the whole organisation. */
export type Roots = 'all' | readonly number[];

/** One role over the subtree of one unit, or over every unit where `unitId` is null. */
export interface RoleGrant {
  readonly role: Role;
  readonly unitId: number | null;
}

/**
 * Who asks and which units that person may see: every query takes one as its first argument.
 * `roles` and `unitIds` say what is true of all grants together. An answer that depends on the role is therefore only
 * safe in a scope of that role: `requireRole` and `narrow` make one, and HR of A who manages B never becomes HR of B.
 */
export interface Scope {
  readonly actor: string;
  readonly userId: number | null;
  readonly roles: readonly Role[];
  readonly unitIds: Roots;
  readonly grants: readonly RoleGrant[];
}

/** The role `admin` runs the service and sees nobody's figures: its grants open no unit. */
export function scopeFrom(actor: string, userId: number | null, grants: readonly RoleGrant[]): Scope {
  const seeing = grants.filter(({ role }) => role !== 'admin');
  return {
    actor,
    userId,
    roles: [...new Set(grants.map(({ role }) => role))].toSorted(),
    unitIds: seeing.some(({ unitId }) => unitId === null)
      ? 'all'
      : [...new Set(seeing.map(({ unitId }) => unitId!))].toSorted((a, b) => a - b),
    grants,
  };
}

/** The operator at the command line and the service's own jobs: the whole organisation, with every right. */
export function everything(actor: string): Scope {
  return scopeFrom(actor, null, [
    { role: 'hr', unitId: null },
    { role: 'admin', unitId: null },
  ]);
}

/** For `$n::int[]` parameters: null stands for no limit. */
export function visibleRoots(scope: Scope): number[] | null {
  return scope.unitIds === 'all' ? null : [...scope.unitIds];
}

/** The same person in these roles alone, over the units of these roles alone; perhaps nothing at all. */
export function narrow(scope: Scope, ...roles: Role[]): Scope {
  return scopeFrom(
    scope.actor,
    scope.userId,
    scope.grants.filter(({ role }) => roles.includes(role)),
  );
}

/** The scope of the roles, to ask with from here on. Throws `role_required` unless the caller has one of them. */
export function requireRole(scope: Scope, ...roles: Role[]): Scope {
  const narrowed = narrow(scope, ...roles);
  if (narrowed.roles.length > 0) return narrowed;
  throw new AppError(
    'role_required',
    'forbidden',
    'この操作を行う権限がありません。人事課にお問い合わせください。',
    { roles },
  );
}

/** The scope of those of the roles that hold for every unit. Throws `role_required` or `whole_organisation_only`. */
export function requireWholeOrganisation(scope: Scope, ...roles: Role[]): Scope {
  const whole = narrowToWhole(requireRole(scope, ...roles));
  if (whole.roles.length > 0) return whole;
  throw new AppError(
    'whole_organisation_only',
    'forbidden',
    '全所属にわたる内容のため、全所属を担当する人だけが利用できます。人事課にお問い合わせください。',
  );
}

/** The grants that hold for every unit. */
export function narrowToWhole(scope: Scope): Scope {
  return scopeFrom(
    scope.actor,
    scope.userId,
    scope.grants.filter(({ unitId }) => unitId === null),
  );
}

/** Whether the caller may see how many people are in each status; others get staff, held and remaining only. */
export function seesStatuses(scope: Scope): boolean {
  return scope.roles.length > 0 && scope.roles.every((role) => role === 'hr' || role === 'auditor');
}
