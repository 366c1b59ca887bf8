import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { addDays, isIsoDate, type IsoDate } from '../platform/month.js';
import { normaliseAccountName, staffNumber } from './account-name.js';
import { personOf, presentStaffNumber } from './account.query.js';
import { AuditService } from './audit.service.js';
import type { AuditAction, AuditDetails } from './audit.types.js';
import { assertUnitFits, unitIdOf } from './grant-unit.js';
import { Grant } from './grant.entity.js';
import { hashPassword } from './password-hash.js';
import { randomOneTimePassword } from './password-policy.js';
import { requireRole, type Role, type Scope } from './scope.js';
import { endSessions } from './session.query.js';
import { listAccounts, type AccountView } from './user-list.query.js';
import { User } from './user.entity.js';
import { oneTimePasswordExpiry, refuseTaken } from './user.service.js';

export interface NewGrant {
  readonly role: Role;
  /** Every unit when left out. */
  readonly unitCode?: string;
  /** Today when left out. */
  readonly from?: IsoDate;
  /** Last day; without end when left out. */
  readonly until?: IsoDate;
}

/** Accounts and their rights, for the role `admin`. Every change is on the audit record and takes effect at once. */
@Injectable()
export class UserAdminService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  async list(scope: Scope): Promise<AccountView[]> {
    requireRole(scope, 'admin');
    return listAccounts(this.db.manager, this.moment(), null);
  }

  /** By account name. Throws `user_not_found`. */
  async get(scope: Scope, name: string): Promise<AccountView> {
    requireRole(scope, 'admin');
    const [account] = await listAccounts(this.db.manager, this.moment(), normaliseAccountName(name));
    if (!account) throw notFound();
    return account;
  }

  /** Throws `user_not_found`, `own_rights`, `unit_required`, `unit_not_allowed`, `unknown_unit`, `bad_date`, `grant_exists`. */
  async grant(scope: Scope, name: string, { role, unitCode, from, until }: NewGrant): Promise<void> {
    const validFrom = from ?? this.clock.today();
    if (!isIsoDate(validFrom) || (until !== undefined && (!isIsoDate(until) || until < validFrom))) {
      throw new AppError(
        'bad_date',
        'invalid',
        '期間は 2022-10-31 のように、終わりの日が始まりの日以後になるよう指定してください。',
      );
    }
    assertUnitFits(role, unitCode);
    await this.change(scope, name, 'grant_added', async (em, user) => {
      const unitId = unitCode === undefined ? null : await unitIdOf(em, unitCode);
      const validTo = until === undefined ? 'infinity' : addDays(until, 1);
      const [same] = await em.query<unknown[]>(
        `SELECT 1 FROM app_grant WHERE user_id = $1 AND role = $2 AND unit_id IS NOT DISTINCT FROM $3
           AND revoked_at IS NULL AND valid_from < $5::date AND $4::date < valid_to`,
        [user.id, role, unitId, validFrom, validTo],
      );
      if (same) {
        throw new AppError(
          'grant_exists',
          'conflict',
          'その期間には同じ権限がすでにあります。期間を変えるときは、先に今の権限を取り消してください。',
        );
      }
      await em.insert(Grant, { userId: user.id, role, unitId, validFrom, validTo, grantedBy: scope.actor });
      await endSessions(em, user.id, this.clock.now());
      return { role, unit: unitCode ?? null, from: validFrom, until: until ?? null };
    });
  }

  /** Throws `user_not_found`, `own_rights`, `grant_not_found`, `last_administrator`. */
  async revoke(scope: Scope, name: string, grantId: number): Promise<void> {
    await this.change(scope, name, 'grant_revoked', async (em, user) => {
      const [[revoked]] = Number.isSafeInteger(grantId)
        ? await em.query<[{ role: Role; unit: string | null }[], number]>(
            `UPDATE app_grant g SET revoked_at = $3, revoked_by = $4
             WHERE id = $1::bigint AND user_id = $2 AND revoked_at IS NULL
             RETURNING role, (SELECT code FROM unit WHERE id = g.unit_id) AS unit`,
            [grantId, user.id, this.clock.now(), scope.actor],
          )
        : [[]];
      if (!revoked) {
        throw new AppError(
          'grant_not_found',
          'not_found',
          'この権限は見つからないか、すでに取り消されています。',
        );
      }
      if (revoked.role === 'admin') await this.assertAdministratorLeft(em);
      await endSessions(em, user.id, this.clock.now());
      return { grant: grantId, role: revoked.role, unit: revoked.unit };
    });
  }

  /** Ends the sessions as well; the personal tokens of the account stop working. */
  async disable(scope: Scope, name: string): Promise<void> {
    await this.change(scope, name, 'user_disabled', async (em, user) => {
      await em.update(User, { id: user.id }, { disabledAt: this.clock.now() });
      if (await em.existsBy(Grant, { userId: user.id, role: 'admin' }))
        await this.assertAdministratorLeft(em);
      return { sessions: await endSessions(em, user.id, this.clock.now()) };
    });
  }

  async enable(scope: Scope, name: string): Promise<void> {
    await this.change(scope, name, 'user_enabled', async (em, user) => {
      await em.update(User, { id: user.id }, { disabledAt: null });
      return {};
    });
  }

  /** Answers a new one-time password, shown once; ends the sessions and revokes the personal tokens. */
  async resetPassword(scope: Scope, name: string): Promise<string> {
    const oneTimePassword = randomOneTimePassword();
    const passwordHash = await hashPassword(oneTimePassword);
    await this.change(scope, name, 'password_reset', async (em, user) => {
      const now = this.clock.now();
      if (user.passwordHash === null) {
        throw new AppError(
          'no_password',
          'conflict',
          'このアカウントは庁内の認証基盤でログインするため、パスワードがありません。',
        );
      }
      await em.update(
        User,
        { id: user.id },
        { passwordHash, mustChangePassword: true, passwordExpiresAt: oneTimePasswordExpiry(now) },
      );
      const [tokens] = await em.query<[unknown[], number]>(
        'UPDATE api_token SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING 1',
        [user.id, now],
      );
      return { sessions: await endSessions(em, user.id, now), tokens: tokens.length };
    });
    return oneTimePassword;
  }

  async endSessions(scope: Scope, name: string): Promise<void> {
    await this.change(scope, name, 'sessions_ended', async (em, user) => ({
      sessions: await endSessions(em, user.id, this.clock.now()),
    }));
  }

  /** Whose account it is; nothing typed takes the link away. Throws `bad_staff_number`, `individual_number`, `staff_number_taken`. */
  async linkStaff(scope: Scope, name: string, number: string | undefined): Promise<void> {
    const typed = staffNumber(number) ?? null;
    await this.change(scope, name, 'user_linked', async (em, user) => {
      const linked = await presentStaffNumber(em, typed);
      await em.update(User, { id: user.id }, { staffNumber: linked }).catch(refuseTaken);
      await endSessions(em, user.id, this.clock.now());
      return { linked: linked !== null, staff: await personOf(em, linked) };
    });
  }

  /** Lets the subject of the identity provider sign in to this account. Throws `user_exists` when it has another. */
  async linkProvider(scope: Scope, name: string, issuer: string, subject: string): Promise<void> {
    await this.change(scope, name, 'user_linked', async (em, user) => {
      await em
        .update(User, { id: user.id }, { oidcIssuer: issuer, oidcSubject: subject.trim() })
        .catch(refuseTaken);
      await endSessions(em, user.id, this.clock.now());
      return { provider: issuer };
    });
  }

  private moment() {
    return { today: this.clock.today(), now: this.clock.now() };
  }

  private async change(
    scope: Scope,
    name: string,
    action: AuditAction,
    act: (em: EntityManager, user: User) => Promise<AuditDetails>,
  ): Promise<void> {
    requireRole(scope, 'admin');
    await this.db.transaction(async (em) => {
      // One after the other: two administrators must not take the last right from each other.
      await em.query('LOCK TABLE app_grant IN SHARE ROW EXCLUSIVE MODE');
      const user = await em.findOneBy(User, { name: normaliseAccountName(name) });
      if (!user) throw notFound();
      if (user.id === scope.userId) {
        throw new AppError(
          'own_rights',
          'forbidden',
          '自分のアカウントの権限や状態は、自分では変えられません。ほかの管理者に依頼してください。',
        );
      }
      const details = await act(em, user);
      await this.audit.record(em, { actor: scope.actor, action, target: `user:${user.id}`, details });
    });
  }

  private async assertAdministratorLeft(em: EntityManager): Promise<void> {
    const [left] = await em.query<unknown[]>(
      `SELECT 1 FROM app_grant g JOIN app_user u ON u.id = g.user_id AND u.disabled_at IS NULL
       WHERE g.role = 'admin' AND g.revoked_at IS NULL AND g.valid_from <= $1 AND $1 < g.valid_to LIMIT 1`,
      [this.clock.today()],
    );
    if (left) return;
    throw new AppError(
      'last_administrator',
      'conflict',
      '管理者がいなくなるため、できません。先に別の管理者を加えてください。',
    );
  }
}

function notFound(): AppError {
  return new AppError('user_not_found', 'not_found', 'そのアカウントは見つかりません。');
}
