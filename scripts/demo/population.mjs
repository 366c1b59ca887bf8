import { BODIES, DAYS, MONTHS, REMAINING, SHOWN_UNIT } from './figures.mjs';
import { hasManager } from './units.mjs';

/** Holders among the 118 who retired or left on 31 March, and of the same number who came the day after. */
const LEFT_IN_MARCH = { all: 118, held: 84, not_applied: 22 };
const CAME_WITH_CARD = { april: 0.82, may: 0.75 };

/**
 * Everybody who works for the city between November 2021 and October 2022: where they are on 2022-10-31 (`unit`), from
 * when to when (`until` is their last day), their status at the end, and the month from which they hold the card
 * (`holdsFrom`, an index of MONTHS; 0: before the first survey).
 */
export function buildPopulation(units, chance) {
  const people = [];
  for (const unit of units) {
    for (let i = 0; i < unit.size; i++) {
      people.push({
        unit,
        manager: i === 0 && hasManager(unit),
        from: DAYS.first,
        until: null,
        status: null,
        holdsFrom: null,
      });
    }
  }
  const shown = shownUnit(units);
  const inShown = (person) => shown.has(person.unit);
  const ordinary = (person) => !person.manager && !inShown(person) && person.from === DAYS.first;
  const inBody = (name) => {
    const body = units.find((unit) => unit.name === name && unit.code === unit.body);
    return (person) => person.unit.body === body.code;
  };

  const status = { ...REMAINING };
  const settle = (person, to) => {
    person.status = to;
    if (to !== 'held') status[to]--;
  };
  // Newcomers, so that the later steps leave them out.
  const come = (from, count, where) => {
    const chosen = chance
      .shuffled(people.filter((person) => ordinary(person) && where(person)))
      .slice(0, count);
    for (const person of chosen) person.from = from;
    return chosen;
  };
  for (const body of BODIES) {
    const newcomers = come(DAYS.october, body.joined.length, inBody(body.name));
    newcomers.forEach((person, i) => settle(person, body.joined[i]));
  }
  come(DAYS.april, LEFT_IN_MARCH.all, () => true);
  const nurseries = units.find((unit) => unit.name === '保育部').code;
  come(DAYS.may, 21, (person) => person.unit.parent === nurseries);
  come(DAYS.june, 1, inBody('企業局'));
  come(DAYS.august, 1, inBody('市立病院'));

  settleShownUnit(people.filter(inShown), settle);
  settleOthers(people, settle, status, inBody, chance);
  spreadOverMonths(people, inBody, chance);
  people.push(...october(people, units, chance), ...march(chance));
  return people;
}

/** The unit the handbook shows, with its 係. */
export function shownUnit(units) {
  const top = units.find((unit) => unit.name === SHOWN_UNIT.name);
  return new Set([top, ...units.filter((unit) => unit.parent === top.code)]);
}

function settleShownUnit(members, settle) {
  const rest = Object.entries(SHOWN_UNIT.remaining).flatMap(([status, count]) => Array(count).fill(status));
  // Spread over the three 係: every fourth person of the list, the manager holds a card.
  members.forEach((person, i) => settle(person, i % 5 === 3 && rest.length ? rest.shift() : 'held'));
  const holders = members.filter((person) => person.status === 'held');
  holders.forEach((person) => (person.holdsFrom = 0));
  const gained = SHOWN_UNIT.held.map((held, i) => (i === 0 || i === 5 ? 0 : held - SHOWN_UNIT.held[i - 1]));
  let next = 2;
  gained.forEach((count, month) => {
    for (let i = 0; i < count; i++, next += 3) holders[next].holdsFrom = month;
  });
}

function settleOthers(people, settle, status, inBody, chance) {
  const pool = [];
  for (const body of BODIES) {
    const members = people.filter(inBody(body.name));
    const settled = members.filter((person) => person.status);
    const heldLeft = body.held - settled.filter((person) => person.status === 'held').length;
    // Half of the managers come first: they hold a card more often than others.
    const unsettled = chance.shuffled(members.filter((person) => !person.status));
    const first = new Set(unsettled.filter((person) => person.manager && chance.of(0.5)));
    const open = [...first, ...unsettled.filter((person) => !first.has(person))];
    open.slice(0, heldLeft).forEach((person) => settle(person, 'held'));
    pool.push(...open.slice(heldLeft));
  }
  const veterans = chance.shuffled(pool.filter((person) => person.from === DAYS.first));
  veterans.slice(0, status.lapsed).forEach((person) => settle(person, 'lapsed'));
  const rest = Object.entries(status).flatMap(([name, count]) => Array(count).fill(name));
  chance.shuffled(pool.filter((person) => !person.status)).forEach((person, i) => settle(person, rest[i]));
}

const monthIndex = (day) =>
  Math.max(
    0,
    MONTHS.findIndex(({ month }) => month === day.slice(0, 7)),
  );

function spreadOverMonths(people, inBody, chance) {
  const lapsed = people.filter((person) => person.status === 'lapsed');
  lapsed.forEach((person, i) => Object.assign(person, { holdsFrom: 0, lapsesIn: [3, 5, 7, 8, 9][i] }));

  const wanted = MONTHS.map(({ held }, i) => (i === 0 ? 0 : held - MONTHS[i - 1].held));
  wanted[5] += LEFT_IN_MARCH.held;
  for (const person of lapsed) wanted[person.lapsesIn]++;
  for (const body of BODIES) wanted[11] += body.left.filter((status) => status === 'held').length;
  for (const person of people)
    if (person.status === 'held' && person.holdsFrom > 0) wanted[person.holdsFrom]--;
  const give = (person, month) => {
    person.holdsFrom = month;
    wanted[month]--;
  };

  const open = () => people.filter((person) => person.status === 'held' && person.holdsFrom === null);
  for (const person of open().filter((person) => person.from === DAYS.october)) give(person, 11);
  for (const body of BODIES) {
    const came = body.joined.filter((status) => status === 'held').length;
    const went = body.left.filter((status) => status === 'held').length;
    const already = people.filter(
      (p) => inBody(body.name)(p) && p.holdsFrom === 11 && p.from !== DAYS.october,
    ).length;
    const gained = body.held - body.before[1] - came + went - already;
    const chosen = chance.shuffled(open().filter(inBody(body.name))).slice(0, gained);
    chosen.forEach((person, i) => {
      give(person, 11);
      person.newlyAnswered = i < body.newlyAnswered;
    });
  }
  for (const person of open().filter((person) => person.from !== DAYS.first)) {
    const start = monthIndex(person.from);
    const early = chance.of(person.from === DAYS.april ? CAME_WITH_CARD.april : CAME_WITH_CARD.may);
    give(person, early ? start : chance.int(start + 1, 10));
  }
  const stayers = chance.shuffled(open());
  wanted.forEach((count, month) => {
    if (count < 0) throw new Error(`too many cards in ${MONTHS[month].month}`);
    for (let i = 0; i < count; i++) stayers.pop().holdsFrom = month;
  });
  for (const person of stayers) person.holdsFrom = 0;
}

/** Those who left on 30 September. */
function october(people, units, chance) {
  return BODIES.flatMap((body) => {
    const top = units.find((unit) => unit.name === body.name && unit.code === unit.body);
    const leaves = units.filter((unit) => unit.body === top.code && unit.leaf && unit.size > 5);
    return body.left.map((status) => leaver(chance.pick(leaves), DAYS.first, '2022-09-30', status));
  });
}

/** Those who left on 31 March; transfers.mjs gives them the places of the newcomers of April. */
function march(chance) {
  const statuses = Array.from({ length: LEFT_IN_MARCH.all }, (_, i) =>
    i < LEFT_IN_MARCH.held
      ? 'held'
      : i < LEFT_IN_MARCH.held + LEFT_IN_MARCH.not_applied
        ? 'not_applied'
        : 'unanswered',
  );
  return chance.shuffled(statuses).map((status) => leaver(null, DAYS.first, '2022-03-31', status));
}

function leaver(unit, from, until, status) {
  return { unit, manager: false, from, until, status, holdsFrom: status === 'held' ? 0 : null };
}
