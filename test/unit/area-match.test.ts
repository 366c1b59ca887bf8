import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { readAreaList } from '../../src/adoption/area-list.js';
import { AreaMatcher, foldName, readCode, type Area, type AreaKind } from '../../src/adoption/area-match.js';
import { projectRoot } from '../../src/platform/project-root.js';

let areas: Area[];
let matcher: AreaMatcher;

beforeAll(async () => {
  areas = await readAreaList();
  matcher = new AreaMatcher(areas);
});

const municipality = (prefecture: string, name: string) => matcher.municipality(prefecture, name)?.code;

describe('the areas of the country', () => {
  test('are the nation, 47 prefectures and 1,741 municipalities', () => {
    const ofKind = (kind: AreaKind) => areas.filter((area) => area.kind === kind).length;
    expect([ofKind('nation'), ofKind('prefecture'), ofKind('municipality')]).toEqual([1, 47, 1741]);
    expect(new Set(areas.map((area) => area.code)).size).toBe(1789);
  });

  test('all 1,741 names of the published table find the area of their own code', () => {
    const table = join(projectRoot, 'seed', 'citizens', '20221031', 'all_localgovs.csv');
    const rows = parse(readFileSync(table), { bom: true, columns: true }) as Record<string, string>[];
    const wrong = rows.filter((row) => {
      const code = row['団体コード'] === '<NA>' ? undefined : row['団体コード']!.padStart(6, '0');
      const found = municipality(row['都道府県名']!, row['市区町村名']!);
      return found === undefined || (code !== undefined && found !== code);
    });
    expect(rows).toHaveLength(1741);
    expect(wrong).toEqual([]);
  });

  test('the two villages whose code the table lost have one', () => {
    expect(municipality('東京都', '三宅村')).toBe('133817');
    expect(municipality('東京都', '八丈町')).toBe('134015');
  });

  test('the nation and prefectures are found by name', () => {
    expect(matcher.region('全国')?.code).toBe('000000');
    expect(matcher.region('石川県')?.code).toBe('170003');
    expect(matcher.region('京都')?.code).toBe('260002');
    expect(matcher.region('町村')).toBeNull();
  });
});

describe('a municipality is found by its name in its prefecture', () => {
  test.each([
    ['with its county', '石川県', '河北郡内灘町', '173657'],
    ['without its county', '石川県', '内灘町', '173657'],
    ['in a prefecture written with radicals', '⽯川県', '⾦沢市', '172014'],
    ['with the radical that NFKC does not know', '島根県', '⻄ノ島町', '325261'],
    ['in a prefecture whose name broke in two', '埼⽟県', '⼾⽥市', '112241'],
    ['with full-width spaces in it', '石川県', '金 沢 市', '172014'],
    ['with the prefecture in front', '石川県', '石川県金沢市', '172014'],
    ['with a small ヶ', '千葉県', '鎌ヶ谷市', '122246'],
    ['with a large ケ', '埼玉県', '鶴ケ島市', '112411'],
    ['with a hiragana の', '北海道', '檜山郡上の国町', '013625'],
    ['in its old form', '三重県', '龜山市', '242101'],
    ['in its new form', '茨城県', '竜ケ崎市', '082082'],
    ['with a variation selector', '奈良県', '葛\u{E0100}城市', '292117'],
    ['under its former name', '兵庫県', '篠山市', '282219'],
    ['as the town it was', '福岡県', '筑紫郡那珂川町', '402311'],
    ['as the town that never became a city', '栃木県', '那須郡那珂川町', '094111'],
    ['with the usual simplification', '高知県', '高岡郡梼原町', '394050'],
    ['with the old character', '福岡県', '糟屋郡須惠町', '403440'],
    ['although its name holds the word county', '兵庫県', '赤穂郡上郡町', '284815'],
    ['although its name begins like a county', '奈良県', '大和郡山市', '292036'],
    ['in one of two prefectures: 伊達市', '北海道', '伊達市', '012335'],
    ['in the other prefecture: 伊達市', '福島県', '伊達市', '072133'],
    ['in one of two prefectures: 府中市', '東京都', '府中市', '132063'],
    ['in the other prefecture: 府中市', '広島県', '府中市', '342084'],
    ['town beside a city of the same name', '広島県', '安芸郡府中町', '343021'],
  ])('%s', (_how, prefecture, name, code) => {
    expect(municipality(prefecture, name)).toBe(code);
  });

  test('and never guessed', () => {
    expect(municipality('石川県', '金沢')).toBeUndefined();
    expect(municipality('富山県', '金沢市')).toBeUndefined();
    expect(municipality('石川県', '町村計')).toBeUndefined();
    expect(municipality('神奈川県', '横浜市金沢区')).toBeUndefined();
  });

  test('without a prefecture only where one municipality is called so', () => {
    expect(municipality('', '加賀市')).toBe('172065');
    expect(municipality('', '石川県加賀市')).toBe('172065');
    expect(municipality('', '福島県伊達市')).toBe('072133');
    expect(municipality('', '伊達市')).toBeUndefined();
    expect(municipality('', '那珂川町')).toBeUndefined();
  });

  test('folding a name twice changes nothing more', () => {
    for (const area of areas) expect(foldName(foldName(area.name))).toBe(foldName(area.name));
  });
});

describe('a code', () => {
  test('is taken with its leading zero lost, or without its check digit', () => {
    expect(readCode('172014')).toEqual(['172014']);
    expect(readCode('11002')).toContain('011002');
    expect(readCode('17201')).toContain('172014');
    expect(readCode('01100')).toContain('011002');
    expect(readCode('１７２０１４')).toEqual(['172014']);
  });

  test('with a wrong check digit, or <NA>, is none', () => {
    expect(readCode('172015')).toEqual([]);
    expect(readCode('<NA>')).toEqual([]);
    expect(readCode('')).toEqual([]);
  });
});
