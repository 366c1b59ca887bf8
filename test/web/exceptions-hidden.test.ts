import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { UserService } from '../../src/access/user.service.js';
import { Caller, PASSWORD, startCity, type City } from '../support/api-city.js';

/**
 * Whoever hides from somebody must not be found by this tool: that somebody asked for reasons of security is read by HR of the
 * whole organisation and by nobody else, on no page, over no door, in no file and in no message.
 */
let city: City;
let hrOfAll: Caller;
const others: Record<string, Caller> = {};
const WORDS = /security|安全上の理由|つきまとい|警察|保護命令/;
/** What is offered in a form, or described of a door, says nothing about anybody. */
const told = (text: string) => text.replace(/<(form|option)\b[\s\S]*?<\/\1>/g, '');

beforeAll(async () => {
  city = await startCity({ NOW: '2022-11-10T09:00:00+09:00' });
  hrOfAll = await city.caller('hr');
  others['hr of the part'] = await city.caller('hr', '11');
  others['manager'] = await city.caller('manager', '11');
  others['leader'] = await city.caller('leader');
  others['auditor'] = await city.caller('auditor');
  others['admin'] = await city.caller('admin');
  await city.app
    .get(UserService)
    .add({ name: 'honnin', role: 'manager', staffNumber: '0000012', password: PASSWORD }, 'test');
  const signedIn = await city.nobody.post('/api/v1/session', { name: 'honnin', password: PASSWORD });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
  others['the person'] = new Caller(city.app, cookie, signedIn.json.csrfToken as string);

  const ask = (number: string, from: string, to: string) =>
    hrOfAll.post('/api/v1/exceptions', { number, category: 'security', from, to, note: 'つきまといのため' });
  const decide = (id: number, what: string, body = {}) =>
    hrOfAll.post(`/api/v1/exceptions/${id}/${what}`, body);
  // Approved, ending soon; rejected and appealed; asked for by the person.
  await decide((await ask('0000011', '2022-11-01', '2022-11-30')).json.id, 'approve');
  const { id } = (await ask('0000010', '2022-11-01', '2022-11-30')).json;
  await decide(id, 'reject', { reason: '警察への相談の記録を見せてください' });
  await decide(id, 'appeal', { reason: '保護命令が出ています' });
  const asked = await others['the person'].post('/account/exceptions', {
    category: 'security',
    from: '2022-11-14',
    to: '2022-11-30',
    note: 'つきまといのため',
  });
  expect(asked.status).toBe(303);
  for (const policy of ['exception-decided', 'exception-ending', 'manager-monthly'])
    expect((await hrOfAll.post(`/api/v1/policies/${policy}/waves`)).status).toBe(200);
  expect((await hrOfAll.post('/api/v1/months/2022-10/close')).status).toBe(200);
});
afterAll(() => city?.close());

const PATHS = [
  '/',
  '/exceptions',
  '/exceptions?why=exception',
  '/account',
  '/account/exceptions',
  '/staff/0000010',
  '/staff/0000011',
  '/staff/0000012',
  '/staff/0000010/disclosure.html',
  '/staff/0000011/disclosure.html',
  '/units/11',
  '/units/11?q=0000011',
  '/units/11/children.csv',
  '/units/11/changes?from=2022-10-01&to=2022-11-10',
  '/audit',
  '/audit?target=exception',
  '/audit?target=staff:11',
  '/waves',
  '/reports',
  '/reports/2022-10.csv',
  '/settings/policies',
  '/settings/templates/exception-decided/preview',
  '/settings/templates/exception-ending/preview',
  '/api/v1/exceptions',
  '/api/v1/exceptions?state=appealed',
  '/api/v1/staff?unit=11',
  '/api/v1/audit',
  '/api/v1/units/11/adoption',
  '/api/v1/units/11/changes?from=2022-10-01&to=2022-11-10',
  '/api/v1/reports/2022-10.json',
  '/opendata/2022-10.csv',
  ...[1, 2, 3].flatMap((wave) => [`/waves/${wave}`, `/api/v1/waves/${wave}/deliveries`]),
  ...[1, 2, 3].flatMap((delivery) =>
    [1, 2].flatMap((wave) => [
      `/waves/${wave}/deliveries/${delivery}`,
      `/waves/${wave}/deliveries/${delivery}/message.html`,
    ]),
  ),
];

test('HR of the whole organisation reads it, with what the person and HR have said', async () => {
  const { text } = await hrOfAll.get('/exceptions');
  for (const words of ['安全上の理由', 'つきまといのため', '警察への相談', '保護命令'])
    expect(told(text)).toContain(words);
  expect((await hrOfAll.get('/staff/0000011')).text).toContain('安全上の理由');
  const { json } = await hrOfAll.get('/api/v1/exceptions?category=security');
  expect(json.exceptions).toHaveLength(3);
});

describe('nobody else does', () => {
  test.each(['hr of the part', 'manager', 'leader', 'auditor', 'admin', 'the person'])('%s', async (who) => {
    const caller = others[who]!;
    let opened = 0;
    for (const path of PATHS) {
      const { status, text, headers } = await caller.get(path);
      if (status === 200) opened++;
      // The reason of a rejection is written to the person; the path is what was asked.
      const own =
        who === 'the person' ? told(text).replaceAll(/「安全上の理由」を選んだことは/g, '') : told(text);
      expect([path, WORDS.exec(own)?.[0]]).toEqual([path, undefined]);
      expect(String(headers['content-disposition'] ?? '')).not.toMatch(WORDS);
    }
    expect(opened).toBeGreaterThan(1);
  });

  test('files that go out read as any other', async () => {
    const { text } = await hrOfAll.get('/staff/0000011/disclosure.html');
    expect(text).toContain('2022年11月30日');
    expect(text).not.toMatch(WORDS);
  });

  test('HR of a part finds nothing by searching for it, sees another category, and cannot ask for it', async () => {
    const part = others['hr of the part']!;
    expect((await part.get('/api/v1/exceptions?category=security')).json.exceptions).toEqual([]);
    const { json } = await part.get('/api/v1/exceptions?category=other');
    expect(json.exceptions).toHaveLength(3);
    for (const one of json.exceptions)
      expect(one).toMatchObject({ category: 'other', note: '', reason: '', appeal: '' });
    const body = { number: '0000009', category: 'security', from: '2022-11-14', to: '2022-11-30' };
    expect(await part.post('/api/v1/exceptions', body)).toMatchObject({
      status: 403,
      json: { code: 'hidden_category' },
    });
    expect((await part.get('/exceptions')).text).not.toContain('value="security"');
  });

  test('neither the audit record nor a message holds it', async () => {
    for (const table of ['audit_event', 'delivery', 'wave', 'month_close']) {
      const [{ text }] = await city.app
        .get(DataSource)
        .query(`SELECT coalesce(string_agg(t::text, ' '), '') AS text FROM ${table} t`);
      expect([table, WORDS.exec(text)?.[0]]).toEqual([table, undefined]);
    }
  });
});
