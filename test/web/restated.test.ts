import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { expectProblem } from '../support/problem.js';

/**
 * On 1 November 市民課 has gone from 市民局 to 総務局, and 人事課 has been replaced by 職員課; everybody stayed at the
 * desk. October is told in the organisation of October, and in that of 10 November.
 */
const UNITS = [
  '所属コード,所属名,上位所属コード,種別',
  '00,見本市,,市',
  '10,総務局,00,局',
  '12,職員課,10,課',
  '20,市民局,00,局',
  '21,市民課,10,課',
].join('\r\n');
const people = (unit: string, from: number, count: number) =>
  Array.from({ length: count }, (_, n) => `${String(from + n).padStart(7, '0')},見本 ${from + n}号,${unit}`);
const ROSTER = ['職員番号,氏名,所属コード', ...people('12', 1, 12), ...people('21', 101, 14)].join('\r\n');

let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  const preview = await hr.upload(
    '/api/v1/imports/roster',
    { field: 'file', content: ROSTER, fileName: 'meibo.csv' },
    { field: 'units', content: UNITS, fileName: 'shozoku.csv' },
    { field: 'asOf', content: '2022-11-01' },
  );
  const applied = await hr.post(`/api/v1/imports/${preview.json.id}/apply`);
  expect([applied.status, applied.json.problems]).toEqual([200, []]);
});
afterAll(() => city.close());

const OCTOBER = 'from=2022-10&to=2022-11';
const staffOf = (points: { staff: number; elsewhere?: number }[]) =>
  points.map(({ staff, elsewhere }) => [staff, elsewhere]);

describe('a trend across a reorganisation', () => {
  test('stands in the organisation of each month unless asked otherwise', async () => {
    const [office, citizens] = await Promise.all(
      ['10', '20'].map((code) => hr.get(`/api/v1/units/${code}/trend?${OCTOBER}`)),
    );
    expect(office!.json).toMatchObject({ tree: 'then', treeAsOf: null });
    expect(staffOf(office!.json.points)).toEqual([
      [12, undefined],
      [26, undefined],
    ]);
    expect(staffOf(citizens!.json.points)).toEqual([
      [14, undefined],
      [0, undefined],
    ]);
  });

  test('or wholly in that of today, and says whose unit is gone', async () => {
    const [whole, office, citizens, section] = await Promise.all(
      ['00', '10', '20', '12'].map((code) => hr.get(`/api/v1/units/${code}/trend?${OCTOBER}&tree=now`)),
    );
    expect(office!.json).toMatchObject({ tree: 'now', treeAsOf: '2022-11-10' });
    // The twelve of 人事課 stood below 総務局, in a unit that is no more.
    expect(staffOf(office!.json.points)).toEqual([
      [14, 12],
      [26, 0],
    ]);
    expect(staffOf(whole!.json.points)).toEqual([
      [26, 12],
      [26, 0],
    ]);
    expect(staffOf(citizens!.json.points)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(staffOf(section!.json.points)).toEqual([
      [0, 0],
      [12, 0],
    ]);
  });
});

describe('a table of a day before it', () => {
  const names = ({ units }: { units: { unit: { name: string }; staff: number }[] }) =>
    units.map(({ unit, staff }) => [unit.name, staff]);

  test('lists the units of that day, or those of today', async () => {
    const then = await hr.get('/api/v1/units/10/children?asOf=2022-10-31');
    expect([then.json.tree, then.json.treeAsOf, names(then.json)]).toEqual([
      'then',
      '2022-10-31',
      [['人事課', 12]],
    ]);
    const now = await hr.get('/api/v1/units/10/children?asOf=2022-10-31&tree=now');
    expect([now.json.tree, now.json.treeAsOf, names(now.json)]).toEqual([
      'now',
      '2022-11-10',
      [
        ['市民課', 14],
        ['職員課', 0],
      ],
    ]);
    const unit = await hr.get('/api/v1/units/10/adoption?asOf=2022-10-31&tree=now');
    expect(unit.json).toMatchObject({
      staff: 14,
      held: 7,
      tree: 'now',
      treeAsOf: '2022-11-10',
      elsewhere: 12,
    });
  });

  test('says on the page and in the file which it is', async () => {
    const then = await hr.get('/units/10?asOf=2022-10-31');
    expect(then.text).toContain(
      'href="/units/10?asOf&#x3D;2022-10-31&amp;tree&#x3D;now">現在の組織に組み替え',
    );
    expect(then.text).toContain('課別の保有率、当時の組織。');
    const now = await hr.get('/units/10?asOf=2022-10-31&tree=now');
    expect(now.text).toContain('<title>総務局(現在の組織(2022年11月10日)に組み替え)');
    expect(now.text).toContain('現在の組織に組み替えた数字です');
    expect(now.text).toContain('課別の保有率、現在の組織(2022年11月10日)に組み替え。');
    expect(now.text).toContain('現在はない所属にいた12人は、全体の数字だけに含みます');
    // The list of people is that of the day: it would not match.
    expect([then.text.includes('職員 12人'), now.text.includes('見本 101号')]).toEqual([true, false]);
    const csv = await hr.get('/units/10/children.csv?asOf=2022-10-31&tree=now');
    expect(String(csv.headers['content-disposition'])).toContain('units-2022-10-31-restated.csv');
    expect(csv.text).toContain(
      '保有率(%),集計定義,組織の時点\r\n2022-10-31,21,市民課,7,7,14,50.0,第1版(全員),2022-11-10\r\n',
    );
  });
});

describe('restated figures', () => {
  test('are a manager’s for the units that are the own today, and no others', async () => {
    const [office, citizens] = await Promise.all(['10', '20'].map((code) => city.caller('manager', code)));
    const restated = (caller: Caller, code: string) =>
      caller.get(`/api/v1/units/${code}/trend?${OCTOBER}&tree=now`);
    expect(staffOf((await restated(office!, '21')).json.points)).toEqual([
      [14, 0],
      [14, 0],
    ]);
    expectProblem(await restated(citizens!, '21'), 404, 'unit_not_found');
    expect((await restated(office!, '21')).text).not.toContain('unanswered');
  });

  test('are not for leaders and auditors, who see closed months as they were', async () => {
    for (const role of ['leader', 'auditor'] as const) {
      const reader = await city.caller(role);
      for (const question of [`trend?${OCTOBER}&`, 'children?', 'adoption?'])
        expectProblem(
          await reader.get(`/api/v1/units/10/${question}tree=now`),
          403,
          'restatement_not_published',
        );
      const page = await reader.get('/units/10?tree=now');
      expect([page.status, page.text.includes('引き算で少人数の状況が分かる')]).toEqual([403, true]);
    }
  });

  test('are asked for as then or now, and nothing else', async () => {
    expect((await hr.get('/api/v1/units/10/children?tree=soon')).status).toBe(400);
  });
});
