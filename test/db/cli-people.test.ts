import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { documentOf, openCommandCity, type CommandCity } from '../support/command-city.js';

let city: CommandCity;

beforeAll(async () => {
  city = await openCommandCity();
});
afterAll(() => city.close());

test('user add shows the one-time password once', async () => {
  const added = await city.json('user', 'add', 'kacho', '--role', 'manager', '--unit', '11');
  expect(added).toEqual({
    name: 'kacho',
    role: 'manager',
    unit: '11',
    oneTimePassword: expect.stringMatching(/^\S{12,}$/),
  });
  const [again, unitless, elsewhere] = await Promise.all([
    city.run('user', 'add', 'kacho', '--role', 'hr', '--json'),
    city.run('user', 'add', 'bucho', '--role', 'manager', '--json'),
    city.run('user', 'add', 'bucho', '--role', 'manager', '--unit', '99', '--json'),
  ]);
  expect(
    [again, unitless, elsewhere].map(({ code, stdout }) => [
      code,
      (JSON.parse(stdout) as { code: string }).code,
    ]),
  ).toEqual([
    [3, 'user_exists'],
    [2, 'unit_required'],
    [3, 'unknown_unit'],
  ]);
});

test('status records one event; somebody unknown is exit code 3', async () => {
  expect(await city.json('status', '0000004', '--set', 'not_applied', '--on', '2022-11-01')).toMatchObject({
    number: '0000004',
    status: 'not_applied',
    effectiveOn: '2022-11-01',
  });
  const unknown = await city.run('status', '0009999', '--set', '保有', '--json');
  expect(unknown.code).toBe(3);
  expect(documentOf(unknown)).toMatchObject({ code: 'staff_not_found' });
});

test('a card is recorded with its last month', async () => {
  const recorded = await city.run(
    'status',
    '0000002',
    '--set',
    'held',
    '--on',
    '2022-11-05',
    '--expires',
    '2027-03',
  );
  expect(recorded.stdout).toContain('カードの有効期限は2027年3月です。');
  expect((await city.run('status', '0000002', '--set', 'held', '--expires', '2027年3月')).code).toBe(2);
});

describe('exceptions', () => {
  test('are asked for, rejected, appealed, approved and withdrawn', async () => {
    const asked = await city.run(
      'exception',
      'ask',
      '0000004',
      '--from',
      '2022-11-14',
      '--to',
      '2022-12-09',
      '--json',
    );
    const { id } = JSON.parse(asked.stdout);
    expect((await city.run('exception')).stdout).toMatch(
      /0000004 +申請中 +その他 +2022年11月14日から2022年12月9日まで/,
    );
    expect((await city.run('exception', 'reject', String(id))).code).toBe(2);
    expect(
      (await city.run('exception', 'reject', String(id), '--reason', '期間が長いため')).stdout,
    ).toContain('却下');
    expect((await city.run('exception', 'approve', String(id))).code).toBe(3);
    expect((await city.run('exception', 'appeal', String(id), '--text', '手続きが続きます')).code).toBe(0);
    const approved = await city.run('exception', 'approve', String(id), '--to', '2022-11-30', '--json');
    expect(JSON.parse(approved.stdout)).toMatchObject({ state: 'approved', to: '2022-11-30' });
    expect((await city.run('exception', 'withdraw', String(id), '--on', '2022-11-21')).stdout).toContain(
      '取り下げ',
    );
    const list = await city.run('exception', 'list', '--state', 'withdrawn', '--json');
    expect(JSON.parse(list.stdout).exceptions).toMatchObject([{ id, withdrawnOn: '2022-11-21' }]);
  });

  test('are refused where nobody is meant, or they last too long', async () => {
    expect((await city.run('exception', 'ask', '9999999', '--from', '2022-11-14')).code).toBe(3);
    const long = ['--from', '2022-11-14', '--to', '2024-11-14'];
    expect((await city.run('exception', 'ask', '0000004', ...long)).code).toBe(2);
    expect((await city.run('exception', 'list', '--state', 'maybe')).code).toBe(2);
  });
});
