import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ROSTER, startCity, type Caller, type City } from '../support/api-city.js';
import { pageText } from '../support/page-text.js';

let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  // Everybody but one has an address by now.
  const withMail = ROSTER.replace(/^(\d{7}),(.*),,$/gm, (line, number: string, rest: string) =>
    number === '0000012' ? line : `${number},${rest},p${number}@example.jp,`,
  );
  const { json } = await hr.upload('/api/v1/imports/roster', {
    field: 'file',
    content: withMail,
    fileName: 'meibo.csv',
  });
  expect((await hr.post(`/api/v1/imports/${json.id}/apply`)).status).toBe(200);
});
afterAll(() => city?.close());

test('HR sees how many hear about their card and why others do not, and pages through masked messages', async () => {
  const { text } = await hr.get('/waves/new?policy=staff-monthly');
  const page = pageText(text);
  expect(page).toContain('12件を送ります。まだ何も送っていません');
  expect(page).toContain('職員 26、うちカードの保有を確認できていない職員 13');
  expect(page).toContain('カードの保有を確認しています 13');
  expect(page).toContain('名簿に本人のメールアドレスがありません 1');
  expect(page).toContain('届く文面(1 / 12通目)');
  expect(page).toContain('●●● 様');
  expect(text).not.toMatch(/見本 \d+号|@example\.jp/);
  const next = /href="([^"]+)">次の文面/.exec(text)![1]!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=');
  const second = await hr.get(next.split('#')[0]!);
  expect(pageText(second.text)).toContain('届く文面(2 / 12通目)');
  expect(second.text).toContain('前の文面');
});

test('the API answers the same, for the message it is asked for', async () => {
  const { status, json } = await hr.post('/api/v1/policies/staff-monthly/waves', {
    dryRun: true,
    position: 12,
  });
  expect([status, json.recipients, json.position]).toEqual([200, 12, 12]);
  expect(json.outside).toEqual([{ label: 'カードの保有を確認しています', count: 13 }]);
  expect(json.first.to).toBe('●●●');
  expect((await hr.post('/api/v1/policies/staff-monthly/waves', { dryRun: true, position: 0 })).status).toBe(
    400,
  );
});

test('a test to oneself that cannot be sent is refused where it was asked for', async () => {
  const refused = await hr.post('/waves/test', { policy: 'staff-monthly' });
  expect(refused.status).toBe(409);
  expect(pageText(refused.text)).toContain('試し送りはしていません 試し送りの宛先がありません');
  expect(refused.text).toContain('自分あてに試し送りする');
});

test('the list of a wave holds everybody it was for, as roles, and a name stands where a look is recorded', async () => {
  const { headers } = await hr.post('/waves', { policy: 'staff-monthly' });
  // Once more where its end is waited for.
  await hr.post('/api/v1/policies/staff-monthly/waves', {});
  const wave = await hr.get(String(headers.location));
  // Whoever gets nothing is no part of the way.
  expect(pageText(wave.text)).toContain('12件中12件を送りました');
  expect(pageText(wave.text)).toContain('12 / 12件');
  expect(wave.text).toContain('<title>職員への月次の案内 2022年');
  expect(pageText(wave.text)).toContain('対象でない人 カードの保有を確認しています 13');
  expect(wave.text).toContain('職員');
  expect(wave.text).not.toContain('所属長');
  expect(wave.text).not.toMatch(/見本 \d+号|@example\.jp/);
  const [reason = ''] = /\/waves[^"]+reason[^"]+/.exec(wave.text.replaceAll('&#x3D;', '='))!;
  expect(reason).toMatch(/state=suppressed&amp;reason=no_own_address#w-list$/);
  const out = pageText((await hr.get(reason.replace('&amp;', '&').split('#')[0]!)).text);
  expect(out).toContain('「名簿に本人のメールアドレスがありません」の配信だけを表示しています');
  expect(out).toContain('1〜1件目 / 1件');
  const delivery = /href="(\/waves\/\d+\/deliveries\/\d+)"/.exec(wave.text)![1]!;
  expect((await hr.get(delivery)).text).toMatch(/見本 \d+号 様/);
  expect((await hr.get(`${delivery}/message.html`)).text).toContain('●●● 様');
});

test('the message from the top waits for words of its own', async () => {
  const page = await hr.get('/waves/new?policy=top-message');
  expect(pageText(page.text)).toContain('文面が下書きのままです');
  expect(page.text).toContain('href="/settings/templates/top-message"');
  expect((await hr.post('/waves', { policy: 'top-message' })).status).toBe(409);
  expect(pageText((await hr.get('/settings/templates/top-message')).text)).toContain('この文面は下書きです');
});

test('the API lists who got nothing, and for which reason', async () => {
  const started = await hr.post('/api/v1/policies/staff-monthly/waves', {});
  const { id, reasons } = started.json;
  expect(reasons).toEqual([
    {
      state: 'suppressed',
      code: 'no_own_address',
      reason: '名簿に本人のメールアドレスがありません',
      count: 1,
    },
  ]);
  const listed = async (query: string) =>
    (await hr.get(`/api/v1/waves/${id}/deliveries?${query}`)).json.deliveries?.length;
  expect(await listed('state=suppressed&reason=no_own_address')).toBe(1);
  expect(await listed('state=sent')).toBe(12);
  expect(await listed('reason=undisclosed')).toBe(0);
  expect((await hr.get(`/api/v1/waves/${id}/deliveries?state=lost`)).status).toBe(400);
});

test('a wave that stands still is on the first page of HR of the whole, and of nobody else', async () => {
  const start = async (reader: Caller) => pageText((await reader.get('/')).text);
  const others = await Promise.all([city.caller('hr', '10'), city.caller('leader'), city.caller('auditor')]);
  expect(await start(hr)).not.toContain('止まっている配信回');
  await city.app.get(DataSource).query(`UPDATE wave SET state = 'awaiting', note = 'overdue'`);
  expect(await start(hr)).toMatch(/止まっている配信回が\d+件あります/);
  for (const other of others) expect(await start(other)).not.toContain('配信回');
  await city.app.get(DataSource).query(`UPDATE wave SET state = 'finished', note = ''`);
});

test('the list of waves goes back page by page, each wave on one of them', async () => {
  const db = city.app.get(DataSource);
  await db.query(
    `INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by, audience, in_office_hours)
     SELECT 'manager-monthly', '2020-01-01'::date + n, '2019-12-31', template_id, 'finished', planned_at, planned_by, audience, false
     FROM generate_series(1, 60) AS n, (SELECT * FROM wave LIMIT 1) AS like_this`,
  );
  const seen: string[] = [];
  for (let next: string | undefined = '/waves'; next !== undefined;) {
    const { text } = await hr.get(next);
    seen.push(...[...text.matchAll(/rowheader"><a href="(\/waves\/\d+)"/g)].map(([, href]) => href!));
    next = /href="([^"]+)">次へ/.exec(text)?.[1]?.replace('&#x3D;', '=');
  }
  const all: { id: number }[] = await db.query('SELECT id FROM wave ORDER BY on_date DESC, id DESC');
  expect(seen).toEqual(all.map(({ id }) => `/waves/${id}`));
  expect((await hr.get('/waves?cursor=x')).status).toBe(400);
});
