import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { destination, pino } from 'pino';
import { DataSource } from 'typeorm';
import { everything } from '../../../src/access/scope.js';
import { SessionService } from '../../../src/access/session.service.js';
import { TokenService } from '../../../src/access/token.service.js';
import { UserService } from '../../../src/access/user.service.js';
import { projectRoot } from '../../../src/platform/project-root.js';
import { PASSWORD, ROSTER, startCity, type City } from '../../support/api-city.js';
import { IMPORT_FIXTURES } from './commands.js';
import { Journal } from './journal.js';
import type { Actor, HttpInput, SocketInput } from './input.js';

export interface Reply {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Account {
  readonly id: number;
  readonly name: string;
  cookie: string;
  csrfToken: string;
}

interface Folders {
  readonly root: string;
  /** Everything that the service and its commands write outside the database, the log included. */
  readonly written: string;
  readonly commands: string;
  /** Files for commands to read. */
  readonly inputs: string;
}

/** What the city had sent and frozen before anybody attacked it. */
export const CLOSED_MONTH = '2022-10';
const PATIENCE_MS = 60_000;
/** An answer to something that is no request comes at once or, where the server waits for more, not at all. */
const SOCKET_PATIENCE_MS = 150;

/** The whole service on a real port with a small city in it, an account for each role, and an ear at the database. */
export class Target {
  readonly journal: Journal;
  readonly db: DataSource;
  private readonly accounts = new Map<Actor, Account>();
  private readonly tokens = new Map<Actor, string>();
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });
  private port = 0;

  private constructor(
    readonly city: City,
    readonly folders: Folders,
    private readonly temporary: string | undefined,
  ) {
    this.db = city.app.get(DataSource);
    this.journal = new Journal(this.db);
  }

  static async start(): Promise<Target> {
    const root = mkdtempSync(join(process.env.TEST_SCRATCH!, 'tracker-hostile-'));
    const written = join(root, 'written');
    const folders = { root, written, commands: join(written, 'commands'), inputs: join(root, 'inputs') };
    const temporary = process.env.TMPDIR;
    for (const name of ['tmp', 'commands']) mkdirSync(join(written, name), { recursive: true });
    // Copies: a command may write where another one reads.
    cpSync(join(projectRoot, IMPORT_FIXTURES), folders.inputs, { recursive: true });
    // Temporary files of anybody in this process are looked through in the end.
    process.env.TMPDIR = join(written, 'tmp');
    const logger = pino(
      { level: 'trace', base: undefined },
      destination({ dest: join(written, 'log'), sync: true }),
    );
    // Each input comes from an address of its own, so that it is judged by itself.
    const city = await startCity({ TRUST_PROXY: 'loopback' }, logger);
    const target = new Target(city, folders, temporary);
    await target.prepare();
    await target.journal.start();
    return target;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    await this.city.close();
    rmSync(this.folders.root, { recursive: true, force: true });
    if (this.temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.temporary;
  }

  private async prepare(): Promise<void> {
    const { app } = this.city;
    const users = app.get(UserService);
    const { actor: operator } = everything('trial');
    const add = async (
      actor: Actor,
      role: 'hr' | 'manager' | 'leader' | 'auditor' | 'admin',
      unitCode?: string,
    ) => {
      const name = actor.replaceAll(' ', '-');
      const password = actor === 'newcomer' ? undefined : PASSWORD;
      const { user } = await users.add({ name, role, unitCode, password }, operator);
      this.accounts.set(actor, { id: user.id, name, cookie: '', csrfToken: '' });
      await this.signIn(actor);
    };
    await add('hr', 'hr');
    await add('hr of 11', 'hr', '11');
    await add('manager', 'manager', '11');
    for (const role of ['leader', 'auditor', 'admin'] as const) await add(role, role);
    await add('newcomer', 'hr');
    for (const n of [1, 2, 3])
      await users.add({ name: `victim-${n}`, role: 'leader', password: PASSWORD }, operator);
    const { user: owner } = await users.add({ name: 'program', role: 'hr', password: PASSWORD }, operator);
    for (const access of ['read', 'write'] as const) {
      const input = { name: access, access, days: 365 };
      const { token } = await app.get(TokenService).addFor(operator, owner.id, input);
      this.tokens.set(access === 'read' ? 'reading token' : 'writing token', token);
    }
    await this.livedIn();
    await app.getHttpAdapter().getInstance().listen({ port: 0, host: '127.0.0.1' });
    this.port = (app.getHttpServer().address() as { port: number }).port;
  }

  /** Managers with an address, a closed and released month, a wave in the outbox. */
  private async livedIn(): Promise<void> {
    const hr = await this.city.caller('hr');
    const roster = ROSTER.replace('0000001,見本 1号,11,,', '0000001,見本 1号,11,m11@example.jp,○').replace(
      '0000101,見本 101号,21,,',
      '0000101,見本 101号,21,m21@example.jp,○',
    );
    const preview = await hr.upload(
      '/api/v1/imports/roster',
      { field: 'file', content: roster, fileName: 'meibo.csv' },
      { field: 'asOf', content: '2022-10-02' },
    );
    for (const [url, body] of [
      [`/api/v1/imports/${preview.json.id}/apply`, {}],
      [`/api/v1/months/${CLOSED_MONTH}/close`, {}],
      [`/api/v1/months/${CLOSED_MONTH}/release`, {}],
      ['/api/v1/policies/manager-monthly/waves', {}],
    ] as const) {
      const { status, text } = await hr.post(url, body);
      if (status >= 400) throw new Error(`${url}: ${text}`);
    }
  }

  /** Gives everybody a session again who has lost it by what was accepted. */
  async signInAgain(): Promise<void> {
    for (const [actor, { cookie }] of this.accounts) {
      const open = await this.city.app.get(SessionService).scopeOf(cookie.replace('session=', ''));
      if (!open) await this.signIn(actor);
    }
  }

  private async signIn(actor: Actor): Promise<void> {
    const account = this.accounts.get(actor)!;
    const { token, session } = await this.city.app.get(SessionService).open(account);
    account.cookie = `session=${token}`;
    account.csrfToken = session.csrfToken;
  }

  /** The id of the newest preview: what `{import}` in an address stands for. */
  private async newestImport(): Promise<string> {
    const [row] = await this.db.query<{ id: number }[]>('SELECT max(id) AS id FROM import_batch');
    return String(row?.id ?? 1);
  }

  async send(input: HttpInput, number: number): Promise<Reply> {
    const account = this.accounts.get(input.actor);
    const token = this.tokens.get(input.actor);
    const csrf = { own: account?.csrfToken, none: undefined, wrong: 'A'.repeat(43) }[input.csrf];
    const inForm = input.body?.includes('{csrf}') ?? false;
    const path = input.url.includes('{import}')
      ? input.url.replaceAll('{import}', await this.newestImport())
      : input.url;
    const body = inForm ? replaced(input.body!, '{csrf}', csrf ?? '') : input.body;
    const headers = {
      'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
      ...(account && { cookie: account.cookie }),
      ...(token && { authorization: `Bearer ${token}` }),
      ...(csrf && !inForm && { 'x-csrf-token': csrf }),
      // Without it the body of a method that has none by nature would be taken for the next request.
      ...(body && { 'content-length': String(body.length) }),
      ...input.headers,
    };
    return this.exchange(input.method, path, headers, body);
  }

  private async exchange(...asked: Parameters<Target['once']>): Promise<Reply> {
    const reply = await this.once(...asked);
    // The connection was closed after the answer before: every client asks again on a new one.
    return reply === 'stale connection' ? this.exchange(...asked) : reply;
  }

  private once(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: Buffer,
  ): Promise<Reply | 'stale connection'> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.port,
          method,
          path,
          headers,
          agent: this.agent,
          timeout: PATIENCE_MS,
        },
        (answer) => {
          const chunks: Buffer[] = [];
          const end = () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              text: Buffer.concat(chunks).toString('utf8'),
            });
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', end).on('error', end);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (!['ECONNRESET', 'EPIPE'].includes(error.code ?? '')) reject(error);
        else if (sent.reusedSocket) resolve('stale connection');
        // The server may close while a body that is too large is still being sent.
        else resolve({ status: 0, headers: {}, text: '' });
      });
      sent.end(body);
    });
  }

  /** What the service itself has noted of its newest failure. */
  lastError(): string {
    const line = readFileSync(join(this.folders.written, 'log'), 'utf8')
      .split('\n')
      .findLast((text) => text.startsWith('{"level":50'));
    if (line === undefined) return 'nothing in the log';
    const { err } = JSON.parse(line) as { err?: { message: string; stack: string } };
    const ours = err?.stack.split('\n').filter((frame) => frame.includes(join(projectRoot, 'src')));
    return `${err?.message}, ${ours?.[0]?.trim()}`;
  }

  /** What came back, or nothing. */
  sendRaw({ pieces, hangsUp }: SocketInput): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      const chunks: Buffer[] = [];
      const end = () => {
        socket.destroy();
        resolve(Buffer.concat(chunks).toString('utf8'));
      };
      socket.setTimeout(SOCKET_PATIENCE_MS, end);
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('error', end).on('close', end);
      socket.on('connect', () => {
        const [first, second] = pieces;
        if (first) socket.write(first);
        setImmediate(() => {
          if (second && !socket.destroyed) socket.write(second);
          if (hangsUp) setImmediate(end);
        });
      });
    });
  }
}

function replaced(bytes: Buffer, mark: string, text: string): Buffer {
  const at = bytes.indexOf(mark);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(text), bytes.subarray(at + mark.length)]);
}
