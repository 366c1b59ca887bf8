import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { startMailServer, type MailServer, type MailServerOptions } from '../support/mail-server.js';
import { manySections, openReminders, seedCity, statesOf, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const hr = everything('test');
const ON = '2022-11-10';

let database: TestDatabase;
let server: MailServer;
let reminders: Reminders;

async function open(options: MailServerOptions = {}, env: Record<string, string> = {}): Promise<void> {
  server = await startMailServer(options);
  reminders = await openReminders(database.url, { SMTP_URL: server.url, ...env });
}

const start = (patienceMs?: number) => reminders.waves.start(hr, 'manager-monthly', ON, { patienceMs });
const actions = async () =>
  (await reminders.db.query<{ action: string }[]>('SELECT action FROM audit_event ORDER BY id')).map(
    ({ action }) => action,
  );

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await reminders.close();
  await server.close();
  await database.drop();
});

describe('a wave that is being sent', () => {
  beforeEach(async () => {
    await open({ delayMs: 20 });
    await seedCity(reminders.db, manySections(80));
  });

  test('can be paused, stands still while it is, and goes on where it stopped', async () => {
    await reminders.worker.during(async () => {
      const { id } = await start(60);
      const paused = await reminders.control.act(hr, id, 'pause');
      expect(paused.state).toBe('paused');
      await reminders.waves.attend(hr, id);
      const { length } = server.received;
      expect(length).toBeLessThan(80);
      await wait(300);
      expect(server.received).toHaveLength(length);
      expect(await start()).toMatchObject({ state: 'paused', sentNow: 0, stopped: '一時停止しています。' });

      await reminders.control.act(hr, id, 'resume');
      expect(await reminders.waves.attend(hr, id)).toMatchObject({ state: 'finished', counts: { sent: 80 } });
    });
    expect(new Set(server.messageIds()).size).toBe(80);
    expect(server.received).toHaveLength(80);
    expect(await actions()).toEqual(['wave_started', 'wave_paused', 'wave_resumed', 'wave_finished']);
  });

  test('can be cancelled: what was under way arrives, the rest is never sent', async () => {
    await reminders.worker.during(async () => {
      const { id } = await start(60);
      await reminders.control.act(hr, id, 'cancel');
      const { state, counts } = await reminders.waves.attend(hr, id);
      expect(state).toBe('cancelled');
      expect(counts.sent + counts.suppressed).toBe(80);
      expect(server.received).toHaveLength(counts.sent);
      await expect(reminders.control.act(hr, id, 'resume')).rejects.toMatchObject({
        code: 'wave_not_possible',
      });
      expect(await start()).toMatchObject({ state: 'cancelled', sentNow: 0, stopped: null });
    });
  });

  test('goes back to the queue when its process is asked to end, and to another that lives', async () => {
    const other = await openReminders(database.url, { SMTP_URL: server.url });
    try {
      const waiting = start();
      while (server.received.length < 10) await wait(5);
      await reminders.worker.stop();
      const { queued = 0, sending = 0 } = await statesOf(reminders.db);
      expect(sending).toBe(0);
      expect(queued).toBeGreaterThan(0);
      await other.worker.during(() => waiting);
      expect(await statesOf(reminders.db)).toEqual({ sent: 80 });
    } finally {
      await other.close();
    }
    expect(new Set(server.messageIds()).size).toBe(80);
  });
});

test('a large wave waits for somebody to confirm it', async () => {
  await open({}, { MAIL_CONFIRM_ABOVE: '10' });
  await seedCity(reminders.db, manySections(11));
  const run = await start();
  expect(run).toMatchObject({ state: 'awaiting', sentNow: 0, counts: { queued: 11 } });
  expect(run.stopped).toContain('確かめて');
  // Asking again is not confirming.
  expect(await start()).toMatchObject({ state: 'awaiting', sentNow: 0 });
  expect(server.received).toHaveLength(0);
  await reminders.control.act(hr, run.id, 'confirm');
  expect(await reminders.waves.attend(hr, run.id)).toMatchObject({ state: 'finished', counts: { sent: 11 } });
});

test('a wave that lay still for days, because nobody could work on it, asks before it goes on', async () => {
  await open();
  await seedCity(reminders.db, manySections(5));
  server.close();
  const { id } = await start();
  server = await startMailServer({ port: server.port });
  await reminders.worker.stop();
  await reminders.close();
  reminders = await openReminders(database.url, {
    SMTP_URL: server.url,
    NOW: '2022-11-13T10:00:00+09:00',
  });
  await reminders.db.query(`UPDATE graphile_worker._private_jobs SET run_at = now()`);
  const wave = await reminders.waves.attend(hr, id);
  expect(wave.state).toBe('awaiting');
  expect(wave.note).toContain('予定の日時を過ぎた');
  expect(server.received).toHaveLength(0);
  await reminders.control.act(hr, id, 'confirm');
  expect(await reminders.waves.attend(hr, id)).toMatchObject({ state: 'finished', counts: { sent: 5 } });
});

describe('deliveries of which nobody knows whether they arrived', () => {
  let id: number;

  beforeEach(async () => {
    let cut = 0;
    await open({ cut: () => ++cut <= 4 });
    await seedCity(reminders.db, manySections(20));
    ({ id } = await start());
    expect(await statesOf(reminders.db)).toEqual({ sent: 16, unknown: 4 });
  });

  test('are sent once more when HR says so, under the same Message-ID', async () => {
    const wave = await reminders.control.act(hr, id, 'resend');
    expect(wave).toMatchObject({ state: 'sending', counts: { unknown: 0, queued: 4 } });
    expect(await reminders.waves.attend(hr, id)).toMatchObject({ state: 'finished', counts: { sent: 20 } });
    expect(server.received).toHaveLength(24);
    expect(new Set(server.messageIds()).size).toBe(20);
    expect(await actions()).toContain('unknown_resent');
  });

  test('are left as sent when HR says so, one of them or all', async () => {
    const { deliveries } = await reminders.waves.deliveries(hr, id, undefined, { state: 'unknown' });
    const one = await reminders.control.act(hr, id, 'keep', deliveries[0]!.id);
    expect(one.counts).toMatchObject({ unknown: 3, sent: 17 });
    expect((await reminders.control.act(hr, id, 'keep')).counts).toMatchObject({ unknown: 0, sent: 20 });
    await expect(reminders.control.act(hr, id, 'keep')).rejects.toMatchObject({ code: 'nothing_unknown' });
    expect(server.received).toHaveLength(20);
  });

  test('are decided by HR of the whole organisation alone', async () => {
    for (const grant of [
      { role: 'auditor', unitId: null },
      { role: 'hr', unitId: 1 },
    ] as const) {
      const scope = scopeFrom('someone', 2, [grant]);
      await expect(reminders.control.act(scope, id, 'resend')).rejects.toMatchObject({ kind: 'forbidden' });
    }
  });
});

test('whoever no longer needs the message gets none, and HR reads why', async () => {
  await open();
  await seedCity(reminders.db, manySections(5));
  const confirm = await openReminders(database.url, { SMTP_URL: server.url, MAIL_CONFIRM_ABOVE: '1' });
  try {
    const { id } = await confirm.waves.start(hr, 'manager-monthly', ON);
    // As a wave to staff about their own cards has them; the managers of these sections hold one.
    await reminders.db.query(`UPDATE delivery SET personal = true WHERE id % 2 = 0`);
    await reminders.control.act(hr, id, 'confirm');
    const wave = await reminders.waves.attend(hr, id);
    expect(wave).toMatchObject({ state: 'finished', counts: { sent: 3, suppressed: 2 } });
    expect(wave.reasons).toEqual([
      { state: 'suppressed', code: 'held', reason: '送る前にカードの保有を確認しました', count: 2 },
    ]);
    expect(server.received).toHaveLength(3);
  } finally {
    await confirm.close();
  }
});

describe('a test message', () => {
  beforeEach(async () => {
    await open();
    await seedCity(reminders.db, manySections(3));
    await reminders.db.query(
      `INSERT INTO app_user (name, display_name, staff_number, created_at) VALUES ('hr', 'hr', '1002-1', now())`,
    );
  });

  test('goes to whoever prepares the wave, and to nobody else', async () => {
    const [{ id }] = await reminders.db.query<[{ id: number }]>('SELECT id FROM app_user');
    const person = scopeFrom('user:1', id, [{ role: 'hr', unitId: null }]);
    const trial = await reminders.tests.send(person, 'manager-monthly', ON, 'other@example.jp');
    expect(trial).toMatchObject({ to: 'm1002@example.jp' });
    expect(server.received.map(({ to }) => to.join())).toEqual(['m1002@example.jp']);
    expect(server.received[0]!.mail.subject).toMatch(/^【試し送り】/);
    expect((await reminders.waves.list(hr)).waves).toEqual([]);
    expect(await actions()).toEqual(['wave_tested']);
  });

  test('is not sent where there is no own address', async () => {
    const stranger = scopeFrom('user:9', 9, [{ role: 'hr', unitId: null }]);
    await expect(
      reminders.tests.send(stranger, 'manager-monthly', ON, 'other@example.jp'),
    ).rejects.toMatchObject({ code: 'no_own_address' });
    await expect(
      reminders.tests.send(hr, 'manager-monthly', ON, 'a@example.jp, b@example.jp'),
    ).rejects.toMatchObject({ code: 'bad_address', kind: 'invalid' });
    expect(server.received).toEqual([]);
  });
});

describe('limits for all processes together', () => {
  test('by the second', async () => {
    await open({}, { MAIL_PER_SECOND: '20' });
    await seedCity(reminders.db, manySections(50));
    const other = await openReminders(database.url, { SMTP_URL: server.url, MAIL_PER_SECOND: '20' });
    const began = performance.now();
    try {
      await other.worker.during(() => start());
    } finally {
      await other.close();
    }
    expect(performance.now() - began).toBeGreaterThan((1000 * (50 - 2)) / 20);
    expect(server.received).toHaveLength(50);
  });

  test('by the day: the rest waits for the next', async () => {
    await open({}, { MAIL_PER_DAY: '30' });
    await seedCity(reminders.db, manySections(50));
    const run = await start();
    expect(run).toMatchObject({ state: 'sending', sentNow: 30, counts: { queued: 20 } });
    expect(run.stopped).toContain('1日に送る件数の上限');
    await reminders.close();
    reminders = await openReminders(database.url, {
      SMTP_URL: server.url,
      MAIL_PER_DAY: '30',
      NOW: '2022-11-11T00:00:01+09:00',
    });
    expect(await start()).toMatchObject({ state: 'finished', sentNow: 20 });
  });
});

test('a database that is away for a while ends neither the process nor the wave', async () => {
  await open({ delayMs: 20 });
  await seedCity(reminders.db, manySections(80));
  const name = new URL(database.url).pathname.slice(1);
  await reminders.worker.during(async () => {
    const { id } = await start(60);
    await onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await onServer(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    await wait(4_000);
    await onServer(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    for (;;) {
      const wave = await reminders.waves.summary(hr, id).catch(() => null);
      if (wave?.state === 'finished') break;
      await wait(200);
    }
  });
  const { sent = 0, unknown = 0, ...others } = await statesOf(reminders.db);
  expect(others).toEqual({});
  expect(sent + unknown).toBe(80);
  expect(new Set(server.messageIds()).size).toBe(server.received.length);
});

async function onServer(sql: string): Promise<void> {
  const client = new Client(process.env.TEST_SERVER_URL);
  await client.connect();
  await client.query(sql);
  await client.end();
}
