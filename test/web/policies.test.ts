import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { POLICIES } from '../../src/reminders/policy.js';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { pageText } from '../support/page-text.js';

let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
});
afterAll(() => city?.close());

const PAGE = '/settings/policies';
const ASSEMBLY = { from: '2022-12-01', to: '2022-12-09', name: '議会' };
const ALL = POLICIES.length;
const text = async () => pageText((await hr.get(PAGE)).text);
const put = (url: string, body: object) => hr.send('PUT', `/api/v1/${url}`, body);

test('whoever comes to send reminders is told what goes out by itself', async () => {
  const page = async () => pageText((await hr.get('/waves')).text);
  expect(await page()).toContain(`${ALL}件の方針が確認を待っています`);
  expect(await page()).toContain('所属長への月次の案内 確認待ち');
  const auditor = pageText((await (await city.caller('auditor')).get('/waves')).text);
  expect(auditor).not.toMatch(/確認待ち|確認を待って/);
});

describe('the page of the reminder policies', () => {
  test('asks HR of a fresh city to confirm what is proposed, and names only what can be sent', async () => {
    const page = await text();
    expect(page).toContain(`${ALL}件の方針が確認を待っています`);
    expect(page).toContain('所属長への月次の案内 確認待ち');
    expect(page).toContain('時期 毎月の第1営業日 次の予定日 2022年12月1日');
    expect([...page.matchAll(/ 確認待ち /g)]).toHaveLength(ALL);
  });

  test('is confirmed once', async () => {
    expect(await hr.post(`${PAGE}/confirm`)).toMatchObject({ status: 303 });
    const page = await text();
    expect(page).toContain(`${ALL}件の方針のうち${ALL}件がオン`);
    expect(page).not.toContain('確認待ち');
    expect(page).toContain('「所属長への月次の案内」をオンにする hr-2');
    expect(await hr.post(`${PAGE}/confirm`)).toMatchObject({ status: 409 });
    const waves = pageText((await hr.get('/waves')).text);
    expect(waves).toMatch(/全員保有のお礼 オン [^。]+。 次の予定日 2022年12月1日/);
    expect(waves).not.toContain('確認を待っています');
  });

  test('switches a policy off and on', async () => {
    await hr.post(`${PAGE}/manager-monthly`, { on: '0' });
    expect(await text()).toContain(`${ALL}件の方針のうち${ALL - 1}件がオン`);
    await hr.post(`${PAGE}/manager-monthly`, { on: '1' });
    expect(await text()).toContain(`${ALL}件の方針のうち${ALL}件がオン`);
  });

  test('says by how much a quiet period moves a wave, and takes it back', async () => {
    expect(await hr.post(`${PAGE}/quiet-periods`, ASSEMBLY)).toMatchObject({ status: 303 });
    expect(await text()).toContain('次の予定日 2022年12月12日(休止期間のため2022年12月1日から延期)');
    expect(await hr.post(`${PAGE}/quiet-periods/remove`, ASSEMBLY)).toMatchObject({ status: 303 });
    expect(await text()).toContain('次の予定日 2022年12月1日');
  });

  test('changes when and how often, and refuses what makes no sense with a sentence', async () => {
    const form = { minGapDays: '21', maxPerYear: '4', officeFrom: '08:30', officeTo: '17:15' };
    expect(await hr.post(`${PAGE}/rules`, form)).toMatchObject({ status: 303 });
    expect(await text()).toContain(
      '送ってよい時間帯 08:30から17:15まで、間隔 21日以上、1年に 4件まで、休止期間 なし',
    );
    const refused = await hr.post(`${PAGE}/rules`, { ...form, officeTo: '08:00' });
    expect(refused.status).toBe(400);
    expect(pageText(refused.text)).toContain('時期と回数は登録していません 送ってよい時間帯は');
    // What was typed is still there, beside what is wrong with it.
    expect(refused.text).toMatch(/name="officeTo" type="time" value="08:00"/);
    expect(refused.text).toMatch(/name="minGapDays"[^>]* value="21"/);
    expect((await hr.post(`${PAGE}/rules`, { ...form, minGapDays: '' })).status).toBe(400);
  });

  test('gives back a quiet period that ends before it begins, to be put right', async () => {
    const refused = await hr.post(`${PAGE}/quiet-periods`, { ...ASSEMBLY, to: '2022-11-01' });
    expect(refused.status).toBe(400);
    expect(pageText(refused.text)).toContain('休止期間は加えていません');
    expect(refused.text).toContain('name="name" value="議会"');
    expect(refused.text).toContain('name="to" type="date" value="2022-11-01"');
    expect(await text()).toContain('登録した休止期間はありません');
  });
});

describe('policies over the API', () => {
  test('are listed with their state, next day and the rules for all', async () => {
    expect((await hr.get('/api/v1/policies')).json).toMatchObject({
      policies: POLICIES.map(({ name }) => ({
        name,
        state: 'on',
        changedBy: 'hr-2',
        ...(name === 'manager-monthly' && {
          schedule: '毎月の第1営業日',
          nextOn: '2022-12-01',
          nextRegularOn: '2022-12-01',
        }),
      })),
      rules: { officeHours: { from: '08:30', to: '17:15' }, minGapDays: 21, maxPerYear: 4, quietPeriods: [] },
    });
  });

  test('are switched, which is the same however often it is said', async () => {
    for (const on of [false, false, true])
      expect(await put('policies/manager-monthly', { on })).toMatchObject({
        status: 200,
        json: { name: 'manager-monthly', state: on ? 'on' : 'off' },
      });
    expect(await put('policies/unknown', { on: true })).toMatchObject({
      status: 404,
      json: { code: 'policy_not_found' },
    });
    expect(await put('policies/manager-monthly', { on: 'yes' })).toMatchObject({ status: 400 });
  });

  test('change the rules in part', async () => {
    expect(await put('reminder-rules', { quietPeriods: [ASSEMBLY] })).toMatchObject({
      status: 200,
      json: { minGapDays: 21, quietPeriods: [ASSEMBLY] },
    });
    expect(await put('reminder-rules', { quietPeriods: [{ ...ASSEMBLY, to: '2022-02-30' }] })).toMatchObject({
      status: 400,
      json: { code: 'bad_rules' },
    });
    for (const body of [{ quietPeriods: [null] }, { quietPeriods: 'x' }, { minGapDays: '21' }])
      expect([body, (await put('reminder-rules', body)).status]).toEqual([body, 400]);
    expect((await put('reminder-rules', { officeHours: null })).json).toMatchObject({
      officeHours: { from: '08:30', to: '17:15' },
    });
  });

  test('leave every change on the audit record', async () => {
    const { json } = await hr.get('/api/v1/audit?action=policy_set');
    expect(json.events[0]).toMatchObject({ target: 'policy:manager-monthly', details: { on: true } });
    expect(
      (await hr.get('/api/v1/audit?action=setting_changed&target=setting:reminder_rules')).json.events[0],
    ).toMatchObject({
      details: { minGapDays: 21, quietFrom: ['2022-12-01'], quietTo: ['2022-12-09'] },
    });
  });
});
