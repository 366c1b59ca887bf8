import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { everything, scopeFrom, type RoleGrant } from '../../src/access/scope.js';
import { deriveAll } from '../support/derive-all.js';
import { openReminders, seedCity, statesOf, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');
const ON = '2022-11-10';

let database: TestDatabase;
let dataDir: string;
let reminders: Reminders;

const outbox = () => join(dataDir, 'outbox', `manager-monthly-${ON}`);
const files = async () => (await readdir(outbox())).toSorted();

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'outbox-'));
  reminders = await openReminders(database.url, { DATA_DIR: dataDir });
});

afterEach(async () => {
  await reminders.close();
  await database.drop();
  await rm(dataDir, { recursive: true });
});

const small = [
  { code: '0101', staff: 28, held: 23 },
  { code: '0102', staff: 20, held: 20 },
  { code: '0103', staff: 12, held: 6, managerEmail: null, unitEmail: 'third@example.jp' },
  { code: '0104', staff: 40, held: 30, managerEmail: null },
];

test('without a mail server every message is a file that its reader alone can open', async () => {
  await seedCity(reminders.db, small);
  const run = await reminders.waves.start(hr, 'manager-monthly', ON);
  expect(run).toMatchObject({
    created: true,
    sentNow: 2,
    stopped: null,
    state: 'finished',
    asOf: '2022-10-31',
  });
  // Section 0104 has nobody to write to; section 0102 has reached the goal.
  expect(run.counts).toEqual({
    planned: 3,
    queued: 0,
    sending: 0,
    sent: 2,
    failed: 0,
    bounced: 0,
    unknown: 0,
    suppressed: 1,
  });
  expect(run.reasons).toEqual([
    {
      state: 'suppressed',
      code: 'no_address',
      reason: '所属長にも所属にもメールアドレスがありません',
      count: 1,
    },
  ]);
  const names = await files();
  expect(names).toHaveLength(2);
  for (const name of names) expect((await stat(join(outbox(), name))).mode & 0o777).toBe(0o600);

  const raw = await Promise.all(names.map((name) => readFile(join(outbox(), name), 'latin1')));
  // RFC 5322 2.1.1 and RFC 2045 6.8: whatever a server on the way can do, it passes these on unchanged.
  for (const line of raw.join('').split('\r\n')) expect(line).toMatch(/^[\t -~]{0,78}$/);
  const mails = await Promise.all(raw.map((mail) => simpleParser(mail)));
  const toSection = mails.find(({ text }) => text!.includes('第0101課'))!;
  expect(toSection.to).toMatchObject({ text: 'm0101@example.jp' });
  expect(toSection.from).toMatchObject({ value: [{ name: '人事課', address: 'jinji@example.jp' }] });
  expect(toSection.subject).toBe('【11/21まで】課の全員への案内のお願い(カード取得状況 10月末)');
  expect(toSection.date).toEqual(new Date('2022-11-10T10:00:00+09:00'));
  expect(toSection.headers.get('auto-submitted')).toBe('auto-generated');
  expect(toSection.text).toContain('82.1%(23 / 28人)');
  expect(toSection.text).toContain('79.0%(79 / 100人)');
  expect(toSection.html).toContain('https://card.example.jp/units/0101');
  expect(`${toSection.text}${toSection.html as string}`).not.toContain('見本');
});

test('running the same wave again sends nothing and writes nothing', async () => {
  await seedCity(reminders.db, small);
  await reminders.waves.start(hr, 'manager-monthly', ON);
  const before = await Promise.all(
    (await files()).map(async (name) => (await stat(join(outbox(), name))).mtimeMs),
  );
  const again = await reminders.waves.start(hr, 'manager-monthly', ON);
  expect(again).toMatchObject({ created: false, sentNow: 0, stopped: null, state: 'finished' });
  const after = await Promise.all(
    (await files()).map(async (name) => (await stat(join(outbox(), name))).mtimeMs),
  );
  expect(after).toEqual(before);
  expect((await reminders.waves.list(hr)).waves).toHaveLength(1);
});

test('a preview shows who would be written to and writes nothing', async () => {
  await seedCity(reminders.db, small);
  const preview = await reminders.waves.plan(hr, 'manager-monthly', ON);
  expect(preview).toMatchObject({
    considered: [
      { label: '職員のいる所属', count: 5 },
      { label: '目標に届いていない所属', count: 4 },
    ],
    recipients: 2,
    deadline: '2022-11-21',
    channel: 'outbox',
    existing: null,
  });
  expect(preview.deliveries.map(({ unitCode, recipient, reason }) => [unitCode, recipient, reason])).toEqual([
    ['0101', '所属長', null],
    ['0103', '所属のメール', null],
    ['0104', '所属のメール', '所属長にも所属にもメールアドレスがありません'],
  ]);
  expect(preview.first).toMatchObject({ to: 'm0101@example.jp' });
  for (const table of ['wave', 'delivery', 'message_template']) {
    expect(await reminders.db.query(`SELECT FROM ${table}`)).toHaveLength(0);
  }
  await expect(readdir(join(dataDir, 'outbox'))).rejects.toThrow('ENOENT');
});

test('a message is shown as it was sent, whatever the template and the figures are now', async () => {
  await seedCity(reminders.db, small);
  const { id } = await reminders.waves.start(hr, 'manager-monthly', ON);
  const { deliveries } = await reminders.waves.deliveries(hr, id);
  const delivery = deliveries.find(({ unitCode }) => unitCode === '0101')!;
  const sent = await simpleParser(await readFile(join(outbox(), `${delivery.id}.eml`)));
  await reminders.db.query(
    `INSERT INTO message_template (name, version, sha256, source, recorded_at) VALUES ('manager-monthly', 2, 'x', '{}', now())`,
  );
  await reminders.db.query(`UPDATE unit_period SET superseded_at = now()`);
  const shown = await reminders.waves.message(hr, id, delivery.id);
  expect(shown).toMatchObject({ to: 'm0101@example.jp', subject: sent.subject, messageId: sent.messageId });
  expect(shown.text.trim()).toBe(sent.text!.trim());
});

test('looking at a message to a person is a look at that person; at a mailbox or a bare text it is none', async () => {
  await seedCity(reminders.db, small);
  const looks = () =>
    reminders.db.query(
      `SELECT e.actor, s.number FROM audit_event e JOIN staff s ON e.target = 'staff:' || s.id
       WHERE e.action = 'delivery_viewed' ORDER BY e.id`,
    );
  await reminders.waves.plan(hr, 'manager-monthly', ON);
  const [first] = await looks();
  expect(first).toMatchObject({ actor: hr.actor });
  const { id } = await reminders.waves.start(hr, 'manager-monthly', ON);
  const { deliveries } = await reminders.waves.deliveries(hr, id);
  const to = (unit: string) => deliveries.find(({ unitCode }) => unitCode === unit)!;
  const { html, text } = await reminders.waves.text(hr, id, to('0101').id);
  expect(html + text).not.toMatch(/m0101@example\.jp|見本 /);
  await reminders.waves.message(hr, id, to('0103').id);
  await expect(reminders.waves.message(hr, id + 1, to('0101').id)).rejects.toMatchObject({
    code: 'delivery_not_found',
  });
  expect(await looks()).toEqual([first]);
  await reminders.waves.message(hr, id, to('0101').id);
  expect(await looks()).toEqual([first, first]);
});

test('the manager on the day of the wave is written to, about the figures of the month end', async () => {
  await seedCity(reminders.db, [small[0]!]);
  // The manager of October left on 1 November; a deputy of another section took over beside the own work.
  await reminders.db.query(`
    UPDATE assignment SET superseded_at = now() WHERE is_manager;
    INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, valid_to, recorded_at)
      SELECT staff_id, unit_id, true, true, valid_from, '2022-11-01', now() FROM assignment WHERE is_manager;
    INSERT INTO staff (number) VALUES ('9001');
    INSERT INTO staff_profile (staff_id, name, email, recorded_at) SELECT id, '見本 次郎', 'next@example.jp', now() FROM staff WHERE number = '9001';
    INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, valid_from, recorded_at)
      SELECT s.id, u.id, false, true, '2022-11-01', now() FROM staff s, unit u WHERE s.number = '9001' AND u.code = '0101'`);
  await deriveAll(reminders.db);
  const preview = await reminders.waves.plan(hr, 'manager-monthly', ON);
  expect(preview.first).toMatchObject({ to: 'next@example.jp' });
  expect(preview.first!.text).toContain('23 / 28人');
});

test('who started a wave is on the audit record, without addresses', async () => {
  await seedCity(reminders.db, small);
  await reminders.waves.start(hr, 'manager-monthly', ON);
  const events: { action: string; actor: string; details: object }[] = await reminders.db.query(
    `SELECT action, actor, details FROM audit_event ORDER BY id`,
  );
  expect(events.map(({ action, actor }) => [action, actor])).toEqual([
    ['wave_started', 'test'],
    ['wave_finished', 'test'],
  ]);
  expect(JSON.stringify(events)).not.toContain('@');
});

test('of the files of a killed run, those that are there count as sent and the others are written', async () => {
  await seedCity(reminders.db, small);
  await reminders.waves.start(hr, 'manager-monthly', ON);
  const [first, second] = await files();
  await rm(join(outbox(), second!));
  await reminders.db.query(`UPDATE delivery SET state = 'sending', settled_at = NULL WHERE state = 'sent'`);
  await reminders.db.query(`UPDATE wave SET state = 'sending', finished_at = NULL`);
  const kept = (await stat(join(outbox(), first!))).mtimeMs;
  // Looking after what others have left says what is true; it sends nothing.
  await reminders.abandoned.lookAfter();
  expect(await statesOf(reminders.db)).toEqual({ queued: 1, sent: 1, suppressed: 1 });
  expect(await files()).toEqual([first]);
  const run = await reminders.waves.start(hr, 'manager-monthly', ON);
  expect(run).toMatchObject({ sentNow: 1, state: 'finished' });
  expect(await files()).toEqual([first, second]);
  expect((await stat(join(outbox(), first!))).mtimeMs).toBe(kept);
});

test('a folder that cannot be written to leaves everything in the queue, and says why', async () => {
  await seedCity(reminders.db, small);
  const blocked = await openReminders(database.url, { DATA_DIR: '/dev/null/nowhere' });
  try {
    const run = await blocked.waves.start(hr, 'manager-monthly', ON);
    expect(run).toMatchObject({ state: 'sending', sentNow: 0, counts: { queued: 2, failed: 0 } });
    expect(run.stopped).toContain('送信箱のフォルダーに書き込めません');
  } finally {
    await blocked.close();
  }
  expect(await reminders.waves.start(hr, 'manager-monthly', ON)).toMatchObject({
    sentNow: 2,
    state: 'finished',
  });
});

test.each<[string, RoleGrant]>([
  ['a manager', { role: 'manager', unitId: 1 }],
  ['leadership', { role: 'leader', unitId: null }],
  ['HR of one part of the organisation', { role: 'hr', unitId: 1 }],
])('%s can neither start a wave nor read who was written to', async (_, grant) => {
  const scope = scopeFrom('someone', 2, [grant]);
  await expect(reminders.waves.start(scope, 'manager-monthly', ON)).rejects.toMatchObject({
    kind: 'forbidden',
  });
  await expect(reminders.waves.plan(scope, 'manager-monthly', ON)).rejects.toMatchObject({
    kind: 'forbidden',
  });
  await expect(reminders.waves.list(scope)).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(reminders.waves.message(scope, 1, 1)).rejects.toMatchObject({ kind: 'forbidden' });
});

test('a wave about a month that is not over, an unknown policy and an impossible day are refused', async () => {
  await seedCity(reminders.db, small);
  const { waves } = reminders;
  await expect(waves.start(hr, 'manager-monthly', '2022-12-01')).rejects.toMatchObject({
    code: 'month_not_over',
  });
  await expect(waves.start(hr, 'nobody', ON)).rejects.toMatchObject({ code: 'policy_not_found' });
  await expect(waves.start(hr, 'manager-monthly', '2022-02-30')).rejects.toMatchObject({ code: 'bad_date' });
  expect((await waves.list(hr)).waves).toEqual([]);
});

test('many deliveries are read page by page, each once', async () => {
  await seedCity(
    reminders.db,
    Array.from({ length: 150 }, (_, n) => ({
      code: String(1000 + n),
      staff: 2,
      held: 1,
      managerEmail: null,
    })),
  );
  const { id } = await reminders.waves.start(hr, 'manager-monthly', ON);
  const first = await reminders.waves.deliveries(hr, id);
  const second = await reminders.waves.deliveries(hr, id, first.nextCursor!);
  expect(second.nextCursor).toBeNull();
  const ids = [...first.deliveries, ...second.deliveries].map((delivery) => delivery.id);
  expect(new Set(ids).size).toBe(150);
  await expect(reminders.waves.deliveries(hr, id, 'x')).rejects.toMatchObject({ code: 'bad_cursor' });
});

test('without a roster there is no wave that could use up the day', async () => {
  await expect(reminders.waves.start(hr, 'manager-monthly', ON)).rejects.toMatchObject({
    code: 'no_organisation',
  });
  await seedCity(reminders.db, small);
  expect(await reminders.waves.start(hr, 'manager-monthly', ON)).toMatchObject({ created: true, sentNow: 2 });
});
