import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { CONFIG } from '../platform/tokens.js';
import { accountName, displayName, staffNumber } from './account-name.js';
import { personOf, presentStaffNumber } from './account.query.js';
import { AuditService } from './audit.service.js';
import { assertUnitFits, unitIdOf } from './grant-unit.js';
import { Grant } from './grant.entity.js';
import { IdentityProvider, type ProviderIdentity } from './identity-provider.service.js';
import { mapClaims, type MappedClaims, type MappedRole } from './provider-claims.js';
import { endSessions } from './session.query.js';
import { SessionService, type OpenedSession } from './session.service.js';
import { User } from './user.entity.js';
import { refuseTaken } from './user.service.js';

interface WantedGrant {
  readonly role: MappedRole['role'];
  readonly unitId: number | null;
}

/** Turns who the identity provider says is there into an account of ours and its rights. */
@Injectable()
export class ProviderSignIn {
  constructor(
    private readonly provider: IdentityProvider,
    private readonly sessions: SessionService,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    private readonly db: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Opens a session for whoever came back. The account is found by the provider's subject, never by its name, which
   * others can be given; it is made when there is none and the mapping gives the person a role. Throws
   * `provider_account_unknown`, `user_exists`, `provider_account_disabled` besides what `comeBack` throws.
   */
  async finish(path: string, keptState: string | undefined): Promise<OpenedSession & { next: string }> {
    let identity: ProviderIdentity | undefined;
    try {
      identity = await this.provider.comeBack(path, keptState);
      const user = await this.accountOf(identity);
      return { ...(await this.sessions.open(user, { by: 'provider' })), next: identity.next };
    } catch (error) {
      if (error instanceof AppError) {
        await this.audit.record(null, {
          actor: 'unknown',
          action: 'sign_in_failed',
          details: { by: 'provider', reason: error.code },
        });
      }
      throw error;
    }
  }

  private accountOf({ issuer, subject, claims }: ProviderIdentity): Promise<User> {
    const mapped = mapClaims(claims, this.config.oidc!);
    return this.db.transaction(async (em) => {
      // Two first sign-ins of one person make one account.
      await em.query('LOCK TABLE app_user IN SHARE ROW EXCLUSIVE MODE');
      const known = await em.findOneBy(User, { oidcIssuer: issuer, oidcSubject: subject });
      if (known?.disabledAt) {
        throw new AppError(
          'provider_account_disabled',
          'forbidden',
          'このアカウントは止められています。情報システム課にお問い合わせください。',
        );
      }
      const user = known ?? (await this.create(em, issuer, subject, mapped));
      const relinked = await this.followStaffNumber(em, user, mapped);
      const changed = await this.followRoles(em, user, mapped.roles);
      if (known && (relinked || changed)) await endSessions(em, user.id, this.clock.now());
      return user;
    });
  }

  private async create(
    em: EntityManager,
    issuer: string,
    subject: string,
    mapped: MappedClaims,
  ): Promise<User> {
    if (mapped.roles.length === 0) {
      throw new AppError(
        'provider_account_unknown',
        'forbidden',
        'このサービスを使う権限がまだありません。使う必要があるときは、情報システム課に依頼してください。',
      );
    }
    const user = em.create(User, {
      name: accountName(mapped.name),
      displayName: displayName(mapped.displayName),
      passwordHash: null,
      mustChangePassword: false,
      passwordExpiresAt: null,
      oidcIssuer: issuer,
      oidcSubject: subject,
      createdAt: this.clock.now(),
      disabledAt: null,
    });
    await em.insert(User, user).catch(refuseTaken);
    await this.audit.record(em, {
      actor: 'provider',
      action: 'user_added',
      target: `user:${user.id}`,
      details: { roles: mapped.roles.map(({ role }) => role) },
    });
    return user;
  }

  /** The provider knows whose account it is; where it says nothing, what the administrator has set stays. */
  private async followStaffNumber(em: EntityManager, user: User, mapped: MappedClaims): Promise<boolean> {
    const number = await presentStaffNumber(em, staffNumber(mapped.staffNumber));
    if (number === undefined || number === user.staffNumber) return false;
    await em.update(User, { id: user.id }, { staffNumber: number }).catch(refuseTaken);
    await this.audit.record(em, {
      actor: 'provider',
      action: 'user_linked',
      target: `user:${user.id}`,
      details: { linked: true, staff: await personOf(em, number) },
    });
    return true;
  }

  /** Grants from the provider are what its mapping gives today: no more, no less. Those made by hand stay. */
  private async followRoles(em: EntityManager, user: User, roles: readonly MappedRole[]): Promise<boolean> {
    const wanted = await toGrants(em, roles);
    const today = this.clock.today();
    const held = await em.query<{ id: number; role: MappedRole['role']; unit_id: number | null }[]>(
      `SELECT id, role, unit_id FROM app_grant
       WHERE user_id = $1 AND source = 'provider' AND revoked_at IS NULL AND $2 < valid_to`,
      [user.id, today],
    );
    const gone = held.filter((grant) => !wanted.some((want) => same(want, grant)));
    const missing = wanted.filter((want) => !held.some((grant) => same(want, grant)));
    for (const { id, role } of gone) {
      await em.update(Grant, { id }, { revokedAt: this.clock.now(), revokedBy: 'provider' });
      await this.audit.record(em, {
        actor: 'provider',
        action: 'grant_revoked',
        target: `user:${user.id}`,
        details: { grant: id, role },
      });
    }
    for (const { role, unitId } of missing) {
      await em.insert(Grant, {
        userId: user.id,
        role,
        unitId,
        validFrom: today,
        source: 'provider',
        grantedBy: 'provider',
      });
      await this.audit.record(em, {
        actor: 'provider',
        action: 'grant_added',
        target: `user:${user.id}`,
        details: { role, unitId },
      });
    }
    return gone.length + missing.length > 0;
  }
}

/** `manager` without a unit lets the person in; which units they manage follows from the roster. */
async function toGrants(em: EntityManager, roles: readonly MappedRole[]): Promise<WantedGrant[]> {
  const grants: WantedGrant[] = [];
  for (const { role, unitCode } of roles) {
    if (role === 'manager' && unitCode === undefined) continue;
    assertUnitFits(role, unitCode);
    const unitId = unitCode === undefined ? null : await unitIdOf(em, unitCode);
    if (!grants.some((grant) => grant.role === role && grant.unitId === unitId))
      grants.push({ role, unitId });
  }
  return grants;
}

function same(wanted: WantedGrant, held: { role: string; unit_id: number | null }): boolean {
  return wanted.role === held.role && wanted.unitId === held.unit_id;
}
