import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { pageText } from '../support/page-text.js';

let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
});
afterAll(() => city?.close());

const rules = { from: '2022-11-01', minDays: '40', reason: '継続して在籍する職員に限る' };

describe('the page of who is counted', () => {
  test('shows what a change would do, and changes nothing', async () => {
    const preview = await hr.post('/settings/definition/preview', rules);
    expect(preview.status).toBe(200);
    expect(pageText(preview.text)).toContain('2022年11月1日 26人 → 0人');
    expect(preview.text).toContain('この内容で登録する');
    expect(pageText((await hr.get('/settings/definition')).text)).toContain('いまの集計定義 第1版(全員)');
  });

  test('registers it, and every page of figures names the version', async () => {
    expect(await hr.post('/settings/definition', rules)).toMatchObject({ status: 303 });
    expect(pageText((await hr.get('/settings/definition')).text)).toContain(
      'いまの集計定義 第2版(2022年11月1日から)',
    );
    for (const page of ['/', '/units', '/units/11'])
      expect([page, (await hr.get(page)).text.includes('第2版(2022年11月1日から)')]).toEqual([page, true]);
    const csv = await hr.get('/units/00/children.csv');
    expect(csv.text).toContain('集計定義');
  });

  test('says which people are not counted, and lists them all the same', async () => {
    const text = pageText((await hr.get('/units/11?asOf=2022-11-05')).text);
    expect(text).toContain('職員 12人');
    expect(text.match(/集計対象外/g)).toHaveLength(12);
    expect(pageText((await hr.get('/units/11?asOf=2022-10-31')).text)).not.toContain('集計対象外');
  });

  test('is on the audit record', async () => {
    const { json } = await hr.get('/api/v1/audit?action=definition_set');
    expect(json.events).toMatchObject([
      { target: 'definition:2', details: { version: 2, from: '2022-11-01' } },
    ]);
  });
});

describe('figures over the API', () => {
  test('name the version they were counted by', async () => {
    const second = { version: 2, validFrom: '2022-11-01' };
    expect((await hr.get('/api/v1/units/00/adoption')).json.definition).toEqual(second);
    for (const list of ['children', 'remaining'])
      expect((await hr.get(`/api/v1/units/00/${list}?asOf=2022-10-31`)).json.definition).toEqual({
        version: 1,
        validFrom: null,
      });
    const { json } = await hr.get('/api/v1/units/00/trend?from=2022-10&to=2022-11');
    expect(json.points).toMatchObject([{ definition: { version: 1 } }, { definition: second }]);
  });
});

describe('cards that expire', () => {
  test('are recorded, listed and linked from the unit', async () => {
    const card = { status: 'held', on: '2022-10-01', expiresOn: '2023-01' };
    expect((await hr.post('/api/v1/staff/0000001/card-events', card)).json).toMatchObject({
      expiresOn: '2023-01',
    });
    const list = await hr.get('/api/v1/staff?unit=11&expiring=3');
    expect(list.json).toMatchObject({
      total: 1,
      expiring: 1,
      items: [{ number: '0000001', expiresOn: '2023-01' }],
    });
    expect((await hr.get('/api/v1/staff?expiring=13')).status).toBe(400);
    const page = await hr.get('/units/11');
    expect(pageText(page.text)).toContain('有効期限が3か月以内 1人');
    expect(pageText((await hr.get('/units/11?expiring=3')).text)).toContain('職員 1人が該当');
    expect(pageText((await hr.get('/staff/0000001')).text)).toContain('カードの有効期限 2023年1月');
  });
});

describe('an exception', () => {
  test('is withdrawn on the page of the person, or over the API', async () => {
    const ask = { number: '0000002', category: 'other', from: '2022-10-01', to: '2022-12-31' };
    for (const how of ['page', 'api']) {
      const { json } = await hr.post('/api/v1/exceptions', ask);
      const path = `/api/v1/exceptions/${json.id}`;
      await hr.post(`${path}/approve`, {});
      if (how === 'page') {
        expect(pageText((await hr.get('/staff/0000002')).text)).toContain('取り下げる');
        const done = await hr.post(`/staff/0000002/exceptions/${json.id}/withdraw`, { on: '2022-11-01' });
        expect(done.status).toBe(303);
        expect(pageText((await hr.get('/staff/0000002')).text)).toContain('(2022年10月31日で終了)');
      } else {
        expect((await hr.post(`${path}/withdraw`, {})).json).toMatchObject({
          state: 'withdrawn',
          withdrawnOn: '2022-11-10',
        });
        expect((await hr.post(`${path}/withdraw`, {})).status).toBe(409);
      }
    }
  });
});
