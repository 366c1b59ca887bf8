import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { Access } from './access.types.js';
import { normaliseAccountName } from './account-name.js';
import { AuditService } from './audit.service.js';
import type { Role } from './scope.js';
import { Session } from './session.entity.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { UserService } from './user.service.js';

const MINUTE = 60_000;
/** A session ends after this long without a request … */
export const IDLE_LIMIT_MS = 8 * 60 * MINUTE;
/** … and this long after the sign-in at the latest. */
export const ABSOLUTE_LIMIT_MS = 24 * 60 * MINUTE;
/** A write on every request would cost most of the throughput. */
export const TOUCH_INTERVAL_MS = MINUTE;

interface SessionRow {
  csrf_token: string;
  last_seen_at: Date;
  user_id: number;
  name: string;
  display_name: string;
  must_change_password: boolean;
  roles: Role[];
  unit_ids: number[];
  all_units: boolean;
}

/** Sessions kept in the database, so that signing out and disabling an account take effect at once. */
@Injectable()
export class SessionService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly users: UserService,
    private readonly audit: AuditService,
    private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Opens a session and answers its token, the only time it is seen. Whatever is wrong, the answer is the one
   * AppError `sign_in_failed`, after the same work; `too_many_attempts` when guessing goes on from that address.
   */
  async signIn(
    name: string,
    password: string,
    address: string,
  ): Promise<Access & { readonly token: string }> {
    const account = normaliseAccountName(name);
    await this.throttle.attempt(account, address);
    const { user, known } = await this.users.verify(account, password);
    if (!user) {
      // What was typed may be anything, even a password: only an account that exists is named.
      await this.audit.record(null, {
        actor: known?.name ?? 'unknown',
        action: 'sign_in_failed',
        target: known ? `user:${known.id}` : '',
      });
      throw new AppError(
        'sign_in_failed',
        'unauthenticated',
        'アカウント名またはパスワードが正しくありません。入力し直してください。',
      );
    }
    this.throttle.succeeded(account, address);

    const token = randomToken();
    const now = this.clock.now();
    await this.db.transaction(async (em) => {
      await em.query('DELETE FROM app_session WHERE user_id = $1 AND created_at <= $2', [
        user.id,
        before(now, ABSOLUTE_LIMIT_MS),
      ]);
      await em.insert(Session, {
        tokenHash: hashOf(token),
        userId: user.id,
        csrfToken: randomToken(),
        createdAt: now,
        lastSeenAt: now,
      });
      await this.audit.record(em, { actor: user.name, action: 'sign_in', target: `user:${user.id}` });
    });
    return { token, ...(await this.scopeOf(token))! };
  }

  /**
   * Who holds the token and what that person may see today; null when it opens nothing (any more).
   * Limit: roles and units are added up, so an account with two grants has both roles in both subtrees.
   */
  async scopeOf(token: string): Promise<Access | null> {
    const now = this.clock.now();
    const tokenHash = hashOf(token);
    const [row] = await this.db.query<SessionRow[]>(
      `SELECT s.csrf_token, s.last_seen_at, u.id AS user_id, u.name, u.display_name, u.must_change_password,
              g.roles, g.unit_ids, g.all_units
       FROM app_session s
       JOIN app_user u ON u.id = s.user_id AND u.disabled_at IS NULL
       CROSS JOIN LATERAL (
         SELECT coalesce(array_agg(DISTINCT role), '{}') AS roles,
                coalesce(array_agg(DISTINCT unit_id) FILTER (WHERE unit_id IS NOT NULL), '{}') AS unit_ids,
                coalesce(bool_or(unit_id IS NULL), false) AS all_units
         FROM app_grant
         WHERE user_id = u.id AND valid_from <= $4 AND $4 < valid_to) g
       WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.last_seen_at > $2 AND s.created_at > $3`,
      [tokenHash, before(now, IDLE_LIMIT_MS), before(now, ABSOLUTE_LIMIT_MS), this.clock.today()],
    );
    if (!row) return null;
    await this.touch(tokenHash, row.last_seen_at, now);
    return {
      scope: {
        actor: row.name,
        userId: row.user_id,
        roles: row.roles,
        unitIds: row.all_units ? 'all' : row.unit_ids,
      },
      session: {
        id: tokenHash.toString('hex'),
        userId: row.user_id,
        name: row.name,
        displayName: row.display_name,
        mustChangePassword: row.must_change_password,
        csrfToken: row.csrf_token,
      },
    };
  }

  /** Ends the session; a token that opens nothing is no error. */
  async signOut(token: string): Promise<void> {
    await this.db.transaction(async (em) => {
      const [[ended]] = await em.query<[{ id: number; name: string }[], number]>(
        `UPDATE app_session s SET ended_at = $2 FROM app_user u
         WHERE s.token_hash = $1 AND s.ended_at IS NULL AND u.id = s.user_id RETURNING u.id, u.name`,
        [hashOf(token), this.clock.now()],
      );
      if (ended)
        await this.audit.record(em, { actor: ended.name, action: 'sign_out', target: `user:${ended.id}` });
    });
  }

  private async touch(tokenHash: Buffer, lastSeenAt: Date, now: Date): Promise<void> {
    if (now.getTime() - lastSeenAt.getTime() < TOUCH_INTERVAL_MS) return;
    await this.db.query(
      'UPDATE app_session SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2',
      [tokenHash, now],
    );
  }
}

function before(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}

/** 256 bits. */
function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
