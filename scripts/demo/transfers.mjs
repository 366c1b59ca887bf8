import { DAYS } from './figures.mjs';
import { shownUnit } from './population.mjs';
import { CHANGES } from './unit-list.mjs';

/** Share of those present on both days whose unit changes on 1 April. */
const SHARE_MOVED = 0.2;

/**
 * Gives every person `places`: unit and whether manager on 2021-11-01 (`winter`), from 2022-04-01 (`spring`) and from
 * 2022-10-01 (`autumn`). Units keep their size over a reshuffle, because places are exchanged.
 */
export function transfer(people, units, chance) {
  for (const person of people) {
    const place = { unit: person.unit, manager: person.manager };
    person.places = { winter: { ...place }, spring: { ...place }, autumn: { ...place } };
  }
  exchangeInOctober(people, units, chance);
  for (const person of people)
    if (person.until !== '2022-03-31') person.places.winter = { ...person.places.spring };
  reshuffleInApril(people, units, chance);
}

const isLongHolder = (person) => person.status === 'held' && person.holdsFrom === 0;

/** A few pairs change places; both of a pair held a card long before, so no body's figures move. */
function exchangeInOctober(people, units, chance) {
  const shown = shownUnit(units);
  const able = people.filter(
    (p) => p.from === DAYS.first && !p.until && !p.manager && !shown.has(p.unit) && isLongHolder(p),
  );
  const chosen = chance.shuffled(able).slice(0, 28);
  for (let i = 0; i < chosen.length; i += 2) {
    chosen[i].places.spring.unit = chosen[i + 1].unit;
    chosen[i + 1].places.spring.unit = chosen[i].unit;
  }
}

function reshuffleInApril(people, units, chance) {
  const shown = shownUnit(units);
  const stayed = people.filter((p) => p.from === DAYS.first && p.until !== '2022-03-31');
  const retired = chance.shuffled(people.filter((p) => p.until === '2022-03-31'));
  const arrived = chance.shuffled(people.filter((p) => p.from === DAYS.april));
  const touched = new Set();
  const ordinary = () =>
    stayed.filter(
      (p) =>
        !touched.has(p) && !p.places.spring.manager && !shown.has(p.places.spring.unit) && !shown.has(p.unit),
    );

  // Fifteen managers retired; each was followed by somebody whose own place a newcomer took.
  const successors = chance.shuffled(
    stayed.filter(
      (p) => p.manager && p.unit.kind !== '局' && !shown.has(p.unit) && p.unit.name !== CHANGES.created.name,
    ),
  );
  retired.forEach((person, i) => {
    const freed = { unit: arrived[i].places.spring.unit, manager: false };
    if (i >= 15) {
      person.places.winter = freed;
      return;
    }
    person.places.winter = { ...successors[i].places.spring };
    successors[i].places.winter = freed;
    touched.add(successors[i]);
  });

  rotateManagers(stayed, touched, shown, chance);
  settleShownUnit(stayed, ordinary, touched, shown, chance);

  const created = units.find((unit) => unit.name === CHANGES.created.name);
  const already = stayed.filter((p) => touched.has(p) || p.places.spring.unit === created).length;
  const people20 = chance.shuffled(ordinary().filter((p) => p.places.spring.unit !== created));
  const movers = people20.slice(0, Math.round(3280 * SHARE_MOVED) - already);
  for (const group of groups(movers)) rotate(group);

  // Until March there was another unit in the place of the created one.
  const abolished = { ...created, code: CHANGES.abolished.code, name: CHANGES.abolished.name };
  for (const person of people)
    if (person.places.winter.unit === created) person.places.winter.unit = abolished;
}

function rotateManagers(stayed, touched, shown, chance) {
  for (const kind of ['局', '部', '課']) {
    const managers = stayed.filter(
      (p) => !touched.has(p) && p.manager && p.unit.kind === kind && !shown.has(p.unit),
    );
    for (const group of groups(chance.shuffled(managers))) {
      const chosen = group.slice(0, Math.round(group.length / 5));
      if (chosen.length < 2) continue;
      rotate(chosen);
      chosen.forEach((person) => touched.add(person));
    }
  }
}

/** Four exchange places with people from elsewhere, one more comes: all of them hold a card throughout. */
function settleShownUnit(stayed, ordinary, touched, shown, chance) {
  const members = chance.shuffled(stayed.filter((p) => shown.has(p.unit) && !p.manager && isLongHolder(p)));
  const others = chance.shuffled(ordinary().filter((p) => isLongHolder(p) && professionOf(p) === 'office'));
  for (let i = 0; i < 5; i++) {
    members[i].places.winter = { ...others[i].places.spring };
    if (i < 4) others[i].places.winter = { ...members[i].places.spring };
    touched.add(members[i]);
    if (i < 4) touched.add(others[i]);
  }
}

/** Nurses do not become firefighters: people move within their profession. */
function professionOf(person) {
  const { unit } = person.places.spring;
  if (unit.body === '300000') return 'fire';
  if (unit.body === '400000') return `hospital ${unit.parent}`;
  return unit.name.endsWith('保育所') ? 'nursery' : 'office';
}

function groups(people) {
  const byProfession = new Map();
  for (const person of people) {
    const profession = professionOf(person);
    byProfession.set(profession, [...(byProfession.get(profession) ?? []), person]);
  }
  return [...byProfession.values()];
}

/** Each comes from the place the next one has now. Neighbours from one unit are pulled apart first. */
function rotate(group) {
  const bySize = new Map();
  for (const person of group) {
    const { unit } = person.places.spring;
    bySize.set(unit, [...(bySize.get(unit) ?? []), person]);
  }
  const ordered = [...bySize.values()].flat();
  const step = Math.max(1, ...[...bySize.values()].map((list) => list.length));
  ordered.forEach((person, i) => {
    person.places.winter = { ...ordered[(i + step) % ordered.length].places.spring };
  });
}
