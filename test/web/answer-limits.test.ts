import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { DataSource } from 'typeorm';
import { everything } from '../../src/access/scope.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { answerPathOf, enqueueAnswerWave, outboxOf } from '../support/answer-wave.js';
import { startCity, type City } from '../support/api-city.js';

/** Of an account; an address without one has half of it, a link a twentieth. */
const PER_MINUTE = 200;
const OF_A_LINK = PER_MINUTE / 20;
const PEOPLE = ['0000008', '0000009', '0000010', '0000011', '0000012'];

let city: City;
let log = '';
let paths: string[];
beforeAll(async () => {
  const lines = new Writable({
    write(chunk, _, done) {
      log += String(chunk);
      done();
    },
  });
  city = await startCity({ REQUESTS_PER_MINUTE: String(PER_MINUTE) }, pino({ level: 'trace' }, lines));
  const id = await enqueueAnswerWave(city.app.get(DataSource), { staffNumbers: PEOPLE });
  await city.app.get(WaveService).attend(everything('test'), id);
  paths = [...(await outboxOf(city.dataDir)).values()].map(answerPathOf);
});
afterAll(() => city?.close());

const ask = async (url: string, remoteAddress: string, payload?: string) =>
  (
    await city.app.inject({
      method: payload === undefined ? 'GET' : 'POST',
      url,
      remoteAddress,
      payload,
      headers: payload === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' },
    })
  ).statusCode;

test('one link is answered a few times a minute, wherever it is opened', async () => {
  const [path] = paths as [string];
  for (let n = 0; n < OF_A_LINK; n++) {
    const status = await ask(path, `203.0.113.${n}`, n % 2 ? 'status=applied' : undefined);
    expect(status).toBe(n % 2 ? 303 : 200);
  }
  expect(await ask(path, '203.0.113.200')).toBe(429);
  expect(await ask(path, '203.0.113.201', 'status=held')).toBe(429);
});

test('guessing is counted by the address, and takes nothing from colleagues who answer behind the same one', async () => {
  const office = '198.51.100.7';
  const statuses: number[] = [];
  for (let n = 0; n < PER_MINUTE / 2 + 5; n++) {
    const guess = Buffer.alloc(27, n).toString('base64url');
    statuses.push(await ask(`/answer/${guess}`, office, n % 3 ? undefined : 'status=held'));
  }
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  for (const path of paths.slice(1)) {
    expect(await ask(path, office)).toBe(200);
    expect(await ask(path, office, 'status=undisclosed')).toBe(303);
  }
});

test('no link stands in the log, whatever happened', async () => {
  const db = city.app.get(DataSource);
  await db.query('ALTER TABLE answer_key RENAME TO answer_key_gone');
  try {
    expect(await ask(paths[1]!, '192.0.2.1')).toBe(500);
  } finally {
    await db.query('ALTER TABLE answer_key_gone RENAME TO answer_key');
  }
  expect(log).toContain('request failed');
  for (const path of paths) expect(log).not.toContain(path.split('/')[2]);
  const [{ secret }] = await db.query(`SELECT encode(secret, 'hex') AS secret FROM answer_key`);
  expect(log).not.toContain(secret);
});
