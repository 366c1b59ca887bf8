import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { BODIES, EXCEPTIONS, MONTHS, REMAINING, ROSTERS, SHOWN_UNIT, WITHOUT_MAIL } from './figures.mjs';
import { monthEnd } from './dates.mjs';
import { readDay, readEvents, readTable, readUnits, replay } from './recount.mjs';

/** The product's own rule for individual numbers, compiled on the fly: one copy of it is enough. */
async function individualNumberRule(root) {
  const source = readFileSync(join(root, 'src/platform/individual-number.ts'), 'utf8');
  const options = { compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.ESNext } };
  const { outputText } = ts.transpileModule(source, options);
  return (await import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`))
    .containsIndividualNumber;
}

const remaining = (counts) =>
  Object.fromEntries(Object.keys(REMAINING).map((status) => [status, counts[status] ?? 0]));

/** Recounts every figure from the written files; returns what does not hold, in words. */
export async function verify(folder, root) {
  const wrong = [];
  const expect = (what, found, wanted) => {
    if (JSON.stringify(found) !== JSON.stringify(wanted))
      wrong.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  };
  const units = readUnits(join(folder, 'shozoku.csv'));
  const placesOn = replay(folder, ROSTERS, units);
  const { events, statusOn } = readEvents(folder);
  const count = (day, inside = () => true) => {
    const counts = { staff: 0, held: 0 };
    for (const [number, unit] of placesOn(day).places) {
      if (!inside(unit)) continue;
      const status = statusOn(number, day);
      counts.staff++;
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  };
  const below = (name, level, day) => (code) => units.pathOf(code, day)[level]?.name === name;

  const rates = MONTHS.map(({ month, staff, held }, i) => {
    const day = monthEnd(month);
    const found = count(day);
    expect(`${month}`, [found.staff, found.held], [staff, held]);
    const shown = count(day, below(SHOWN_UNIT.name, 2, day));
    expect(
      `${SHOWN_UNIT.name} ${month}`,
      [shown.staff, shown.held],
      [SHOWN_UNIT.staff[i], SHOWN_UNIT.held[i]],
    );
    return {
      month,
      staff: found.staff,
      held: found.held,
      rate: ((100 * found.held) / found.staff).toFixed(1),
    };
  });
  const last = '2022-10-31';
  expect('remaining', remaining(count(last)), REMAINING);
  expect(SHOWN_UNIT.name, remaining(count(last, below(SHOWN_UNIT.name, 2, last))), SHOWN_UNIT.remaining);
  for (const { name, staff, held, before } of BODIES) {
    for (const [day, wanted] of [
      ['2022-09-30', before],
      [last, [staff, held]],
    ]) {
      const found = count(day, below(name, 1, day));
      expect(`${name} ${day}`, [found.staff, found.held], wanted);
    }
  }
  expect('causes in October', causes(placesOn, statusOn), {
    newCards: 38,
    newlyAnswered: 6,
    joinersAndLeavers: -4,
  });

  for (const { asOf } of ROSTERS) checkRoster(placesOn(asOf), units, expect);
  const first = placesOn('2022-03-31').places;
  const spring = placesOn('2022-04-01').places;
  const both = [...first.keys()].filter((number) => spring.has(number));
  const movedInApril = both.filter((number) => first.get(number) !== spring.get(number)).length;
  if (Math.abs(movedInApril / first.size - 0.2) > 0.01) wrong.push(`${movedInApril} moved in April`);
  const autumn = placesOn(last);
  expect(
    'without mail',
    autumn.rows.filter((row) => row.primary !== '兼務' && !row.mail).length,
    WITHOUT_MAIL,
  );
  const exceptions = JSON.parse(readFileSync(join(folder, 'exceptions.json'), 'utf8'));
  const inForce = exceptions.filter(
    (e) =>
      e.from <= last &&
      last <= e.to &&
      autumn.places.has(e.staffNumber) &&
      statusOn(e.staffNumber, last) !== 'held',
  );
  expect('exceptions', [exceptions.length, inForce.length], [EXCEPTIONS, EXCEPTIONS]);
  for (const [number, list] of events) {
    for (const { on } of list)
      if (!placesOn(on)?.places.has(number)) wrong.push(`${number} has an event on ${on}, but is not there`);
  }
  for (const { unitManager, unit, to } of units.periods) {
    const season = to < '2022-04-01' ? '2022-03-31' : last;
    if (unitManager && placesOn(season).places.get(unitManager) !== unit)
      wrong.push(`${unit} is managed from outside`);
  }
  const size = await checkTexts(folder, root, wrong);
  return { wrong, rates, movedInApril, size, bodies: BODIES };
}

/** Why the number of holders changed in October. */
function causes(placesOn, statusOn) {
  const [from, to] = ['2022-09-30', '2022-10-31'];
  const [before, after] = [placesOn(from).places, placesOn(to).places];
  const result = { newCards: 0, newlyAnswered: 0, joinersAndLeavers: 0 };
  for (const number of new Set([...before.keys(), ...after.keys()])) {
    const was = before.has(number) && statusOn(number, from);
    const is = after.has(number) && statusOn(number, to);
    const change = Number(is === 'held') - Number(was === 'held');
    if (!was || !is) result.joinersAndLeavers += change;
    else if (change > 0 && was === 'unanswered') result.newlyAnswered++;
    else result.newCards += change;
  }
  return result;
}

function checkRoster({ file, asOf, scope, rows }, units, expect) {
  const managers = new Map();
  for (const row of rows) {
    if (row.hired && readDay(row.hired) > asOf) expect(`${file} hired after its day`, row.number, null);
    if (row.manager) managers.set(row.unit, (managers.get(row.unit) ?? 0) + 1);
    if (row.primary === '兼務' && row.manager) expect(`${file} 兼務 as manager`, row.number, null);
  }
  if (!scope) expect(`${file} 兼務`, rows.filter((row) => row.primary === '兼務').length, 60);
  for (const { unit, kind, from, to } of units.periods) {
    if (asOf < from || asOf > to) continue;
    const inside = !scope || units.pathOf(unit, asOf).some((above) => above.name === scope);
    const wanted = inside && ['局', '部', '課'].includes(kind) ? 1 : 0;
    expect(`${file} managers of ${unit}`, managers.get(unit) ?? 0, wanted);
  }
}

async function checkTexts(folder, root, wrong) {
  const forbidden = await individualNumberRule(root);
  if (!forbidden('123456789018')) wrong.push('the rule for individual numbers was not loaded');
  let size = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    size += statSync(path).size;
    const texts = name.endsWith('.csv')
      ? readTable(path, name.startsWith('shozoku') ? ['unit', 'name', 'parent'] : ['number']).cells
      : readFileSync(path, 'utf8').split('\n');
    if ([name, ...texts].some(forbidden)) wrong.push(`${name} holds what reads as an individual number`);
  }
  if (size > 2_000_000) wrong.push(`${size} bytes are too many`);
  return size;
}
