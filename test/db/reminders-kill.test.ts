import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { manySections, openReminders, seedCity, statesOf, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startWaveProcess } from '../support/wave-process.js';

const ON = '2022-11-10';
/** Messages on their way at a time: twice the connections. */
const UNDER_WAY = 20;
const MESSAGES = 60;

let database: TestDatabase;
let reminders: Reminders;
let server: MailServer;

beforeEach(async () => {
  database = await createTestDatabase();
  reminders = await openReminders(database.url, {});
  await seedCity(reminders.db, manySections(MESSAGES));
});

afterEach(async () => {
  await reminders.close();
  await server.close();
  await database.drop();
});

test.each([1, 17, 43])(
  'kill -9 when message %i has arrived: no message goes out twice, and the next start works',
  async (kill) => {
    let victim: ReturnType<typeof startWaveProcess> | undefined;
    server = await startMailServer({
      delayMs: 10,
      onMessage: (count) => void (count === kill && victim!.child.kill('SIGKILL')),
    });
    victim = startWaveProcess(database.url, server.url, ON);
    expect(await victim.result).toBeNull();
    await connectionsGone();
    const left = await statesOf(reminders.db);
    expect(left.queued).toBeGreaterThan(0);
    expect(left.sending).toBeLessThanOrEqual(UNDER_WAY);

    const next = await startWaveProcess(database.url, server.url, ON).result;
    expect(next).toMatchObject({ state: 'finished', sentNow: left.queued });

    const ids = server.messageIds();
    expect(new Set(ids).size).toBe(ids.length);
    const { sent, unknown = 0, ...others } = await statesOf(reminders.db);
    expect(others).toEqual({});
    expect(unknown).toBe(left.sending ?? 0);
    expect(sent! + unknown).toBe(MESSAGES);
    // Every message that is on record as sent has arrived; one that is unknown may have.
    const arrived = new Set(ids);
    const rows: { message_id: string }[] = await reminders.db.query(
      `SELECT message_id FROM delivery WHERE state = 'sent'`,
    );
    expect(rows.filter((row) => !arrived.has(row.message_id))).toEqual([]);
  },
);

/** PostgreSQL needs a moment to see that a killed client is gone. */
async function connectionsGone(): Promise<void> {
  for (;;) {
    const busy = await reminders.db.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       UNION ALL
       SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()`,
    );
    if (busy.length === 0) return;
    await wait(20);
  }
}

test('two processes at once: every message goes out once', async () => {
  server = await startMailServer({ delayMs: 10 });
  const processes = [1, 2].map(() => startWaveProcess(database.url, server.url, ON));
  const results = await Promise.all(processes.map(({ result }) => result));
  expect(results.some((result) => result?.state === 'finished')).toBe(true);
  const ids = server.messageIds();
  expect(new Set(ids).size).toBe(MESSAGES);
  expect(ids).toHaveLength(MESSAGES);
});
