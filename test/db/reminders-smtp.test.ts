import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { everything } from '../../src/access/scope.js';
import { startMailServer, type MailServer, type MailServerOptions } from '../support/mail-server.js';
import { manySections, openReminders, seedCity, statesOf, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');
const ON = '2022-11-10';

let database: TestDatabase;
let server: MailServer;
let reminders: Reminders;

async function open(options: MailServerOptions = {}): Promise<void> {
  server = await startMailServer(options);
  reminders = await openReminders(database.url, { SMTP_URL: server.url });
}

const start = () => reminders.waves.start(hr, 'manager-monthly', ON);

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await reminders.close();
  await server.close();
  await database.drop();
});

test('a wave arrives whole, each message at its one recipient', async () => {
  await open();
  await seedCity(reminders.db, manySections(60));
  const run = await start();
  expect(run).toMatchObject({ state: 'finished', sentNow: 60, counts: { sent: 60, suppressed: 0 } });
  const recipients = server.received.map(({ to }) => to.join());
  expect(recipients.toSorted()).toEqual(manySections(60).map(({ code }) => `m${code}@example.jp`));
  expect(new Set(server.messageIds()).size).toBe(60);
  const rows: { message_id: string }[] = await reminders.db.query(
    `SELECT message_id FROM delivery WHERE state = 'sent' ORDER BY message_id`,
  );
  expect(server.messageIds().toSorted()).toEqual(rows.map((row) => row.message_id));
  const { mail } = server.received[0]!;
  expect(mail.subject).toBe('【11/21まで】課の全員への案内のお願い(カード取得状況 10月末)');
  expect(mail.from!.value).toEqual([{ name: '人事課', address: 'jinji@example.jp' }]);
  expect(mail.text).toContain('50.0%(5 / 10人)');
  expect(mail.html).toContain('カードの取得も、取得状況の回答も任意です。');
});

test('names and addresses that hold headers, markup or placeholders stay what they are, in messages that arrive', async () => {
  const hostile = [
    '総務課\r\nBcc: b@example.jp',
    '総務課\nX-Hostile: 1\n\n本文',
    '<img src=x onerror=alert(1)>課',
    '{{url}}{{#each own}}{{this}}{{/each}}課',
    '{{{contact}}}{{> voluntary-notice}}課',
    '=?utf-8?B?44Gq?=課',
  ];
  await open();
  await reminders.close();
  reminders = await openReminders(database.url, {
    SMTP_URL: server.url,
    MAIL_FROM: '"人事課, 見本; Bcc:" <jinji@example.jp>',
  });
  const sections = manySections(hostile.length + 2).map((section, n) => ({ ...section, name: hostile[n] }));
  // Text that is more than one address gets nothing at all.
  sections[6] = { ...sections[6]!, managerEmail: 'a@example.jp\r\nBcc: b@example.jp' };
  sections[7] = { ...sections[7]!, managerEmail: 'a@example.jp, b@example.jp' };
  await seedCity(reminders.db, sections);
  const run = await start();
  expect(run.counts).toMatchObject({ sent: hostile.length, suppressed: 2 });
  const expected = sections.slice(0, hostile.length);
  expect(server.received.map(({ to }) => to.join()).toSorted()).toEqual(
    expected.map(({ code }) => `m${code}@example.jp`),
  );
  for (const { to, mail } of server.received) {
    const { name } = expected.find(({ code }) => to[0] === `m${code}@example.jp`)!;
    expect([...mail.headers.keys()]).not.toEqual(expect.arrayContaining(['bcc']));
    expect([...mail.headers.keys()]).not.toEqual(expect.arrayContaining(['x-hostile']));
    expect(mail.from!.value).toHaveLength(1);
    expect(mail.from!.value[0]!.address).toBe('jinji@example.jp');
    expect(mail.text!.replaceAll('\r', '')).toContain(name!.replaceAll('\r', ''));
    expect(mail.html).not.toContain('<img');
  }
});

test('running the same wave again sends nothing twice', async () => {
  await open();
  await seedCity(reminders.db, manySections(5));
  await start();
  expect(await start()).toMatchObject({ created: false, sentNow: 0, counts: { sent: 5 } });
  expect(server.received).toHaveLength(5);
});

test('a recipient refused for good is failed with the reason, and the others are sent', async () => {
  const refusal = '550 5.1.1 <m1003@example.jp>: Recipient address rejected';
  await open({ refuse: (address) => (address === 'm1003@example.jp' ? refusal : undefined) });
  await seedCity(reminders.db, manySections(12));
  const run = await start();
  expect(run).toMatchObject({
    state: 'finished',
    sentNow: 11,
    stopped: null,
    counts: { sent: 11, failed: 1 },
  });
  const reason = '550 5.1.1 <(宛先)>: Recipient address rejected';
  expect(run.reasons).toContainEqual({ state: 'failed', code: reason, reason, count: 1 });
  const { deliveries } = await reminders.waves.deliveries(hr, run.id);
  expect(deliveries.filter(({ state }) => state === 'failed').map(({ unitCode }) => unitCode)).toEqual([
    '1003',
  ]);
  expect(await start()).toMatchObject({ sentNow: 0, counts: { failed: 1 } });
});

test('a recipient refused for now waits, is tried again by itself, and has failed after the last attempt', async () => {
  const tries = new Map<string, number>();
  await open({
    refuse: (address) => {
      tries.set(address, (tries.get(address) ?? 0) + 1);
      if (address === 'm1003@example.jp') return '450 4.2.0 m1003@example.jp: greylisted';
      return address === 'm1005@example.jp' && tries.get(address) === 1 ? '451 4.3.0 Busy' : undefined;
    },
  });
  reminders.pace.deferred = [60_000];
  await seedCity(reminders.db, manySections(12));
  const run = await start();
  expect(run).toMatchObject({ state: 'sending', sentNow: 10, counts: { queued: 2, failed: 0 } });
  expect(run.stopped).toMatch(/^45[01] /);
  // Asking again does not make a deferred message leave before its time.
  expect(await start()).toMatchObject({ sentNow: 0, counts: { queued: 2 } });
  await minutePasses();
  expect(await start()).toMatchObject({ state: 'finished', sentNow: 1, counts: { sent: 11, failed: 1 } });
  expect([tries.get('m1003@example.jp'), tries.get('m1005@example.jp')]).toEqual([2, 2]);
  expect(new Set(server.messageIds()).size).toBe(11);
});

test('a wave finishes by itself when what was deferred has been sent', async () => {
  let refused = false;
  await open({
    refuse: () => {
      if (refused) return undefined;
      refused = true;
      return '421 4.3.2 Service shutting down';
    },
  });
  reminders.pace.deferred = [200];
  await seedCity(reminders.db, manySections(3));
  await reminders.worker.during(async () => {
    const { id } = await start();
    for (;;) {
      const { state } = await reminders.waves.summary(hr, id);
      if (state === 'finished') break;
      await wait(50);
    }
  });
  expect(await statesOf(reminders.db)).toEqual({ sent: 3 });
});

/** A minute, for everything that waits. */
async function minutePasses(): Promise<void> {
  await reminders.db.query(`UPDATE delivery SET next_attempt_at = next_attempt_at - interval '1 minute'`);
}

test('no mail server: nothing is lost, everything waits, and the reason is told', async () => {
  await open();
  await reminders.close();
  const log: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => log.push(line) });
  reminders = await openReminders(database.url, { SMTP_URL: server.url }, logger);
  await seedCity(reminders.db, manySections(30));
  const { port } = server;
  await server.close();
  const run = await start();
  expect(run).toMatchObject({
    state: 'sending',
    sentNow: 0,
    counts: { queued: 30, sent: 0, failed: 0, unknown: 0 },
  });
  expect(run.stopped).toContain('メールサーバーに接続できません');
  // The operator finds it in the log, as a code.
  expect(JSON.parse(log[0]!)).toMatchObject({ wave: run.id, code: 'ESOCKET', triedAgainInMs: 5_000 });
  server = await startMailServer({ port });
  expect(await start()).toMatchObject({ state: 'finished', sentNow: 30 });
});

test('a service that lost its mail server’s address sends nothing, and knows that it has not', async () => {
  await open({ delayMs: 50 });
  await seedCity(reminders.db, manySections(80));
  const { id } = await reminders.waves.start(hr, 'manager-monthly', ON, { patienceMs: 0 });
  await reminders.control.act(hr, id, 'pause');
  const { sent = 0 } = await statesOf(reminders.db);
  expect(sent).toBeLessThan(80);
  await reminders.close();

  reminders = await openReminders(database.url, { SMTP_URL: '' });
  reminders.pace.breath = 10;
  await reminders.control.act(hr, id, 'resume');
  const { note } = await reminders.waves.attend(hr, id);
  expect(note).toBe('メールで始めた配信回ですが、いまはメールサーバーが設定されていません(SMTP_URL)');
  const { unknown, queued = 0 } = await statesOf(reminders.db);
  expect({ unknown, queued }).toEqual({ unknown: undefined, queued: 80 - sent });
});

test('a mail server that dies in the middle: what was under way is unknown, the rest waits for the next run', async () => {
  let died: Promise<void> | undefined;
  await open({ delayMs: 20, onMessage: (count) => void (count === 20 && (died = server.die())) });
  await seedCity(reminders.db, manySections(60));
  const first = await start();
  await died;
  expect(first.stopped).not.toBeNull();
  expect(first.counts.unknown).toBeGreaterThan(0);
  // Not more than there are connections.
  expect(first.counts.unknown).toBeLessThanOrEqual(10);
  expect(first.counts.sending).toBe(0);
  expect(first.counts.queued + first.counts.sent + first.counts.unknown).toBe(60);
  const before = server.messageIds();

  server = await startMailServer({ port: server.port });
  const second = await start();
  expect(second).toMatchObject({ state: 'finished', sentNow: first.counts.queued });
  const all = [...before, ...server.messageIds()];
  expect(new Set(all).size).toBe(all.length);
  expect(await statesOf(reminders.db)).toEqual({
    sent: 60 - first.counts.unknown,
    unknown: first.counts.unknown,
  });
});

test('a server that refuses the sender burns no recipient', async () => {
  await open();
  await reminders.close();
  await server.close();
  server = await startMailServer({ refuseSender: '553 5.7.1 Sender not allowed' });
  reminders = await openReminders(database.url, { SMTP_URL: server.url });
  await seedCity(reminders.db, manySections(20));
  const run = await start();
  expect(run).toMatchObject({ state: 'sending', sentNow: 0, counts: { queued: 20, failed: 0 } });
  expect(run.stopped).toBe('553 5.7.1 Sender not allowed');
});

test('twelve at once: one wave, and nobody waits for ever', async () => {
  await open();
  await seedCity(
    reminders.db,
    manySections(20).map((section) => ({ ...section, held: 0 })),
  );
  const runs = await Promise.all(
    Array.from({ length: 12 }, () => reminders.waves.start(hr, 'staff-monthly', ON)),
  );
  expect(runs.filter(({ created }) => created)).toHaveLength(1);
  expect(server.received).toHaveLength(20);
});

test('two at once: both wait for the end, and every message goes out once', async () => {
  await open({ delayMs: 20 });
  await seedCity(reminders.db, manySections(40));
  const other = await openReminders(database.url, { SMTP_URL: server.url });
  try {
    const runs = await Promise.all([start(), other.waves.start(hr, 'manager-monthly', ON)]);
    expect(runs.map(({ state }) => state)).toEqual(['finished', 'finished']);
    expect(runs.map(({ created }) => created).toSorted()).toEqual([false, true]);
  } finally {
    await other.close();
  }
  expect(server.received).toHaveLength(40);
  expect(new Set(server.messageIds()).size).toBe(40);
  expect(await statesOf(reminders.db)).toEqual({ sent: 40 });
});
