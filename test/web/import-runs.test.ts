import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { ROSTER, startCity, type Answer, type Caller, type City } from '../support/api-city.js';

jest.setTimeout(60_000);

/** Keeps every roster in the middle of its writing, previews too. */
const PLACING = 'SELECT pg_advisory_xact_lock(7120319, 3)';
const MOVED = ROSTER.replace('0000001,見本 1号,11', '0000001,見本 1号,21');

let city: City;
let hr: Caller;
let db: DataSource;

beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  db = city.app.get(DataSource);
});
afterAll(() => city.close());

const choose = (text: string, fileName = '名簿.csv') =>
  hr.upload(
    '/imports/roster',
    { field: '_csrf', content: hr.csrfToken! },
    { field: 'file', content: text, fileName },
  );
const locationOf = ({ headers }: Answer) => String(headers.location);
const batches = async () =>
  (await db.query<{ state: string }[]>('SELECT state FROM import_batch ORDER BY id')).map(
    ({ state }) => state,
  );
const filesLeft = () => {
  const folder = join(city.dataDir, 'imports');
  return existsSync(folder) ? readdirSync(folder) : [];
};

async function whilePlacing(work: () => Promise<void>): Promise<void> {
  const session = db.createQueryRunner();
  await session.connect();
  await session.startTransaction();
  try {
    await session.query(PLACING);
    await work();
  } finally {
    await session.rollbackTransaction();
    await session.release();
  }
}

async function atItsEnd(location: string): Promise<Answer> {
  for (;;) {
    const answer = await hr.get(location);
    if (answer.status !== 200) return answer;
    await wait(50);
  }
}

test('a file that takes long leads to a page that shows the stage and renews itself until it is asked not to', async () => {
  let location = '';
  await whilePlacing(async () => {
    const answer = await choose(MOVED);
    expect(answer.status).toBe(303);
    location = locationOf(answer);
    expect(location).toMatch(/^\/imports\/runs\/[0-9a-f-]{36}$/);
    const page = await hr.get(location);
    expect(page.text).toContain('名簿を確認しています');
    expect(page.text).toContain('名簿.csv');
    expect(page.text).toMatch(/<li aria-current="step">書き込み<\/li>/);
    expect(page.headers.refresh).toBe('3');
    expect((await hr.get(`${location}?refresh=off`)).headers.refresh).toBeUndefined();
    expect((await hr.get('/imports')).text).toContain(`href="${location}"`);
  });
  const end = await atItsEnd(location);
  expect(end.status).toBe(303);
  expect((await hr.get(locationOf(end))).text).toContain('直すところはありません。まだ何も変更していません');
  expect((await hr.get('/imports')).text).not.toContain(location);
  await hr.post(`${locationOf(end)}/discard`);
});

test('the button ends it, and nothing of it is left', async () => {
  const before = await batches();
  await whilePlacing(async () => {
    const location = locationOf(await choose(MOVED));
    const stopped = await hr.post(`${location}/stop`);
    expect(stopped).toMatchObject({ status: 303 });
    expect(locationOf(stopped)).toBe('/imports?kind=roster&stopped=1');
    expect((await hr.get(locationOf(stopped))).text).toContain('取込を取りやめました');
  });
  expect(await batches()).toEqual(before);
  expect(filesLeft()).toEqual([]);
});

test('an import that was being applied is stopped back to its preview, and can be applied after all', async () => {
  const preview = locationOf(await choose(MOVED));
  await whilePlacing(async () => {
    const applying = locationOf(await hr.post(`${preview}/apply`));
    expect((await hr.get(applying)).text).toContain('名簿を反映しています');
    expect(locationOf(await hr.post(`${applying}/stop`))).toBe(preview);
  });
  expect((await hr.get(preview)).text).toContain('まだ何も変更していません');
  expect(locationOf(await hr.post(`${preview}/apply`))).toBe(preview);
  expect((await hr.get(preview)).text).toContain('名簿を反映しました');
});

test('of two at once the second says that it waits, and comes to its turn', async () => {
  let first = '';
  let second = '';
  await whilePlacing(async () => {
    first = locationOf(await choose(ROSTER, '名簿1.csv'));
    second = locationOf(await choose(ROSTER, '名簿2.csv'));
    expect((await hr.get(second)).text).toContain('ほかの取込が終わるのを待っています');
    expect((await hr.get(first)).text).not.toContain('ほかの取込が終わるのを待っています');
  });
  const ends = await Promise.all([first, second].map(atItsEnd));
  expect(ends.map(({ status }) => status)).toEqual([303, 303]);
  for (const end of ends) await hr.post(`${locationOf(end)}/discard`);
});

test('a run that nobody knows is not found, and the page says where to look', async () => {
  const answer = await hr.get('/imports/runs/none');
  expect(answer.status).toBe(404);
  expect(answer.text).toContain('終わった取込は「取込の記録」で確かめてください');
});
