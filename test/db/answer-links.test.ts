import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { answerUrlOf, readAnswerToken } from '../../src/reminders/answer-token.js';
import { MASK } from '../../src/reminders/mask.js';
import { answerPathOf, enqueueAnswerWave, outboxOf } from '../support/answer-wave.js';
import { openReminders, seedCity, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');
const BASE_URL = 'https://card.example.jp';

let database: TestDatabase;
let dataDir: string;
let reminders: Reminders;
beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'answers-'));
  reminders = await openReminders(database.url, { DATA_DIR: dataDir });
  // 0101-1 holds a card, the others have not answered.
  await seedCity(reminders.db, [{ code: '0101', staff: 5, held: 1 }]);
});
afterEach(async () => {
  await reminders.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
});

const wave = (staffNumbers: string[], on?: string, context?: Record<string, unknown>) =>
  enqueueAnswerWave(reminders.db, { staffNumbers, on, context, baseUrl: BASE_URL });
const claimOf = (path: string) => readAnswerToken(path.split('/')[2]!)!;
const count = async (what: string): Promise<number> =>
  (await reminders.db.query(`SELECT count(*)::int AS n FROM ${what}`))[0].n;

test('each message leaves with a link of its own, which no row of the database holds', async () => {
  await reminders.waves.attend(hr, await wave(['0101-1', '0101-2', '0101-3']));
  const mails = await outboxOf(dataDir);
  // Nobody is written to about a card they have.
  expect([...mails.keys()].toSorted()).toEqual(['p0101-2@example.jp', 'p0101-3@example.jp']);
  const paths = [...mails.values()].map(answerPathOf);
  expect(new Set(paths).size).toBe(2);
  for (const [at, mail] of [...mails.values()].entries()) {
    expect(mail.html).toContain(`href="${BASE_URL}${paths[at]}"`);
    expect(mail.text).not.toContain('●');
    expect(await reminders.links.open(paths[at]!.split('/')[2]!)).toMatchObject({
      // Ten days to the deadline, a Monday, and four weeks.
      expiresOn: '2022-12-19',
    });
  }
  const rows: object[] = await reminders.db.query(
    'SELECT d::text, w::text FROM delivery d JOIN wave w ON w.id = d.wave_id',
  );
  const kept = JSON.stringify(rows);
  expect(kept).toContain(answerUrlOf(BASE_URL, MASK));
  for (const path of paths) expect(kept).not.toContain(path.split('/')[2]!.slice(-20));
});

test('whoever would have no more messages says so behind the same link, as mail programs know', async () => {
  await reminders.waves.attend(hr, await wave(['0101-2']));
  const mail = (await outboxOf(dataDir)).get('p0101-2@example.jp')!;
  expect(mail.headers.get('list')).toMatchObject({ unsubscribe: { url: BASE_URL + answerPathOf(mail) } });
});

test('a wave that was held up gives its readers as long to answer as one that left on its day', async () => {
  const id = await wave(['0101-2'], '2022-09-01');
  // Too old to go on by itself.
  await reminders.waves.attend(hr, id);
  await reminders.control.act(hr, id, 'confirm');
  await reminders.waves.attend(hr, id);
  const mail = (await outboxOf(dataDir, 'staff-monthly', '2022-09-01')).get('p0101-2@example.jp')!;
  // Today, 10 November, and four weeks.
  expect(claimOf(answerPathOf(mail)).expiresOn).toBe('2022-12-08');
});

test('processes that need the first key at once make one', async () => {
  const others = await Promise.all(
    Array.from({ length: 4 }, () => openReminders(database.url, { DATA_DIR: dataDir })),
  );
  try {
    const contexts = await Promise.all(
      [reminders, ...others].flatMap(({ links }) =>
        [1, 2].map((id) =>
          links.forWave('2022-11-10')({ id, messageId: '<a@example.jp>', context: { answerUrl: 'masked' } }),
        ),
      ),
    );
    expect(new Set(contexts.map((context) => JSON.stringify(context))).size).toBe(2);
    expect(await count('answer_key')).toBe(1);
  } finally {
    await Promise.all(others.map((other) => other.close()));
  }
});

test('waves without such a link need no key', async () => {
  await reminders.waves.start(hr, 'manager-monthly', '2022-11-10');
  expect(await count('answer_key')).toBe(0);
});

test('only HR of the whole organisation retires links, and it is on record without the key', async () => {
  const [{ id }] = await reminders.db.query(`SELECT id FROM unit WHERE code = '0101'`);
  for (const scope of [
    scopeFrom('a', 1, [{ role: 'hr', unitId: id }]),
    scopeFrom('b', 2, [{ role: 'leader', unitId: null }]),
    scopeFrom('c', 3, [{ role: 'admin', unitId: null }]),
  ])
    await expect(reminders.links.retire(scope)).rejects.toMatchObject({ kind: 'forbidden' });
  expect(await count('answer_key')).toBe(0);
  const { key } = await reminders.links.retire(hr);
  expect(
    await reminders.db.query(`SELECT actor, action, details FROM audit_event WHERE action LIKE 'answer%'`),
  ).toEqual([{ actor: 'test', action: 'answer_links_retired', details: { key } }]);
});
