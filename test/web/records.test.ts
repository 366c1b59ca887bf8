import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import type { Role } from '../../src/access/scope.js';
import { UserService } from '../../src/access/user.service.js';
import { ImportService } from '../../src/platform/imports/import.service.js';
import { startService, type TestApp } from '../support/test-app.js';

const PASSWORD = 'kaze-to-umi-7';
const UNITS = ['所属コード,所属名,上位所属コード', '00,見本市,', '11,人事課,00', '12,税務課,00'];
const ROSTER = [
  '職員番号,氏名,所属コード,メールアドレス',
  '0000001,見本 花子,11,hanako@example.jp',
  '0000002,見本 太郎,12,taro@example.jp',
];

let service: TestApp<NestFastifyApplication>;
let app: NestFastifyApplication;

beforeAll(async () => {
  service = await startService();
  app = service.app;
  const file = async (name: string, lines: string[]) => {
    const path = join(service.dataDir, name);
    await writeFile(path, lines.join('\n'));
    return { name, path };
  };
  await app.get(ImportService).run(
    {
      kind: 'roster',
      files: [await file('roster.csv', ROSTER)],
      unitsFile: await file('units.csv', UNITS),
      asOf: '2022-04-01',
      dryRun: false,
    },
    'test',
  );
});

afterAll(() => service?.close());

class Visitor {
  constructor(readonly cookie: string) {}

  async get(url: string) {
    const { statusCode, body, headers } = await app.inject({ url, headers: { cookie: this.cookie } });
    return {
      status: statusCode,
      html: body,
      headers,
      text: body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' '),
    };
  }

  async post(url: string, fields: Record<string, string>) {
    const { html } = await this.get('/password');
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(html)![1]!;
    const response = await app.inject({
      method: 'POST',
      url,
      headers: { cookie: this.cookie, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ _csrf, ...fields }).toString(),
    });
    return { status: response.statusCode, location: response.headers.location };
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

/** Every answer has a reference of its own. */
function plain(text: string): string {
  return text.replace(/[0-9a-f-]{36}/g, '');
}

describe('a person’s record', () => {
  let hr: Visitor;

  beforeAll(async () => {
    hr = await signIn('jinji', 'hr');
  });

  test('is opened from the list of the unit', async () => {
    const list = await hr.get('/units/11');
    expect(list.html).toContain('href="/staff/0000001"');
    expect(list.text).toContain('記録を開く');
    const page = await hr.get('/staff/0000001');
    expect(page.text).toContain('見本 花子の記録');
    expect(page.text).toContain('まだ記録はありません(未回答として数えます)');
    expect(page.headers['cache-control']).toBe('no-store');
  });

  test('takes a status, and a correction that leaves the old one readable', async () => {
    expect(
      await hr.post('/staff/0000001/card-events', { status: 'applied', on: '2022-10-03', evidence: 'self' }),
    ).toEqual({ status: 303, location: '/staff/0000001' });
    const correct = /href="(\/staff\/0000001\?correct&#x3D;\d+|\/staff\/0000001\?correct=\d+)#record"/
      .exec((await hr.get('/staff/0000001')).html)![1]!
      .replace('&#x3D;', '=');
    const form = await hr.get(correct);
    expect(form.text).toContain('2022年10月3日の「申請中」を訂正します');
    const corrects = /name="corrects" value="(\d+)"/.exec(form.html)![1]!;
    await hr.post('/staff/0000001/card-events', {
      status: 'held',
      on: '2022-10-05',
      evidence: 'hr',
      corrects,
    });
    const page = await hr.get('/staff/0000001');
    expect(page.text).toMatch(/いまの取得状況 保有 人事 2022年10月5日/);
    expect(page.text).toMatch(/2022年10月3日 申請中 本人、.*訂正済み/);
  });

  test('takes a record back, and the one before holds again', async () => {
    await hr.post('/staff/0000001/card-events', { status: 'lapsed', on: '2022-11-01' });
    const page = await hr.get('/staff/0000001');
    const [id] = [...page.html.matchAll(/correct(?:=|&#x3D;)(\d+)#record/g)].map((match) => match[1]!);
    await hr.post('/staff/0000001/card-events', { status: 'none', on: '2022-11-01', corrects: id! });
    const after = await hr.get('/staff/0000001');
    expect(after.text).toMatch(/いまの取得状況 保有 人事 2022年10月5日/);
    expect(after.text).toMatch(/2022年11月1日 取り消し .*2022年11月1日 失効・返納 /);
    expect((await hr.post('/staff/0000001/card-events', { status: 'none' })).status).toBe(400);
  });

  test('refuses what is no status', async () => {
    expect((await hr.post('/staff/0000001/card-events', { status: 'lost' })).status).toBe(400);
    expect((await hr.post('/staff/0000001/card-events', { status: 'held', on: '2023-01-01' })).status).toBe(
      422,
    );
  });

  test('tells who looked, this very look included', async () => {
    const other = await signIn('jinji-2', 'hr');
    await other.get('/staff/0000002');
    await other.get('/units/12');
    const page = await hr.get('/staff/0000002');
    const looks = page.text.slice(page.text.indexOf('この人の記録を見た人'));
    expect(looks).toMatch(/個人の記録の閲覧 jinji .*職員一覧の閲覧 jinji-2 .*個人の記録の閲覧 jinji-2/);
  });

  test('is saved as one file for a disclosure request', async () => {
    const file = await hr.get('/staff/0000001/disclosure.html');
    expect(file.headers['content-disposition']).toBe('attachment; filename="kaiji-2022-11-10.html"');
    expect(file.text).toContain('見本 花子');
    expect(file.text).not.toContain('太郎');
    expect((await hr.get('/audit?action=staff_record_exported')).text).toContain('見本 花子(0000001)');
  });

  test('answers alike for a number nobody has and for one in another subtree', async () => {
    const own = await signIn('jinji-11', 'hr', '11');
    expect((await own.get('/staff/0000001')).status).toBe(200);
    const [outside, unknown] = [await own.get('/staff/0000002'), await own.get('/staff/9999999')];
    expect(outside.status).toBe(404);
    expect(plain(outside.text)).toBe(plain(unknown.text));
    expect((await own.get('/staff/0000002/disclosure.html')).status).toBe(404);
    expect((await own.post('/staff/0000002/card-events', { status: 'held', on: '2022-10-05' })).status).toBe(
      404,
    );
  });

  test.each(['manager', 'leader', 'auditor', 'admin'] as const)('is closed to the role %s', async (role) => {
    const visitor = await signIn(`closed-${role}`, role, role === 'admin' ? undefined : '11');
    for (const path of ['/staff/0000001', '/staff/0000001/disclosure.html'])
      expect((await visitor.get(path)).status).toBe(403);
    expect((await visitor.post('/staff/0000001/card-events', { status: 'held' })).status).toBe(403);
  });
});

describe('the audit record', () => {
  test('names people to HR and ids to auditors', async () => {
    const hr = await signIn('jinji-3', 'hr');
    const found = await hr.get('/audit?target=0000001');
    expect(found.text).toContain('個人の記録の閲覧');
    expect(found.html).toMatch(/<a href="\/staff\/0000001">見本 花子\(0000001\)<\/a>/);

    const auditor = await signIn('kansa', 'auditor');
    const page = await auditor.get('/audit');
    expect(page.text).toMatch(/個人の記録の閲覧 jinji 職員 \d+/);
    expect(page.text).not.toMatch(/花子|太郎|000000\d/);
    expect((await auditor.get('/audit?target=0000001')).text).toContain('条件に合う記録はありません');
  });

  test('has pages and keeps the search while turning them', async () => {
    const auditor = await signIn('kansa-2', 'auditor');
    await app
      .get(DataSource)
      .query(
        `INSERT INTO audit_event (at, actor, action) SELECT '2022-11-01', 'many', 'sign_in' FROM generate_series(1, 60)`,
      );
    const first = await auditor.get('/audit?actor=many');
    const next = /href="(\/audit\?[^"]*cursor[^"]*)"/.exec(first.html)![1]!;
    const second = await auditor.get(next.replaceAll('&amp;', '&').replaceAll('&#x3D;', '='));
    expect(first.html.match(/role="row"/g)).toHaveLength(51);
    expect(second.html.match(/role="row"/g)).toHaveLength(11);
    expect(second.text).toContain('最初へ');
  });

  test('is at /api/v1/audit for programs', async () => {
    const auditor = await signIn('kansa-3', 'auditor');
    const answer = await auditor.get(
      '/api/v1/audit?action=staff_record_viewed&from=2022-11-10&to=2022-11-10',
    );
    const { events, nextCursor } = JSON.parse(answer.html) as { events: object[]; nextCursor: null };
    expect(events[0]).toEqual({
      id: expect.any(Number),
      at: expect.any(String),
      actor: expect.any(String),
      action: 'staff_record_viewed',
      target: expect.stringMatching(/^staff:\d+$/),
      details: {},
    });
    expect(nextCursor).toBeNull();
    for (const bad of ['from=2022-13-01', 'action=hack', 'cursor=x', 'unknown=1'])
      expect((await auditor.get(`/api/v1/audit?${bad}`)).status).toBe(400);
  });

  test.each(['manager', 'leader', 'admin'] as const)('is closed to the role %s', async (role) => {
    const visitor = await signIn(`no-audit-${role}`, role, role === 'admin' ? undefined : '11');
    for (const path of ['/audit', '/api/v1/audit']) expect((await visitor.get(path)).status).toBe(403);
  });
});
