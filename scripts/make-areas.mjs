/**
 * Writes seed/areas.csv: the nation, the 47 prefectures and the 1,741 municipalities (special wards included) with
 * their codes (全国地方公共団体コード), from the published table of 2022-10-31 in seed/citizens/20221031.
 * Municipalities are named as the code list names them, without their county: 内灘町, not 河北郡内灘町.
 * Run it again when municipalities were merged or renamed: `node scripts/make-areas.mjs`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

const seed = join(dirname(dirname(fileURLToPath(import.meta.url))), 'seed');
const SOURCE = join(seed, 'citizens', '20221031');

/** The table lost these two codes: it says <NA>. */
const LOST_CODES = { 三宅村: '133817', 八丈町: '134015' };

const read = (name) => parse(readFileSync(join(SOURCE, name)), { bom: true, columns: true });

function checkDigit(fiveDigits) {
  const sum = [6, 5, 4, 3, 2].reduce((sum, weight, i) => sum + weight * Number(fiveDigits[i]), 0);
  return String((11 - (sum % 11)) % 10);
}

function verified(code, name) {
  if (!/^\d{6}$/.test(code) || code[5] !== checkDigit(code))
    throw new Error(`${name}: ${code} is not a code`);
  return code;
}

const prefectures = read('all_prefectures.csv').map((row, i) => {
  const base = `${String(i + 1).padStart(2, '0')}000`;
  return { code: base + checkDigit(base), name: row['都道府県名'] };
});
if (prefectures.length !== 47) throw new Error(`${prefectures.length} prefectures`);

const municipalities = read('all_localgovs.csv').map((row) => {
  const name = row['市区町村名'].replace(/^.+?郡(?=.+[町村]$)/, '');
  const code = row['団体コード'] === '<NA>' ? LOST_CODES[name] : row['団体コード'].padStart(6, '0');
  verified(code, name);
  const prefecture = row['都道府県名'];
  if (prefectures[Number(code.slice(0, 2)) - 1].name !== prefecture)
    throw new Error(`${code} is not in ${prefecture}`);
  return { code, prefecture, name };
});
if (new Set(municipalities.map((m) => m.code)).size !== municipalities.length)
  throw new Error('a code stands twice');

const rows = [
  ['000000', 'nation', '', '全国'],
  ...prefectures.map(({ code, name }) => [code, 'prefecture', name, name]),
  ...municipalities.map(({ code, prefecture, name }) => [code, 'municipality', prefecture, name]),
];
writeFileSync(
  join(seed, 'areas.csv'),
  stringify(rows, { header: true, columns: ['code', 'kind', 'prefecture', 'name'] }),
);
console.log(`${rows.length} areas`);
