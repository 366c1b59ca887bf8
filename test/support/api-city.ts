import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { everything, type Role } from '../../src/access/scope.js';
import { UserService } from '../../src/access/user.service.js';
import type { Logger } from '../../src/platform/logging.js';
import { UNIT_LINES } from './little-city.js';
import { startService, type TestApp } from './test-app.js';

/** Of every account of the city. */
export const PASSWORD = 'kaze-to-umi-7';

export const UNITS = UNIT_LINES.join('\r\n');
const people = (unit: string, from: number, count: number) =>
  Array.from(
    { length: count },
    (_, n) => `${String(from + n).padStart(7, '0')},見本 ${from + n}号,${unit},,`,
  );
/** Sections of 12 and 14 people. */
export const ROSTER = [
  '職員番号,氏名,所属コード,メールアドレス,所属長',
  ...people('11', 1, 12),
  ...people('21', 101, 14),
].join('\r\n');
export const STATUS = [
  '職員番号,取得状況,基準日',
  ...Array.from({ length: 6 }, (_, n) => `${String(n + 1).padStart(7, '0')},保有,2022-10-01`),
  ...Array.from({ length: 7 }, (_, n) => `${String(n + 101).padStart(7, '0')},保有,2022-10-01`),
  '0000007,申請中,2022-10-01',
].join('\r\n');

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly bytes: Buffer;
  /** The document, where it is one. */
  readonly json: any; // oxlint-disable-line typescript/no-explicit-any -- a test states its shape by what it expects
}

export interface Part {
  readonly field: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
  /** Without one it is a plain field. */
  readonly fileName?: string;
}

/** Somebody with a session, or nobody. Unsafe requests carry the session's token unless a test takes it away. */
export class Caller {
  constructor(
    private readonly app: NestFastifyApplication,
    readonly cookie?: string,
    readonly csrfToken?: string,
  ) {}

  async send(
    method: string,
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const json = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body);
    const answer = await this.app.inject({
      method: method as 'GET',
      url,
      headers: {
        ...(this.cookie && { cookie: this.cookie }),
        ...(this.csrfToken && method !== 'GET' && { 'x-csrf-token': this.csrfToken }),
        ...(json && { 'content-type': 'application/json' }),
        ...headers,
      },
      payload: json ? JSON.stringify(body) : (body as string | Buffer | undefined),
    });
    const type = String(answer.headers['content-type'] ?? '');
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      bytes: answer.rawPayload,
      json: /json/.test(type) ? answer.json() : null,
    };
  }

  get(url: string): Promise<Answer> {
    return this.send('GET', url);
  }

  post(url: string, body: unknown = {}): Promise<Answer> {
    return this.send('POST', url, body);
  }

  async upload(url: string, ...parts: Part[]): Promise<Answer> {
    const { body, contentType } = await multipart(parts);
    return this.send('POST', url, body, { 'content-type': contentType });
  }
}

export async function multipart(parts: readonly Part[]): Promise<{ body: Buffer; contentType: string }> {
  const form = new FormData();
  for (const { field, content, fileName } of parts) {
    if (fileName === undefined) form.append(field, String(content));
    else form.append(field, new Blob([content]), fileName);
  }
  const request = new Request('http://localhost', { method: 'POST', body: form });
  return {
    body: Buffer.from(await request.arrayBuffer()),
    contentType: request.headers.get('content-type')!,
  };
}

export interface City extends TestApp<NestFastifyApplication> {
  /** Signs in over the API with an account of its own. */
  caller(role: Role, unitCode?: string): Promise<Caller>;
  readonly nobody: Caller;
}

/** The whole service with the little city above, 26 people of whom 13 hold a card on 2022-10-31. */
export async function startCity(env: Record<string, string> = {}, logger?: Logger): Promise<City> {
  const service = await startService(env, { logger });
  const { app } = service;
  const nobody = new Caller(app);
  let accounts = 0;
  const caller = async (role: Role, unitCode?: string) => {
    const name = `${role}-${++accounts}`;
    await app.get(UserService).add({ name, role, unitCode, password: PASSWORD }, everything('test').actor);
    const signedIn = await nobody.post('/api/v1/session', { name, password: PASSWORD });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0]!;
    return new Caller(app, cookie, signedIn.json.csrfToken as string);
  };
  const hr = await caller('hr');
  for (const [kind, ...parts] of [
    [
      'roster',
      { field: 'file', content: ROSTER, fileName: 'meibo.csv' },
      { field: 'units', content: UNITS, fileName: 'shozoku.csv' },
      { field: 'asOf', content: '2022-10-01' },
    ],
    ['status', { field: 'file', content: STATUS, fileName: 'shutoku.csv' }],
  ] as [string, ...Part[]][]) {
    const preview = await hr.upload(`/api/v1/imports/${kind}`, ...parts);
    const applied = await hr.post(`/api/v1/imports/${preview.json.id}/apply`);
    if (applied.status !== 200) throw new Error(`${kind}: ${preview.text} ${applied.text}`);
  }
  return { ...service, caller, nobody };
}
