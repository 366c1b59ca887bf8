import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type Caller, type City } from '../support/api-city.js';
import { expectProblem } from '../support/problem.js';

let city: City;
let hr: Caller;
beforeAll(async () => {
  city = await startCity();
  hr = await city.caller('hr');
  // One had applied, one had never answered, and one of those who hold a card gives it back.
  for (const [number, status] of [
    ['0000007', 'held'],
    ['0000008', 'held'],
    ['0000001', 'lapsed'],
  ]) {
    const recorded = await hr.post(`/api/v1/staff/${number}/card-events`, { status, on: '2022-11-05' });
    expect(recorded.status).toBe(201);
  }
});
afterAll(() => city.close());

const DAYS = 'from=2022-10-31&to=2022-11-10';

describe('why a rate changed', () => {
  test('is told HR by parts that add up', async () => {
    const { json } = await hr.get(`/api/v1/units/11/changes?${DAYS}`);
    expect(json).toMatchObject({
      unit: { code: '11', name: '人事課' },
      before: { staff: 12, held: 6, applied: 1, rate: 50, definition: { version: 1 } },
      after: { staff: 12, held: 7, applied: 0, lapsed: 1, rate: 58.3 },
      rate: { before: 50, afterAnswers: 58.3, after: 58.3, byAnswers: 8.3, byFlows: 0, byDefinition: 0 },
    });
    const told = json.parts.filter(({ people }: { people: number }) => people > 0);
    expect(told).toMatchObject([
      { part: 'new_card', people: 1, staff: 0, held: 1, applied: -1 },
      { part: 'newly_answered', people: 1, staff: 0, held: 1, unanswered: -1 },
      { part: 'lapsed', people: 1, staff: 0, held: -1, lapsed: 1 },
    ]);
  });

  test('is a sum on a page that the unit’s page leads to', async () => {
    const unit = await hr.get('/units/11?asOf=2022-11-10');
    expect(unit.text).toContain('/units/11/changes?');
    const { text } = await hr.get(`/units/11/changes?${DAYS}`);
    expect(text).toContain('保有率は50.0%から58.3%へ(+8.3ポイント)');
    expect(text).toContain('人の増減がなければ58.3%');
    const rows = [
      ...text.matchAll(/<tr><th scope="row">([^<]+)<\/th>(?:<td class="num">([^<]+)<\/td>){2}<\/tr>/g),
    ];
    expect(rows.map(([, label, held]) => [label, held])).toEqual([
      ['2022年10月31日', '6'],
      ['新しく取得', '+1'],
      ['新しく回答(未回答・回答しないから)', '+1'],
      ['失効・返納など', '−1'],
      ['2022年11月10日', '7'],
    ]);
  });

  test('is told managers by who came and went alone', async () => {
    const manager = await city.caller('manager', '11');
    const { json } = await manager.get(`/api/v1/units/11/changes?${DAYS}`);
    expect(json).toMatchObject({ before: { staff: 12, held: 6 }, after: { staff: 12, held: 7 }, rate: null });
    expect(json.parts.map((part: object) => Object.keys(part))).toEqual(
      Array.from({ length: 10 }, () => ['part', 'people', 'staff']),
    );
    const { text } = await manager.get(`/units/11/changes?${DAYS}`);
    expect(text).toContain('保有の内訳は表示しません');
    expect(text).not.toMatch(/新しく取得<|未回答<|新しく回答\(/);
  });

  test('is not told leaders and auditors', async () => {
    for (const role of ['leader', 'auditor'] as const) {
      const reader = await city.caller(role);
      expectProblem(await reader.get(`/api/v1/units/11/changes?${DAYS}`), 403);
      expect((await reader.get(`/units/11/changes?${DAYS}`)).status).toBe(403);
    }
  });

  test('is asked for an earlier and a later day', async () => {
    expectProblem(await hr.get('/api/v1/units/11/changes?from=2022-11-10&to=2022-10-31'), 400, 'bad_period');
    expectProblem(await hr.get('/api/v1/units/11/changes?from=2022-10'), 400, 'bad_request');
  });
});

describe('what became of a closed month', () => {
  test('stands beside what was reported, unit by unit, for HR alone', async () => {
    expect((await hr.post('/api/v1/months/2022-10/close')).status).toBe(200);
    const same = await hr.get('/reports/2022-10/restatement');
    expect(same.text).toContain('締めた数字といまの記録は同じです');
    const late = { status: 'held', on: '2022-10-20' };
    expect((await hr.post('/api/v1/staff/0000009/card-events', late)).status).toBe(201);

    const { json } = await hr.get('/api/v1/months/2022-10/restatement');
    expect(json).toMatchObject({ month: '2022-10', version: 1, asOf: '2022-10-31' });
    expect(json.units).toHaveLength(3);
    expect(json.units[2]).toMatchObject({
      unit: { code: '11' },
      reported: { staff: 12, held: 6, unanswered: 5, rate: 50 },
      recounted: { staff: 12, held: 7, unanswered: 4, rate: 58.3 },
    });
    const list = await hr.get('/reports');
    expect(list.text).toContain('締めたあとの訂正を反映すると 53.8% 14 / 26人');
    expect(list.text).toContain('href="/reports/2022-10/restatement"');
    const page = await hr.get('/reports/2022-10/restatement');
    expect(page.text).toContain('3つの所属で、締めた数字といまの記録が違います');
    expect(page.text).toContain('保有 +1人、未回答 −1人');
    const leader = await city.caller('leader');
    expect((await leader.get('/reports')).text).not.toContain('/restatement');
    expectProblem(await leader.get('/api/v1/months/2022-10/restatement'), 403);
  });
});
