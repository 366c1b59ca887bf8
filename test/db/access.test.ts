import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ACCESS_ENTITIES } from '../../src/access/access.entities.js';
import { AuditService } from '../../src/access/audit.service.js';
import type { Scope } from '../../src/access/scope.js';
import { ABSOLUTE_LIMIT_MS, IDLE_LIMIT_MS } from '../../src/access/session-limits.js';
import { SessionService } from '../../src/access/session.service.js';
import { SignInThrottle } from '../../src/access/sign-in-throttle.js';
import { UserService } from '../../src/access/user.service.js';
import { Clock } from '../../src/platform/clock.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { createTestDatabase } from '../support/test-database.js';

const ADDRESS = '192.0.2.1';
const PASSWORD = 'kaze-to-umi-7';
const MINUTE = 60_000;

class MovableClock extends Clock {
  private time = Date.parse('2022-12-05T09:00:00+09:00');

  override now(): Date {
    return new Date(this.time);
  }

  forward(milliseconds: number): void {
    this.time += milliseconds;
  }
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let db: DataSource;
let clock: MovableClock;
let audit: AuditService;
let users: UserService;
let sessions: SessionService;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await new DataSource(dataSourceOptions(database.url, ACCESS_ENTITIES)).initialize();
  await db.query(`INSERT INTO unit (code) VALUES ('0101'), ('0102')`);
});

afterAll(async () => {
  await db?.destroy();
  await database?.drop();
});

beforeEach(async () => {
  await db.query('DELETE FROM app_grant; DELETE FROM app_session; DELETE FROM app_user');
  clock = new MovableClock();
  audit = new AuditService(db, clock);
  users = new UserService(db, clock, audit, new SignInThrottle());
  sessions = new SessionService(db, clock, users, audit, new SignInThrottle());
});

const hr = { name: 'hanako', displayName: '見本 花子', role: 'hr', password: PASSWORD } as const;

async function unitId(code: string): Promise<number> {
  const [unit] = await db.query<{ id: number }[]>('SELECT id FROM unit WHERE code = $1', [code]);
  return unit!.id;
}

/** Changes with every write to the only session. */
async function rowVersion(): Promise<string> {
  const [session] = await db.query<{ xmin: string }[]>('SELECT xmin::text FROM app_session');
  return session!.xmin;
}

async function scopeAfterSignIn(name: string): Promise<Scope> {
  return (await sessions.signIn(name, PASSWORD, ADDRESS)).scope;
}

async function lastEvents(count: number): Promise<object[]> {
  const events = await db.query<object[]>(
    'SELECT actor, action, target, details FROM audit_event ORDER BY id DESC LIMIT $1',
    [count],
  );
  return events.toReversed();
}

describe('adding a user', () => {
  test('without a password gives a one-time password that has to be changed', async () => {
    const { user, oneTimePassword } = await users.add({ name: 'hanako', role: 'hr' }, 'cli');
    expect(user).toMatchObject({ name: 'hanako', displayName: 'hanako', mustChangePassword: true });
    const { session } = await sessions.signIn('hanako', oneTimePassword!, ADDRESS);
    expect(session.mustChangePassword).toBe(true);
  });

  test('with a password needs no change', async () => {
    const { user, oneTimePassword } = await users.add(hr, 'cli');
    expect(oneTimePassword).toBeNull();
    expect(user.mustChangePassword).toBe(false);
  });

  test('is on the audit record, with the role and unit and nothing about the person', async () => {
    const { user } = await users.add({ ...hr, role: 'manager', unitCode: '0101' }, 'admin');
    expect(await lastEvents(1)).toEqual([
      {
        actor: 'admin',
        action: 'user_added',
        target: `user:${user.id}`,
        details: { roles: ['manager'], unit: '0101', followsRoster: false },
      },
    ]);
  });

  test.each([
    ['a name that is taken, in any case', { name: 'HANAKO', role: 'leader' }, 'user_exists'],
    ['a manager of no unit', { name: 'taro', role: 'manager' }, 'unit_required'],
    ['a unit that does not exist', { name: 'taro', role: 'leader', unitCode: '9999' }, 'unknown_unit'],
    ['a weak password', { name: 'taro', role: 'leader', password: 'taro2022' }, 'password_too_short'],
    ['an individual number as name', { name: '123456789018', role: 'leader' }, 'individual_number'],
    [
      'an individual number as display name',
      { name: 'taro', displayName: '見本 123456789018', role: 'leader' },
      'individual_number',
    ],
  ] as const)('refuses %s and adds nobody', async (_, user, code) => {
    await users.add(hr, 'cli');
    await expect(users.add(user, 'cli')).rejects.toMatchObject({ code });
    expect(await db.query('SELECT name FROM app_user')).toEqual([{ name: 'hanako' }]);
  });
});

describe('the first administrator', () => {
  test('can administer and import the first roster, and is made once even by two processes', async () => {
    const made = await Promise.all([users.ensureFirstAdministrator(), users.ensureFirstAdministrator()]);
    const [first, ...others] = made.filter((result) => result !== null);
    expect(others).toEqual([]);
    expect(first!.name).toBe('admin');
    const { scope, session } = await sessions.signIn('admin', first!.oneTimePassword, ADDRESS);
    expect(scope).toMatchObject({ roles: ['admin', 'hr'], unitIds: 'all' });
    expect(session.mustChangePassword).toBe(true);
  });

  test('is not made where there is a user', async () => {
    await users.add(hr, 'cli');
    expect(await users.ensureFirstAdministrator()).toBeNull();
  });
});

describe('signing in', () => {
  test('works with the name and password in any width', async () => {
    await users.add(hr, 'cli');
    const { session, scope } = await sessions.signIn('Ｈａｎａｋｏ', 'ｋａｚｅ－ｔｏ－ｕｍｉ－７', ADDRESS);
    expect(session).toMatchObject({ name: 'hanako', displayName: '見本 花子' });
    expect(scope).toMatchObject({ actor: 'hanako', userId: session.userId, roles: ['hr'], unitIds: 'all' });
  });

  test('says the same whether the name, the password or the account is wrong', async () => {
    await users.add(hr, 'cli');
    await users.add({ ...hr, name: 'taro' }, 'cli');
    await db.query(`UPDATE app_user SET disabled_at = now() WHERE name = 'taro'`);
    const failures = await Promise.all(
      [
        ['nobody', PASSWORD],
        ['not\u0000a name', PASSWORD],
        ['hanako', 'kaze-to-umi-8'],
        ['taro', PASSWORD],
      ].map(([name, password]) =>
        sessions.signIn(name!, password!, ADDRESS).catch((error: unknown) => error),
      ),
    );
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'sign_in_failed', kind: 'unauthenticated', details: {} });
    }
    expect(new Set(failures.map((failure) => (failure as Error).message)).size).toBe(1);
  });

  test('stores neither the token nor the password', async () => {
    await users.add(hr, 'cli');
    const { token } = await sessions.signIn('hanako', PASSWORD, ADDRESS);
    const [row] = await db.query<{ everything: string }[]>(
      `SELECT concat((SELECT json_agg(u) FROM app_user u), (SELECT json_agg(s) FROM app_session s),
                     (SELECT json_agg(a) FROM audit_event a)) AS everything`,
    );
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect(row!.everything).not.toContain(token);
    expect(row!.everything).not.toContain(Buffer.from(token).toString('hex'));
    expect(row!.everything).not.toContain(PASSWORD);
  });

  test('is on the audit record, and so is a failure – but not what was typed for a name', async () => {
    const { user } = await users.add(hr, 'cli');
    const { token } = await sessions.signIn('hanako', PASSWORD, ADDRESS);
    await sessions.signOut(token);
    await sessions.signIn('hanako', 'wrong', ADDRESS).catch(() => undefined);
    await sessions.signIn('typed-my-password-here', 'wrong', ADDRESS).catch(() => undefined);
    const target = `user:${user.id}`;
    expect(await lastEvents(4)).toEqual([
      { actor: 'hanako', action: 'sign_in', target, details: {} },
      { actor: 'hanako', action: 'sign_out', target, details: {} },
      { actor: 'hanako', action: 'sign_in_failed', target, details: {} },
      { actor: 'unknown', action: 'sign_in_failed', target: '', details: {} },
    ]);
  });
});

describe('what a person may see', () => {
  test('is the subtree of the unit that was granted', async () => {
    await users.add({ ...hr, role: 'manager', unitCode: '0101' }, 'cli');
    expect(await scopeAfterSignIn('hanako')).toMatchObject({
      roles: ['manager'],
      unitIds: [await unitId('0101')],
    });
  });

  test('is everything once one grant has no unit', async () => {
    const { user } = await users.add({ ...hr, role: 'leader', unitCode: '0101' }, 'cli');
    await db.query(`INSERT INTO app_grant (user_id, role, valid_from) VALUES ($1, 'auditor', '2022-04-01')`, [
      user.id,
    ]);
    expect(await scopeAfterSignIn('hanako')).toMatchObject({ roles: ['auditor', 'leader'], unitIds: 'all' });
  });

  test('follows the grants in force today, and is nothing before the first and after the last day', async () => {
    const { user } = await users.add({ ...hr, role: 'leader', unitCode: '0101' }, 'cli');
    await db.query('DELETE FROM app_grant');
    await db.query(
      `INSERT INTO app_grant (user_id, role, unit_id, valid_from, valid_to)
       VALUES ($1, 'manager', $2, '2022-12-06', '2022-12-07'), ($1, 'auditor', $2, '2022-04-01', '2022-12-05')`,
      [user.id, await unitId('0102')],
    );
    expect(await scopeAfterSignIn('hanako')).toMatchObject({ roles: [], unitIds: [] });
    clock.forward(24 * 60 * MINUTE);
    expect(await scopeAfterSignIn('hanako')).toMatchObject({
      roles: ['manager'],
      unitIds: [await unitId('0102')],
    });
    clock.forward(24 * 60 * MINUTE);
    expect(await scopeAfterSignIn('hanako')).toMatchObject({ roles: [], unitIds: [] });
  });
});

describe('a session', () => {
  let token: string;
  beforeEach(async () => {
    await users.add(hr, 'cli');
    token = (await sessions.signIn('hanako', PASSWORD, ADDRESS)).token;
  });

  test('is opened by its token only', async () => {
    expect(await sessions.scopeOf(token)).not.toBeNull();
    expect(await sessions.scopeOf(`${token}x`)).toBeNull();
    expect(await sessions.scopeOf('')).toBeNull();
  });

  test('ends when it is not used for the idle limit', async () => {
    clock.forward(IDLE_LIMIT_MS - 1);
    expect(await sessions.scopeOf(token)).not.toBeNull();
    clock.forward(IDLE_LIMIT_MS);
    expect(await sessions.scopeOf(token)).toBeNull();
  });

  test('ends at the absolute limit however much it is used', async () => {
    for (let used = MINUTE; used < ABSOLUTE_LIMIT_MS; used += 60 * MINUTE) {
      expect(await sessions.scopeOf(token)).not.toBeNull();
      clock.forward(60 * MINUTE);
    }
    expect(await sessions.scopeOf(token)).toBeNull();
  });

  test('is written to at most once a minute', async () => {
    const atFirst = await rowVersion();
    clock.forward(MINUTE - 1);
    await sessions.scopeOf(token);
    expect(await rowVersion()).toBe(atFirst);
    clock.forward(1);
    await sessions.scopeOf(token);
    expect(await rowVersion()).not.toBe(atFirst);
  });

  test('ends with the sign-out, alone', async () => {
    const other = await sessions.signIn('hanako', PASSWORD, ADDRESS);
    await sessions.signOut(token);
    expect(await sessions.scopeOf(token)).toBeNull();
    expect(await sessions.scopeOf(other.token)).not.toBeNull();
    await sessions.signOut(token);
  });

  test('ends when the account is disabled', async () => {
    await db.query('UPDATE app_user SET disabled_at = now()');
    expect(await sessions.scopeOf(token)).toBeNull();
  });

  test('has a CSRF token of its own', async () => {
    const other = await sessions.signIn('hanako', PASSWORD, ADDRESS);
    const { session } = (await sessions.scopeOf(token))!;
    expect(session.csrfToken).toHaveLength(43);
    expect(session.csrfToken).not.toBe(other.session.csrfToken);
    expect(session.csrfToken).not.toBe(token);
  });

  test('that has long ended is cleared away at the next sign-in', async () => {
    clock.forward(ABSOLUTE_LIMIT_MS);
    await sessions.signIn('hanako', PASSWORD, ADDRESS);
    expect(await db.query('SELECT count(*)::int AS sessions FROM app_session')).toEqual([{ sessions: 1 }]);
  });
});

describe('changing the password', () => {
  test('replaces the one-time password and ends the other sessions', async () => {
    const { user, oneTimePassword } = await users.add({ name: 'hanako', role: 'hr' }, 'cli');
    const here = await sessions.signIn('hanako', oneTimePassword!, ADDRESS);
    const elsewhere = await sessions.signIn('hanako', oneTimePassword!, ADDRESS);
    await users.changePassword({
      userId: user.id,
      currentPassword: oneTimePassword!,
      newPassword: PASSWORD,
      keepSession: here.session.id,
    });
    expect((await sessions.scopeOf(here.token))!.session.mustChangePassword).toBe(false);
    expect(await sessions.scopeOf(elsewhere.token)).toBeNull();
    await expect(sessions.signIn('hanako', oneTimePassword!, ADDRESS)).rejects.toMatchObject({
      code: 'sign_in_failed',
    });
    await expect(sessions.signIn('hanako', PASSWORD, ADDRESS)).resolves.toBeDefined();
  });

  test.each([
    ['the wrong present password', 'kaze-to-umi-8', 'yama-to-kawa-9', 'wrong_password'],
    ['the same password again', PASSWORD, PASSWORD, 'same_password'],
    ['a password that is too short', PASSWORD, 'yama', 'password_too_short'],
  ])('refuses %s and leaves everything as it was', async (_, currentPassword, newPassword, code) => {
    const { user } = await users.add(hr, 'cli');
    await expect(
      users.changePassword({ userId: user.id, currentPassword, newPassword }),
    ).rejects.toMatchObject({ code });
    await expect(sessions.signIn('hanako', PASSWORD, ADDRESS)).resolves.toBeDefined();
  });
});

describe('the audit record', () => {
  test('stands and falls with the transaction of the change', async () => {
    const before = await lastEvents(1);
    await db
      .transaction(async (em) => {
        await audit.record(em, { actor: 'hanako', action: 'month_closed', target: 'month:2022-10' });
        throw new Error('the change failed');
      })
      .catch(() => undefined);
    expect(await lastEvents(1)).toEqual(before);
  });

  test('is not changed or removed, even by SQL', async () => {
    await audit.record(null, { actor: 'hanako', action: 'goal_set' });
    for (const sql of [
      `UPDATE audit_event SET actor = 'x'`,
      'DELETE FROM audit_event',
      'TRUNCATE audit_event',
    ]) {
      await expect(db.query(sql)).rejects.toThrow('append-only');
    }
  });

  test('holds no individual number', async () => {
    await audit.record(null, {
      actor: 'hanako',
      action: 'export_downloaded',
      details: { file: '名簿 1234-5678-9018.csv', rows: 3 },
    });
    expect(await lastEvents(1)).toMatchObject([{ details: { file: '***', rows: 3 } }]);
  });
});
