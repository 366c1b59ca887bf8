import { DAYS, WITHOUT_MAIL } from './figures.mjs';
import { addDays } from './dates.mjs';
import { anyName, anySurname } from './names.mjs';
import { shownUnit } from './population.mjs';

const KINDS = ['正規', '再任用', '任期付', '会計年度任用'];
const REEMPLOYED_IN_APRIL = 22;
const SURNAMES_CHANGED = 6;

/** Number, name, employment and day of hire of everybody; then exceptions and those without a mail address. */
export function describe(people, units, chance) {
  for (const person of people) {
    person.sex = chance.of(
      person.unit?.name.includes('病棟') || person.unit?.name.endsWith('保育所') ? 0.85 : 0.4,
    )
      ? '女'
      : '男';
    const { surname, given } = anyName(chance, person.sex);
    Object.assign(person, { surname, given, employment: employmentOf(person, chance) });
    person.hiredOn = hiredOn(person, chance);
  }
  const inOrder = people.toSorted((a, b) => (a.hiredOn < b.hiredOn ? -1 : a.hiredOn > b.hiredOn ? 1 : 0));
  let number = 10_200;
  for (const person of inOrder) {
    number += chance.int(1, 9);
    person.number = String(number).padStart(7, '0');
  }

  const present = people.filter((person) => person.from === DAYS.first && !person.until);
  const senior = present.filter((p) => p.employment === '正規' && !p.manager && p.hiredOn < '1990-01-01');
  for (const person of chance.shuffled(senior).slice(0, REEMPLOYED_IN_APRIL))
    person.employmentFromApril = '再任用';
  const renamed = chance
    .shuffled(present.filter((p) => p.sex === '女' && p.employment === '正規'))
    .slice(0, SURNAMES_CHANGED);
  for (const person of renamed) person.surnameFromApril = anySurname(chance);
  grantExceptions(present, units, chance);
  withholdMail(people, chance);
}

function employmentOf(person, chance) {
  if (person.manager || person.places.winter.manager) return '正規';
  if (person.from === DAYS.may) return '会計年度任用';
  if (person.until === '2022-03-31')
    return chance.pick(['正規', '正規', '正規', '再任用', '任期付', '会計年度任用']);
  const roll = chance.next();
  return KINDS[roll < 0.76 ? 0 : roll < 0.81 ? 1 : roll < 0.84 ? 2 : 3];
}

function hiredOn(person, chance) {
  if (person.from !== DAYS.first) return person.from;
  const april = (from, to) => `${chance.int(from, to)}-04-01`;
  if (person.manager) return april(1984, 2001);
  if (person.employment === '再任用') return april(1979, 1984);
  if (person.employment === '任期付') return april(2019, 2021);
  if (person.employment === '会計年度任用') {
    return chance.of(0.7)
      ? april(2020, 2021)
      : addDays('2020-04-01', 30 * chance.int(1, 18)).slice(0, 8) + '01';
  }
  if (person.until === '2022-03-31') return april(1982, 1986);
  // The first day of the new era is a day an export must not stumble over.
  if (chance.of(0.01)) return '2019-05-01';
  return chance.of(0.03) ? '1989-04-01' : april(1985, 2021);
}

const CATEGORIES = [
  'overseas',
  'overseas',
  'long_leave',
  'long_leave',
  'long_leave',
  'long_leave',
  'long_leave',
  'security',
  'long_leave',
  'seconded',
];

function grantExceptions(present, units, chance) {
  const shown = shownUnit(units);
  const able = present.filter(
    (p) => ['not_applied', 'unanswered'].includes(p.status) && !p.manager && !shown.has(p.unit),
  );
  chance
    .shuffled(able)
    .slice(0, 24)
    .forEach((person, i) => {
      const from = `2022-0${chance.int(4, 9)}-01`;
      const to = chance.pick(['2022-12-31', '2023-03-31', '2023-03-31', '2023-03-31']);
      const approvedOn = addDays(from, -chance.int(3, 20));
      person.exception = { category: CATEGORIES[i % CATEGORIES.length], from, to, approvedOn };
    });
}

/** Crews without a desk, mostly: their messages are printed. */
function withholdMail(people, chance) {
  const serving = people.filter((p) => !p.until && !p.manager && !p.exception && p.status !== 'undisclosed');
  const crews = chance.shuffled(serving.filter((p) => /収集|調理場|運転|病棟|保育所|警備/.test(p.unit.name)));
  for (const person of crews.slice(0, WITHOUT_MAIL)) person.withoutMail = true;
}
