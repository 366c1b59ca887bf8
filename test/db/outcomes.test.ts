import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import type { OutcomeGroup } from '../../src/reminders/outcome.js';
import { deriveAll } from '../support/derive-all.js';
import { openReminders, seedCity, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');
const ON = '2022-11-10';
const PAIRS = `
  SELECT st.id, u.code, row_number() OVER (PARTITION BY u.code ORDER BY st.id) AS place
  FROM timeline t JOIN staff st ON st.id = t.staff_id JOIN unit u ON u.id = t.unit_id
  WHERE t.status <> 'held' AND t.valid_from <= '${ON}' AND '${ON}' < t.valid_to`;

let database: TestDatabase;
let opened: Reminders[];

async function on(day: string): Promise<Reminders> {
  const reminders = await openReminders(database.url, { NOW: `${day}T12:00:00+09:00`, DATA_DIR: '' });
  opened.push(reminders);
  return reminders;
}

/** So many of a section's people without a card say something on a day. */
async function answer(code: string, from: number, to: number, day: string, status: string, evidence: string) {
  const { db } = opened[0]!;
  await db.query(
    `INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
     SELECT id, $4, $5::date, $6, ($5 || 'T12:00:00+09:00')::timestamptz, 'test' FROM (${PAIRS}) p
     WHERE code = $1 AND place BETWEEN $2 AND $3`,
    [code, from, to, status, day, evidence],
  );
}

/** The only line there is. */
async function outcome(day: string, by?: OutcomeGroup) {
  const [line, ...rest] = await (await on(day)).outcomes.outcomes(hr, by);
  expect(rest).toEqual([]);
  return line!;
}

beforeEach(async () => {
  database = await createTestDatabase();
  opened = [];
  const reminders = await on(ON);
  await seedCity(reminders.db, [
    { code: '1001', staff: 60, held: 10 },
    // Without an address nobody in it hears anything.
    { code: '1002', staff: 60, held: 10, managerEmail: null },
  ]);
  await reminders.waves.start(hr, 'manager-monthly', ON);
});

afterEach(async () => {
  for (const reminders of opened) await reminders.close();
  await database.drop();
});

test('people without a card whom a wave reached are held against those whom it did not', async () => {
  await answer('1001', 1, 20, '2022-11-20', 'held', 'hr');
  await answer('1001', 21, 25, '2022-11-20', 'applied', 'self');
  await answer('1002', 1, 3, '2022-12-10', 'held', 'hr');
  // On the 31st day, which no longer counts.
  await answer('1001', 30, 40, '2022-12-11', 'held', 'self');
  await deriveAll(opened[0]!.db);
  expect(await outcome('2023-01-31')).toMatchObject({
    policy: 'manager-monthly',
    to: ON,
    sent: 1,
    reached: { people: 50, got: 20 },
    others: { people: 50, got: 3 },
    answered: 5,
    comparison: { verdict: 'higher' },
  });
});

test('whoever had a card before, or an exception, is in neither group', async () => {
  const { db } = opened[0]!;
  await answer('1001', 1, 10, '2022-11-10', 'held', 'hr');
  await db.query(
    `WITH asked AS (
       INSERT INTO card_exception (staff_id, category, valid_from, valid_to, requested_at, requested_by)
       SELECT id, 'leave', '2022-11-01', '2023-01-01', now(), 'test' FROM (${PAIRS}) p WHERE code = '1002' AND place <= 5
       RETURNING id
     )
     INSERT INTO card_exception_decision (exception_id, decision, decided_at, decided_by)
     SELECT id, 'approved', now(), 'test' FROM asked`,
  );
  await deriveAll(db);
  expect(await outcome('2023-01-31')).toMatchObject({ reached: { people: 40 }, others: { people: 45 } });
});

test('nothing is concluded before the 30 days are over', async () => {
  await answer('1001', 1, 40, '2022-11-11', 'held', 'self');
  await deriveAll(opened[0]!.db);
  expect(await outcome('2022-11-20')).toMatchObject({
    reached: { people: 50, got: 40 },
    comparison: { verdict: 'too_early' },
  });
});

test('waves of a policy are put together, without those whose days are not over', async () => {
  await answer('1001', 1, 20, '2022-11-20', 'held', 'hr');
  await deriveAll(opened[0]!.db);
  await (await on('2023-01-20')).waves.start(hr, 'manager-monthly', '2023-01-20');
  const line = await outcome('2023-01-31', 'policy');
  expect(line).toMatchObject({
    waves: 2,
    sent: 2,
    from: ON,
    to: '2023-01-20',
    waveId: null,
    templateVersion: null,
    reached: { people: 50, got: 20 },
    comparison: { verdict: 'higher' },
  });
});

test('where everybody was reached there is nobody to compare with', async () => {
  const { db } = opened[0]!;
  await db
    .query(`UPDATE staff_profile SET email = 'late@example.jp' WHERE superseded_at IS NULL`)
    .catch(() => {});
  await db.query(
    `UPDATE delivery SET state = 'sent' WHERE wave_id = 1 AND unit_id = (SELECT id FROM unit WHERE code = '1002')`,
  );
  expect(await outcome('2023-01-31')).toMatchObject({
    others: { people: 0, got: 0 },
    comparison: { verdict: 'nobody_to_compare' },
  });
});

test('people of every unit that a message speaks of are reached by it, not of the first alone', async () => {
  const { db } = opened[0]!;
  await db.query(
    `UPDATE delivery SET about_units = ARRAY(SELECT id FROM unit WHERE code IN ('1001', '1002')) WHERE state = 'sent'`,
  );
  expect(await outcome('2023-01-31')).toMatchObject({ reached: { people: 100 }, others: { people: 0 } });
});

test('whoever would rather not answer, or may have been reached, is not held against those who were', async () => {
  const { db } = opened[0]!;
  await answer('1001', 1, 4, '2022-11-01', 'undisclosed', 'self');
  await answer('1002', 1, 7, '2022-11-01', 'undisclosed', 'self');
  await deriveAll(db);
  expect(await outcome('2023-01-31')).toMatchObject({ reached: { people: 46 }, others: { people: 43 } });
  await db.query(`UPDATE delivery SET state = 'unknown' WHERE state = 'sent'`);
  expect(await outcome('2023-01-31')).toMatchObject({ reached: { people: 0 }, others: { people: 43 } });
});

test('a year of waves is put together in a moment', async () => {
  const { db } = opened[0]!;
  await db.query(
    `WITH waves AS (
       INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by)
       SELECT 'staff-monthly', day, day, (SELECT min(id) FROM message_template), 'finished', day, 'test'
       FROM generate_series(date '2022-04-02', date '2023-01-31', interval '3 days') AS day RETURNING id
     )
     INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, context, state, message_id)
     SELECT waves.id, 'staff:' || staff.id, 'outbox', staff.id, 1, '{}', 'sent', gen_random_uuid() FROM waves, staff`,
  );
  const { outcomes } = await on('2023-01-31');
  expect((await outcomes.outcomes(hr)).length).toBeGreaterThan(100);
}, 20_000);
