import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import type { NewUser, UserView } from './access.types.js';
import { accountName, isAccountName, normaliseAccountName } from './account-name.js';
import { AuditService } from './audit.service.js';
import { Grant } from './grant.entity.js';
import { decoyHash, hashPassword, verifyPassword } from './password-hash.js';
import { assertAcceptablePassword, normalisePassword, randomOneTimePassword } from './password-policy.js';
import type { Role } from './scope.js';
import { User } from './user.entity.js';

export const FIRST_ADMINISTRATOR = 'admin';
const MAX_DISPLAY_NAME = 100;
const UNIQUE_VIOLATION = '23505';

interface NewAccount {
  readonly name: string;
  readonly displayName: string;
  readonly password?: string;
  readonly roles: readonly Role[];
  readonly unitCode?: string;
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
  ) {}

  /**
   * Adds an account with one role from today on. Throws AppError `bad_account_name`, `bad_display_name`,
   * `individual_number`, `password_…`, `unit_required`, `unknown_unit` or `user_exists`; then nothing is written.
   */
  async add(input: NewUser, actor: string): Promise<AddedUser> {
    const name = accountName(input.name);
    if (input.role === 'manager' && !input.unitCode) {
      throw new AppError(
        'unit_required',
        'refused',
        '所属長の権限は所属ごとに付けます。所属コードを指定してください。',
      );
    }
    const account = {
      name,
      displayName: displayName(input.displayName ?? name),
      password: input.password,
      roles: [input.role],
      unitCode: input.unitCode,
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
  async verify(name: string, password: string): Promise<{ user: UserView | null; known: UserView | null }> {
    const found = await this.byName(name);
    const decoy = await decoyHash();
    const fits = await verifyPassword(found?.passwordHash ?? decoy, password);
    const known = found && toView(found);
    return { user: known && fits && !known.disabled ? known : null, known };
  }

  /**
   * Sets the own password and ends the user's other sessions. Throws AppError `wrong_password`, `same_password` or
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
    if (!(await verifyPassword(user.passwordHash, change.currentPassword))) {
      throw new AppError(
        'wrong_password',
        'refused',
        '今のパスワードが正しくありません。入力し直してください。',
      );
    }
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
      await em.update(User, { id: user.id }, { passwordHash, mustChangePassword: false });
      await em.query(
        `UPDATE app_session SET ended_at = $2
         WHERE user_id = $1 AND ended_at IS NULL AND token_hash IS DISTINCT FROM decode($3, 'hex')`,
        [user.id, this.clock.now(), change.keepSession ?? null],
      );
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
      createdAt: this.clock.now(),
      disabledAt: null,
    });
    await em.insert(User, user).catch(refuseTakenName);
    await em.insert(
      Grant,
      roles.map((role) => ({ userId: user.id, role, unitId, validFrom: this.clock.today() })),
    );
    await this.audit.record(em, {
      actor,
      action: 'user_added',
      target: `user:${user.id}`,
      details: { roles, unit: unitCode ?? null },
    });
    return { user: toView(user), oneTimePassword };
  }
}

/** Units belong to the roster, which lies above this room; a grant needs no more of one than its id. */
async function unitIdOf(em: EntityManager, code: string): Promise<number> {
  const [unit] = await em.query<{ id: number }[]>('SELECT id FROM unit WHERE code = $1', [
    code.normalize('NFKC').trim(),
  ]);
  if (!unit) {
    throw new AppError(
      'unknown_unit',
      'not_found',
      'その所属コードの所属はありません。所属コードを確かめてください。',
    );
  }
  return unit.id;
}

function displayName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (containsIndividualNumber(name)) {
    throw new AppError('individual_number', 'refused', '個人番号(12桁)は表示名に使えません。');
  }
  if (name === '' || [...name].length > MAX_DISPLAY_NAME || /\p{Cc}/u.test(name)) {
    throw new AppError(
      'bad_display_name',
      'refused',
      `表示名は1行、${MAX_DISPLAY_NAME}文字以内で指定してください。`,
    );
  }
  return name;
}

function refuseTakenName(error: unknown): never {
  if (
    error instanceof QueryFailedError &&
    (error.driverError as { code?: string }).code === UNIQUE_VIOLATION
  ) {
    throw new AppError(
      'user_exists',
      'conflict',
      'そのアカウント名はすでに使われています。別の名前を指定してください。',
    );
  }
  throw error;
}

function toView(user: User): UserView {
  return {
    id: user.id,
    name: user.name,
    displayName: user.displayName,
    mustChangePassword: user.mustChangePassword,
    disabled: user.disabledAt !== null,
  };
}
