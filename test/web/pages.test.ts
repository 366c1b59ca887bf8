import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserService } from '../../src/access/user.service.js';
import type { Role } from '../../src/access/scope.js';
import { createApp } from '../../src/app.setup.js';
import { readConfig } from '../../src/platform/config.js';
import { createLogger } from '../../src/platform/logging.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const PASSWORD = 'kaze-to-umi-7';
const UNITS = [
  '所属コード,所属名,上位所属コード,種別',
  '00,見本市,,全体',
  '10,総務局,00,局',
  '11,人事課,10,課',
  '12,税務課,10,課',
  '20,市民局,00,局',
  '21,市民課,20,課',
].join('\r\n');
const ROSTER = [
  '職員番号,氏名,所属コード,メールアドレス,所属長',
  '0000001,見本 花子,11,hanako@example.jp,○',
  '0000002,見本 太郎,11,,',
  '0000003,見本 次郎,12,,',
  '0000004,見本 桜,21,sakura@example.jp,○',
  '0000005,見本 梅,21,,',
].join('\r\n');
const STATUS = [
  '職員番号,取得状況,基準日',
  '0000001,保有,2022-10-01',
  '0000002,申請中,2022-10-01',
  '0000004,保有,2022-10-05',
].join('\r\n');

let database: TestDatabase;
let app: NestFastifyApplication;
let dataDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = mkdtempSync(join(tmpdir(), 'tracker-pages-'));
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent', NOW: '2022-11-10T10:00:00+09:00' });
  const logger = createLogger(config.logLevel);
  app = await createApp({ config, logger, databaseUrl: database.url });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
});

afterAll(async () => {
  await app?.close();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

class Visitor {
  constructor(private readonly cookie: string) {}

  async get(url: string) {
    const response = await app.inject({ url, headers: { cookie: this.cookie } });
    return {
      status: response.statusCode,
      html: response.body,
      headers: response.headers,
      text: textIn(response.body),
    };
  }

  async post(url: string, fields: Record<string, string>, token?: string) {
    const _csrf = token ?? (await this.token());
    const response = await app.inject({
      method: 'POST',
      url,
      headers: { cookie: this.cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ _csrf, ...fields }).toString(),
    });
    return {
      status: response.statusCode,
      location: String(response.headers.location),
      text: textIn(response.body),
    };
  }

  async upload(url: string, fields: Record<string, string>, files: Record<string, string>, token?: string) {
    const form = new FormData();
    form.set('_csrf', token ?? (await this.token()));
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const [name, content] of Object.entries(files)) form.set(name, new Blob([content]), '名簿.csv');
    const request = new Request('http://localhost', { method: 'POST', body: form });
    const response = await app.inject({
      method: 'POST',
      url,
      headers: { cookie: this.cookie, 'content-type': request.headers.get('content-type')! },
      payload: Buffer.from(await request.arrayBuffer()),
    });
    return { status: response.statusCode, location: String(response.headers.location) };
  }

  private async token(): Promise<string> {
    const { html } = await this.get('/password');
    return /name="_csrf" value="([^"]+)"/.exec(html)![1]!;
  }
}

async function signIn(name: string, role: Role, unitCode?: string): Promise<Visitor> {
  await app.get(UserService).add({ name, role, unitCode, password: PASSWORD }, 'test');
  const response = await app.inject({
    method: 'POST',
    url: '/sign-in',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ name, password: PASSWORD }).toString(),
  });
  return new Visitor(String(response.headers['set-cookie']).split(';')[0]!);
}

function textIn(html: string): string {
  return html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
}

describe('from an empty installation to the first report', () => {
  let hr: Visitor;

  test('HR is told what comes first', async () => {
    hr = await signIn('hr-1', 'hr');
    const page = await hr.get('/');
    expect(page.text).toContain('名簿を取り込むと、保有率を表示します');
    expect((await hr.get('/imports')).text).toContain('個人番号(12桁の番号)は取り込めません');
  });

  test('a form without the session token is refused before its file is read', async () => {
    const answer = await hr.upload('/imports/roster', {}, { file: ROSTER }, 'forged');
    expect(answer.status).toBe(403);
  });

  test('a roster is looked at, applied, and its record says so', async () => {
    const { status, location } = await hr.upload(
      '/imports/roster',
      { asOf: '2022-10-01' },
      { file: ROSTER, units: UNITS },
    );
    expect(status).toBe(303);
    const preview = await hr.get(location);
    expect(preview.text).toContain('直すところはありません。まだ何も変更していません');
    expect(preview.text).toContain('5人の名簿を反映する');
    expect(preview.text).toContain('名簿.csv、名簿.csv');
    expect((await hr.get('/')).text).toContain('名簿を取り込むと');

    const applied = await hr.post(`${location}/apply`, {});
    expect(applied.location).toBe(location);
    expect((await hr.get(location)).text).toContain('名簿を反映しました');
  });

  test('a file with problems names row, column and remedy, and the button stays closed', async () => {
    const { location } = await hr.upload(
      '/imports/status',
      {},
      { file: `${STATUS}\r\n9999999,保有,2022-13-01` },
    );
    const page = await hr.get(location);
    expect(page.text).toMatch(/\d件を直すと取り込めます。まだ何も変更していません/);
    expect(page.text).toContain('5行');
    expect(page.html).toMatch(/<button[^>]* disabled/);
    expect((await hr.post(`${location}/discard`, {})).status).toBe(303);
  });

  test('statuses taken in show on the dashboard', async () => {
    const { location } = await hr.upload('/imports/status', {}, { file: STATUS });
    await hr.post(`${location}/apply`, {});
    const page = await hr.get('/');
    expect(page.text).toContain('職員の保有率は40.0%、目標まで残り3人');
    expect(page.text).toContain('残り3人の内訳');
    expect(page.text).toContain('総務局');
  });

  test('HR goes down to people, and the list says that looking is recorded', async () => {
    const units = await hr.get('/units');
    const href = /href="(\/units\/[^"]+)">人事課/.exec(units.html)![1]!.replaceAll('&#x3D;', '=');
    const page = await hr.get(href);
    expect(page.text).toContain('見本 花子');
    expect(page.text).toContain('この一覧を開いたことは記録されます');
    expect((await hr.get(`${href}&status=applied`)).text).not.toContain('見本 花子');
    const csv = await hr.get(href.replace('?', '/children.csv?'));
    expect(csv.status).toBe(200);
  });

  test('a wave is previewed without sending, sent once, and every message can be read', async () => {
    const preview = await hr.get('/waves/new?policy=manager-monthly');
    expect(preview.text).toContain('まだ何も送っていません');
    expect((await hr.get('/waves')).text).toContain('まだ配信はありません');
    const { location } = await hr.post('/waves', { policy: 'manager-monthly' });
    const wave = await hr.get(location);
    expect(wave.text).toContain('送信済み');
    const delivery = /href="(\/waves\/\d+\/deliveries\/\d+)"/.exec(wave.html)![1]!;
    expect((await hr.get(delivery)).html).toContain('<iframe class="mailframe"');
    const mail = await hr.get(`${delivery}/message.html`);
    expect(String(mail.headers['content-security-policy'])).toContain('sandbox');
    expect(mail.text).toContain('任意');
  });

  test('a month is closed and its reports can be downloaded', async () => {
    expect((await hr.get('/reports')).text).toContain('締めた月はまだありません');
    await hr.post('/reports/2022-10/close', {});
    expect((await hr.get('/reports')).text).toContain('2022年10月分まで締めています');
    const csv = await hr.get('/reports/2022-10.csv');
    expect(String(csv.headers['content-disposition'])).toContain('attachment');
    expect((await hr.get('/?asOf=2022-10-31')).text).toContain('2022年10月31日(締め済み)');
  });
});

describe('who sees what', () => {
  test('a manager comes to the own unit and sees counts, no names and no statuses', async () => {
    const hr = await signIn('hr-2', 'hr');
    const units = await hr.get('/units');
    const code = decodeURIComponent(/href="\/units\/([^"?]+)[^"]*">人事課/.exec(units.html)![1]!);
    const manager = await signIn('manager-1', 'manager', code);
    expect((await manager.get('/')).headers.location).toBe('/units');
    const own = await manager.get(String((await manager.get('/units')).headers.location));
    expect(own.text).toContain('2人中1人が保有、残り1人');
    expect(own.text).toContain('氏名と内訳は表示しません');
    expect(own.text).not.toMatch(/見本 花子|申請中|未回答/);
    for (const path of ['/imports', '/waves', '/reports']) expect((await manager.get(path)).status).toBe(403);
  });

  test('leadership sees closed months only, and nothing of small units', async () => {
    const leader = await signIn('leader-1', 'leader');
    const page = await leader.get('/');
    expect(page.text).toContain('職員の保有率は40.0%');
    expect(page.text).toContain('2022年10月31日(締め済み)');
    expect(page.text).not.toContain('残り3人の内訳');
    expect(page.text).toContain('ほか2所属');
    expect(page.text).toContain('少人数のため表示しません(「ほか2所属」に合算): 総務局、市民局。');
    expect(page.html).not.toMatch(/<th[^>]*>(総務局|市民局)/);
    expect(page.html).not.toContain('href="/units');
    expect((await leader.get('/units')).status).toBe(403);
    for (const day of ['2022-11-10', '2022-10-30', '2021-01-31'])
      expect((await leader.get(`/?asOf=${day}`)).status).toBe(404);
  });

  test('the API answers leadership from closed months, as the pages do', async () => {
    const leader = await signIn('leader-2', 'leader');
    const whole = await leader.get('/api/v1/units/00/adoption');
    const merged = {
      staff: 5,
      held: 2,
      rate: 40,
      remaining: 3,
      unit: { code: '', name: 'ほか2所属', kind: '' },
    };
    expect(JSON.parse(whole.html)).toMatchObject({
      asOf: '2022-10-31',
      staff: 5,
      held: 2,
      children: [merged],
    });
    expect(whole.html).not.toContain('unanswered');
    expect((await leader.get('/api/v1/units/00/adoption?asOf=2022-11-10')).status).toBe(404);
    expect(JSON.parse((await leader.get('/api/v1/units/00/children')).html)).toEqual({
      definition: { version: 1, validFrom: null },
      tree: 'then',
      treeAsOf: '2022-10-31',
      units: [merged],
    });
    const trend = JSON.parse((await leader.get('/api/v1/units/00/trend?from=2022-01&to=2022-12')).html);
    expect(trend.points.map((point: { month: string }) => point.month)).toEqual(['2022-10']);
    // A small unit and one that does not exist cannot be told apart.
    const answers = await Promise.all(
      ['11', 'no-such-unit'].map((code) => leader.get(`/api/v1/units/${code}/adoption`)),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(JSON.parse(answers[0]!.html).detail).toBe(JSON.parse(answers[1]!.html).detail);
  });

  test('open data is there for everybody once HR has released the month', async () => {
    const hr = await signIn('hr-4', 'hr');
    expect((await app.inject({ url: '/opendata/2022-10.csv' })).statusCode).toBe(404);
    expect((await hr.get('/reports')).text).toContain('オープンデータとして公開');
    expect((await hr.post('/reports/2022-10/release', {})).location).toBe('/reports');
    const csv = await app.inject({ url: '/opendata/2022-10.csv' });
    expect(csv.body.split('\r\n').slice(1, 4)).toEqual([
      '2022-10-31,,見本市,,合計,5,2,3,40.0',
      '2022-10-31,,見本市,10,総務局,*,*,*,*',
      '2022-10-31,,見本市,20,市民局,*,*,*,*',
    ]);
    const json = (await app.inject({ url: '/opendata/2022-10.json' })).json();
    expect(json.metadata).toMatchObject({ licence: 'CC BY 4.0', asOf: '2022-10-31', version: 1 });
    expect(json.rows[1]).toMatchObject({ name: '総務局', held: null, suppressed: true });
    expect((await hr.get('/reports')).html).toContain('/opendata/2022-10.csv');
    for (const file of ['2022-09.csv', '2022-10.xlsx', 'x'])
      expect((await app.inject({ url: `/opendata/${file}` })).statusCode).toBe(404);
  });

  test('whoever is not signed in comes to the sign-in page', async () => {
    const response = await app.inject({ url: '/units' });
    expect(response.headers.location).toBe('/sign-in?next=%2Funits');
  });

  test('what does not exist is a page in plain words with a reference', async () => {
    const hr = await signIn('hr-3', 'hr');
    const page = await hr.get('/units/no-such-unit');
    expect(page.status).toBe(404);
    expect(page.text).toContain('照会番号');
  });
});

describe('assets', () => {
  test('carry their hash in the name and may be kept for ever', async () => {
    const manifest = JSON.parse(readFileSync(join('dist', 'public', 'manifest.json'), 'utf8')) as Record<
      string,
      string
    >;
    const response = await app.inject({ url: `/assets/${manifest['app.css']}` });
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  test('nothing outside their folder is served', async () => {
    for (const url of ['/assets/../package.json', '/assets/%2e%2e/%2e%2e/package.json', '/assets/']) {
      expect((await app.inject({ url })).statusCode).toBeGreaterThanOrEqual(400);
    }
  });
});
