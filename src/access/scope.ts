import { AppError } from '../platform/errors.js';

export type Role = 'hr' | 'manager' | 'leader' | 'auditor' | 'admin';

/**
 * Who asks and which units that person may see: every query takes one as its first argument.
 * `unitIds` are the roots of the visible subtrees on the day the question is about; `all` is the whole organisation.
 */
export interface Scope {
  readonly actor: string;
  readonly userId: number | null;
  readonly roles: readonly Role[];
  readonly unitIds: 'all' | readonly number[];
}

/** The operator at the command line and the service's own jobs: the whole organisation, with every right. */
export function everything(actor: string): Scope {
  return { actor, userId: null, roles: ['hr', 'admin'], unitIds: 'all' };
}

/** For `$n::int[]` parameters: null stands for no limit. */
export function visibleRoots(scope: Scope): number[] | null {
  return scope.unitIds === 'all' ? null : [...scope.unitIds];
}

/** Throws `forbidden` unless the caller has one of the roles. */
export function requireRole(scope: Scope, ...roles: Role[]): void {
  if (!roles.some((role) => scope.roles.includes(role))) {
    throw new AppError(
      'role_required',
      'forbidden',
      'この操作を行う権限がありません。人事課にお問い合わせください。',
      { roles },
    );
  }
}

/** Whether the caller may see how many people are in each status; others get staff, held and remaining only. */
export function seesStatuses(scope: Scope): boolean {
  return scope.roles.includes('hr') || scope.roles.includes('auditor');
}
