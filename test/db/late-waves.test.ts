import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { deriveAll } from '../support/derive-all.js';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { openReminders, seedCity, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');

let database: TestDatabase;
let server: MailServer;
let opened: Reminders[];

/** The service as it runs on a day: every wave waits until it is confirmed. */
async function on(day: string): Promise<Reminders> {
  const reminders = await openReminders(database.url, {
    SMTP_URL: server.url,
    NOW: `${day}T10:00:00+09:00`,
    MAIL_CONFIRM_ABOVE: '1',
  });
  opened.push(reminders);
  return reminders;
}

async function planned(policy: string, day: string): Promise<number> {
  const { id, state } = await (await on(day)).waves.start(hr, policy);
  expect(state).toBe('awaiting');
  return id;
}

async function confirmed(id: number, day: string): Promise<string[]> {
  const reminders = await on(day);
  await reminders.control.act(hr, id, 'confirm');
  expect(await reminders.waves.attend(hr, id)).toMatchObject({ state: 'finished' });
  const rows: { line: string }[] = await reminders.db.query(
    `SELECT recipient || ' ' || coalesce(nullif(reason, ''), state) AS line FROM delivery WHERE wave_id = $1 ORDER BY id`,
    [id],
  );
  return rows.map(({ line }) => line.replace(/^\S+:\d+ /, ''));
}

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startMailServer();
  opened = [];
  await seedCity((await on('2022-10-03')).db, [
    { code: '1001', staff: 10, held: 0 },
    { code: '1002', staff: 10, held: 0 },
  ]);
});

afterEach(async () => {
  for (const reminders of opened) await reminders.close();
  await server.close();
  await database.drop();
});

test('what leaves when little time is left names a deadline that leaves time, in the mail as on the page', async () => {
  const id = await planned('manager-monthly', '2022-11-10');
  expect(await confirmed(id, '2022-11-17')).toEqual(['sent', 'sent']);
  for (const { mail } of server.received) {
    expect(mail.subject).toContain('【11/28まで】');
    expect(mail.text).toContain('11月28日(月)');
  }
  const { waves } = await on('2022-11-17');
  const { deliveries } = await waves.deliveries(hr, id);
  expect((await waves.message(hr, id, deliveries[0]!.id)).subject).toBe(server.received[0]!.mail.subject);
});

test('what leaves later, but in time, names the deadline that everybody was shown', async () => {
  const id = await planned('manager-monthly', '2022-11-10');
  await confirmed(id, '2022-11-16');
  expect(server.received.map(({ mail }) => mail.subject)).toEqual(
    Array(2).fill(expect.stringContaining('【11/21まで】')),
  );
});

test('the least gap counts from the day on which a message left, not from the day it was planned for', async () => {
  await confirmed(await planned('staff-monthly', '2022-10-17'), '2022-11-10');
  const next = await (await on('2022-11-15')).waves.plan(hr, 'staff-monthly', '2022-11-15');
  expect(next.recipients).toBe(0);
  const later = await (await on('2022-11-24')).waves.plan(hr, 'staff-monthly', '2022-11-24');
  expect(later.recipients).toBe(2);
});

test('whoever was written to meanwhile, or will be by a newer wave of the rule, gets no old message', async () => {
  const october = await planned('staff-monthly', '2022-10-17');
  const november = await planned('staff-monthly', '2022-11-15');
  const late = await confirmed(october, '2022-11-16');
  expect(late.filter((end) => end === 'later_wave')).toHaveLength(2);
  expect((await confirmed(november, '2022-11-17')).filter((end) => end === 'sent')).toHaveLength(2);
  expect(server.received).toHaveLength(2);
});

test('a unit’s figures go neither to who leads it no more nor to who has left', async () => {
  const id = await planned('manager-monthly', '2022-11-10');
  const { db } = await on('2022-11-14');
  await db.query(`
    WITH gone AS (
      UPDATE assignment SET superseded_at = now() WHERE is_manager AND staff_id IN (SELECT id FROM staff WHERE number IN ('1001-1', '1002-1')) RETURNING *
    )
    INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, valid_to, recorded_at)
    SELECT staff_id, unit_id, true, true, valid_from, date '2022-11-14', now() FROM gone
    UNION ALL
    SELECT staff_id, unit_id, true, false, date '2022-11-14', 'infinity', now() FROM gone
    WHERE staff_id = (SELECT id FROM staff WHERE number = '1001-1')`);
  await deriveAll(db);
  expect(await confirmed(id, '2022-11-14')).toEqual(['other_manager', 'left']);
});
