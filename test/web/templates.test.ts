import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { pageText } from '../support/page-text.js';

const PAGE = '/settings/templates/manager-monthly';
const API = '/api/v1/templates/manager-monthly';

let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
});
afterAll(() => city?.close());

const good = {
  subject: '{{期限の月日}}までのお願い',
  body: '{{所属名}} 様\n\n{{期限}}までに、**全員**への案内をお願いします。\n\n[ボタン: 開く]\n\n[大切なお知らせ]',
};
const bad = { subject: '必ず読むこと', body: '{{誰か}} <b>様</b>\n\n{{期限}}までに' };

describe('the page of a template', () => {
  test('leads from the settings over the list', async () => {
    expect((await hr.get('/settings')).text).toContain('href="/settings/templates"');
    expect((await hr.get('/settings/templates')).text).toContain(`href="${PAGE}"`);
  });

  test('shows the text, the names with examples, the marks and the versions', async () => {
    const { text } = await hr.get(PAGE);
    expect(text).toContain(
      '{{期限}}までに、{{所属の区分}}の全員への案内をお願いします</textarea>'.slice(0, 20),
    );
    expect(pageText(text)).toContain('{{残り人数}} 5 目標までの人数 「{{#もし 率を載せる}}」の中だけ');
    expect(pageText(text)).toContain('第1版(製品の文面) 使用中');
  });

  test('has a frame with the mail as it comes, in both forms, that can do nothing', async () => {
    const { text, headers } = await hr.get(`${PAGE}/preview`);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'.*frame-ancestors 'self'.*sandbox/,
    );
    expect(text).toContain('総務局の所属長に届く文面');
    expect(text).toContain('50.0%<span');
    expect(text).toMatch(/<pre>[\s\S]*総務局: 50\.0%\(6 \/ 12人\) 目標まで残り6人/);
    expect(text).not.toMatch(/<script|<form|<img/);
  });

  test('tries a draft in the frame, with the figures of a unit, and saves nothing', async () => {
    const { status, text } = await hr.post(`${PAGE}/preview`, { ...good, unit: '21' });
    expect(status).toBe(200);
    expect(text).toContain('市民課 様');
    expect(text).toContain('<b>全員</b>への案内');
    const nobody = await hr.post(`${PAGE}/preview`, { ...good, unit: '99' });
    expect(nobody.status).toBe(404);
    expect(nobody.text).toContain('今日の時点で送る文面がありません');
    expect(nobody.text).not.toContain('ログアウト');
    const refused = await hr.post(`${PAGE}/preview`, bad);
    expect(pageText(refused.text)).toContain('本文の1行目 {{誰か}}は、この文面では使えません。');
    expect(refused.text).toContain('&lt;b&gt;');
    expect((await hr.get(API)).json.version).toBe(1);
  });

  test('says whose message it is, of persons as of heads of units', async () => {
    const { text } = await hr.get('/settings/templates/staff-monthly/preview');
    expect(text).toMatch(/の職員に届く文面|見本の内容/);
    expect(text).not.toContain('所属長に届く');
  });

  test('keeps what was typed where it is refused, and says what to change, line by line', async () => {
    const { status, text } = await hr.post(PAGE, { ...bad, reason: '試し', basedOn: '1' });
    expect(status).toBe(422);
    expect(pageText(text)).toContain('保存していません。直すところが');
    expect(pageText(text)).toContain('件名 「必ず」');
    expect(text).toContain('value="必ず読むこと"');
    expect(text).toContain('{{誰か}} &lt;b&gt;様&lt;/b&gt;');
    expect(text).toContain('value="試し"');
  });

  test('saves a text, shows the difference, and goes back', async () => {
    const typed = { ...good, body: good.body.replaceAll('\n', '\r\n'), reason: '短くする', basedOn: '1' };
    expect(await hr.post(PAGE, typed)).toMatchObject({ status: 303, headers: { location: PAGE } });
    expect(pageText((await hr.get(PAGE)).text)).toContain('いまの文面 第2版');
    const version = await hr.get(`${PAGE}/versions/2`);
    expect(pageText(version.text)).toContain('第1版から第2版への違い');
    expect(pageText(version.text)).toContain('加わった行: 件名: {{期限の月日}}までのお願い');
    expect(version.text).not.toContain('この版に戻す');
    const old = await hr.get(`${PAGE}/versions/1`);
    expect(old.text).toContain('この版に戻す');
    // What somebody else has saved meanwhile is not written over, however often one tries from a page that was refused.
    for (const text of [bad, { ...typed, subject: '別の件名' }]) {
      const refused = await hr.post(PAGE, { ...text, reason: '試し', basedOn: '1' });
      expect([409, 422]).toContain(refused.status);
      expect(refused.text).toContain('name="basedOn" value="1"');
    }
    expect((await hr.post(`${PAGE}/versions/1/restore`, { reason: '' })).status).toBe(400);
    expect((await hr.post(`${PAGE}/versions/1/restore`, { reason: '元に戻す' })).status).toBe(303);
    expect(pageText((await hr.get('/settings/templates')).text)).toContain('第1版(製品の文面) 元に戻す');
  });
});

describe('over the API', () => {
  test('a template is read, tried, saved and returned to', async () => {
    const list = await hr.get('/api/v1/templates');
    expect(list.json.templates[0]).toMatchObject({ name: 'manager-monthly', version: 1, shipped: true });
    const shown = await hr.get(API);
    expect(shown.json.names).toContainEqual({
      name: '保有率',
      description: '所属の保有率',
      example: '82.1%',
      only: '率を載せる',
    });
    const preview = await hr.post(`${API}/preview`, { ...good, unit: '21' });
    expect(preview.json).toMatchObject({
      problems: [],
      unit: { code: '21', name: '市民課' },
      message: { subject: '11/21までのお願い', text: expect.stringContaining('市民課 様') },
    });
    expect((await hr.post(`${API}/preview`, bad)).json).toMatchObject({
      message: null,
      problems: expect.arrayContaining([
        expect.objectContaining({ part: 'body', line: 1, code: 'unknown_name' }),
      ]),
    });
    const saved = await hr.send('PUT', API, { ...good, subject: '新しい件名', reason: '試し' });
    expect(saved.json).toMatchObject({ version: 3, subject: '新しい件名', shipped: false });
    const back = await hr.send('PUT', API, { version: 1, reason: '戻す' });
    expect(back.json).toMatchObject({ version: 1, shipped: true });
    expect((await hr.get('/api/v1/audit?action=template_set')).json.events[0]).toMatchObject({
      target: 'template:manager-monthly',
      details: { version: 1, before: 3 },
    });
  });

  test('a refusal names every problem by part and line', async () => {
    const { status, json } = await hr.send('PUT', API, { ...bad, reason: '試し' });
    expect([status, json.code]).toEqual([422, 'template_refused']);
    expect(json.problems.map(({ code }: { code: string }) => code)).toEqual(
      expect.arrayContaining(['pressing', 'unknown_name', 'html', 'missing_notice', 'one_action']),
    );
    expect((await hr.send('PUT', API, { reason: '試し' })).status).toBe(400);
    expect((await hr.send('PUT', API, { ...good, subject: '1234 5678 9018', reason: 'x' })).json.code).toBe(
      'individual_number',
    );
  });

  test('nothing changes without the token of the session', async () => {
    const { cookie } = hr;
    const headers = { cookie: cookie!, 'content-type': 'application/json' };
    const tries = [
      ['PUT', API, { ...good, reason: 'x' }],
      ['POST', PAGE, { ...good, reason: 'x' }],
      ['POST', `${PAGE}/preview`, good],
      ['POST', `${PAGE}/versions/1/restore`, { reason: 'x' }],
    ] as const;
    for (const [method, url, body] of tries) {
      const answer = await city.nobody.send(method, url, body, headers);
      expect([url, answer.status]).toEqual([url, 403]);
    }
    expect((await hr.get(API)).json.version).toBe(1);
  });
});
