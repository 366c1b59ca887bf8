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
  /** Left out: a one-time password is made, to be changed at the first sign-in. */
  readonly password?: string;
}

/** Whoever holds the session's cookie. */
export interface SignedInSession {
  /** SHA-256 of the token, hexadecimal: names the session without opening it. */
  readonly id: string;
  readonly userId: number;
  readonly name: string;
  readonly displayName: string;
  readonly mustChangePassword: boolean;
  /** Sent back by every form and unsafe request of this session. */
  readonly csrfToken: string;
}

export interface Access {
  readonly scope: Scope;
  readonly session: SignedInSession;
}
