import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ACCESS_ENTITIES } from '../../src/access/access.entities.js';
import { AuditService } from '../../src/access/audit.service.js';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { SettingService } from '../../src/access/setting.service.js';
import { Clock } from '../../src/platform/clock.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { POLICIES } from '../../src/reminders/policy.js';
import { PolicyService } from '../../src/reminders/policy.service.js';
import { PROPOSED_RULES, type ReminderRules } from '../../src/reminders/reminder-rules.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('jinji');
const NAME = 'manager-monthly';
const ASSEMBLY = { from: '2022-12-01', to: '2022-12-09', name: '議会' };

let database: TestDatabase | undefined;
let db: DataSource;
let policies: PolicyService;
const close = async () => {
  await db?.destroy();
  await database?.drop();
};
beforeEach(async () => {
  await close();
  database = await createTestDatabase();
  db = await new DataSource(dataSourceOptions(database.url, ACCESS_ENTITIES)).initialize();
  policies = at('2022-11-10T10:00:00+09:00');
});
afterAll(close);

function at(now: string): PolicyService {
  const clock = new Clock(new Date(now));
  return new PolicyService(new SettingService(db, clock, new AuditService(db, clock)), clock);
}
const policy = async () => (await policies.standing(hr)).policies.find(({ name }) => name === NAME)!;
const recorded = () =>
  db.query(`SELECT actor, action, target, details FROM audit_event ORDER BY id`) as Promise<object[]>;

describe('a fresh city', () => {
  test('has what can be sent proposed, with the day it would go out, and is recorded to have done nothing', async () => {
    const { policies: standing, rules } = await policies.standing(hr);
    expect(standing).toMatchObject(
      POLICIES.map(({ name }) => ({ name, state: 'proposed', changedAt: null })),
    );
    expect(await policy()).toMatchObject({ nextOn: '2022-12-01', nextRegularOn: '2022-12-01' });
    expect(rules).toEqual(PROPOSED_RULES);
    expect([await recorded(), await policies.history(hr)]).toEqual([[], []]);
  });

  test('is confirmed once, by name and moment, and keeps the rules that were proposed then', async () => {
    await policies.confirm(hr);
    expect(await policy()).toMatchObject({
      state: 'on',
      changedAt: new Date('2022-11-10T10:00:00+09:00'),
      changedBy: 'jinji',
    });
    expect(await recorded()).toMatchObject([
      { actor: 'jinji', action: 'setting_changed', target: 'setting:reminder_rules' },
      ...POLICIES.map(({ name }) => ({
        actor: 'jinji',
        action: 'policy_set',
        target: `policy:${name}`,
        details: { on: true },
      })),
    ]);
    expect(await db.query(`SELECT value FROM app_setting WHERE name = 'reminder_rules'`)).toEqual([
      { value: PROPOSED_RULES },
    ]);
    await expect(policies.confirm(hr)).rejects.toMatchObject({ code: 'nothing_proposed' });
  });
});

describe('a policy', () => {
  test('is switched by HR of the whole organisation, and each change stays', async () => {
    await policies.set(hr, NAME, true);
    const december = at('2022-12-02T10:00:00+09:00');
    expect(await december.set(hr, NAME, false)).toMatchObject({ state: 'off', nextOn: '2023-01-04' });
    // Off already: nothing to record.
    await december.set(hr, NAME, false);
    expect((await policies.history(hr)).map(({ on, changedBy }) => [on, changedBy])).toEqual([
      [false, 'jinji'],
      [true, 'jinji'],
      [null, 'jinji'],
    ]);
    await expect(
      policies.set(scopeFrom('part', 1, [{ role: 'hr', unitId: 1 }]), NAME, true),
    ).rejects.toMatchObject({ code: 'whole_organisation_only' });
    await expect(
      policies.set(scopeFrom('kansa', 1, [{ role: 'auditor', unitId: null }]), NAME, true),
    ).rejects.toMatchObject({
      code: 'role_required',
    });
  });

  test('that nobody knows is not there', () =>
    expect(policies.set(hr, 'none', true)).rejects.toMatchObject({ code: 'policy_not_found' }));
});

describe('the rules for all policies', () => {
  test('move the next wave behind a quiet period, and back', async () => {
    await policies.addQuietPeriod(hr, { ...ASSEMBLY, name: ' 議会 ' });
    expect(await policy()).toMatchObject({ nextRegularOn: '2022-12-01', nextOn: '2022-12-12' });
    await policies.removeQuietPeriod(hr, ASSEMBLY);
    expect(await policy()).toMatchObject({ nextRegularOn: '2022-12-01', nextOn: '2022-12-01' });
    await expect(policies.removeQuietPeriod(hr, ASSEMBLY)).rejects.toMatchObject({
      code: 'quiet_period_not_found',
    });
    expect(await recorded()).toMatchObject([
      { target: 'setting:reminder_rules', details: { quietFrom: ['2022-12-01'], quietTo: ['2022-12-09'] } },
      { target: 'setting:reminder_rules', details: { quietFrom: [] } },
    ]);
  });

  test('are changed by two at once one after the other: neither change is lost', async () => {
    await Promise.all([
      policies.addQuietPeriod(hr, ASSEMBLY),
      policies.changeRules(hr, { minGapDays: 21 }),
      policies.addQuietPeriod(hr, { from: '2022-03-20', to: '2022-04-10', name: '人事異動' }),
    ]);
    const { rules } = await policies.standing(hr);
    expect(rules.minGapDays).toBe(21);
    expect(rules.quietPeriods.map(({ name }) => name)).toEqual(['人事異動', '議会']);
    expect(await policies.history(hr)).toHaveLength(3);
  });

  test.each<[string, Partial<ReminderRules>]>([
    ['an office that closes before it opens', { officeHours: { from: '17:00', to: '09:00' } }],
    ['a time that is none', { officeHours: { from: '9:00', to: '25:00' } }],
    ['a gap of minus a day', { minGapDays: -1 }],
    ['half a message', { maxPerYear: 1.5 }],
    ['no message at all', { maxPerYear: 0 }],
    ['a period that ends before it begins', { quietPeriods: [{ ...ASSEMBLY, to: '2022-11-30' }] }],
    ['a day that does not exist', { quietPeriods: [{ ...ASSEMBLY, to: '2023-02-29' }] }],
    ['a period without end', { quietPeriods: [{ ...ASSEMBLY, to: '2099-12-31' }] }],
    ['a period without a name', { quietPeriods: [{ ...ASSEMBLY, name: ' ' }] }],
    ['too many periods', { quietPeriods: Array.from({ length: 51 }, () => ASSEMBLY) }],
  ])('are refused with %s', async (_, change) => {
    await expect(policies.changeRules(hr, change)).rejects.toMatchObject({ code: 'bad_rules' });
    expect(await policies.history(hr)).toEqual([]);
  });

  test('hold no individual number', () =>
    expect(policies.addQuietPeriod(hr, { ...ASSEMBLY, name: '議会 123456789018' })).rejects.toMatchObject({
      code: 'individual_number',
    }));
});
