import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { removeEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { freePort, killStarted, start } from '../support/programs.js';

jest.setTimeout(120_000);

const NUMBER = '123456789018';
const PASSWORD = 'kaze-to-umi-7';

let dataDir: string;
let port: number;

beforeAll(async () => {
  dataDir = mkdtempSync(join(process.env.TEST_SCRATCH!, `staff-card-tracker-test-${process.pid}-`));
  chmodSync(dataDir, 0o711);
  port = await freePort();
});
afterEach(killStarted);
afterAll(async () => {
  await removeEmbeddedPostgres(dataDir);
  rmSync(dataDir, { recursive: true });
});

async function startedService() {
  const program = start('main', [], { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'trace' });
  await program.says('で利用できます');
  return program;
}

/** Files below DATA_DIR, the database's own too, that hold the text in one of the ways it could have been written. */
function filesWith(text: string): string[] {
  const forms = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dataDir, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .filter((path) => {
      const bytes = readFileSync(path);
      return forms.some((form) => bytes.includes(form));
    });
}

const rows = (count: number, note: string) =>
  '職員番号,氏名,所属コード,備考\r\n' +
  Array.from({ length: count }, (_, n) => `${String(n).padStart(7, '0')},見本 花子,00,${note}\r\n`).join('');

test('a refused file leaves nothing behind, not even when the service is killed in the middle', async () => {
  const first = await startedService();
  const base = `http://127.0.0.1:${port}`;
  const json = { 'content-type': 'application/json' };
  const signIn = async (password: string) => {
    const answer = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ name: 'admin', password }),
    });
    const { csrfToken } = (await answer.json()) as { csrfToken: string };
    return { cookie: answer.headers.get('set-cookie')!.split(';')[0]!, 'x-csrf-token': csrfToken };
  };
  const { stdout: greeting } = await first.signal('SIGTERM');
  const oneTime = /パスワード: (\S+)/.exec(greeting)![1]!;
  const second = await startedService();
  const headers = await signIn(oneTime);
  const changed = await fetch(`${base}/api/v1/session/password`, {
    method: 'PUT',
    headers: { ...headers, ...json },
    body: JSON.stringify({ currentPassword: oneTime, newPassword: PASSWORD }),
  });
  expect(changed.status).toBe(204);

  const upload = (content: string) => {
    const form = new FormData();
    form.append('file', new Blob([content]), 'meibo.csv');
    return fetch(`${base}/api/v1/imports/roster`, { method: 'POST', headers, body: form });
  };
  expect(filesWith(NUMBER)).toEqual([]);
  // Refused in full: every cell of a column, the title, and a note below.
  const refused = await upload(`${NUMBER}\r\n${rows(3_000, NUMBER)}注 ${NUMBER}\r\n`);
  const answer = await refused.text();
  expect(JSON.parse(answer)).toMatchObject({ canBeApplied: false });
  expect(answer).not.toContain(NUMBER);
  expect(filesWith(NUMBER)).toEqual([]);

  // Killed while the file is still coming in: it lies in DATA_DIR then.
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/v1/imports/roster HTTP/1.1\r\nhost: localhost\r\ncookie: ${headers.cookie}\r\n` +
      `x-csrf-token: ${headers['x-csrf-token']}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 40000000\r\n\r\n` +
      `--b\r\ncontent-disposition: form-data; name="file"; filename="meibo.csv"\r\n\r\n${rows(20_000, NUMBER)}`,
  );
  for (let tries = 0; filesWith(NUMBER).length === 0 && tries < 100; tries++) await wait(50);
  expect(filesWith(NUMBER)).not.toEqual([]);
  const killed = await second.signal('SIGKILL');
  socket.destroy();

  // And killed while it is being read and compared.
  const third = await startedService();
  expect(filesWith(NUMBER)).toEqual([]);
  const reading = upload(rows(60_000, NUMBER)).catch(() => undefined);
  for (let tries = 0; filesWith(NUMBER).length === 0 && tries < 100; tries++) await wait(20);
  await wait(200);
  const killedAgain = await third.signal('SIGKILL');
  await reading;

  const last = await startedService();
  expect(filesWith(NUMBER)).toEqual([]);
  const ended = await last.signal('SIGTERM');
  for (const { stdout, stderr } of [killed, killedAgain, ended])
    expect(stdout + stderr).not.toContain(NUMBER);
});
