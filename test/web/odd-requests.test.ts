import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { multipart, startCity, type Caller, type City } from '../support/api-city.js';

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

test.each(['2147483648', '9223372036854775808', '-1'])('nothing has the number %s', async (id) => {
  const answers = [
    await hr.post(`/account/tokens/${id}/revoke`),
    await admin.post(`/users/hr-1/grants/${id}/revoke`),
    await hr.get(`/imports/${id}`),
    await hr.post(`/api/v1/exceptions/${id}/reject`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
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

test('after a refused upload the connection is good for the next request', async () => {
  await city.app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
  const { port } = city.app.getHttpServer().address() as { port: number };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = async (method: string, path: string, headers: Record<string, string>, body?: Buffer) => {
    const sent = request({ port, host: '127.0.0.1', method, path, agent, headers, timeout: 5_000 });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.end(body);
    const [answer] = await once(sent, 'response');
    answer.resume();
    await once(answer, 'end');
    return { status: answer.statusCode as number, isSameConnection: sent.reusedSocket };
  };
  const { body, contentType } = await multipart([
    { field: 'file', content: 'a'.repeat(500), fileName: 'a.csv' },
  ]);
  const cookie = hr.cookie!;
  // Without the token of the form: the file is not read.
  const upload = { cookie, 'content-type': contentType, 'content-length': String(body.length) };
  expect(await send('POST', '/imports/status', upload, body)).toMatchObject({ status: 403 });
  expect(await send('GET', '/imports', { cookie })).toEqual({ status: 200, isSameConnection: true });
  agent.destroy();
});

test('a boundary longer than the standard allows makes no form', async () => {
  const headers = { 'content-type': `multipart/form-data; boundary=${'b'.repeat(300)}` };
  const answer = await hr.send('POST', '/api/v1/imports/roster', Buffer.from('--b'), headers);
  expect([answer.status, answer.json.code]).toEqual([400, 'bad_upload']);
});

test.each([
  ['POST', '/api/v1/months/0000-01/close'],
  ['GET', '/api/v1/units/11/adoption?asOf=0000-01-01'],
  ['GET', '/api/v1/units/11/trend?from=0000-01&to=0000-02'],
])('the year 0 is no year: %s %s', async (method, url) => {
  expect((await hr.send(method, url, method === 'GET' ? undefined : {})).status).toBe(400);
});

test('a password has no business in an address, and cannot carry an individual number through it', async () => {
  const answer = await city.nobody.get('/units?newPassword=1234-5678-9018');
  expect(answer.status).toBe(422);
  expect(JSON.stringify(answer.headers) + answer.text).not.toContain('5678');
});
