import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';

/** Requests that no page and no program of ours sends: each found a fault once. */
let city: City;
let hr: Caller;
let admin: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  admin = await city.caller('admin');
});
afterAll(() => city?.close());

test('a form of another kind is a form without fields', async () => {
  const answer = await hr.upload('/staff/0000001/card-events', { field: 'status', content: 'held' });
  expect(answer.status).toBe(400);
});

test.each(['2147483648', '9'.repeat(18), '-1'])('no token, grant or import has the number %s', async (id) => {
  const answers = [
    await hr.post(`/account/tokens/${id}/revoke`),
    await admin.post(`/users/hr-1/grants/${id}/revoke`),
    await hr.get(`/imports/${id}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
});

test('an address too long to come back to leads to the sign-in without it', async () => {
  const { headers } = await city.nobody.get(`/units?q=${'%'.repeat(3000).replaceAll('%', '%25')}`);
  expect(headers.location).toBe('/sign-in?next=%2F');
});

test('characters that the database cannot hold do not get into the report of an import', async () => {
  const table = '職員番号,\0氏\0名,所属コード,備\0考\r\n0000001,\0𠮟\0,11,\ud800\r\n';
  for (const content of [Buffer.from(table), Buffer.from(`\ufeff${table}`, 'utf16le')]) {
    const { status, json } = await hr.upload('/api/v1/imports/roster', {
      field: 'file',
      content,
      fileName: 'meibo.csv',
    });
    expect(status).toBe(200);
    expect(JSON.stringify(json)).not.toMatch(/\\u0000|\\ud8/);
  }
});
