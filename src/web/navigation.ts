import type { Role } from '../access/scope.js';

export type NavigationKey =
  'overview' | 'units' | 'imports' | 'waves' | 'exceptions' | 'reports' | 'audit' | 'settings' | 'users';

export interface NavigationItem {
  readonly label: string;
  readonly href: string;
  readonly current: boolean;
}

interface Entry {
  readonly key: NavigationKey;
  readonly label: string;
  readonly href: string;
  readonly roles: readonly Role[];
  /** Only where the role holds for every unit. */
  readonly whole?: true;
}

const ENTRIES: readonly Entry[] = [
  { key: 'overview', label: '全体', href: '/', roles: ['hr', 'leader', 'auditor'] },
  { key: 'units', label: '所属', href: '/units', roles: ['hr'] },
  { key: 'imports', label: '取込', href: '/imports', roles: ['hr'], whole: true },
  { key: 'waves', label: 'リマインド', href: '/waves', roles: ['hr', 'auditor'], whole: true },
  { key: 'exceptions', label: '例外', href: '/exceptions', roles: ['hr'] },
  {
    key: 'reports',
    label: '月次締め・レポート',
    href: '/reports',
    roles: ['hr', 'leader', 'auditor'],
    whole: true,
  },
  { key: 'audit', label: '操作の記録', href: '/audit', roles: ['hr', 'auditor'], whole: true },
  { key: 'settings', label: '設定', href: '/settings', roles: ['hr'], whole: true },
  { key: 'users', label: '利用者', href: '/users', roles: ['admin'] },
];

const OWN_UNIT: Entry = { key: 'units', label: '自分の所属', href: '/units', roles: ['manager'] };

/** The pages a person may open; a manager who is nothing else sees the own unit only. */
export function navigationFor(
  roles: readonly Role[],
  current: NavigationKey | null,
  wholeRoles: readonly Role[] = roles,
): NavigationItem[] {
  const entries = roles.includes('hr') ? ENTRIES : [...ENTRIES, OWN_UNIT];
  return entries
    .filter((entry) => entry.roles.some((role) => (entry.whole ? wholeRoles : roles).includes(role)))
    .map(({ key, label, href }) => ({ label, href, current: key === current }));
}
