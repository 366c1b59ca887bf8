import { BODIES } from './figures.mjs';
import { CHANGES, UNIT_LIST } from './unit-list.mjs';

export const ROOT = '000000';

/** Bodies outside the mayor's offices have numbers of their own. */
const BODY_NUMBERS = { 教育委員会事務局: 20, 消防局: 30, 市立病院: 40, 企業局: 50 };
const pad = (number) => String(number).padStart(2, '0');

function kindOf(name, level) {
  if (level === 1) return '局';
  if (name.endsWith('係')) return '係';
  return name.endsWith('部') ? '部' : '課';
}

/**
 * The tree as it stands after April 2022, in file order: code (body, division, section, two digits each), name, kind,
 * parent, body, number of members in their primary assignment on 2022-10-31, the manager included.
 */
export function buildUnits() {
  const path = [{ name: '金沢市', code: ROOT, children: 0 }];
  const units = [];
  let bodies = 0;
  for (const line of UNIT_LIST.trim().split('\n')) {
    const level = /^ */.exec(line)[0].length / 2 + 1;
    const [, name, kind, share, code] = /^ *([^ |#]+)(?:\|(.))?(?: (=?\d+))?(?: #(\d{6}))?$/.exec(line);
    const parent = path[level - 1];
    const unit = {
      name,
      parent: parent.code,
      kind: kind ?? kindOf(name, level),
      share: share ?? '10',
      leaf: true,
    };
    if (level === 1) {
      bodies++;
      unit.code = pad(BODY_NUMBERS[name] ?? bodies) + '0000';
      Object.assign(unit, { body: unit.code, divisions: 10, sections: 0, parts: 50 });
    } else {
      const body = path[1];
      const division =
        unit.kind === '部' ? null : (path.slice(2, level).find((u) => u.kind === '部') ?? null);
      unit.code = code ?? numberOf(unit, body, division ?? body, division);
      Object.assign(unit, { body: body.code, sections: 0, parts: 50 });
    }
    parent.leaf = false;
    path.length = level;
    path.push(unit);
    units.push(unit);
  }
  for (const body of BODIES) shareOut(units, body);
  return units;
}

function numberOf(unit, body, counter, division) {
  const head = body.code.slice(0, 2);
  if (unit.kind === '部') return `${head}${body.divisions++}00`;
  const middle = division ? division.code.slice(2, 4) : '01';
  return head + middle + pad(unit.kind === '係' ? ++counter.parts : ++counter.sections);
}

/** Everything but a 係 has its manager as a direct member; the rest of the body's staff goes to the leaves by share. */
function shareOut(units, { name, staff }) {
  const body = units.find((unit) => unit.kind !== '係' && unit.name === name && unit.code === unit.body);
  const mine = units.filter((unit) => unit.body === body.code);
  for (const unit of mine) unit.size = unit.kind === '係' ? 0 : 1;
  const leaves = mine.filter((unit) => unit.leaf);
  const exact = leaves.filter((unit) => unit.share.startsWith('='));
  for (const unit of exact) unit.size = Number(unit.share.slice(1));
  const sharing = leaves.filter((unit) => !exact.includes(unit));
  let left = staff - mine.reduce((sum, unit) => sum + unit.size, 0);
  const total = sharing.reduce((sum, unit) => sum + Number(unit.share), 0);
  const ideal = new Map(sharing.map((unit) => [unit, (left * Number(unit.share)) / total]));
  for (const unit of sharing) {
    unit.size += Math.floor(ideal.get(unit));
    left -= Math.floor(ideal.get(unit));
  }
  sharing.sort((a, b) => (ideal.get(b) % 1) - (ideal.get(a) % 1));
  for (const unit of sharing.slice(0, left)) unit.size++;
}

export const hasManager = (unit) => unit.kind !== '係';

/** Rows of the units file: periods with inclusive ends, one row for each stretch in which nothing changed. */
export function unitPeriods(units, chance) {
  const byName = (name) => units.find((unit) => unit.name === name);
  const lastDay = '2022-03-31';
  const rows = [{ code: ROOT, name: '金沢市', parent: '', kind: '市', from: '2018-04-01', to: '' }];
  for (const unit of units) {
    const { code, name, parent, kind } = unit;
    const from =
      unit.code === unit.body || chance.of(0.85)
        ? '2018-04-01'
        : chance.pick(['2019-04-01', '2020-04-01', '2021-04-01']);
    const row = { code, name, parent, kind, from, to: '' };
    if (name === CHANGES.abolished.parent) {
      rows.push(row, {
        ...row,
        code: CHANGES.abolished.code,
        name: CHANGES.abolished.name,
        parent: code,
        kind: '課',
        to: lastDay,
      });
    } else if (name === CHANGES.created.name) rows.push({ ...row, from: CHANGES.on });
    else if (name === CHANGES.renamed.name) {
      rows.push({ ...row, name: CHANGES.renamed.before, to: lastDay }, { ...row, from: CHANGES.on });
    } else if (name === CHANGES.moved.name) {
      rows.push(
        { ...row, parent: byName(CHANGES.moved.before).code, to: lastDay },
        { ...row, from: CHANGES.on },
      );
    } else rows.push(row);
  }
  // A unit cannot be older than the one above it.
  const since = new Map([[ROOT, '2018-04-01']]);
  for (const row of rows) {
    const above = since.get(row.parent);
    if (above && row.from < above) row.from = above;
    if (!since.has(row.code)) since.set(row.code, row.from);
  }
  return rows;
}
