import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { everything, type Role } from '../../src/access/scope.js';
import { UserAdminService } from '../../src/access/user-admin.service.js';
import { UserService } from '../../src/access/user.service.js';
import { Caller, startCity, type City } from '../support/api-city.js';

/** A bureau of four sections, two of which say too much about a few people; the month is closed. */
const UNITS = [
  '所属コード,所属名,上位所属コード,種別',
  '00,見本市,,市',
  '10,総務局,00,局',
  '11,人事課,10,課',
  '12,秘書課,10,課',
  '13,会計課,10,課',
  '14,税務課,10,課',
  '20,市民局,00,局',
  '21,市民課,20,課',
];
const SIZES: [unit: string, people: number, held: number][] = [
  ['10', 6, 0],
  ['11', 40, 20],
  ['12', 3, 2],
  ['13', 20, 10],
  ['14', 30, 12],
  ['21', 50, 30],
];
const people = SIZES.flatMap(([unit, count, held], section) =>
  Array.from({ length: count }, (_, n) => ({
    number: String((section + 1) * 1000 + n).padStart(7, '0'),
    unit,
    holds: n < held,
  })),
);

let city: City;
let hr: Caller;
let leader: Caller;

beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  leader = await city.caller('leader');
  const roster = people.map(({ number, unit }) => `${number},見本 ${Number(number)}号,${unit}`);
  await take(
    'roster',
    { field: 'file', content: ['職員番号,氏名,所属コード', ...roster].join('\n'), fileName: 'meibo.csv' },
    { field: 'units', content: UNITS.join('\n'), fileName: 'shozoku.csv' },
    { field: 'asOf', content: '2022-10-02' },
    { field: 'confirmDepartures', content: '26' },
  );
  const held = people.filter(({ holds }) => holds).map(({ number }) => `${number},保有,2022-10-02`);
  await take('status', {
    field: 'file',
    content: ['職員番号,取得状況,基準日', ...held].join('\n'),
    fileName: 'shutoku.csv',
  });
  expect((await hr.post('/api/v1/months/2022-10/close')).status).toBe(200);
});
afterAll(() => city?.close());

async function take(kind: string, ...parts: Parameters<Caller['upload']>[1][]): Promise<void> {
  const preview = await hr.upload(`/api/v1/imports/${kind}`, ...parts);
  const applied = await hr.post(`/api/v1/imports/${preview.json.id}/apply`, { confirmDepartures: 26 });
  if (applied.status !== 200) throw new Error(`${preview.text} ${applied.text}`);
}

/** Somebody with several grants. */
async function callerWith(
  name: string,
  ...[first, ...others]: { role: Role; unitCode?: string }[]
): Promise<Caller> {
  const password = 'kaze-to-umi-7';
  await city.app.get(UserService).add({ name, password, ...first! }, 'test');
  for (const grant of others) await city.app.get(UserAdminService).grant(everything('test'), name, grant);
  const { headers, json } = await city.nobody.post('/api/v1/session', { name, password });
  return new Caller(city.app, String(headers['set-cookie']).split(';')[0]!, json.csrfToken as string);
}

async function html(caller: Caller, url: string): Promise<string> {
  const { status, text } = await caller.get(url);
  expect([url, status]).toEqual([url, 200]);
  return text.replaceAll('&#x3D;', '=');
}

function textOf(html: string): string {
  return html
    .replace(/<(svg|style)[^]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');
}

describe('leadership goes down into the departments', () => {
  test('from the whole over a bureau to its sections, by links', async () => {
    const whole = await html(leader, '/');
    expect(whole).toContain('href="/units/10?asOf=2022-10-31"');
    const bureau = await html(leader, '/units/10?asOf=2022-10-31');
    expect(textOf(bureau)).toContain('職員の保有率は44.4%、目標まで残り55人');
    expect(bureau).toContain('href="/units/11?asOf=2022-10-31"');
    expect(textOf(bureau)).toContain('締めた月の末日の数字です');
    const section = await html(leader, '/units/11?asOf=2022-10-31');
    expect(textOf(section)).toContain('職員の保有率は50.0%、目標まで残り20人');
    expect(section).not.toContain('id="h-dept"');
    // Back up along the way that leads to it.
    for (const href of ['/units/00?', '/units/10?']) expect(section).toContain(`href="${href}asOf`);
  });

  test('a section of three is hidden, and with it another one, so that nothing follows by subtraction', async () => {
    const { text } = await leader.get('/units/10');
    expect(textOf(text)).toMatch(/少人数のため表示しません\(「ほか2所属」に合算\): .*秘書課/);
    expect(text).not.toMatch(/<th[^>]*>(<a[^>]*>)?秘書課/);
    expect(text).not.toContain('href="/units/12');
  });

  test('a hidden section, one elsewhere and one that does not exist answer alike', async () => {
    const answers = [];
    for (const code of ['12', '99']) {
      const { status, text } = await leader.get(`/units/${code}`);
      answers.push(`${status} ${text.replace(/[0-9a-f-]{36}/g, '').replaceAll(`/units/${code}`, '')}`);
    }
    expect(answers[0]).toBe(answers[1]);
    expect(answers[0]).toMatch(/^404/);
  });

  test('no figure of any day that is not a closed month, none by status, no file of the table', async () => {
    for (const day of ['2022-11-10', '2022-10-30'])
      expect((await leader.get(`/units/10?asOf=${day}`)).status).toBe(404);
    const { text } = await leader.get('/units/10');
    expect(textOf(text)).not.toMatch(/申請中|未申請|失効・返納|見本 \d+号/);
    expect(text).not.toContain('children.csv');
    expect((await leader.get('/units/10/children.csv')).status).toBe(403);
  });

  test('what happens after the close changes nothing that leadership sees', async () => {
    const pages = ['/', '/units/10', '/units/11', '/units/21'];
    const see = () => Promise.all(pages.map(async (page) => (await leader.get(page)).text));
    const before = await see();
    const status = { status: 'lapsed', on: '2022-10-20' };
    expect((await hr.post('/api/v1/staff/0002000/card-events', status)).status).toBe(201);
    expect(await see()).toEqual(before);
  });

  test('a leader of a bureau sees its part, and not the rest', async () => {
    const part = await city.caller('leader', '10');
    expect(textOf((await part.get('/')).text)).toContain('総務局 2022年10月31日時点');
    expect((await part.get('/units/11')).status).toBe(200);
    for (const code of ['00', '20', '21']) expect((await part.get(`/units/${code}`)).status).toBe(404);
  });

  test('a leader of a section that is too small is told so', async () => {
    const part = await city.caller('leader', '12');
    const { status, text } = await part.get('/');
    expect(status).toBe(200);
    expect(textOf(text)).toContain('少人数のため、この所属の数字は表示しません');
  });

  test('a leader of two parts finds the way to both', async () => {
    const caller = await callerWith(
      'two-parts',
      { role: 'leader', unitCode: '11' },
      { role: 'leader', unitCode: '21' },
    );
    expect(await html(caller, '/')).toContain(
      'ほかに見られる所属: <a href="/units/21?asOf=2022-10-31">市民課</a>',
    );
  });
});

test('HR of one section who leads the whole sees the live figures of that section, and the whole as leaders do', async () => {
  const caller = await callerWith('hr-and-leader', { role: 'hr', unitCode: '11' }, { role: 'leader' });
  const whole = (await caller.get('/')).text;
  expect(textOf(whole)).toContain('締めた月の末日の数字です');
  expect(whole).not.toContain('残り72人の内訳');
  expect(textOf((await caller.get('/units/10')).text)).toContain('締めた月の末日の数字です');
  const own = textOf((await caller.get('/units/11')).text);
  expect(own).toContain('見本 2001号');
  expect(own).not.toContain('締めた月の末日の数字です');
  expect(textOf((await caller.get('/units')).text)).not.toMatch(/秘書課|市民課/);
});
