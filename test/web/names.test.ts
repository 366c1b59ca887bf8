import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { everything } from '../../src/access/scope.js';
import { SettingService } from '../../src/access/setting.service.js';
import { startCity, type City } from '../support/api-city.js';

let city: City;
beforeAll(async () => {
  city = await startCity();
});
afterAll(() => city?.close());

test('a manager sees counts and no name, until the city switches names on', async () => {
  const manager = await city.caller('manager', '11');
  const before = await manager.get('/units/11');
  expect(before.text).toContain('氏名と内訳は表示しません');
  expect(before.text).not.toContain('見本 1号');

  const hr = await city.caller('hr');
  expect((await hr.post('/settings/managers-see-names', { on: '1' })).status).toBe(303);
  const page = (await manager.get('/units/11')).text;
  expect(page).toContain('この設定により所属長に氏名を表示しています');
  const rows = [...page.matchAll(/<th scope="row"[^>]*>(見本 \d+号)<\/th><td[^>]*>(.*?)<\/td>/g)].map(
    ([, name, state]) => [name, state!.replace(/<[^>]+>/g, '')],
  );
  expect(rows).toHaveLength(12);
  // Who has applied, declined to answer or not answered looks the same.
  expect(rows.slice(4, 8)).toEqual([
    ['見本 5号', '保有'],
    ['見本 6号', '保有'],
    ['見本 7号', '保有の記録なし'],
    ['見本 8号', '保有の記録なし'],
  ]);
  for (const beyond of ['申請中', '未回答', '回答しない', '0000007', '2022年10月1日'])
    expect(page.replace(/<select.*?<\/select>/gs, '').split('u-people')[1]).not.toContain(beyond);
  const [event] = await city.app
    .get(DataSource)
    .query(
      `SELECT target, details FROM audit_event WHERE action = 'staff_list_viewed' ORDER BY id DESC LIMIT 1`,
    );
  expect(event).toMatchObject({ target: 'unit:11', details: { namesForManager: true } });
});

test('names are of the people one leads: not of units with a manager of their own, nor of the unit above', async () => {
  const settings = city.app.get(SettingService);
  if (!(await settings.managersSeeNames()))
    await settings.setManagersSeeNames(everything('cli:operator'), true);
  const above = await city.caller('manager', '10');
  // Section 11 has no manager in the roster: the one above leads its people.
  expect((await above.get('/units/11')).text).toContain('見本 1号');
  await city.app
    .get(DataSource)
    .query(
      `UPDATE assignment SET superseded_at = now() WHERE staff_id = (SELECT id FROM staff WHERE number = '0000001')`,
    );
  await city.app.get(DataSource).query(
    `INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, recorded_at)
     SELECT s.id, u.id, true, true, '2022-10-01', now() FROM staff s, unit u WHERE s.number = '0000001' AND u.code = '11'`,
  );
  for (const url of ['/units/10', '/units/11']) expect((await above.get(url)).text).not.toMatch(/見本 \d+号/);
  const beside = await city.caller('manager', '21');
  expect((await beside.get('/units/11')).status).toBe(404);
  for (const role of ['leader', 'auditor'] as const) {
    const caller = await city.caller(role);
    expect((await caller.get('/')).text).not.toMatch(/見本 \d+号/);
  }
});
