import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { deriveAll } from '../support/derive-all.js';
import { openReminders, seedCity, type Reminders, type Section } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');

let database: TestDatabase;
let dataDir: string;
let open: Reminders[];

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'outbox-'));
  open = [];
});

afterEach(async () => {
  for (const city of open) await city.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
});

/** The same city on another day. */
async function on(day: string): Promise<Reminders> {
  const city = await openReminders(database.url, { DATA_DIR: dataDir, NOW: `${day}T10:00:00+09:00` });
  open.push(city);
  return city;
}

/** What a wave of the day does with each: `0101 sent`, or why not. */
async function wave(policy: string, day: string): Promise<string[]> {
  const { waves } = await on(day);
  const { id } = await waves.start(hr, policy, day);
  const { deliveries } = await waves.deliveries(hr, id);
  return deliveries.map(({ unitCode, state, reason }) => [unitCode, state, reason].join(' ').trim());
}

const TOLD = 'suppressed この案内は前に送っています';

describe('thanks', () => {
  const lapse = async (code: string, from: string, to: string) => {
    const { db } = open[0]!;
    await db.query(
      `INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
       SELECT s.id, e.status, e.day::date, 'import', now(), 'test'
       FROM staff s CROSS JOIN (VALUES ('lapsed', $2), ('held', $3)) AS e (status, day) WHERE s.number = $1`,
      [`${code}-1`, from, to],
    );
    await deriveAll(db);
  };

  test('come once, and again in the month a year later at the earliest', async () => {
    await seedCity((await on('2022-11-01')).db, [
      { code: '0101', staff: 10, held: 10 },
      { code: '0102', staff: 10, held: 9 },
    ]);
    expect(await wave('thanks', '2022-11-01')).toEqual(['0101 sent']);
    expect(await wave('thanks', '2022-12-01')).toEqual([`0101 ${TOLD}`]);
    expect(await wave('thanks', '2023-10-02')).toEqual([`0101 ${TOLD}`]);
    expect(await wave('thanks', '2023-11-01')).toEqual(['0101 sent']);
  });

  test('come no second time to a unit that falls back and is complete again', async () => {
    await seedCity((await on('2022-11-01')).db, [{ code: '0101', staff: 10, held: 10 }]);
    await lapse('0101', '2022-11-20', '2022-12-20');
    expect(await wave('thanks', '2022-11-01')).toEqual(['0101 sent']);
    expect(await wave('thanks', '2022-12-01')).toEqual([]);
    expect(await wave('thanks', '2023-01-04')).toEqual([`0101 ${TOLD}`]);
  });

  test('that reached nobody do not count', async () => {
    const { db } = await on('2022-11-01');
    await seedCity(db, [{ code: '0101', staff: 10, held: 10, managerEmail: null }]);
    expect(await wave('thanks', '2022-11-01')).toEqual([
      '0101 suppressed 所属長にも所属にもメールアドレスがありません',
    ]);
    await db.query(`UPDATE staff_profile SET superseded_at = now() WHERE staff_id = 1`);
    await db.query(
      `INSERT INTO staff_profile (staff_id, name, email, recorded_at) VALUES (1, '見本 一', 'm@example.jp', now())`,
    );
    expect(await wave('thanks', '2022-12-01')).toEqual(['0101 sent']);
    await db.query(`UPDATE delivery SET state = 'bounced' WHERE state = 'sent'`);
    expect(await wave('thanks', '2023-01-04')).toEqual(['0101 sent']);
    // It may have arrived.
    await db.query(`UPDATE delivery SET state = 'unknown' WHERE state = 'sent'`);
    expect(await wave('thanks', '2023-02-01')).toEqual([`0101 ${TOLD}`]);
  });

  test('to the manager of two units are one, and count for both', async () => {
    const { db } = await on('2022-11-01');
    await seedCity(db, [
      { code: '0101', staff: 10, held: 10 },
      { code: '0102', staff: 10, held: 10, managedBy: '0101' },
    ]);
    expect(await wave('thanks', '2022-11-01')).toEqual(['0101 sent']);
    expect(await wave('thanks', '2022-12-01')).toEqual([`0101 ${TOLD}`]);
    expect(await db.query(`SELECT cardinality(about_units) AS units FROM delivery`)).toEqual([
      { units: 2 },
      { units: 2 },
    ]);
  });
});

const BUREAU: Section[] = [
  { code: '04', name: '福祉局', staff: 6, held: 0 },
  { code: '0411', name: '介護課', under: '04', staff: 60, held: 20 },
  { code: '0412', name: '障害課', under: '04', staff: 60, held: 50 },
  { code: '0413', name: '保育課', under: '04', staff: 80, held: 60 },
];

/** A bureau, in which one unit is behind the citizens since April: 46.5 % of these hold a card. */
async function seedBureau(sections = BUREAU): Promise<Reminders> {
  const city = await on('2022-11-08');
  await seedCity(city.db, sections);
  await city.db.query(
    `INSERT INTO area (code, kind, prefecture, name) VALUES ('172014', 'municipality', '石川県', '金沢市')`,
  );
  await city.db.query(
    `INSERT INTO citizen_figure (area_code, metric, as_of, cards, population, population_as_of, rate, recorded_at)
     VALUES ('172014', 'issued', '2022-09-30', 208794, 448702, '2022-01-01', 46.5, now())`,
  );
  await city.db.query(
    `INSERT INTO city (name, area_code, compare_codes, contact, recorded_at, recorded_by)
     VALUES ('金沢市', '172014', '{}', '人事課', now(), 'test')`,
  );
  return city;
}

describe('those who lead others', () => {
  test('get the digest of their bureau each month', async () => {
    const city = await seedBureau();
    const { considered, first } = await city.waves.plan(hr, 'bureau-digest', '2022-11-04');
    expect(considered).toMatchObject([{ count: 5 }, { count: 1 }]);
    expect(first!.text).toContain('介護課: 33.3%(20 / 60人) 残り40人');
    expect(await wave('bureau-digest', '2022-11-04')).toEqual(['04 sent']);
    expect(await wave('bureau-digest', '2022-12-05')).toEqual(['04 sent']);
  });

  test('hear of a unit behind the citizens at two month ends, and not again before three months', async () => {
    const city = await seedBureau();
    const { first } = await city.waves.plan(hr, 'escalation', '2022-11-08');
    expect(first).toMatchObject({ to: 'm04@example.jp' });
    expect(first!.text).toContain('介護課: 33.3%(20 / 60人、前の月末は33.3%) 残り40人');
    expect(first!.text).not.toMatch(/障害課|保育課/);
    expect(await wave('escalation', '2022-11-08')).toEqual(['04 sent']);
    expect(await wave('escalation', '2022-12-07')).toEqual([`04 ${TOLD}`]);
    expect(await wave('escalation', '2023-02-07')).toEqual(['04 sent']);
  });

  test('hear nothing of a unit that is closed before the wave, or founded since', async () => {
    // The 介護課 goes on as a new unit from October on.
    const care = BUREAU[1]!;
    await seedBureau([
      ...BUREAU.map((section) => (section === care ? { ...care, to: '2022-10-01' } : section)),
      { ...care, code: '0419', name: '長寿課', from: '2022-10-01' },
    ]);
    expect(await wave('escalation', '2022-11-08')).toEqual([]);
    expect(await wave('escalation', '2022-12-07')).toEqual(['04 sent']);
  });
});

test('the editor previews each kind with the figures of this city', async () => {
  const city = await seedBureau(
    BUREAU.map((section) => (section.code === '0412' ? { ...section, held: 60 } : section)),
  );
  const previews = await Promise.all(
    ['thanks', 'bureau-digest', 'escalation'].map(async (name) => {
      const { problems, unit, message } = await city.editor.preview(hr, name);
      return [problems.length, unit?.code, message!.subject];
    }),
  );
  expect(previews).toEqual([
    [0, '0412', '障害課の皆さまへのお礼(カード取得状況 10月末)'],
    [0, '04', '福祉局の所属ごとの状況(カード取得状況 10月末)'],
    [0, '04', '【11/18まで】所属での案内への支援のお願い(カード取得状況 10月末)'],
  ]);
});
