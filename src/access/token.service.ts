import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import { addDays, type IsoDate } from '../platform/month.js';
import type { Access } from './access.types.js';
import { accountColumns, joinGrants, toAccess, type AccountRow } from './account.query.js';
import { AuditService } from './audit.service.js';
import { unitIdOf } from './grant-unit.js';
import type { Role, RoleGrant, Scope } from './scope.js';
import { hashOfSecret, randomSecret } from './secret.js';
import { SignInThrottle } from './sign-in-throttle.js';

export const MAX_TOKEN_DAYS = 365;
const MAX_TOKENS = 20;
const MAX_NAME = 60;
/** Tells a scanner of files and logs what it has found. */
const PREFIX = 'mnc_';
const TOUCH_INTERVAL_MS = 60_000;
const DAY = 86_400_000;

export type TokenAccess = 'read' | 'write';

export interface NewToken {
  /** What it is for, so that the owner knows which one to revoke. */
  readonly name: string;
  readonly access: TokenAccess;
  /** The only role of the account that it carries; all of them when left out. */
  readonly role?: Role;
  /** The only unit it carries the role for. */
  readonly unitCode?: string;
  /** 1 to MAX_TOKEN_DAYS. */
  readonly days: number;
}

export interface TokenView {
  readonly id: number;
  readonly name: string;
  readonly access: TokenAccess;
  readonly role: Role | null;
  readonly unitCode: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly lastUsedAt: Date | null;
  readonly state: 'active' | 'expired' | 'revoked';
}

interface TokenRow extends AccountRow {
  readonly id: number;
  readonly access: TokenAccess;
  readonly role: Role | null;
  readonly unit_id: number | null;
  readonly last_used_at: Date | null;
}

/** Personal tokens, with which a program asks in the name of an account and with no more than its rights of that day. */
@Injectable()
export class TokenService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly throttle: SignInThrottle,
  ) {}

  /**
   * Makes a token and answers it, the only time it is seen. Throws `bad_token_name`, `individual_number`,
   * `bad_token_days`, `token_role_not_held`, `token_unit_not_held`, `unknown_unit`, `too_many_tokens`.
   */
  async add(rights: Scope, userId: number, input: NewToken): Promise<{ id: number; token: string }> {
    const name = tokenName(input.name);
    if (!Number.isInteger(input.days) || input.days < 1 || input.days > MAX_TOKEN_DAYS) {
      throw new AppError(
        'bad_token_days',
        'refused',
        `有効期間は1日から${MAX_TOKEN_DAYS}日までで指定してください。`,
      );
    }
    const token = PREFIX + randomSecret();
    const now = this.clock.now();
    return this.db.transaction(async (em) => {
      // One after the other, so that the limit holds.
      await em.query('SELECT 1 FROM app_user WHERE id = $1 FOR UPDATE', [userId]);
      const unitId = input.unitCode ? await unitIdOf(em, input.unitCode) : null;
      const carried = carriedGrants(rights.grants, input.role ?? null, null);
      if (input.role && carried.length === 0) {
        throw new AppError('token_role_not_held', 'refused', 'ご自身が持っていない権限は付けられません。');
      }
      if (unitId !== null && carriedGrants(carried, null, unitId).length === 0) {
        throw new AppError(
          'token_unit_not_held',
          'refused',
          'その所属には限定できません。全所属の権限があるときは任意の所属、そうでないときは権限が付いている所属そのものを指定してください。',
        );
      }
      const [{ count }] = await em.query<[{ count: number }]>(
        `SELECT count(*)::int AS count FROM api_token WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2`,
        [userId, now],
      );
      if (count >= MAX_TOKENS) {
        throw new AppError(
          'too_many_tokens',
          'conflict',
          `APIトークンは1人${MAX_TOKENS}個までです。使っていないものを取り消してください。`,
        );
      }
      const [row] = await em.query<[{ id: number }]>(
        `INSERT INTO api_token (user_id, name, token_hash, access, role, unit_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
        [
          userId,
          name,
          hashOfSecret(token),
          input.access,
          input.role ?? null,
          unitId,
          now,
          new Date(now.getTime() + input.days * DAY),
        ],
      );
      await this.audit.record(em, {
        actor: rights.actor,
        action: 'token_added',
        target: `user:${userId}`,
        details: {
          token: row.id,
          access: input.access,
          role: input.role ?? null,
          unit: input.unitCode ?? null,
          until: this.lastDay(input.days),
        },
      });
      return { id: row.id, token };
    });
  }

  /** The same for somebody else, by the operator, with the rights the account has today. */
  async addFor(actor: string, userId: number, input: NewToken): Promise<{ id: number; token: string }> {
    const [row] = await this.db.query<[AccountRow]>(
      `SELECT ${accountColumns} FROM app_user u ${joinGrants('$2')} WHERE u.id = $1`,
      [userId, this.clock.today()],
    );
    return this.add({ ...toAccess(row, { id: '', csrfToken: '' }).scope, actor }, userId, input);
  }

  /** Newest first, with those that no longer work. */
  async list(userId: number): Promise<TokenView[]> {
    return this.db.query<TokenView[]>(
      `SELECT t.id, t.name, t.access, t.role, u.code AS "unitCode", t.created_at AS "createdAt",
              t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt",
              CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN t.expires_at <= $2 THEN 'expired' ELSE 'active' END AS state
       FROM api_token t LEFT JOIN unit u ON u.id = t.unit_id
       WHERE t.user_id = $1 ORDER BY t.id DESC`,
      [userId, this.clock.now()],
    );
  }

  /** Throws `token_not_found` for somebody else's and for one that was revoked before. */
  async revoke(actor: string, userId: number, id: number): Promise<void> {
    await this.db.transaction(async (em) => {
      const [revoked] = Number.isSafeInteger(id)
        ? await em.query<[unknown[], number]>(
            `UPDATE api_token SET revoked_at = $3
             WHERE id = $1::bigint AND user_id = $2 AND revoked_at IS NULL RETURNING id`,
            [id, userId, this.clock.now()],
          )
        : [[]];
      if (revoked.length === 0) {
        throw new AppError(
          'token_not_found',
          'not_found',
          'このAPIトークンは見つからないか、すでに取り消されています。',
        );
      }
      await this.audit.record(em, {
        actor,
        action: 'token_revoked',
        target: `user:${userId}`,
        details: { token: id },
      });
    });
  }

  /**
   * Whoever the header `Authorization: Bearer …` belongs to. Throws `token_invalid`, and `too_many_attempts` where
   * wrong ones go on coming from an address; one that is right is never kept waiting by others that are not.
   */
  async accessOf(authorization: string, address: string): Promise<Access> {
    const token = /^Bearer +(mnc_[\w-]{43})$/i.exec(authorization)?.[1];
    const now = this.clock.now();
    const [row] = token
      ? await this.db.query<TokenRow[]>(
          `SELECT t.id, t.access, t.role, t.unit_id, t.last_used_at, ${accountColumns}
           FROM api_token t
           JOIN app_user u ON u.id = t.user_id AND u.disabled_at IS NULL
           ${joinGrants('$3')}
           WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > $2`,
          [hashOfSecret(token), now, this.clock.today()],
        )
      : [];
    if (!row) {
      await this.throttle.attempt('\0token', address);
      throw new AppError(
        'token_invalid',
        'unauthenticated',
        'APIトークンが正しくないか、期限が切れたか、取り消されています。新しいトークンを作ってください。',
      );
    }
    if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= TOUCH_INTERVAL_MS) {
      await this.db.query('UPDATE api_token SET last_used_at = $2 WHERE id = $1', [row.id, now]);
    }
    const grants = carriedGrants(row.grants, row.role, row.unit_id);
    const { scope, session } = toAccess({ ...row, grants }, { id: '', csrfToken: '' });
    return { scope, session, token: row.access };
  }

  private lastDay(days: number): IsoDate {
    return addDays(this.clock.today(), days);
  }
}

/**
 * What is left of the grants for a token of one role or one unit. A unit below a granted one is not taken for its part:
 * on a day when it hung elsewhere it would show what the account does not see.
 */
function carriedGrants(
  grants: readonly RoleGrant[],
  role: Role | null,
  unitId: number | null,
): readonly RoleGrant[] {
  return grants
    .filter((grant) => role === null || grant.role === role)
    .filter(
      (grant) =>
        unitId === null || grant.unitId === unitId || (grant.unitId === null && grant.role !== 'admin'),
    )
    .map((grant) => (unitId === null ? grant : { ...grant, unitId }));
}

function tokenName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (containsIndividualNumber(name)) {
    throw new AppError('individual_number', 'refused', '個人番号(12桁)はトークンの名前に使えません。');
  }
  if (name === '' || [...name].length > MAX_NAME || /\p{Cc}/u.test(name)) {
    throw new AppError('bad_token_name', 'refused', `用途は1行、${MAX_NAME}文字以内で入力してください。`);
  }
  return name;
}
