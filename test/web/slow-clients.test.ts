import { existsSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { UserService } from '../../src/access/user.service.js';
import { startService, type TestApp } from '../support/test-app.js';

const PASSWORD = 'kaze-to-umi-7';
/** What these tests wait at most for a connection to be closed; the real limits are minutes. */
const SOON = 3_000;

let service: TestApp<NestFastifyApplication>;
let port: number;
let session: Record<string, string>;
const sockets: Socket[] = [];

beforeAll(async () => {
  const patience = { headers: 400, request: 800, silence: 600, keepAlive: 500, check: 50 };
  service = await startService({}, { patience });
  await service.app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
  port = (service.app.getHttpServer().address() as { port: number }).port;
  await service.app.get(UserService).add({ name: 'hanako', role: 'hr', password: PASSWORD }, 'test');
  const signedIn = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'hanako', password: PASSWORD }),
  });
  const { csrfToken } = (await signedIn.json()) as { csrfToken: string };
  session = { cookie: signedIn.headers.get('set-cookie')!.split(';')[0]!, 'x-csrf-token': csrfToken };
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  // Whatever a client did: the service is there for the next one, and nothing of the upload is.
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  for (let tries = 0; received().length > 0 && tries < 100; tries++) await wait(20);
  expect(received()).toEqual([]);
});
afterAll(() => service?.close());

function received(): string[] {
  const folder = join(service.dataDir, 'imports');
  return existsSync(folder) ? readdirSync(folder) : [];
}

interface Client {
  send(text: string): void;
  /** Sends a little now and then until the connection is closed. */
  dribble(piece: string, everyMs: number): void;
  /** Everything that was answered, once the connection is closed; rejects when that takes too long. */
  answer(): Promise<string>;
}

function client(): Client {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  let said = '';
  socket.on('data', (chunk) => (said += String(chunk)));
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  return {
    send: (text) => void socket.write(text),
    dribble: (piece, everyMs) => {
      const timer = setInterval(() => socket.write(piece), everyMs);
      void closed.then(() => clearInterval(timer));
    },
    answer: async () => {
      const late = wait(SOON, 'late', { ref: false });
      if ((await Promise.race([closed, late])) === 'late') throw new Error('the connection is still open');
      return said;
    },
  };
}

const head = (line: string, headers: Record<string, string | number> = {}) =>
  `${line} HTTP/1.1\r\n${Object.entries({ host: 'localhost', ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;

describe('a client that is slow on purpose', () => {
  test('with its headers is cut off', async () => {
    const { send, dribble, answer } = client();
    send('GET / HTTP/1.1\r\n');
    dribble('x-a: b\r\n', 100);
    expect(await answer()).toMatch(/^HTTP\/1.1 408/);
  });

  test('with its first byte is cut off', async () => {
    expect(await client().answer()).toMatch(/^(HTTP\/1.1 408|$)/);
  });

  test('with a form is cut off', async () => {
    const { send, dribble, answer } = client();
    send(head('POST /api/v1/session', { 'content-type': 'application/json', 'content-length': 500_000 }));
    dribble(' ', 100);
    expect(await answer()).toMatch(/^HTTP\/1.1 408/);
  });

  test('with an upload is cut off', async () => {
    const { send, dribble, answer } = client();
    const type = 'multipart/form-data; boundary=b';
    send(
      head('POST /api/v1/imports/roster', { ...session, 'content-type': type, 'content-length': 9_000_000 }),
    );
    send(
      '--b\r\ncontent-disposition: form-data; name="file"; filename="meibo.csv"\r\n\r\n職員番号,氏名,所属コード\r\n',
    );
    dribble('0000001,見本 花子,00\r\n', 100);
    expect(await answer()).toMatch(/^HTTP\/1.1 4\d\d/);
  });

  test('at reading the answer is cut off when nothing moves any more', async () => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.pause();
    const { url } = (await (await fetch(`http://127.0.0.1:${port}/sign-in`)).text()).match(
      /href="(?<url>\/assets\/[^"]+\.css)"/,
    )!.groups!;
    // More answers than the buffers between us hold, none of them read.
    socket.write(head(`GET ${url}`).repeat(400));
    await wait(200);
    const open = () =>
      new Promise<number>((resolve, reject) =>
        service.app
          .getHttpServer()
          .getConnections((error: Error | null, count: number) => (error ? reject(error) : resolve(count))),
      );
    expect(await open()).toBeGreaterThan(0);
    for (let tries = 0; (await open()) > 0 && tries < SOON / 50; tries++) await wait(50);
    expect(await open()).toBe(0);
  });
});

describe('too much of everything is refused without being read', () => {
  const status = async (text: string) => {
    const { send, answer } = client();
    send(text);
    const said = await answer();
    expect(said).not.toMatch(/at \S+ \(|node_modules|SELECT|fastify/i);
    return Number(/^HTTP\/1.1 (\d+)/.exec(said)?.[1]);
  };

  test('headers', async () => {
    expect(await status(head('GET /', { 'x-long': 'a'.repeat(100_000) }))).toBe(431);
    expect(
      await status(
        head('GET /', Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`x-${n}`, 'abcdef']))),
      ),
    ).toBe(431);
  });

  test('address', async () => {
    expect([414, 431]).toContain(await status(head(`GET /?q=${'a'.repeat(100_000)}`)));
    expect([400, 404, 414]).toContain(
      await status(
        head(`GET /api/v1/units/${'a'.repeat(5_000)}/adoption`, { ...session, connection: 'close' }),
      ),
    );
  });

  test.each([
    ['application/json', `{"name":"${'a'.repeat(2_000_000)}"}`],
    ['application/x-www-form-urlencoded', `name=${'a'.repeat(2_000_000)}`],
  ])('body as %s', async (type, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'too_large' });
  });

  test.each([
    ['parts', Array.from({ length: 40 }, (_, n) => [`f${n}`, 'x'] as const)],
    ['files', Array.from({ length: 10 }, () => ['file', new Blob(['a,b'])] as const)],
    ['text in a field', [['asOf', '2'.repeat(50_000)] as const]],
  ])('%s of an upload', async (_, parts) => {
    const form = new FormData();
    for (const [name, value] of parts) form.append(name, value as string);
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/imports/roster`, {
      method: 'POST',
      headers: session,
      body: form,
    });
    expect([400, 413]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
  });

  test('nesting of a form, and names that are no fields', async () => {
    for (const body of [
      '['.repeat(200_000),
      `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`,
      '{"__proto__":{"x":1}}',
    ]) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
    }
  });
});
