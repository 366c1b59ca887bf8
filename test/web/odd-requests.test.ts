import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';

/** Requests that no page and no program of ours sends: each found a fault once. */
let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
});
afterAll(() => city?.close());

test('a form of another kind is a form without fields', async () => {
  const answer = await hr.upload('/staff/0000001/card-events', { field: 'status', content: 'held' });
  expect(answer.status).toBe(400);
});
