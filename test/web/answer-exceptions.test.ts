import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { everything } from '../../src/access/scope.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { answerPathOf, enqueueAnswerWave, outboxOf } from '../support/answer-wave.js';
import { ROSTER, startCity, type Answer, type Caller, type City } from '../support/api-city.js';

/** Nobody has a card or an account, and everybody another part in the tests. */
const ASKS = '0000008';
const HIDES = '0000009';
const SCANNED = '0000010';
const ERRS = '0000011';
const LEAVES = '0000012';
const PEOPLE = [ASKS, HIDES, SCANNED, ERRS, LEAVES];
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const REQUEST = { category: 'other', from: '2022-11-14', to: '2022-12-09', note: '' };

let city: City;
let db: DataSource;
let hr: Caller;
const paths: Record<string, string> = {};

beforeAll(async () => {
  city = await startCity();
  db = city.app.get(DataSource);
  hr = await city.caller('hr');
  const id = await enqueueAnswerWave(db, { staffNumbers: PEOPLE });
  await city.app.get(WaveService).attend(everything('test'), id);
  const mails = await outboxOf(city.dataDir);
  for (const number of PEOPLE)
    paths[number] = `${answerPathOf(mails.get(`p${number}@example.jp`))}/exception`;
});
afterAll(() => city?.close());

const ask = (number: string, request: Record<string, string> = {}): Promise<Answer> =>
  city.nobody.send('POST', paths[number]!, new URLSearchParams({ ...REQUEST, ...request }).toString(), FORM);
const requests = () => db.query('SELECT count(*)::int AS n FROM card_exception');
const ofPerson = async (number: string) =>
  (await hr.get(`/api/v1/exceptions?number=${number}`)).json.exceptions as Record<string, unknown>[];
const words = ({ text }: Answer) =>
  /<main[^]*<\/main>/
    .exec(text)![0]
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('somebody without an account asks for an exception behind the link of a message', () => {
  test('the page of the answer leads there, and it says who decides and who reads it, and no name', async () => {
    const answerPage = await city.nobody.get(paths[ASKS]!.replace('/exception', ''));
    expect(answerPage.text).toContain(`href="${paths[ASKS]}"`);
    expect(answerPage.text).not.toContain('/account');
    const page = await city.nobody.get(paths[ASKS]!);
    expect(page.status).toBe(200);
    for (const part of [
      '職員番号の末尾が「08」の方',
      '理由をくわしく書く必要はありません',
      '人事課が決定するまで、案内はこれまでどおり届きます',
      '所属長には、例外のことは見えません',
      '見本市 人事課',
    ])
      expect(words(page)).toContain(part);
    expect(page.text).not.toMatch(/見本 8号|0000008|href="\/"|href="\/account/);
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  test('the request waits for HR as any other, and changes nothing until it is decided', async () => {
    const { status, headers } = await ask(ASKS, { note: '通院のため' });
    expect([status, headers.location]).toEqual([303, `${paths[ASKS]}?result=asked`]);
    expect(words(await city.nobody.get(headers.location as string))).toContain('申請を受け付けました');
    expect(await ofPerson(ASKS)).toMatchObject([
      { state: 'requested', category: 'other', from: '2022-11-14', to: '2022-12-09', note: '通院のため' },
    ]);
    expect((await hr.get('/exceptions')).text).toContain('本人(案内のリンク)');
    const [{ id: delivery }] = await db.query(
      `SELECT d.id::int FROM delivery d JOIN staff s ON s.id = d.staff_id WHERE s.number = $1`,
      [ASKS],
    );
    const [event] = await db.query(
      `SELECT actor, details::text FROM audit_event WHERE action = 'exception_requested' ORDER BY id DESC LIMIT 1`,
    );
    expect(event.actor).toBe(`self:${delivery}`);
    expect(event.details).not.toMatch(/通院|other/);
    const figures = () => hr.get('/api/v1/units/11/adoption?asOf=2022-11-10');
    expect((await figures()).json.exempt).toBe(0);
    const [{ id }] = (await ofPerson(ASKS)) as [{ id: number }];
    expect((await hr.post(`/api/v1/exceptions/${id}/approve`, { from: '2022-11-10' })).status).toBe(200);
    expect((await figures()).json.exempt).toBe(1);
  });

  test('neither the page nor the receipt of the answer shows what was asked', async () => {
    for (const path of [paths[ASKS]!, paths[ASKS]!.replace('exception', 'receipt')])
      expect((await city.nobody.get(path)).text).not.toMatch(/通院|2022年12月9日|承認されて/);
  });

  test('one waits at a time; a form sent twice is one request', async () => {
    const both = await Promise.all([1, 2, 3].map(() => ask(ERRS)));
    const results = both.map(({ headers }) => String(headers.location).split('=')[1]);
    expect(results.toSorted()).toEqual(['asked', 'waiting', 'waiting']);
    // Of a button that was pressed twice, the browser shows the second answer.
    const second = words(await city.nobody.get(`${paths[ERRS]}?result=waiting`));
    expect(second).toContain('申請は、すでに受け付けています');
    const later = { from: '2023-03-01', to: '2023-03-31' };
    expect((await ask(ERRS, later)).headers.location).toMatch(/waiting$/);
    expect(await ofPerson(ERRS)).toHaveLength(1);
    const [{ id }] = (await ofPerson(ERRS)) as [{ id: number }];
    await hr.post(`/api/v1/exceptions/${id}/reject`, { reason: '期間を短くしてください' });
    expect((await ask(ERRS, later)).headers.location).toMatch(/asked$/);
  });

  test('reasons of security stay with HR of the whole organisation here, too', async () => {
    expect((await ask(HIDES, { category: 'security', note: 'つきまといのため' })).status).toBe(303);
    expect(await ofPerson(HIDES)).toMatchObject([{ category: 'security', note: 'つきまといのため' }]);
    const part = await city.caller('hr', '11');
    const { json } = await part.get(`/api/v1/exceptions?number=${HIDES}`);
    expect(json.exceptions).toMatchObject([{ category: 'other', note: '' }]);
    const again = await ask(HIDES);
    expect((await city.nobody.get(again.headers.location as string)).text).not.toMatch(/つきまとい|安全/);
    const [{ trail }] = await db.query(`SELECT string_agg(e::text, ' ') AS trail FROM audit_event e`);
    expect(trail).not.toMatch(/security|つきまとい/);
  });
});

describe('nothing is asked for by opening, by robots and by others', () => {
  test('whoever opens it, and a robot that presses the button', async () => {
    const before = await requests();
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      for (const query of ['', '?category=other&from=2022-11-14&to=2022-12-09', '?result=asked'])
        await city.nobody.send(method, paths[SCANNED]! + query);
    const { text } = await city.nobody.get(paths[SCANNED]!);
    expect(text).not.toMatch(/<option[^>]*(?:selected|checked)/);
    // What the form holds as it comes.
    const sent = [...text.matchAll(/<input[^>]* name="(\w+)"[^>]* value="([^"]*)"/g)].map(
      ([, name, value]) => `${name}=${value}`,
    );
    expect(sent.length).toBe(2);
    const page = await city.nobody.send('POST', paths[SCANNED]!, ['category=', ...sent].join('&'), FORM);
    expect(page.status).toBe(400);
    expect(words(page)).toContain('種類を選んでください');
    expect(page.text).toContain('role="alert"');
    expect(await requests()).toEqual(before);
  });

  test.each([
    ['no day', { from: '' }, 'この内容では受け付けていません', 'from'],
    ['a day that is over', { from: '2022-11-09' }, '開始日は今日以後', 'from'],
    ['the end before the beginning', { to: '2022-11-13' }, '終了日は開始日以後', 'to'],
    ['20 years', { to: '2042-11-13' }, '12か月まで', 'to'],
    [
      'a day that is none',
      { from: '2023-02-29', to: '2023-03-31' },
      'この内容では受け付けていません',
      'from',
    ],
    ['too much text', { note: 'あ'.repeat(501) }, '500文字まで', 'note'],
    ['another category', { category: 'constructor' }, '種類を選んでください', 'category'],
  ])(
    '%s is told on the page, beside what was typed, and leads to its field',
    async (_, request, message, field) => {
      const before = await requests();
      const page = await ask(SCANNED, { note: '朝だけの勤務', ...request });
      expect(page.status).toBeGreaterThanOrEqual(400);
      expect(page.status).toBeLessThan(500);
      expect(words(page)).toContain(message);
      expect(page.text).toContain(`href="#o-${field}"`);
      if (!('note' in request)) expect(page.text).toContain('>朝だけの勤務</textarea>');
      expect(await requests()).toEqual(before);
    },
  );

  test('an individual number goes nowhere, and the page that says so leads to nothing that asks for an account', async () => {
    const before = await requests();
    const page = await ask(SCANNED, { note: '番号は 1234 5678 9018 です' });
    expect(page.status).toBe(422);
    expect(page.text).not.toMatch(/5678|href="\/"/);
    expect(await requests()).toEqual(before);
  });

  test.each([
    ['JSON', JSON.stringify(REQUEST), { 'content-type': 'application/json' }],
    [
      'another site’s form',
      new URLSearchParams(REQUEST).toString(),
      { ...FORM, 'sec-fetch-site': 'cross-site' },
    ],
  ])('%s', async (_, body, headers) => {
    const before = await requests();
    const { status } = await city.nobody.send('POST', paths[SCANNED]!, body, headers);
    expect([400, 403]).toContain(status);
    expect(await requests()).toEqual(before);
  });

  test('a link that does not hold is the one page for all of them', async () => {
    const before = await requests();
    const unknown = await city.nobody.get('/answer/none');
    const forged = paths[SCANNED]!.replace(/.{5}\/exception/, 'AAAAA/exception');
    const body = new URLSearchParams(REQUEST).toString();
    for (const path of [forged, '/answer/none/exception'])
      for (const page of [await city.nobody.get(path), await city.nobody.send('POST', path, body, FORM)])
        expect([page.status, page.text]).toEqual([404, unknown.text]);
    expect(await requests()).toEqual(before);
  });
});

test('who has left the roster is told so politely', async () => {
  const file = {
    field: 'file',
    content: ROSTER.split('\r\n')
      .filter((line) => !line.startsWith(LEAVES))
      .join('\r\n'),
    fileName: 'meibo.csv',
  };
  const preview = await hr.upload('/api/v1/imports/roster', file, { field: 'asOf', content: '2022-11-05' });
  expect((await hr.post(`/api/v1/imports/${preview.json.id}/apply`)).status).toBe(200);
  const page = await city.nobody.get(paths[LEAVES]!);
  expect(words(page)).toContain('いまは申請をお受けできません');
  expect(page.text).not.toContain('<form');
  const before = await requests();
  expect((await ask(LEAVES)).status).toBe(404);
  expect(await requests()).toEqual(before);
});
