import type { Role, Scope } from './scope.js';

/** An account as doors may see it. */
export interface UserView {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly mustChangePassword: boolean;
  readonly disabled: boolean;
}

export interface NewUser {
  readonly name: string;
  /** The account name when left out. */
  readonly displayName?: string;
  readonly role: Role;
  /** The unit whose subtree the role holds for; every unit when left out. */
  readonly unitCode?: string;
  /** Whose account this is; the role `manager` then follows the roster and needs no unit. */
  readonly staffNumber?: string;
  /** Left out: a one-time password is made, to be changed at the first sign-in. */
  readonly password?: string;
}

/** Whoever holds the session's cookie, or a personal token. */
export interface SignedInSession {
  /** SHA-256 of the session's token, hexadecimal: names the session without opening it; empty for a personal token. */
  readonly id: string;
  readonly userId: number;
  readonly name: string;
  readonly displayName: string;
  readonly mustChangePassword: boolean;
  /** False where only the identity provider can sign the account in. */
  readonly hasPassword: boolean;
  /** Sent back by every form and unsafe request of this session; empty for a personal token. */
  readonly csrfToken: string;
  /** Every right of the account. For menus: queries take the scope of the route. */
  readonly rights: Scope;
}

export interface Access {
  readonly scope: Scope;
  readonly session: SignedInSession;
  /** What a personal token may do; undefined for a session. */
  readonly token?: 'read' | 'write';
}
