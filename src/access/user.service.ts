import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { presentStaffNumber } from './account.query.js';
import type { NewUser, UserView } from './access.types.js';
import {
  accountName,
  displayName,
  isAccountName,
  normaliseAccountName,
  staffNumber,
} from './account-name.js';
import { AuditService } from './audit.service.js';
import { assertUnitFits, unitIdOf } from './grant-unit.js';
import { Grant } from './grant.entity.js';
import { decoyHash, hashPassword, verifyPassword } from './password-hash.js';
import { assertAcceptablePassword, normalisePassword, randomOneTimePassword } from './password-policy.js';
import type { Role } from './scope.js';
import { endSessions } from './session.query.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { User } from './user.entity.js';

export const FIRST_ADMINISTRATOR = 'admin';
const UNIQUE_VIOLATION = '23505';
/** A password on a slip of paper is not left lying about for longer. */
export const ONE_TIME_PASSWORD_DAYS = 7;
const DAY = 86_400_000;

interface NewAccount {
  readonly name: string;
  readonly displayName: string;
  readonly password?: string;
  readonly roles: readonly Role[];
  readonly unitCode?: string;
  readonly staffNumber?: string;
}

export interface AddedUser {
  readonly user: UserView;
  /** Shown once and kept nowhere; null when a password was given. */
  readonly oneTimePassword: string | null;
}

@Injectable()
export class UserService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Adds an account with one role from today on; a manager with a staff number instead of a unit manages what the
   * roster says. Throws AppError `bad_account_name`, `bad_display_name`, `bad_staff_number`, `individual_number`,
   * `password_…`, `unit_required`, `unit_not_allowed`, `unknown_unit`, `user_exists` or `staff_number_taken`; then
   * nothing is written.
   */
  async add(input: NewUser, actor: string): Promise<AddedUser> {
    const name = accountName(input.name);
    const unitCode = input.unitCode?.trim() || undefined;
    const number = staffNumber(input.staffNumber);
    if (input.role !== 'manager' || number === undefined) assertUnitFits(input.role, unitCode);
    const followsRoster = input.role === 'manager' && unitCode === undefined;
    const account = {
      name,
      displayName: displayName(input.displayName ?? name),
      password: input.password,
      roles: followsRoster ? [] : [input.role],
      unitCode,
      staffNumber: number,
    };
    return this.db.transaction((em) => this.create(em, account, actor));
  }

  /**
   * With no account at all, makes `admin`; otherwise null. Besides `admin` the account holds the role `hr`: somebody
   * has to import the first roster, and until then there is nobody else who could.
   */
  async ensureFirstAdministrator(): Promise<{ name: string; oneTimePassword: string } | null> {
    return this.db.transaction(async (em) => {
      // Two processes that start together on an empty database make one administrator, not two.
      await em.query('LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE');
      if (await em.exists(User)) return null;
      const added = await this.create(
        em,
        { name: FIRST_ADMINISTRATOR, displayName: '最初の管理者', roles: ['admin', 'hr'] },
        'system',
      );
      return { name: added.user.name, oneTimePassword: added.oneTimePassword! };
    });
  }

  async find(name: string): Promise<UserView | null> {
    const user = await this.byName(name);
    return user && toView(user);
  }

  /**
   * The account whose password this is, or null. Takes the same work for a name that is unknown or disabled.
   * `known` is for the audit record only, never for the answer.
   */
  async verify(
    name: string,
    password: string,
  ): Promise<{ user: UserView | null; known: UserView | null; expired: boolean }> {
    const found = await this.byName(name);
    const decoy = await decoyHash();
    const fits = await verifyPassword(found?.passwordHash ?? decoy, password);
    const known = found && toView(found);
    if (!fits || !known || known.disabled) return { user: null, known, expired: false };
    const expired = found.passwordExpiresAt !== null && found.passwordExpiresAt <= this.clock.now();
    return { user: expired ? null : known, known, expired };
  }

  /**
   * Sets the own password and ends the user's other sessions. Throws AppError `wrong_password`, `too_many_attempts`, `same_password` or
   * the password rule that is broken.
   */
  async changePassword(change: {
    readonly userId: number;
    readonly currentPassword: string;
    readonly newPassword: string;
    /** `SignedInSession.id` of the session that stays open. */
    readonly keepSession?: string;
  }): Promise<void> {
    const user = await this.db.manager.findOneByOrFail(User, { id: change.userId });
    if (user.passwordHash === null) {
      throw new AppError(
        'no_password',
        'conflict',
        'このアカウントは庁内の認証基盤でログインするため、ここで変えるパスワードはありません。',
      );
    }
    const attempts = `\0password ${user.id}`;
    await this.throttle.attempt(attempts, '');
    if (!(await verifyPassword(user.passwordHash, change.currentPassword))) {
      throw new AppError(
        'wrong_password',
        'refused',
        '今のパスワードが正しくありません。入力し直してください。',
      );
    }
    this.throttle.succeeded(attempts, '');
    if (normalisePassword(change.newPassword) === normalisePassword(change.currentPassword)) {
      throw new AppError(
        'same_password',
        'refused',
        '今と同じパスワードです。別のパスワードを入力してください。',
      );
    }
    assertAcceptablePassword(change.newPassword, user.name);
    const passwordHash = await hashPassword(change.newPassword);
    await this.db.transaction(async (em) => {
      await em.update(
        User,
        { id: user.id },
        { passwordHash, mustChangePassword: false, passwordExpiresAt: null },
      );
      await endSessions(em, user.id, this.clock.now(), change.keepSession);
      await this.audit.record(em, {
        actor: user.name,
        action: 'password_changed',
        target: `user:${user.id}`,
      });
    });
  }

  private async byName(text: string): Promise<User | null> {
    const name = normaliseAccountName(text);
    return isAccountName(name) ? this.db.manager.findOneBy(User, { name }) : null;
  }

  private async create(em: EntityManager, account: NewAccount, actor: string): Promise<AddedUser> {
    const { name, password, roles, unitCode } = account;
    if (password !== undefined) assertAcceptablePassword(password, name);
    const oneTimePassword = password === undefined ? randomOneTimePassword() : null;
    const unitId = unitCode === undefined ? null : await unitIdOf(em, unitCode);

    const user = em.create(User, {
      name,
      displayName: account.displayName,
      passwordHash: await hashPassword(password ?? oneTimePassword!),
      mustChangePassword: password === undefined,
      passwordExpiresAt: password === undefined ? oneTimePasswordExpiry(this.clock.now()) : null,
      staffNumber: (await presentStaffNumber(em, account.staffNumber)) ?? null,
      createdAt: this.clock.now(),
      disabledAt: null,
    });
    await em.insert(User, user).catch(refuseTaken);
    await em.insert(
      Grant,
      roles.map((role) => ({
        userId: user.id,
        role,
        unitId,
        validFrom: this.clock.today(),
        grantedBy: actor,
      })),
    );
    await this.audit.record(em, {
      actor,
      action: 'user_added',
      target: `user:${user.id}`,
      details: { roles, unit: unitCode ?? null, followsRoster: account.staffNumber !== undefined },
    });
    return { user: toView(user), oneTimePassword };
  }
}

export function oneTimePasswordExpiry(now: Date): Date {
  return new Date(now.getTime() + ONE_TIME_PASSWORD_DAYS * DAY);
}

/** What an account shares with no other, as the database says it. */
export function refuseTaken(error: unknown): never {
  const driverError = error instanceof QueryFailedError ? error.driverError : {};
  const { code, constraint } = driverError as { code?: string; constraint?: string };
  if (code !== UNIQUE_VIOLATION) throw error;
  throw constraint === 'app_user_staff_number_key'
    ? new AppError(
        'staff_number_taken',
        'conflict',
        'その職員番号は別のアカウントに結び付いています。職員番号を確かめてください。',
      )
    : new AppError(
        'user_exists',
        'conflict',
        'そのアカウント名はすでに使われています。別の名前を指定してください。',
      );
}

export function toView(user: User): UserView {
  return {
    id: user.id,
    name: user.name,
    displayName: user.displayName,
    mustChangePassword: user.mustChangePassword,
    disabled: user.disabledAt !== null,
  };
}
