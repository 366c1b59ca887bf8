import { DAYS, ROSTERS } from './figures.mjs';
import { fullWidth, spell } from './dates.mjs';
import { halfWidthKana } from './names.mjs';
import { CHANGES } from './unit-list.mjs';

const NOTE = 'この名簿の氏名・番号・アドレスはすべて架空のものです';
const REMARKS = [
  '育児短時間勤務',
  '育児短時間勤務, 週4日',
  '部分休業',
  '派遣研修中',
  '再度任用',
  '休職中, 復職予定あり',
];
const SECONDARY = 60;

/** What an export of each system looks like: its titles, its headers (and the field each one holds) and its habits. */
const LAYOUTS = {
  'meibo_r031101.csv': {
    titles: ['金沢市 職員名簿(見本)', '令和3年11月1日現在', `※${NOTE}`],
    columns: {
      職員NO: 'number',
      '氏名(漢字)': 'name',
      カナ: 'kana',
      所属CD: 'unit',
      メールアドレス: 'mail',
      任用区分: 'employment',
      所属長: 'manager',
      '本務・兼務': 'primary',
      採用日: 'hired',
      備考: 'remark',
    },
    padded: true,
    halfKana: true,
    dates: ['wareki', 'wareki', 'wareki', 'wideWareki'],
    notes: ['以上'],
  },
  'meibo_r040401.csv': {
    titles: [`金沢市 職員名簿(見本) ${NOTE}`, '令和4年4月1日現在 定期人事異動後'],
    columns: {
      所属コード: 'unit',
      職員番号: 'number',
      氏名: 'name',
      フリガナ: 'kana',
      雇用区分: 'employment',
      本務兼務: 'primary',
      所属長: 'manager',
      採用年月日: 'hired',
      発令年月日: 'placed',
      メールアドレス: 'mail',
      備考: 'remark',
    },
    blankAfterTitles: true,
    dates: ['slashes', 'shortSlashes', 'slashes', 'wide'],
    managerMark: '1',
    notes: ['※ 所属長は各所属1名です。', '以上'],
  },
  'meibo_hoiku_r040501.csv': {
    titles: ['保育部 職員名簿(見本) 令和4年5月1日現在', NOTE],
    columns: {
      職員番号: 'number',
      氏名: 'name',
      フリガナ: 'kana',
      所属コード: 'unit',
      所属名: 'unitName',
      雇用区分: 'employment',
      所属長: 'manager',
      採用年月日: 'hired',
      メールアドレス: 'mail',
    },
    dates: ['kanji', 'letter'],
    notes: ['以上'],
  },
  'meibo_kigyo_r040601.csv': {
    titles: [`企業局 職員一覧(見本) ${NOTE}`],
    columns: {
      職員NO: 'number',
      氏名: 'name',
      カナ: 'kana',
      所属CD: 'unit',
      所属名: 'unitName',
      任用区分: 'employment',
      採用日: 'hired',
      所属長: 'manager',
      'E-mail': 'mail',
    },
    halfKana: true,
    dates: ['letter'],
    notes: [],
  },
  'meibo_byoin_r040801.csv': {
    titles: ['市立病院 職員名簿(見本)', '令和4年8月1日現在', NOTE],
    columns: {
      職員番号: 'number',
      氏名: 'name',
      フリガナ: 'kana',
      所属コード: 'unit',
      雇用区分: 'employment',
      所属長: 'manager',
      採用年月日: 'hired',
      メールアドレス: 'mail',
      備考: 'remark',
    },
    padded: true,
    dates: ['iso', 'slashes'],
    notes: ['※ 非常勤医師を除きます。', '以上'],
  },
  'meibo_r041001.csv': {
    titles: ['金沢市 職員名簿(見本)', '令和4年10月1日現在', '出力日 2022/10/03 09:12 人事課', NOTE],
    columns: {
      職員番号: 'number',
      '氏名(漢字)': 'name',
      フリガナ: 'kana',
      所属CD: 'unit',
      任用区分: 'employment',
      所属長: 'manager',
      本務兼務: 'primary',
      採用年月日: 'hired',
      メールアドレス: 'mail',
      備考: 'remark',
    },
    padded: true,
    halfKana: true,
    dates: ['letter', 'slashes', 'kanji', 'wide', 'wareki'],
    notes: ['※ 育児休業中・休職中の職員を含みます。', '以上'],
  },
};

/** The rows of each roster file, ready to be written. */
export function rosterFiles(people, units, chance) {
  const codes = Object.fromEntries(units.map((unit) => [unit.name, unit.code]));
  const secondary = secondaryPlaces(people, units, chance);
  return ROSTERS.map(({ file, asOf, scope }) => {
    const within = scope ? subtree(units, codes[scope]) : null;
    const entries = people
      .filter((person) => person.from <= asOf && asOf <= (person.until ?? asOf))
      .map((person) => ({ person, ...placeOn(person, asOf), primary: true }))
      .filter(({ unit }) => !within || within.has(unit.code));
    if (!within) entries.push(...secondary[asOf === DAYS.first ? 'winter' : 'summer']);
    entries.sort((a, b) => (order(a) < order(b) ? -1 : 1));
    return { file, lines: linesOf(LAYOUTS[file], entries, asOf, chance) };
  });
}

const order = ({ person, unit, manager, primary }) =>
  `${unit.code} ${manager ? 0 : primary ? 1 : 2} ${person.number}`;

function placeOn({ places }, day) {
  return day < DAYS.april ? places.winter : day < DAYS.october ? places.spring : places.autumn;
}

function subtree(units, code) {
  const codes = new Set([code]);
  for (const unit of units) if (codes.has(unit.parent)) codes.add(unit.code);
  return codes;
}

const standsApart = (unit) =>
  ['400000', '500000'].includes(unit.body) ||
  unit.parent === '031000' ||
  unit.code === '031000' ||
  unit.name === CHANGES.created.name;
const unitsOf = ({ places }) => [places.winter.unit, places.spring.unit, places.autumn.unit];

/** 兼務 stay outside the bodies that send rosters of their own, and outside what was created or abolished in April. */
function secondaryPlaces(people, units, chance) {
  const able = people.filter(
    (p) => p.from === DAYS.first && !p.until && p.employment === '正規' && !unitsOf(p).some(standsApart),
  );
  const targets = units.filter((unit) => unit.kind === '課' && !standsApart(unit));
  const entries = chance
    .shuffled(able)
    .slice(0, SECONDARY + 15)
    .map((person) => {
      const free = targets.filter((unit) => !unitsOf(person).includes(unit));
      return { person, unit: chance.pick(free), manager: false, primary: false };
    });
  return { winter: entries.slice(0, SECONDARY), summer: entries.slice(-SECONDARY) };
}

function linesOf(layout, entries, asOf, chance) {
  const headers = Object.keys(layout.columns);
  const fields = Object.values(layout.columns);
  const pad = (cells) =>
    layout.padded ? [...cells, ...Array(headers.length - cells.length).fill('')] : cells;
  const lines = layout.titles.map((title) => pad([title]));
  if (layout.blankAfterTitles) lines.push(pad(['']));
  lines.push(headers);
  const blankAt = entries.length > 1000 ? Math.floor(entries.length / 2) : -1;
  entries.forEach((entry, i) => {
    if (i === blankAt) lines.push(Array(headers.length).fill(''));
    const values = valuesOf(entry, layout, asOf, chance);
    lines.push(fields.map((field) => values[field]));
  });
  lines.push(...layout.notes.map((note) => pad([note])));
  return lines;
}

function valuesOf({ person, unit, manager, primary }, layout, asOf, chance) {
  const inApril = asOf >= DAYS.april;
  const surname = (inApril && person.surnameFromApril) || person.surname;
  const kana = `${surname.kana}\u3000${person.given.kana}`;
  const moved =
    person.from === DAYS.april || person.places.winter.unit.code !== person.places.spring.unit?.code;
  const placed = moved ? DAYS.april : person.hiredOn > '2020-04-01' ? person.hiredOn : '2020-04-01';
  const wide = (text) => (chance.of(0.002) ? fullWidth(text) : text);
  return {
    number: wide(person.number),
    name: `${surname.text}${chance.of(0.05) ? ' ' : '\u3000'}${person.given.text}`,
    kana: layout.halfKana ? halfWidthKana(kana) : kana,
    unit: wide(unit.code),
    unitName: unit.name,
    mail: person.withoutMail ? '' : `s${person.number}@example.jp`,
    employment: (inApril && person.employmentFromApril) || person.employment,
    manager: manager ? (layout.managerMark ?? '○') : '',
    primary: primary ? '本務' : '兼務',
    hired: spell(person.hiredOn, chance.pick(layout.dates)),
    placed: spell(placed, chance.pick(layout.dates)),
    remark: chance.of(0.02)
      ? chance.pick(REMARKS)
      : chance.of(0.0008)
        ? '育児短時間勤務\n所属と調整済み'
        : '',
  };
}
