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
