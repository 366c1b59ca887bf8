import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readAreaList } from '../../src/adoption/area-list.js';
import { AreaMatcher } from '../../src/adoption/area-match.js';
import { readCitizensFile } from '../../src/adoption/citizens-file.js';
import { projectRoot } from '../../src/platform/project-root.js';

const TODAY = '2025-12-05';
const OCTOBER = join(projectRoot, 'seed', 'citizens', '20221031');
const FIXTURES = join(projectRoot, 'test', 'fixtures', 'citizens');

let matcher: AreaMatcher;
let folder: string;
beforeAll(async () => {
  matcher = new AreaMatcher(await readAreaList());
  folder = await mkdtemp(join(tmpdir(), 'citizens-'));
});
afterAll(() => rm(folder, { recursive: true }));

const read = (path: string, name = 'table.csv') => readCitizensFile({ name, path }, matcher, TODAY);

/** A table as somebody might have put it together. */
async function readText(text: string) {
  const path = join(folder, 'table.csv');
  await writeFile(path, text);
  return read(path);
}
const HEADER =
  '都道府県名,市区町村名,総数（人口）,交付枚数,人口に対する交付枚数率,交付件数基準日,団体コード\n';
const wide = (...lines: string[]) => readText(HEADER + lines.join('\n'));
const codesOf = ({ reading }: Awaited<ReturnType<typeof read>>) =>
  reading.problems.map((problem) => problem.code);

describe("総務省's table, scraped to CSV", () => {
  test('of municipalities: every line is matched, checked and dated', async () => {
    const { reading, figures } = await read(join(OCTOBER, 'all_localgovs.csv'));
    expect(reading).toMatchObject({
      encoding: 'UTF-8',
      headerRow: 1,
      rows: 1741,
      problemCount: 0,
      warnings: [],
    });
    expect(figures).toHaveLength(1741);
    expect(figures.filter((figure) => figure.areaCode === null)).toEqual([]);
    expect(figures.find((figure) => figure.name === '金沢市')).toEqual({
      row: expect.any(Number),
      areaCode: '172014',
      prefecture: '石川県',
      name: '金沢市',
      metric: 'issued',
      asOf: '2022-10-31',
      cards: 208794,
      population: 448702,
      populationAsOf: '2022-01-01',
      rate: 46.5,
    });
    expect(figures.find((figure) => figure.name === '加賀市')).toMatchObject({
      areaCode: '172065',
      rate: 77.7,
    });
    expect(figures.find((figure) => figure.name === '三宅村')).toMatchObject({ areaCode: '133817' });
  });

  test('of prefectures, whose date column has another name', async () => {
    const { figures } = await read(join(OCTOBER, 'all_prefectures.csv'));
    expect(figures).toHaveLength(47);
    expect(figures.find((figure) => figure.name === '石川県')).toMatchObject({
      areaCode: '170003',
      asOf: '2022-10-31',
      cards: 580072,
      population: 1124501,
      rate: 51.6,
    });
  });

  test('of kinds of municipalities: only the nation is an area', async () => {
    const { figures } = await read(join(OCTOBER, 'summary_by_types.csv'));
    expect(figures).toEqual([
      expect.objectContaining({ areaCode: '000000', cards: 64384833, population: 125927902, rate: 51.1 }),
    ]);
  });
});

const workbook = () => read(join(FIXTURES, 'owned-2025-08.xlsx'), 'owned-2025-08.xlsx');

describe("総務省's workbook", () => {
  test('is read from its published sheet, whatever stands above the header', async () => {
    const { reading, figures } = await workbook();
    expect(reading).toMatchObject({ encoding: 'XLSX', headerRow: 17, problemCount: 0 });
    expect(figures.find((figure) => figure.name === '金沢市')).toMatchObject({
      areaCode: '172014',
      metric: 'owned',
      asOf: '2025-08-31',
      cards: 351900,
      population: 443200,
      populationAsOf: '2025-01-01',
      rate: 79.4,
    });
  });

  test('has no codes: names find the areas, and an unknown name is reported', async () => {
    const { reading, figures } = await workbook();
    const codes = new Map(figures.map((figure) => [`${figure.prefecture}${figure.name}`, figure.areaCode]));
    expect(Object.fromEntries(codes)).toMatchObject({
      全国全国: '000000',
      北海道伊達市: '012335',
      福島県伊達市: '072133',
      '埼⽟県⼾⽥市': '112241',
      石川県内灘町: '173657',
      高知県梼原町: '394050',
      福岡県須惠町: '403440',
      石川県架空市: null,
    });
    expect(reading.warnings.map(({ code, row }) => [code, row])).toEqual([['unmatched_area', 24]]);
  });

  test('gives prefectures in a smaller table above the municipalities', async () => {
    const { figures } = await workbook();
    expect(figures.filter((figure) => figure.areaCode === '170003')).toEqual([
      expect.objectContaining({ metric: 'owned', asOf: '2025-08-31', cards: 874100, rate: 79.8 }),
    ]);
    expect(figures.filter((figure) => figure.areaCode === '000000')).toHaveLength(1);
  });

  test('may hold a percentage whose twelve decimals look like an individual number', async () => {
    const { figures } = await workbook();
    expect(3297 / 4096).toBe(0.804931640625); // these decimals pass the check digit
    expect(figures.find((figure) => figure.name === '梼原町')).toMatchObject({ rate: 80.5 });
  });
});

describe("デジタル庁's long CSV", () => {
  test('without areas is about the nation, months are month ends, other indicators are left out', async () => {
    const { reading, figures } = await read(join(FIXTURES, 'long-nation.csv'));
    expect(reading.problemCount).toBe(0);
    expect(
      figures.map(({ areaCode, metric, asOf, cards, rate }) => [areaCode, metric, asOf, cards, rate]),
    ).toEqual([
      ['000000', 'owned', '2025-02-28', 97340000, 78.3],
      ['000000', 'owned', '2025-05-31', 98220000, 79],
    ]);
    expect(reading.warnings.map((warning) => warning.code)).toEqual(['unused_indicator', 'no_rate']);
  });

  test('with areas keeps the two metrics apart', async () => {
    const { reading, figures } = await read(join(FIXTURES, 'long-areas.csv'));
    expect(reading).toMatchObject({ encoding: 'CP932', problemCount: 0 });
    expect(
      figures.map(({ areaCode, metric, cards, population, rate }) => [
        areaCode,
        metric,
        cards,
        population,
        rate,
      ]),
    ).toEqual([
      ['172014', 'issued', 371000, 443200, 83.7],
      ['172014', 'owned', 349100, 443200, 78.8],
      ['170003', 'owned', null, null, 79.2],
      ['000000', 'owned', null, null, 79],
      [null, 'owned', null, null, 70],
    ]);
  });

  test('that says two things about one month is refused', async () => {
    const reading = await readText('年月,指標名,値\n2025/5/1,保有枚数率,79.0\nMay-25,保有枚数率,79.1\n');
    expect(codesOf(reading)).toEqual(['duplicate_figure']);
  });
});

describe('a table is refused', () => {
  test.each([
    [
      'when the rate is not cards by population',
      '石川県,金沢市,448702,208794,48.5,2022/10/31,172014',
      'rate_mismatch',
    ],
    [
      'when there are far more cards than people',
      '石川県,金沢市,44870,208794,465.3,2022/10/31,172014',
      'implausible',
    ],
    ['when the code is another place', '石川県,金沢市,448702,208794,46.5,2022/10/31,172065', 'code_mismatch'],
    ['when the date is years ahead', '石川県,金沢市,448702,208794,46.5,2032/10/31,172014', 'bad_date'],
    ['when the date does not exist', '石川県,金沢市,448702,208794,46.5,2022/10/32,172014', 'bad_date'],
    ['when a number is none', '石川県,金沢市,約45万,208794,46.5,2022/10/31,172014', 'bad_number'],
    [
      'when a cell holds an individual number',
      '石川県,金沢市,448702,123456789018,46.5,2022/10/31,172014',
      'individual_number',
    ],
    [
      'even in the column of rates',
      '石川県,金沢市,448702,208794,123456789018,2022/10/31,172014',
      'individual_number',
    ],
  ])('%s', async (_when, line, code) => {
    const reading = await wide(line);
    expect(codesOf(reading)).toEqual([code]);
    expect(reading.reading.problems[0]).toMatchObject({ row: 2, column: expect.stringMatching(/./) });
    expect(JSON.stringify(reading)).not.toContain('123456789018');
  });

  test('when nothing says which day it is about', async () => {
    const reading = await readText(
      '都道府県名,市区町村名,人口,保有枚数,保有枚数率\n石川県,金沢市,443200,351900,79.4\n',
    );
    expect(codesOf(reading)).toEqual(['missing_date']);
  });

  test('when the date in its header is no date that cards were counted on', async () => {
    const reading = await readText(
      '都道府県名,市区町村名,人口,保有枚数（H7.8末）,保有枚数率\n石川県,金沢市,443200,351900,79.4\n',
    );
    expect(codesOf(reading)).toEqual(['bad_date']);
    expect(reading.reading.problems[0]).toMatchObject({ row: 1, read: '1995-08-31' });
  });

  test('when it is none of the published tables', async () => {
    expect(codesOf(await readText('氏名,住所\n見本 花子,石川県\n'))).toContain('missing_column');
  });

  test('when no figure is in it', async () => {
    expect(codesOf(await readText('年月,指標名,値\n2025/5/1,マイナ保険証_利用登録率,0.91\n'))).toEqual([
      'no_figures',
    ]);
  });
});

describe('a table may', () => {
  test('lack the code or carry one that is none', async () => {
    const { reading, figures } = await wide('石川県,金沢市,"448,702","208,794",46.5％,令和4年10月31日,<NA>');
    expect(reading.problemCount).toBe(0);
    expect(figures[0]).toMatchObject({ areaCode: '172014', cards: 208794, rate: 46.5, asOf: '2022-10-31' });
  });

  test('hold both metrics', async () => {
    const { figures } = await readText(
      '都道府県名,市区町村名,人口（R5.1.1時点）,交付枚数（R5.6末時点）,交付枚数率,保有枚数（R5.6末時点）,保有枚数率\n' +
        '全国,,125927902,93060433,73.9%,88155973,70.0%\n',
    );
    expect(figures.map(({ metric, asOf, rate }) => [metric, asOf, rate])).toEqual([
      ['issued', '2023-06-30', 73.9],
      ['owned', '2023-06-30', 70],
    ]);
  });

  test('be dated after today, with a warning', async () => {
    const { reading, figures } = await wide('石川県,金沢市,448702,208794,46.5,2025/12/31,172014');
    expect(reading).toMatchObject({ problemCount: 0, warnings: [{ row: 2, code: 'future_date' }] });
    expect(figures).toHaveLength(1);
  });

  test('carry its date in a title only', async () => {
    const { figures } = await readText(
      'マイナンバーカード保有状況（令和元年9月末時点）\n都道府県名,市区町村名,人口,保有枚数,保有枚数率\n石川県,金沢市,443200,351900,79.4\n',
    );
    expect(figures[0]).toMatchObject({ asOf: '2019-09-30', populationAsOf: null });
  });
});
