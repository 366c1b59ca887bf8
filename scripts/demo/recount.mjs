/**
 * Reads the written files back and counts them anew, knowing nothing of how they were made: a small, slow importer.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';

const clean = (text) => text.normalize('NFKC').replace(/\s/g, '');
const FIELDS = {
  number: ['職員番号', '職員NO'],
  unit: ['所属コード', '所属CD'],
  name: ['所属名', '氏名', '氏名(漢字)'],
  parent: ['上位所属コード'],
  kind: ['種別'],
  from: ['適用開始日'],
  to: ['適用終了日'],
  manager: ['所属長'],
  unitManager: ['所属長職員番号'],
  primary: ['本務兼務', '本務・兼務'],
  hired: ['採用年月日', '採用日'],
  mail: ['メールアドレス', 'E-mail'],
  status: ['取得状況'],
  on: ['基準日'],
};
const STATUSES = {
  held: ['保有', '取得済', '交付済', '○', '有'],
  applied: ['申請中', '申請済'],
  not_applied: ['未申請', '未取得', '×', '無'],
  undisclosed: ['回答しない'],
  lapsed: ['失効・返納'],
};
const ERAS = { 令和: 2018, R: 2018, 平成: 1988, H: 1988, 昭和: 1925, S: 1925 };

export function readDay(text) {
  const match = /^(令和|平成|昭和|[RHS])?(元|\d+)[年/.-](\d+)[月/.-](\d+)日?$/.exec(clean(text));
  if (!match) throw new Error(`not a day: ${text}`);
  const year = (ERAS[match[1]] ?? 0) + (match[2] === '元' ? 1 : Number(match[2]));
  const day = `${year}-${match[3].padStart(2, '0')}-${match[4].padStart(2, '0')}`;
  if (new Date(day).toISOString().slice(0, 10) !== day || year < 1950) throw new Error(`not a day: ${text}`);
  return day;
}

const fieldOf = (header) => Object.keys(FIELDS).find((field) => FIELDS[field].includes(clean(header)));

/** Rows as objects, and every cell as it stands in the file. */
export function readTable(path, required) {
  const bytes = readFileSync(path);
  const text = iconv.decode(bytes, 'cp932');
  if (text.includes('\ufffd') || !iconv.encode(text, 'cp932').equals(bytes))
    throw new Error(`${path} is not CP932`);
  if (/[^\r]\n/.test(text.replace(/"[^"]*"/g, '""'))) throw new Error(`${path} has lines without CR`);
  const cells = parse(text, { relax_column_count: true });
  const head = cells.findIndex((row) => required.every((field) => row.map(fieldOf).includes(field)));
  if (head < 0) throw new Error(`${path} has no header`);
  const fields = cells[head].map(fieldOf);
  const rows = cells
    .slice(head + 1)
    .filter((row) => row.filter((cell) => cell !== '').length > 1)
    .map((row) => Object.fromEntries(fields.map((field, i) => [field, clean(row[i] ?? '')])));
  return { cells: cells.flat(), rows, headerRow: head + 1 };
}

export function readUnits(path) {
  const { rows } = readTable(path, ['unit', 'name', 'parent']);
  const periods = rows.map((row) => ({
    ...row,
    from: readDay(row.from),
    to: row.to ? readDay(row.to) : '9999-12-31',
  }));
  const on = (code, day) => periods.filter((p) => p.unit === code && p.from <= day && day <= p.to);
  const pathOf = (code, day) => {
    const [unit, ...more] = on(code, day);
    if (!unit || more.length) throw new Error(`${code} is there ${more.length ? 'twice' : 'not'} on ${day}`);
    return unit.parent ? [...pathOf(unit.parent, day), unit] : [unit];
  };
  return { periods, pathOf };
}

/** Who is where on a day: rosters are applied one after the other, a partial one within its subtree only. */
export function replay(folder, rosters, units) {
  const history = [];
  let current = new Map();
  for (const { file, asOf, scope } of rosters) {
    const { rows } = readTable(join(folder, file), ['number', 'unit']);
    const primary = rows.filter((row) => row.primary !== '兼務');
    const next = new Map();
    if (scope) {
      for (const [number, unit] of current) {
        if (!units.pathOf(unit, asOf).some((above) => above.name === scope)) next.set(number, unit);
      }
    }
    for (const row of primary) {
      if (!/^\d{7}$/.test(row.number) || next.has(row.number))
        throw new Error(`${file}: ${row.number} stands twice`);
      units.pathOf(row.unit, asOf);
      next.set(row.number, row.unit);
    }
    current = next;
    history.push({ file, asOf, scope, rows, places: current });
  }
  return (day) => history.findLast(({ asOf }) => asOf <= day);
}

/** Status of a person on a day: the last event by day, the later row among those of one day. */
export function readEvents(folder) {
  const events = new Map();
  for (const file of readdirSync(folder)
    .filter((name) => name.startsWith('shutoku_'))
    .toSorted()) {
    for (const row of readTable(join(folder, file), ['number', 'status']).rows) {
      const status = Object.keys(STATUSES).find((name) => STATUSES[name].includes(row.status));
      if (!status || !/^\d{7}$/.test(row.number)) throw new Error(`${file}: ${JSON.stringify(row)}`);
      events.set(row.number, [...(events.get(row.number) ?? []), { status, on: readDay(row.on) }]);
    }
  }
  for (const list of events.values()) list.sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  const statusOn = (number, day) =>
    events.get(number)?.findLast(({ on }) => on <= day)?.status ?? 'unanswered';
  return { events, statusOn };
}
