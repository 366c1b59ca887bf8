import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/project-root.js';
import { documentOf, openCommandCity, type CommandCity } from '../support/command-city.js';

let city: CommandCity;

beforeAll(async () => {
  city = await openCommandCity();
  const day = join(projectRoot, 'seed', 'citizens', '20221031');
  const files = ['all_localgovs.csv', 'all_prefectures.csv', 'summary_by_types.csv'];
  await city.run('import', 'citizens', ...files.map((name) => join(day, name)));
  const about = ['--name', '金沢市', '--code', '172014', '--compare', '172065,000000'];
  await city.run('city', ...about, '--contact', '人事課 内線2345');
});
afterAll(() => city.close());

describe('figures', () => {
  test('rates have the fields of the contract', async () => {
    const rates = await city.json('rates', '--as-of', '2022-10-31');
    const counts = {
      staff: 4,
      held: 1,
      applied: 1,
      notApplied: 0,
      undisclosed: 1,
      unanswered: 1,
      lapsed: 0,
      exempt: 0,
      rate: 25,
      rateWithApplied: 50,
      rateWithoutExempt: 25,
      remaining: 3,
    };
    expect(rates).toMatchObject({
      ...counts,
      unit: { code: '00', name: '見本市', kind: '市' },
      asOf: '2022-10-31',
      goal: { rate: 100, by: null },
    });
    expect((rates.citizens as object[])[0]).toEqual({
      area: '金沢市',
      code: '172014',
      metric: 'issued',
      asOf: '2022-10-31',
      cards: 208_794,
      population: 448_702,
      rate: 46.5,
      differencePoints: -21.5,
    });
    const children = rates.children as Record<string, unknown>[];
    expect(children.map(({ unit, staff }) => [(unit as { code: string }).code, staff])).toEqual([
      ['10', 2],
      ['20', 2],
    ]);
    expect(Object.keys(children[0]!)).toEqual(expect.arrayContaining(Object.keys(counts)));
  });

  test('rates go to a unit, and as deep as asked', async () => {
    const [unit, deep] = await Promise.all([
      city.json('rates', '--unit', '11', '--as-of', '2022-10-31'),
      city.json('rates', '--depth', '2', '--as-of', '2022-10-31'),
    ]);
    expect(unit).toMatchObject({ unit: { code: '11' }, staff: 2, held: 1, rate: 50, children: [] });
    expect(deep.children).toMatchObject([
      { unit: { code: '10' }, children: [{ unit: { code: '11' }, staff: 2 }] },
      { unit: { code: '20' }, children: [{ unit: { code: '21' }, staff: 2 }] },
    ]);
  });

  test('--json stands before or after the command', async () => {
    const [before, after] = await Promise.all([
      city.run('--json', 'rates', '--as-of', '2022-10-31'),
      city.run('rates', '--as-of', '2022-10-31', '--json'),
    ]);
    expect(before.stdout).toBe(after.stdout);
  });

  test('people read a table', async () => {
    const { code, stdout } = await city.run('rates', '--as-of', '2022-10-31');
    expect(code).toBe(0);
    expect(stdout).toMatch(/見本市 .*保有率 25\.0%\(保有 1人 ÷ 在籍 4人\)/);
    expect(stdout).toContain('総務局');
  });

  test('trend gives month ends', async () => {
    expect(await city.json('trend', '--from', '2022-10', '--to', '2022-11')).toMatchObject({
      points: [
        { month: '2022-10', asOf: '2022-10-31', staff: 4, held: 1 },
        { month: '2022-11', asOf: '2022-11-10', staff: 4, held: 1 },
      ],
    });
  });
});

describe('changes between two days', () => {
  test('are told as a sum', async () => {
    const days = ['--from', '2022-09-30', '--to', '2022-10-31'];
    const [found, text] = [
      await city.json('changes', ...days),
      await city.run('changes', '--unit', '11', ...days),
    ];
    expect(found).toMatchObject({
      unit: { code: '00' },
      before: { staff: 0, held: 0, rate: null },
      after: { staff: 4, held: 1, rate: 25 },
    });
    const parts = found.parts as { part: string; people: number; staff: number; held: number }[];
    expect(parts.filter(({ people }) => people > 0)).toMatchObject([{ part: 'joined', staff: 4, held: 1 }]);
    expect(text.stdout).toMatch(/2022年9月30日 +0 +0 .*\n採用など +\+2 +\+1 .*\n2022年10月31日 +2 +1 /);
  });
});

describe('operation', () => {
  test('city and goal are set and shown', async () => {
    expect(await city.json('goal', '--rate', '95.5', '--by', '2023-03-31')).toEqual({
      rate: 95.5,
      by: '2023-03-31',
    });
    expect(await city.json('city')).toMatchObject({
      name: '金沢市',
      areaCode: '172014',
      compareCodes: ['172065', '000000'],
    });
    await city.run('goal', '--rate', '100');
  });
});

describe('who is counted', () => {
  const rules = ['--from', '2022-11-01', '--min-days', '40', '--reason', '継続して在籍する職員に限る'];

  test('is previewed, set, and named beside the figures', async () => {
    const preview = await city.run('definition', 'set', ...rules, '--dry-run');
    expect(preview.stdout).toContain('何も変更していません');
    expect(preview.stdout).toContain('2022年11月1日 在籍 4人 → 0人');
    expect((await city.run('rates')).stdout).toContain('集計定義 第1版(全員)');
    const set = await city.run('definition', 'set', ...rules, '--json');
    expect(JSON.parse(set.stdout)).toMatchObject({
      dryRun: false,
      definition: { version: 2, validFrom: '2022-11-01', minDays: 40 },
      effects: [{ asOf: '2022-11-01' }, { asOf: '2022-11-10', after: { staff: 4 } }],
    });
    expect((await city.run('rates')).stdout).toContain('集計定義 第2版(2022年11月1日から)');
    const trend = await city.run('trend', '--from', '2022-10', '--to', '2022-11', '--json');
    expect(JSON.parse(trend.stdout).points).toMatchObject([
      { definition: { version: 1, validFrom: null } },
      { definition: { version: 2, validFrom: '2022-11-01' } },
    ]);
    expect((await city.run('definition')).stdout).toContain('在籍が継続して40日以上の職員');
  });

  test('needs a reason', async () => {
    expect((await city.run('definition', 'set', '--from', '2022-11-01')).code).toBe(2);
  });
});

test('a month is closed once, and only then has reports', async () => {
  const out = join(city.folder, 'out');
  const early = await city.run('report', '2022-10', '--out', out, '--json');
  expect([early.code, documentOf(early).code]).toEqual([3, 'month_not_closed']);
  expect(await city.json('close', '2022-10')).toMatchObject({
    month: '2022-10',
    version: 1,
    staff: 4,
    held: 1,
    rate: 25,
  });
  const twice = await city.run('close', '2022-10', '--json');
  expect([twice.code, documentOf(twice).code]).toEqual([3, 'month_closed']);
  expect(await city.json('restatement', '2022-10')).toMatchObject({ version: 1, units: [] });
  expect((await city.run('restatement', '2022-10')).stdout).toContain('締めたあとの訂正はありません。');
  expect(await city.json('close', '2022-10', '--again')).toMatchObject({ version: 2 });
  const future = await city.run('close', '2022-11', '--json');
  expect([future.code, documentOf(future).code]).toEqual([3, 'month_not_over']);

  const taken = join(city.folder, 'taken');
  writeFileSync(taken, '');
  const inTheWay = await city.run('report', '2022-10', '--out', taken, '--format', 'csv', '--json');
  expect([inTheWay.code, documentOf(inTheWay).code]).toEqual([2, 'file_not_writable']);

  await city.json('report', '2022-10', '--out', out, '--format', 'csv, json');
  expect(readdirSync(out).toSorted()).toEqual(['mynumber-card-2022-10.csv', 'mynumber-card-2022-10.json']);
  const { files } = await city.json('report', '2022-10', '--out', out);
  expect(files).toHaveLength(4);
  expect(readFileSync(join(out, 'mynumber-card-2022-10.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  expect(readFileSync(join(out, 'mynumber-card-2022-10.xlsx')).subarray(0, 2).toString()).toBe('PK');
  expect(JSON.parse(readFileSync(join(out, 'mynumber-card-2022-10.json'), 'utf8'))).toMatchObject({
    month: '2022-10',
  });
});
