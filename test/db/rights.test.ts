import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ACCESS_ENTITIES } from '../../src/access/access.entities.js';
import type { NewUser } from '../../src/access/access.types.js';
import { AuditService } from '../../src/access/audit.service.js';
import { everything, narrow, requireRole, type Scope } from '../../src/access/scope.js';
import { SessionService } from '../../src/access/session.service.js';
import { SettingService } from '../../src/access/setting.service.js';
import { SignInThrottle } from '../../src/access/sign-in-throttle.js';
import { TokenService } from '../../src/access/token.service.js';
import { UserAdminService } from '../../src/access/user-admin.service.js';
import { UserService } from '../../src/access/user.service.js';
import { Clock } from '../../src/platform/clock.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { createTestDatabase } from '../support/test-database.js';

const ADDRESS = '192.0.2.1';
const PASSWORD = 'kaze-to-umi-7';
const DAY = 86_400_000;
const operator = everything('cli:operator');

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
let users: UserService;
let admin: UserAdminService;
let sessions: SessionService;
let tokens: TokenService;
let settings: SettingService;
/** Ids of the units A to D; B hangs below A, D below C. */
let unit: Record<'A' | 'B' | 'C' | 'D', number>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await new DataSource(dataSourceOptions(database.url, ACCESS_ENTITIES)).initialize();
  const rows = await db.query<{ id: number; code: string }[]>(
    `INSERT INTO unit (code) VALUES ('A'), ('B'), ('C'), ('D') RETURNING id, code`,
  );
  unit = Object.fromEntries(rows.map(({ id, code }) => [code, id])) as typeof unit;
  await db.query(`INSERT INTO staff (number) VALUES ('0001'), ('0002')`);
  await db.query(
    `INSERT INTO unit_period (unit_id, parent_id, name, valid_from, recorded_at, manager_id)
     SELECT u.id, p.id, u.code, '2022-04-01', now(), m.id
     FROM (VALUES ('A', NULL, NULL), ('B', 'A', NULL), ('C', NULL, NULL), ('D', 'C', '0002')) AS v (code, above, manager)
     JOIN unit u USING (code) LEFT JOIN unit p ON p.code = v.above LEFT JOIN staff m ON m.number = v.manager`,
  );
  await db.query(
    `INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, valid_to, recorded_at)
     SELECT s.id, u.id, true, v.manages, v.since::date, v.until::date, now()
     FROM (VALUES ('0001', 'A', true, '2022-04-01', '2023-04-01'), ('0001', 'B', true, '2023-04-01', 'infinity'),
                  ('0002', 'C', false, '2022-04-01', '2023-04-01')) AS v (number, code, manages, since, until)
     JOIN staff s USING (number) JOIN unit u USING (code)`,
  );
});

afterAll(async () => {
  await db?.destroy();
  await database?.drop();
});

beforeEach(async () => {
  await db.query(
    'DELETE FROM api_token; DELETE FROM app_grant; DELETE FROM app_session; DELETE FROM app_user',
  );
  clock = new MovableClock();
  const audit = new AuditService(db, clock);
  const throttle = new SignInThrottle();
  users = new UserService(db, clock, audit, new SignInThrottle());
  admin = new UserAdminService(db, clock, audit);
  sessions = new SessionService(db, clock, users, audit, throttle);
  tokens = new TokenService(db, clock, audit, throttle);
  settings = new SettingService(db, clock, audit);
});

async function add(user: Partial<NewUser> & Pick<NewUser, 'role'>): Promise<void> {
  await users.add({ name: 'hanako', password: PASSWORD, ...user }, 'test');
}
const signIn = (name = 'hanako') => sessions.signIn(name, PASSWORD, ADDRESS);
const scopeNow = async (): Promise<Scope> => (await signIn()).scope;

describe('the rights of several grants', () => {
  test('stay apart: HR of A who manages C is HR of A and manager of C', async () => {
    await add({ role: 'hr', unitCode: 'A' });
    await admin.grant(operator, 'hanako', { role: 'manager', unitCode: 'C' });
    const scope = await scopeNow();
    expect(scope).toMatchObject({ roles: ['hr', 'manager'], unitIds: [unit.A, unit.C] });
    expect(requireRole(scope, 'hr')).toMatchObject({ roles: ['hr'], unitIds: [unit.A] });
    expect(requireRole(scope, 'manager')).toMatchObject({ roles: ['manager'], unitIds: [unit.C] });
    expect(narrow(scope, 'leader')).toMatchObject({ roles: [], unitIds: [] });
    expect(() => requireRole(requireRole(scope, 'manager'), 'hr')).toThrow('権限がありません');
  });

  test('of an administrator open no unit', async () => {
    await add({ role: 'admin' });
    expect(await scopeNow()).toMatchObject({ roles: ['admin'], unitIds: [] });
  });

  test('hold from their first day to their last', async () => {
    await add({ role: 'manager', staffNumber: '9999' });
    await admin.grant(operator, 'hanako', { role: 'auditor', from: '2022-12-06', until: '2022-12-06' });
    const roles: string[][] = [];
    for (let day = 0; day < 3; day++, clock.forward(DAY)) roles.push([...(await scopeNow()).roles]);
    expect(roles).toEqual([[], ['auditor'], []]);
  });
});

describe('an account with a staff number', () => {
  test('manages what the roster says, from transfer day on without anybody doing anything', async () => {
    await add({ role: 'manager', staffNumber: '0001' });
    const { token } = await signIn();
    expect((await sessions.scopeOf(token))!.scope).toMatchObject({ roles: ['manager'], unitIds: [unit.A] });
    // 31 March and 1 April, with one and the same session the day before and after.
    clock.forward(116 * DAY);
    expect(await scopeNow()).toMatchObject({ unitIds: [unit.A] });
    const acrossMidnight = await signIn();
    clock.forward(15 * 60 * 60_000);
    await sessions.scopeOf(acrossMidnight.token);
    const [row] = await db.query<{ day: string }[]>(`SELECT '2023-04-01' AS day`);
    expect(clock.today()).toBe(row!.day);
    expect((await signIn()).scope).toMatchObject({ roles: ['manager'], unitIds: [unit.B] });
  });

  test('manages the unit whose list names the person, until that person has left', async () => {
    await add({ role: 'manager', staffNumber: '0002' });
    expect(await scopeNow()).toMatchObject({ roles: ['manager'], unitIds: [unit.D] });
    clock.forward(120 * DAY);
    expect(await scopeNow()).toMatchObject({ roles: [], unitIds: [] });
  });

  test('is one account', async () => {
    await add({ role: 'manager', staffNumber: '0001' });
    await expect(
      users.add({ name: 'taro', role: 'manager', staffNumber: '0001' }, 'test'),
    ).rejects.toMatchObject({ code: 'staff_number_taken' });
  });
});

describe('a change of rights', () => {
  const changes: Record<string, () => Promise<unknown>> = {
    'another role': () => admin.grant(operator, 'hanako', { role: 'leader' }),
    'a role less': async () => {
      const { grants } = await admin.get(operator, 'hanako');
      await admin.revoke(operator, 'hanako', grants[0]!.id!);
    },
    'another staff number': () => admin.linkStaff(operator, 'hanako', '0002'),
    'a new password': () => admin.resetPassword(operator, 'hanako'),
    'a stop': () => admin.disable(operator, 'hanako'),
    'the administrator’s wish': () => admin.endSessions(operator, 'hanako'),
  };
  test.each(Object.entries(changes))('ends the sessions: %s', async (_, change) => {
    await add({ role: 'auditor' });
    const { token } = await signIn();
    await change();
    expect(await sessions.scopeOf(token)).toBeNull();
  });

  test('is on the audit record, with who did it', async () => {
    await add({ role: 'auditor' });
    await admin.grant(operator, 'hanako', { role: 'hr', unitCode: 'A', until: '2023-03-31' });
    const [event] = await db.query('SELECT actor, action, details FROM audit_event ORDER BY id DESC LIMIT 1');
    expect(event).toEqual({
      actor: 'cli:operator',
      action: 'grant_added',
      details: { role: 'hr', unit: 'A', from: '2022-12-05', until: '2023-03-31' },
    });
  });

  test('is nobody’s to make for the own account, nor to lock the last administrator out', async () => {
    await add({ role: 'admin' });
    const own = await scopeNow();
    await expect(admin.grant(own, 'hanako', { role: 'hr' })).rejects.toMatchObject({ code: 'own_rights' });
    await expect(admin.disable(operator, 'hanako')).rejects.toMatchObject({ code: 'last_administrator' });
    expect(await scopeNow()).toMatchObject({ roles: ['admin'] });
  });

  test('is for administrators only', async () => {
    await add({ role: 'hr' });
    const hr = await scopeNow();
    await expect(admin.list(hr)).rejects.toMatchObject({ code: 'role_required' });
    await expect(admin.grant(hr, 'hanako', { role: 'admin' })).rejects.toMatchObject({
      code: 'role_required',
    });
  });
});

test('a one-time password opens nothing after seven days, and only who knows it is told so', async () => {
  const { oneTimePassword } = await users.add({ name: 'hanako', role: 'hr' }, 'test');
  clock.forward(7 * DAY - 1);
  await expect(sessions.signIn('hanako', oneTimePassword!, ADDRESS)).resolves.toBeDefined();
  clock.forward(1);
  await expect(sessions.signIn('hanako', oneTimePassword!, ADDRESS)).rejects.toMatchObject({
    code: 'one_time_password_expired',
  });
  await expect(sessions.signIn('hanako', 'guess', ADDRESS)).rejects.toMatchObject({ code: 'sign_in_failed' });
  const again = await admin.resetPassword(operator, 'hanako');
  await expect(sessions.signIn('hanako', again, ADDRESS)).resolves.toBeDefined();
});

describe('a personal token', () => {
  const use = (token: string) => tokens.accessOf(`Bearer ${token}`, ADDRESS);
  const make = async (input: object = {}) => {
    const { scope, session } = await signIn();
    const wanted = { name: '月次の集計', access: 'read', days: 30, ...input } as const;
    return (await tokens.add(scope, session.userId, wanted)).token;
  };

  test('is kept as a hash, works until its end and says when it was used last', async () => {
    await add({ role: 'hr' });
    const token = await make();
    const [kept] = await db.query<{ all: string }[]>('SELECT json_agg(t)::text AS all FROM api_token t');
    expect(kept!.all).not.toContain(token.slice(4));
    expect(await use(token)).toMatchObject({ token: 'read', scope: { roles: ['hr'], unitIds: 'all' } });
    const { session } = await signIn();
    expect(await tokens.list(session.userId)).toMatchObject([
      { name: '月次の集計', state: 'active', lastUsedAt: clock.now() },
    ]);
    clock.forward(30 * DAY);
    await expect(use(token)).rejects.toMatchObject({ code: 'token_invalid' });
    expect(await tokens.list(session.userId)).toMatchObject([{ state: 'expired' }]);
  });

  test('never carries more than its owner has today', async () => {
    await add({ role: 'hr' });
    await admin.grant(operator, 'hanako', { role: 'manager', unitCode: 'C' });
    const [whole, hrOfA, managing] = [
      await make(),
      await make({ role: 'hr', unitCode: 'A' }),
      await make({ role: 'manager', access: 'write' }),
    ];
    expect((await use(whole)).scope).toMatchObject({ roles: ['hr', 'manager'], unitIds: 'all' });
    expect((await use(hrOfA)).scope).toMatchObject({ roles: ['hr'], unitIds: [unit.A] });
    expect(await use(managing)).toMatchObject({
      token: 'write',
      scope: { roles: ['manager'], unitIds: [unit.C] },
    });
    const { grants } = await admin.get(operator, 'hanako');
    await admin.revoke(operator, 'hanako', grants.find(({ role }) => role === 'hr')!.id!);
    expect((await use(whole)).scope).toMatchObject({ roles: ['manager'], unitIds: [unit.C] });
    expect((await use(hrOfA)).scope).toMatchObject({ roles: [], unitIds: [] });
  });

  test.each([
    ['a role its owner does not have', { role: 'admin' }, 'token_role_not_held'],
    ['a unit its owner does not have', { unitCode: 'C' }, 'token_unit_not_held'],
    ['a unit below the granted one', { unitCode: 'B' }, 'token_unit_not_held'],
    ['more than a year', { days: 366 }, 'bad_token_days'],
    ['no time at all', { days: 0 }, 'bad_token_days'],
    ['no purpose', { name: ' ' }, 'bad_token_name'],
    ['an individual number for a purpose', { name: '1234 5678 9018' }, 'individual_number'],
  ])('is not made for %s', async (_, input, code) => {
    await add({ role: 'hr', unitCode: 'A' });
    await expect(make(input)).rejects.toMatchObject({ code });
  });

  test('stops with its owner’s account, with a reset password, and when it is revoked', async () => {
    await add({ role: 'hr' });
    const [first, second] = [await make(), await make()];
    const { session } = await signIn();
    const [newest] = await tokens.list(session.userId);
    await tokens.revoke('hanako', session.userId, newest!.id);
    await expect(use(second)).rejects.toMatchObject({ code: 'token_invalid' });
    await admin.disable(operator, 'hanako');
    await expect(use(first)).rejects.toMatchObject({ code: 'token_invalid' });
    await admin.enable(operator, 'hanako');
    await expect(use(first)).resolves.toBeDefined();
    await admin.resetPassword(operator, 'hanako');
    await expect(use(first)).rejects.toMatchObject({ code: 'token_invalid' });
  });

  test('is revoked by nobody else', async () => {
    await add({ role: 'hr' });
    await make();
    await users.add({ name: 'taro', role: 'hr', password: PASSWORD }, 'test');
    const [own, other] = [await signIn(), await signIn('taro')];
    const [token] = await tokens.list(own.session.userId);
    await expect(tokens.revoke('taro', other.session.userId, token!.id)).rejects.toMatchObject({
      code: 'token_not_found',
    });
  });

  test('that is wrong is answered ever more slowly, and one that is right as ever', async () => {
    await add({ role: 'hr' });
    const token = await make();
    const guesses = Array.from({ length: 25 }, () =>
      use(`mnc_${'x'.repeat(43)}`).catch((error: unknown) => error),
    );
    const right = await use(token);
    expect(right.scope.roles).toEqual(['hr']);
    const codes = new Set<string>();
    const soon = Promise.race([Promise.all(guesses), new Promise((resolve) => setTimeout(resolve, 500))]);
    for (const guess of guesses) void guess.then((error) => codes.add((error as { code: string }).code));
    await soon;
    expect([...codes].toSorted()).toEqual(['token_invalid', 'too_many_attempts']);
  });
});

describe('names for managers', () => {
  test('are off until HR of the whole organisation switches them on, which stays on record', async () => {
    expect(await settings.managersSeeNames()).toBe(false);
    await add({ role: 'hr', unitCode: 'A' });
    await expect(settings.setManagersSeeNames(await scopeNow(), true)).rejects.toMatchObject({
      code: 'whole_organisation_only',
    });
    await users.add({ name: 'taro', role: 'hr', password: PASSWORD }, 'test');
    const { scope } = await signIn('taro');
    await settings.setManagersSeeNames(scope, true);
    expect(await settings.managersSeeNames()).toBe(true);
    await expect(settings.setManagersSeeNames(scope, true)).rejects.toMatchObject({
      code: 'setting_unchanged',
    });
    await settings.setManagersSeeNames(scope, false);
    expect(await settings.namesForManagers()).toMatchObject([
      { value: false, changedBy: 'taro' },
      { value: true, changedBy: 'taro' },
    ]);
    const events = await db.query(
      `SELECT actor, details FROM audit_event WHERE action = 'setting_changed' ORDER BY id`,
    );
    expect(events).toEqual([
      { actor: 'taro', details: { on: true } },
      { actor: 'taro', details: { on: false } },
    ]);
    await expect(db.query('DELETE FROM app_setting')).rejects.toThrow('append-only');
  });
});
