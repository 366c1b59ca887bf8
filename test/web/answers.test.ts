import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { DataSource } from 'typeorm';
import { everything } from '../../src/access/scope.js';
import { AnswerLinks } from '../../src/reminders/answer-links.service.js';
import { signAnswer } from '../../src/reminders/answer-token.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { answerPathOf, enqueueAnswerWave, outboxOf, recordedAnswers } from '../support/answer-wave.js';
import { ROSTER, startCity, type Answer, type Caller, type City } from '../support/api-city.js';

/** Nobody has a card in the wave, and everybody another part in the tests. */
const ANSWERS = '0000008';
const SCANNED = '0000009';
const ATTACKED = '0000010';
const CHANGES = '0000011';
const LEAVES = '0000012';
const OTHER = '0000109';
const PEOPLE = [ANSWERS, SCANNED, ATTACKED, CHANGES, LEAVES, OTHER];
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let city: City;
let db: DataSource;
let hr: Caller;
let waveId: number;
const paths: Record<string, string> = {};

beforeAll(async () => {
  city = await startCity();
  db = city.app.get(DataSource);
  hr = await city.caller('hr');
  waveId = await enqueueAnswerWave(db, { staffNumbers: PEOPLE });
  await city.app.get(WaveService).attend(everything('test'), waveId);
  const mails = await outboxOf(city.dataDir);
  for (const number of PEOPLE) paths[number] = answerPathOf(mails.get(`p${number}@example.jp`));
});
afterAll(() => city?.close());

const get = (path: string) => city.nobody.get(path);
const answer = (path: string, status: string): Promise<Answer> =>
  city.nobody.send('POST', path, `status=${status}`, FORM);
/** All that stands in the tables an answer could touch. */
const state = () =>
  db.query(`SELECT (SELECT count(*)::int FROM card_event) AS events, (SELECT count(*)::int FROM audit_event) AS audit,
                   (SELECT count(*)::int FROM answer_key) AS keys, (SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM timeline t) AS people,
                   (SELECT md5(string_agg(d::text, ',' ORDER BY d.id)) FROM delivery d) AS deliveries`);
const plain = ({ status, text }: Answer) => [status, text];
/** The page without what differs by chance. */
const words = ({ text }: Answer) =>
  /<main[^]*<\/main>/
    .exec(text)![0]
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

describe('somebody answers by the link of a message', () => {
  test('the page says what it is for, that it is voluntary and who sees the answer, and no name', async () => {
    const page = await get(paths[ANSWERS]!);
    expect(page.status).toBe(200);
    const text = words(page);
    for (const part of [
      '取得も回答も任意です',
      '不利益はありません',
      '人事課、職員番号の末尾が「08」の方 への案内です',
      '所属長 自分の所属の人数だけ',
      '見本市 人事課',
      '2022年12月19日まで',
    ])
      expect(text).toContain(part);
    expect(page.text).not.toMatch(/見本 8号|0000008|checked/);
    expect(
      [...page.text.matchAll(/name="status" id="\w+" value="(\w+)"/g)].map(([, value]) => value),
    ).toEqual(['held', 'applied', 'not_applied', 'undisclosed']);
    expect(page.text.match(/<form|<button/g)).toEqual(['<form', '<button']);
  });

  test('what messages say to choose is what the page calls it', async () => {
    const labels = [...(await get(paths[ANSWERS]!)).text.matchAll(/<span><b>([^<]+)<\/b>/g)].map(
      ([, label]) => label,
    );
    expect(labels).toEqual(['取得済み', '申請中', 'まだ', '回答しない']);
    for (const message of ['staff-start', 'staff-monthly']) {
      const text = await readFile(`templates/messages/${message}.txt`, 'utf8');
      const named = [...text.matchAll(/「([^」]+)」(?=を選ぶ|とお知らせ)/g)].map(([, label]) => label);
      expect(named.length).toBeGreaterThan(1);
      for (const label of named) expect(labels).toContain(label);
    }
  });

  test('the answer is one record of the person, from that day on', async () => {
    const { status, headers } = await answer(paths[ANSWERS]!, 'undisclosed');
    expect([status, headers.location]).toEqual([303, `${paths[ANSWERS]}/receipt?result=recorded`]);
    const [{ id: delivery }] = await db.query(
      `SELECT d.id::int FROM delivery d JOIN staff s ON s.id = d.staff_id WHERE s.number = $1`,
      [ANSWERS],
    );
    expect(await recordedAnswers(db.manager)).toEqual([
      { number: ANSWERS, status: 'undisclosed', evidence: 'self', on: '2022-11-10', by: `self:${delivery}` },
    ]);
    const [event] = await db.query(
      `SELECT actor, action, details - 'event' AS details FROM audit_event WHERE action = 'card_event_recorded' ORDER BY id DESC LIMIT 1`,
    );
    expect(event).toEqual({
      actor: `self:${delivery}`,
      action: 'card_event_recorded',
      details: { delivery },
    });
    const staff = await hr.get('/api/v1/staff?q=0000008');
    expect(staff.json.items[0]).toMatchObject({ status: 'undisclosed' });
    expect((await hr.get('/staff/0000008')).text).toContain('本人(案内のリンク)');
  });

  test('the receipt says what was recorded, what comes next, how to change it and who has looked', async () => {
    const receipt = await get(`${paths[ANSWERS]}/receipt?result=recorded`);
    expect(receipt.status).toBe(200);
    const text = words(receipt);
    for (const part of [
      '回答を受け取りました',
      '取得状況 回答しない',
      'いつから 2022年11月10日',
      '記録のもと 本人の回答',
      '個人あての案内は、届かなくなります',
      '回答を変える',
      '個人の記録の閲覧 hr-2',
    ])
      expect(text).toContain(part);
    expect(words(await get(paths[ANSWERS]!))).toContain('いまの記録: 回答しない');
    const [{ looks }] = await db.query(
      `SELECT count(*)::int AS looks FROM audit_event WHERE action = 'staff_record_viewed'`,
    );
    // HR's own, above.
    expect(looks).toBe(1);
  });

  test('saying the same again records nothing, also when two come at once', async () => {
    const before = await state();
    const again = await answer(paths[ANSWERS]!, 'undisclosed');
    expect(again.headers.location).toBe(`${paths[ANSWERS]}/receipt?result=known`);
    expect(words(await get(again.headers.location as string))).toContain(
      '同じ内容で、すでに記録されています',
    );
    expect(await state()).toEqual(before);
    const both = await Promise.all([1, 2, 3].map(() => answer(paths[CHANGES]!, 'applied')));
    expect(both.map(({ headers }) => String(headers.location).split('=')[1]).toSorted()).toEqual([
      'known',
      'known',
      'recorded',
    ]);
  });

  test('people err: until the link ends another answer may follow, and the former ones stay on record', async () => {
    for (const status of ['held', 'not_applied', 'undisclosed']) {
      expect((await answer(paths[CHANGES]!, status)).status).toBe(303);
    }
    const events = (await recordedAnswers(db.manager)) as { number: string; status: string }[];
    expect(events.filter(({ number }) => number === CHANGES).map(({ status }) => status)).toEqual([
      'applied',
      'held',
      'not_applied',
      'undisclosed',
    ]);
    const [{ status }] = await db.query(
      `SELECT status FROM timeline t JOIN staff s ON s.id = t.staff_id WHERE s.number = $1 AND t.valid_to = 'infinity'`,
      [CHANGES],
    );
    expect(status).toBe('undisclosed');
  });

  test('where the city has switched names on for managers, the page says so', async () => {
    await hr.send('POST', '/settings/managers-see-names', { on: '1' });
    try {
      for (const path of [paths[ANSWERS]!, `${paths[ANSWERS]}/receipt`])
        expect(words(await get(path))).toContain('所属長 自分の所属の職員の氏名と、保有の有無');
    } finally {
      await hr.send('POST', '/settings/managers-see-names', { on: '0' });
    }
  });
});

describe('opening a link changes nothing', () => {
  test('whoever opens it, with whatever it is opened: mail scanners, previews, prefetching browsers', async () => {
    const page = await get(paths[SCANNED]!);
    const links = [...page.text.matchAll(/(?:href|action|src)="(\/[^"#]*)"/g)].map(([, link]) => link!);
    expect(links).toContain(paths[SCANNED]);
    const before = await state();
    const queries = [
      '',
      '?status=held',
      '?status=undisclosed&_method=POST',
      '?_csrf=x&status=held',
      '?result=recorded',
    ];
    for (const path of [...links, `${paths[SCANNED]}/receipt`, `${paths[SCANNED]}/`]) {
      for (const query of queries) {
        for (const method of ['GET', 'HEAD', 'OPTIONS']) {
          await city.nobody.send(method, path + query, undefined, {
            'x-http-method-override': 'POST',
            purpose: 'prefetch',
          });
        }
      }
    }
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      await city.nobody.send(method, paths[SCANNED]!, 'status=held', FORM);
    expect(await state()).toEqual(before);
  });

  test('a form sent without a choice, as by a scanner that presses every button, says what is missing', async () => {
    const before = await state();
    const page = await city.nobody.send('POST', paths[SCANNED]!, '', FORM);
    expect(page.status).toBe(400);
    expect(words(page)).toContain('4つのうち1つを選んでください');
    expect(page.text).toContain('role="alert"');
    expect(await state()).toEqual(before);
  });

  test('pages behind a link stay out of caches, search engines and other sites’ logs, and load nothing from elsewhere', async () => {
    for (const path of [paths[SCANNED]!, `${paths[SCANNED]}/receipt`, '/answer/none']) {
      const { headers, text } = await get(path);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow',
      });
      expect(String(headers['content-security-policy'])).toContain("default-src 'none'");
      expect(text).not.toMatch(/(?:href|src|action)="(?!\/|#|data:)/);
      // Who has no account is led to no page that asks for one.
      expect(text).not.toContain('href="/"');
      expect(headers).not.toHaveProperty('set-cookie');
    }
  });
});

test('whose card has lapsed says nothing new by having none; a new card is new, and known from that day', async () => {
  await hr.post(`/api/v1/staff/${SCANNED}/card-events`, { status: 'lapsed' });
  expect(words(await get(paths[SCANNED]!))).toContain(
    'いまの記録: 失効・返納(2022年11月10日から、人事の記録)',
  );
  const before = await state();
  expect((await answer(paths[SCANNED]!, 'not_applied')).headers.location).toMatch(/known$/);
  expect(await state()).toEqual(before);
  expect((await answer(paths[SCANNED]!, 'held')).headers.location).toMatch(/recorded$/);
  expect((await hr.get(`/api/v1/staff?q=${SCANNED}`)).json.items[0]).toMatchObject({ status: 'held' });
});

describe('nothing but the link itself opens it', () => {
  const token = () => paths[ATTACKED]!.split('/')[2]!;
  const open = async (forged: string) => {
    const before = await state();
    const page = await get(`/answer/${forged}`);
    const pages = [page, await get(`/answer/${forged}/receipt`), await answer(`/answer/${forged}`, 'held')];
    expect(await state()).toEqual(before);
    return pages;
  };

  test('a forged link and one that never was are one page, which tells nothing', async () => {
    const [unknown] = await open('none');
    expect(unknown!.status).toBe(404);
    expect(words(unknown!)).toContain('このリンクは使えません');
    const bytes = Buffer.from(token(), 'base64url');
    const turned = Array.from({ length: bytes.length }, (_, at) => {
      const copy = Buffer.from(bytes);
      copy[at]! ^= 0x10;
      return copy.toString('base64url');
    });
    const other = paths[OTHER]!.split('/')[2]!;
    const forgeries = [
      ...turned,
      other.slice(0, 15) + token().slice(15),
      token().slice(0, 15) + other.slice(15),
      '●●●',
      `${token()}A`,
      token().slice(0, 35),
      'a'.repeat(900),
    ];
    for (const forged of forgeries) {
      for (const page of await open(encodeURIComponent(forged))) {
        expect(plain(page)).toEqual(plain(unknown!));
      }
    }
  });

  test('neither does one that was signed for a message which was never sent, came back or was refused', async () => {
    const [unknown] = await open('none');
    const [{ id }] = await db.query(
      `SELECT d.id::int FROM delivery d JOIN staff s ON s.id = d.staff_id WHERE s.number = $1`,
      [ATTACKED],
    );
    for (const is of ['suppressed', 'failed', 'bounced']) {
      await db.query('UPDATE delivery SET state = $2 WHERE id = $1', [id, is]);
      for (const page of await open(token())) expect(plain(page)).toEqual(plain(unknown!));
    }
    for (const is of ['sent', 'unknown']) {
      await db.query('UPDATE delivery SET state = $2 WHERE id = $1', [id, is]);
      expect((await get(paths[ATTACKED]!)).status).toBe(200);
    }
    // A message about a unit was made without a link: even a true signature opens nothing.
    await db.query(
      `UPDATE delivery SET context = context - 'answerUrl' || jsonb_build_object('url', context -> 'answerUrl') WHERE id = $1`,
      [id],
    );
    for (const page of await open(token())) expect(plain(page)).toEqual(plain(unknown!));
    await db.query(
      `UPDATE delivery SET context = context || jsonb_build_object('answerUrl', context -> 'url') WHERE id = $1`,
      [id],
    );
  });

  test('after a restore, another person’s delivery with the same number is not opened by the old link', async () => {
    const [{ id, messageId }] = await db.query(
      `SELECT d.id::int, d.message_id AS "messageId" FROM delivery d JOIN staff s ON s.id = d.staff_id WHERE s.number = $1`,
      [ATTACKED],
    );
    await db.query(`UPDATE delivery SET message_id = '<made-anew@example.jp>' WHERE id = $1`, [id]);
    const [unknown] = await open('none');
    for (const page of await open(token())) expect(plain(page)).toEqual(plain(unknown!));
    await db.query('UPDATE delivery SET message_id = $2 WHERE id = $1', [id, messageId]);
  });

  test('one that has ended says so to whoever holds it, and takes no answer', async () => {
    const [{ id, messageId }] = await db.query(
      `SELECT d.id::int, d.message_id AS "messageId" FROM delivery d JOIN staff s ON s.id = d.staff_id WHERE s.number = $1`,
      [ATTACKED],
    );
    const [key] = await db.query('SELECT id, secret FROM answer_key');
    const signed = (expiresOn: string) => signAnswer(key, { deliveryId: id, expiresOn }, messageId);
    for (const page of await open(signed('2022-11-09'))) {
      expect(page.status).toBe(404);
      expect(words(page)).toContain('このリンクの期限は過ぎています');
      expect(words(page)).toContain('次に届く案内のリンクから回答できます');
    }
    expect((await get(`/answer/${signed('2022-11-10')}`)).status).toBe(200);
  });

  test.each([
    ['JSON', '{"status":"held"}', { 'content-type': 'application/json' }],
    ['plain text', 'status=held', { 'content-type': 'text/plain' }],
    ['no type', 'status=held', {}],
    ['a list', 'status=held&status=applied', FORM],
    ['an object', 'status[held]=1', FORM],
    ['another status', 'status=lapsed', FORM],
    ['another word', 'status=constructor', FORM],
    ['another site’s form', 'status=held', { ...FORM, 'sec-fetch-site': 'cross-site' }],
    ['a form too large', `status=held&x=${'x'.repeat(1_100_000)}`, FORM],
  ])('%s is no answer', async (_, body, headers) => {
    const before = await state();
    const { status } = await city.nobody.send('POST', paths[ATTACKED]!, body, headers);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await state()).toEqual(before);
  });

  test('a file as an answer is none either', async () => {
    const before = await state();
    const { status } = await city.nobody.upload(paths[ATTACKED]!, { field: 'status', content: 'held' });
    expect(status).toBe(400);
    expect(await state()).toEqual(before);
  });

  test.each(['status', 'note', '123456789018'])(
    'an individual number in the form (%s) goes nowhere',
    async (field) => {
      const before = await state();
      const { status, text } = await city.nobody.send(
        'POST',
        paths[ATTACKED]!,
        `status=held&${field}=1234-5678-9018`,
        FORM,
      );
      expect(status).toBe(422);
      expect(text).not.toMatch(/5678/);
      expect(await state()).toEqual(before);
    },
  );
});

test('HR reads the message as it was sent, and cannot answer for anybody', async () => {
  const { json } = await hr.get(`/api/v1/waves/${waveId}/deliveries`);
  const token = paths[OTHER]!.split('/')[2]!;
  for (const { id } of json.deliveries as { id: number }[]) {
    for (const path of [
      `/waves/${waveId}/deliveries/${id}`,
      `/waves/${waveId}/deliveries/${id}/message.html`,
    ]) {
      const { text } = await hr.get(path);
      expect(text).toContain('/answer/●●●');
      expect(text).not.toContain(token);
    }
  }
  const rows: { context: object }[] = await db.query('SELECT context FROM delivery');
  expect(JSON.stringify([json, rows])).not.toContain(token.slice(15));
});

const roster = async (lines: string[], asOf: string): Promise<void> => {
  const content = lines.join('\r\n');
  const file = { field: 'file', content, fileName: 'meibo.csv' };
  const preview = await hr.upload('/api/v1/imports/roster', file, { field: 'asOf', content: asOf });
  expect(preview.json.problems).toEqual([]);
  expect((await hr.post(`/api/v1/imports/${preview.json.id}/apply`)).status).toBe(200);
};
const without = (number: string) => ROSTER.split('\r\n').filter((line) => !line.startsWith(number));

test('whoever has left the roster is told so politely, and the record stays as it is', async () => {
  await roster(without(LEAVES), '2022-11-05');
  const page = await get(paths[LEAVES]!);
  expect(page.status).toBe(200);
  expect(words(page)).toContain('いまは回答をお受けできません');
  expect(page.text).not.toContain('<form');
  const before = await state();
  const refused = await answer(paths[LEAVES]!, 'held');
  expect(refused.status).toBe(409);
  expect(words(refused)).toContain('記録は変わっていません');
  expect(await state()).toEqual(before);
  expect((await get(`${paths[LEAVES]}/receipt`)).status).toBe(200);
});

test('the link of somebody who has left does not open the record of whoever has got the number since', async () => {
  const id = await enqueueAnswerWave(db, {
    staffNumbers: [OTHER],
    on: '2022-11-01',
    startedOn: '2022-11-10',
  });
  await city.app.get(WaveService).attend(everything('test'), id);
  const path = answerPathOf(
    (await outboxOf(city.dataDir, 'staff-monthly', '2022-11-01')).get(`p${OTHER}@example.jp`),
  );
  const staying = without(LEAVES).filter((line) => !line.startsWith(OTHER));
  await roster(staying, '2022-11-06');
  expect((await get(path)).status).toBe(200);
  await roster([...staying, `${OTHER},別人 百九号,21,,`], '2022-11-08');
  const unknown = await get('/answer/none');
  for (const page of [await get(path), await get(`${path}/receipt`), await answer(path, 'held')])
    expect(plain(page)).toEqual(plain(unknown));
});

test('HR can retire every link that was sent; the next message brings one that holds', async () => {
  expect((await get(paths[CHANGES]!)).status).toBe(200);
  const manager = await city.caller('manager', '11');
  expect((await manager.get(paths[CHANGES]!)).status).toBe(200);
  await city.app.get(AnswerLinks).retire(everything('cli:operator'));
  const [unknown] = [await get('/answer/none')];
  for (const number of PEOPLE) expect(plain(await get(paths[number]!))).toEqual(plain(unknown!));
  expect((await answer(paths[OTHER]!, 'held')).status).toBe(404);
  const next = await enqueueAnswerWave(db, { staffNumbers: [OTHER], on: '2022-11-11' });
  await city.app.get(WaveService).attend(everything('test'), next);
  const mail = (await outboxOf(city.dataDir, 'staff-monthly', '2022-11-11')).get(`p${OTHER}@example.jp`);
  expect((await get(answerPathOf(mail))).status).toBe(200);
});
