import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { prepared } from '../platform/database/prepared.js';
import { AppError } from '../platform/errors.js';
import type { Access, UserView } from './access.types.js';
import { normaliseAccountName } from './account-name.js';
import { accountColumns, joinGrants, toAccess, type AccountRow } from './account.query.js';
import { AuditService } from './audit.service.js';
import type { AuditDetails } from './audit.types.js';
import { hashOfSecret, randomSecret } from './secret.js';
import { Session } from './session.entity.js';
import { ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS, TOUCH_INTERVAL_MS } from './session-limits.js';
import { SignInThrottle } from './sign-in-throttle.js';
import { ONE_TIME_PASSWORD_DAYS, UserService } from './user.service.js';

interface SessionRow extends AccountRow {
  readonly csrf_token: string;
  readonly last_seen_at: Date;
}

export interface OpenedSession extends Pick<Access, 'scope' | 'session'> {
  /** For the cookie; this is the only time it is seen. */
  readonly token: string;
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
   * Opens a session with the password. Whatever is wrong, the answer is the one AppError `sign_in_failed`, after the
   * same work; `one_time_password_expired` only to whoever knows it; `too_many_attempts` when guessing goes on.
   */
  async signIn(name: string, password: string, address: string): Promise<OpenedSession> {
    const account = normaliseAccountName(name);
    await this.throttle.attempt(account, address);
    const { user, known, expired } = await this.users.verify(account, password);
    if (!user) {
      // What was typed may be anything, even a password: only an account that exists is named.
      await this.audit.record(null, {
        actor: known?.name ?? 'unknown',
        action: 'sign_in_failed',
        target: known ? `user:${known.id}` : '',
      });
      throw expired ? oneTimePasswordExpired() : signInFailed();
    }
    this.throttle.succeeded(account, address);
    return this.open(user);
  }

  /** Opens a session for somebody who has shown who they are. */
  async open(user: Pick<UserView, 'id' | 'name'>, details: AuditDetails = {}): Promise<OpenedSession> {
    const token = randomSecret();
    const now = this.clock.now();
    await this.db.transaction(async (em) => {
      await em.query('DELETE FROM app_session WHERE user_id = $1 AND created_at <= $2', [
        user.id,
        before(now, ABSOLUTE_LIMIT_MS),
      ]);
      await em.insert(Session, {
        tokenHash: hashOfSecret(token),
        userId: user.id,
        csrfToken: randomSecret(),
        createdAt: now,
        lastSeenAt: now,
      });
      await this.audit.record(em, {
        actor: user.name,
        action: 'sign_in',
        target: `user:${user.id}`,
        details,
      });
    });
    return { token, ...(await this.scopeOf(token))! };
  }

  /** Who holds the token and what that person may do today; null when it opens nothing (any more). */
  async scopeOf(token: string): Promise<Access | null> {
    const now = this.clock.now();
    const tokenHash = hashOfSecret(token);
    const [row] = await prepared<SessionRow>(this.db.manager, OPEN_SESSION, [
      tokenHash,
      before(now, IDLE_LIMIT_MS),
      before(now, ABSOLUTE_LIMIT_MS),
      this.clock.today(),
    ]);
    if (!row) return null;
    await this.touch(tokenHash, row.last_seen_at, now);
    return toAccess(row, { id: tokenHash.toString('hex'), csrfToken: row.csrf_token });
  }

  /** Ends the session; a token that opens nothing is no error. */
  async signOut(token: string): Promise<void> {
    await this.db.transaction(async (em) => {
      const [[ended]] = await em.query<[{ id: number; name: string }[], number]>(
        `UPDATE app_session s SET ended_at = $2 FROM app_user u
         WHERE s.token_hash = $1 AND s.ended_at IS NULL AND u.id = s.user_id RETURNING u.id, u.name`,
        [hashOfSecret(token), this.clock.now()],
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

/** $1 hash of the token, $2 $3 moments since which it must have been used and opened, $4 today */
const OPEN_SESSION = /* sql */ `
SELECT s.csrf_token, s.last_seen_at, ${accountColumns}
FROM app_session s
JOIN app_user u ON u.id = s.user_id AND u.disabled_at IS NULL
${joinGrants('$4')}
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.last_seen_at > $2 AND s.created_at > $3`;

function before(now: Date, milliseconds: number): Date {
  return new Date(now.getTime() - milliseconds);
}

function signInFailed(): AppError {
  return new AppError(
    'sign_in_failed',
    'unauthenticated',
    'アカウント名またはパスワードが正しくありません。入力し直してください。',
  );
}

function oneTimePasswordExpired(): AppError {
  return new AppError(
    'one_time_password_expired',
    'unauthenticated',
    `一度だけ使えるパスワードの期限(${ONE_TIME_PASSWORD_DAYS}日)が過ぎています。情報システム課に再発行を依頼してください。`,
  );
}
