import type { Role } from '../../access/scope.js';
import type { TokenView } from '../../access/token.service.js';
import type { AccountView, GrantView } from '../../access/user-list.query.js';
import { formatCount, formatDate } from '../../platform/japanese-format.js';
import { formatMoment } from '../template-helpers.js';

export const ROLE_LABELS: Record<Role, string> = {
  hr: '人事',
  manager: '所属長',
  leader: '市長・部局長',
  auditor: '監査',
  admin: '管理者',
};

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint: string;
}

const ROLE_HINTS: Record<Role, string> = {
  hr: '氏名と取得状況を見て、取込・訂正・例外の決定を行います',
  manager: '自分の所属の人数を見ます。職員番号を結び付けると、名簿の所属長に自動で従います',
  leader: '人数と保有率、月次レポートを見ます',
  auditor: '人数と記録を見ます',
  admin: '利用者と権限を管理します。職員の数値と氏名は見えません',
};

export const ROLE_CHOICES: readonly Choice[] = Object.entries(ROLE_LABELS).map(([value, label]) => ({
  value,
  label,
  hint: ROLE_HINTS[value as Role],
}));

export interface UserListView {
  readonly heading: string;
  readonly roles: readonly Choice[];
  readonly rows: readonly {
    readonly name: string;
    readonly displayName: string;
    readonly href: string;
    readonly rights: string;
    readonly state: string;
    readonly lastSeen: string;
  }[];
  readonly error: string | null;
  readonly typed: {
    readonly name: string;
    readonly displayName: string;
    readonly unit: string;
    readonly staff: string;
  };
}

export const NOTHING_TYPED: UserListView['typed'] = { name: '', displayName: '', unit: '', staff: '' };

export function toUserListView(
  accounts: readonly AccountView[],
  error: string | null = null,
  typed: UserListView['typed'] = NOTHING_TYPED,
): UserListView {
  return {
    heading: `利用者 ${formatCount(accounts.length)}人`,
    roles: ROLE_CHOICES,
    rows: accounts.map((account) => ({
      name: account.name,
      displayName: account.displayName,
      href: userHref(account.name),
      rights: account.grants.map(rightOf).join('、') || 'なし',
      state: stateOf(account),
      lastSeen: account.lastSeenAt ? formatMoment(new Date(account.lastSeenAt).toISOString()) : '-',
    })),
    error,
    typed,
  };
}

export interface UserPageView {
  readonly name: string;
  readonly displayName: string;
  readonly href: string;
  readonly state: string;
  readonly disabled: boolean;
  readonly isOwn: boolean;
  readonly canReset: boolean;
  readonly ways: string;
  readonly staffNumber: string;
  readonly openSessions: number;
  readonly activeTokens: number;
  readonly grants: readonly {
    readonly id: number | null;
    readonly right: string;
    readonly period: string;
    readonly source: string;
  }[];
  readonly roles: readonly Choice[];
  readonly done: string | null;
  readonly error: string | null;
  readonly oneTimePassword: string | null;
}

const DONE: Record<string, string> = {
  granted: '権限を付けました。この利用者のログインは切れました。',
  revoked: '権限を取り消しました。この利用者のログインは切れました。',
  disabled: 'アカウントを止めました。ログインは切れ、APIトークンも使えません。',
  enabled: 'アカウントを再び使えるようにしました。',
  ended: 'ログインをすべて切りました。',
  linked: '職員番号を結び付けました。',
};

export function toUserPageView(
  account: AccountView,
  about: {
    readonly isOwn: boolean;
    readonly done?: string;
    readonly error?: string;
    readonly oneTimePassword?: string;
  },
): UserPageView {
  const ways = [account.hasPassword ? 'パスワード' : '', account.hasProvider ? '庁内の認証基盤' : ''];
  return {
    name: account.name,
    displayName: account.displayName,
    href: userHref(account.name),
    state: stateOf(account),
    disabled: account.disabled,
    isOwn: about.isOwn,
    canReset: account.hasPassword,
    ways: ways.filter(Boolean).join('、'),
    staffNumber: account.staffNumber ?? '',
    openSessions: account.openSessions,
    activeTokens: account.activeTokens,
    grants: account.grants.map((grant) => ({
      id: grant.source === 'manual' ? grant.id : null,
      right: rightOf(grant),
      period: periodOf(grant),
      source: SOURCES[grant.source],
    })),
    roles: ROLE_CHOICES,
    done: (about.done !== undefined && Object.hasOwn(DONE, about.done) && DONE[about.done]) || null,
    error: about.error ?? null,
    oneTimePassword: about.oneTimePassword ?? null,
  };
}

const SOURCES: Record<GrantView['source'], string> = {
  manual: '管理者が付けた',
  provider: '庁内の認証基盤に従う',
  roster: '名簿の所属長に従う',
};

function rightOf({ role, unitCode, unitName }: GrantView): string {
  const where = unitCode === null ? '全所属' : (unitName ?? unitCode);
  return role === 'admin' ? ROLE_LABELS.admin : `${ROLE_LABELS[role]}(${where})`;
}

function periodOf({ from, until, source, inForce }: GrantView): string {
  if (source === 'roster' || from === null) return '名簿にある間';
  const end = until === null ? '' : formatDate(until);
  return `${formatDate(from)}から${end}${inForce ? '' : '(まだ始まっていません)'}`;
}

function stateOf(account: AccountView): string {
  if (account.disabled) return '停止中';
  return account.mustChangePassword ? '最初のパスワードのまま' : '利用中';
}

export function userHref(name: string): string {
  return `/users/${encodeURIComponent(name)}`;
}

const TOKEN_STATES: Record<TokenView['state'], string> = {
  active: '使えます',
  expired: '期限切れ',
  revoked: '取り消し済み',
};

export interface AccountPageView {
  readonly name: string;
  readonly displayName: string;
  readonly hasPassword: boolean;
  readonly rights: string;
  readonly roles: readonly Choice[];
  readonly tokens: readonly {
    readonly id: number;
    readonly name: string;
    readonly may: string;
    readonly until: string;
    readonly lastUsed: string;
    readonly state: string;
    readonly active: boolean;
  }[];
  readonly maxDays: number;
  readonly newToken: string | null;
  readonly error: string | null;
}

export function toAccountPageView(input: {
  readonly name: string;
  readonly displayName: string;
  readonly hasPassword: boolean;
  readonly roles: readonly Role[];
  readonly tokens: readonly TokenView[];
  readonly maxDays: number;
  readonly newToken?: string;
  readonly error?: string;
}): AccountPageView {
  return {
    name: input.name,
    displayName: input.displayName,
    hasPassword: input.hasPassword,
    rights: input.roles.map((role) => ROLE_LABELS[role]).join('、') || 'なし',
    roles: ROLE_CHOICES.filter(({ value }) => input.roles.includes(value as Role)),
    tokens: input.tokens.map((token) => ({
      id: token.id,
      name: token.name,
      may: mayOf(token),
      until: formatMoment(new Date(token.expiresAt).toISOString()),
      lastUsed: token.lastUsedAt ? formatMoment(new Date(token.lastUsedAt).toISOString()) : 'まだ',
      state: TOKEN_STATES[token.state],
      active: token.state === 'active',
    })),
    maxDays: input.maxDays,
    newToken: input.newToken ?? null,
    error: input.error ?? null,
  };
}

function mayOf({ access, role, unitCode }: TokenView): string {
  const what = access === 'read' ? '読み取り' : '読み書き';
  const limits = [role === null ? '' : ROLE_LABELS[role], unitCode === null ? '' : `所属 ${unitCode}`];
  const limit = limits.filter(Boolean).join('・');
  return limit === '' ? what : `${what}(${limit})`;
}
