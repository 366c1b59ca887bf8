import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { startMailServer, type MailServer } from '../support/mail-server.js';
import { manySections, openReminders, seedCity, type Reminders } from '../support/reminder-city.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startSchedulerProcess } from '../support/wave-process.js';

const hr = everything('test');
const POLICY = 'manager-monthly';

let database: TestDatabase;
let server: MailServer;
let opened: Reminders[];

/** The service as it runs at a moment in Tokyo. */
async function at(moment: string, env: Record<string, string> = {}): Promise<Reminders> {
  const reminders = await openReminders(database.url, {
    SMTP_URL: server.url,
    NOW: `${moment}:00+09:00`,
    ...env,
  });
  opened.push(reminders);
  return reminders;
}

/** A look at each of the moments, one after the other; answers how many waves began at each. */
async function looks(...moments: string[]): Promise<number[]> {
  const begun: number[] = [];
  for (const moment of moments) {
    const reminders = await at(moment);
    begun.push((await reminders.scheduler.look()).length);
    opened.splice(opened.indexOf(reminders), 1);
    await reminders.close();
  }
  return begun;
}

/** Somebody looks every few minutes from one moment to another of a day. */
function watch(day: string, from: number, to: number): Promise<number[]> {
  const minutes = Array.from({ length: Math.floor((to - from) / 9) + 1 }, (_, n) => from + n * 9);
  return looks(...minutes.map((m) => `${day}T${two(Math.floor(m / 60))}:${two(m % 60)}`));
}

const two = (number: number) => String(number).padStart(2, '0');

async function send(moment: string, id: number): Promise<void> {
  const reminders = await at(moment);
  await reminders.waves.attend(hr, id);
}

const waves = async () =>
  (await (await at('2023-06-01T12:00')).waves.list(hr)).waves.map(({ on, state, note, plannedBy }) => ({
    on,
    state,
    waits: note !== '',
    plannedBy,
  }));

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startMailServer();
  opened = [];
  const reminders = await at('2022-10-20T10:00');
  await seedCity(reminders.db, manySections(6));
});

afterEach(async () => {
  for (const reminders of opened) await reminders.close();
  await server.close();
  await database.drop();
});

test('nothing begins by itself before HR has said so, and nothing once HR has switched it off', async () => {
  expect(await watch('2022-11-01', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 0, 0]);
  const reminders = await at('2022-11-02T10:00');
  await reminders.policies.set(hr, POLICY, true);
  await reminders.policies.set(hr, POLICY, false);
  expect(await watch('2022-12-01', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 0, 0]);
  expect(await waves()).toEqual([]);
});

describe('a monthly policy that is on', () => {
  beforeEach(async () => {
    await (await at('2022-10-20T10:00')).policies.set(hr, POLICY, true);
  });

  test('begins on its day, when the office opens, once', async () => {
    expect(await watch('2022-11-01', 8 * 60 + 50, 9 * 60 + 30)).toEqual([0, 0, 1, 0, 0]);
    expect(await waves()).toEqual([
      { on: '2022-11-01', state: 'sending', waits: false, plannedBy: 'schedule' },
    ]);
    await send('2022-11-01T09:30', 1);
    expect(server.received).toHaveLength(6);
    expect(await watch('2022-11-02', 8 * 60 + 50, 9 * 60 + 30)).toEqual([0, 0, 0, 0, 0]);
  });

  test('is not begun on the day on which it was switched on after its hour', async () => {
    await (await at('2022-11-01T08:00')).policies.set(hr, POLICY, false);
    await (await at('2022-11-01T13:00')).policies.set(hr, POLICY, true);
    expect(await watch('2022-11-01', 13 * 60, 13 * 60 + 30)).toEqual([0, 0, 0, 0]);
  });

  test('asks before it goes out when nobody looked at its hour, as after three days down or out of a backup', async () => {
    await looks('2022-10-31T16:00', '2022-11-04T09:30', '2022-11-04T09:31');
    expect(await waves()).toEqual([
      { on: '2022-11-04', state: 'awaiting', waits: true, plannedBy: 'schedule' },
    ]);
    await send('2022-11-04T09:40', 1);
    expect(server.received).toHaveLength(0);
    const reminders = await at('2022-11-04T10:00');
    await reminders.control.act(hr, 1, 'confirm');
    expect(await reminders.waves.attend(hr, 1)).toMatchObject({ state: 'finished', counts: { sent: 6 } });
  });

  test('speaks once for two months that were missed', async () => {
    await looks('2022-10-31T16:00', '2022-12-01T09:30', '2022-12-01T09:31', '2022-12-02T09:31');
    expect(await waves()).toMatchObject([{ on: '2022-12-01', state: 'awaiting' }]);
  });

  test('does not begin again what HR has sent by hand in the same month', async () => {
    await (await at('2022-12-01T08:00')).waves.start(hr, POLICY, '2022-12-01');
    expect(await watch('2022-12-01', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 0, 0]);
    expect(await waves()).toHaveLength(1);
  });

  test('does not ask to begin what HR has sent by hand while the service was down', async () => {
    await (await at('2022-11-02T10:00')).policies.set(hr, POLICY, false);
    await (await at('2022-11-30T16:00')).policies.set(hr, POLICY, true);
    await looks('2022-11-30T16:01');
    await (await at('2022-12-02T10:00')).waves.start(hr, POLICY);
    await looks('2022-12-05T09:30');
    expect(await waves()).toMatchObject([{ on: '2022-12-02', plannedBy: 'test' }]);
    expect(await watch('2023-01-04', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 1, 0]);
  });

  test('moves with a quiet period that is added later, and makes no second wave of it', async () => {
    const october = await at('2022-10-21T10:00');
    await october.policies.addQuietPeriod(hr, { from: '2022-11-01', to: '2022-11-02', name: '臨時会' });
    expect(await watch('2022-11-01', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 0, 0]);
    // 3 November is a holiday.
    expect(await watch('2022-11-04', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 1, 0]);
    await (
      await at('2022-11-04T10:00')
    ).policies.removeQuietPeriod(hr, {
      from: '2022-11-01',
      to: '2022-11-02',
      name: '臨時会',
    });
    expect(await watch('2022-11-07', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 0, 0]);
  });

  test('leaves nothing behind where there is nobody to write to, and does not look for them again that day', async () => {
    const reminders = await at('2022-10-20T10:00');
    await reminders.db.query(
      `INSERT INTO goal (rate, valid_from, recorded_at, recorded_by) VALUES (0.1, '2022-04-01', now(), 'test')`,
    );
    expect(await watch('2022-11-01', 8 * 60 + 55, 9 * 60 + 20)).toEqual([0, 0, 0]);
    expect(await waves()).toEqual([]);
    expect(await reminders.db.query('SELECT policy, wave_id FROM scheduled_wave')).toEqual([
      { policy: POLICY, wave_id: null },
    ]);
  });

  test('waits over the night and the weekend with what could not leave before the office closed', async () => {
    // Friday 4 November, by a quiet period.
    await (
      await at('2022-10-21T10:00')
    ).policies.addQuietPeriod(hr, {
      from: '2022-11-01',
      to: '2022-11-02',
      name: '臨時会',
    });
    await watch('2022-11-04', 8 * 60 + 55, 9 * 60 + 4);
    await send('2022-11-04T17:00', 1);
    expect(server.received).toHaveLength(0);
    const monday = await at('2022-11-07T09:00');
    expect(await monday.waves.summary(hr, 1)).toMatchObject({
      state: 'sending',
      note: '送ってよい時間帯ではないため、次に開く時刻に続けます',
    });
    await monday.db.query('UPDATE graphile_worker._private_jobs SET run_at = now()');
    expect(await monday.waves.attend(hr, 1)).toMatchObject({ state: 'finished', counts: { sent: 6 } });
  });

  test('a wave that was under way when the service stopped for long asks before it goes on', async () => {
    await watch('2022-11-01', 8 * 60 + 55, 9 * 60 + 4);
    await looks('2022-11-01T09:30');
    expect(await waves()).toMatchObject([{ state: 'awaiting' }]);
  });

  test('holds up no start, however long planning takes: what was under way is held, the rest comes after', async () => {
    await watch('2022-11-01', 8 * 60 + 55, 9 * 60 + 4);
    const service = await at('2022-12-01T09:30');
    const slow = service.db.createQueryRunner();
    await slow.query('BEGIN; LOCK TABLE scheduled_wave IN ACCESS EXCLUSIVE MODE');
    await service.scheduler.start();
    expect(await waves()).toMatchObject([{ on: '2022-11-01', state: 'awaiting' }]);
    await slow.query('COMMIT');
    await slow.release();
    await service.scheduler.beforeApplicationShutdown();
    expect(await waves()).toMatchObject([{ on: '2022-12-01', state: 'awaiting' }, { on: '2022-11-01' }]);
  });

  test('four processes in the same minute begin each wave once, and nobody is written to twice', async () => {
    await looks('2022-11-01T08:58');
    const processes = await Promise.all(
      [1, 2, 3, 4].map(() => startSchedulerProcess(database.url, server.url, '2022-11-01T09:00:00+09:00')),
    );
    const begun = await Promise.all(processes.map(({ look }) => look()));
    expect(begun.flat()).toEqual([1]);
    await send('2022-11-01T09:10', 1);
    await Promise.all(processes.map(({ stop }) => stop()));
    expect(server.received).toHaveLength(6);
    expect(new Set(server.messageIds()).size).toBe(6);
  });
});
