import { addDays, daysBetween, monthEnd } from './dates.mjs';
import { DAYS, MONTHS } from './figures.mjs';

const LAST_DAY = monthEnd('2022-10');

/**
 * The card events of a person, in order of day: 未申請 → 申請中 → 保有 with steps left out by chance. The month in which
 * the card is first held, and the final status, are given; whoever has no event is 未回答.
 */
export function recordCards(people, chance) {
  for (const person of people) {
    person.events = eventsOf(person, chance).map((event) => ({
      ...event,
      evidence: evidenceOf(event, chance),
    }));
    repeatSome(person, chance);
  }
}

const firstDayOf = (index) => `${MONTHS[index].month}-01`;
const later = (a, b) => (a > b ? a : b);

function dayBetween(from, to, chance) {
  return addDays(from, chance.int(0, Math.max(0, daysBetween(from, to))));
}

function eventsOf(person, chance) {
  const { status, from } = person;
  const end = person.until ?? LAST_DAY;
  if (person.holdsFrom === 0) {
    const held = { status: 'held', on: dayBetween(DAYS.first, '2021-11-30', chance) };
    if (status !== 'lapsed') return [held];
    const month = person.lapsesIn;
    return [
      held,
      { status: 'lapsed', on: dayBetween(firstDayOf(month), monthEnd(MONTHS[month].month), chance) },
    ];
  }
  if (status === 'held') return pathToCard(person, chance);
  if (status === 'unanswered') return [];
  if (status === 'undisclosed') return [{ status, on: dayBetween(from, end, chance) }];
  if (status === 'applied') {
    const on = dayBetween(later(from, '2022-09-05'), end, chance);
    const events = [{ status, on }];
    if (chance.of(0.75)) before(events, 'not_applied', on, from, chance);
    return events;
  }
  const inFirstMonth = chance.of(0.6) || end === '2022-03-31';
  return [{ status, on: dayBetween(from, inFirstMonth ? addDays(from, 25) : end, chance) }];
}

function pathToCard(person, chance) {
  const { from, holdsFrom, newlyAnswered } = person;
  const month = firstDayOf(holdsFrom);
  const inOctober = holdsFrom === 11 && from !== DAYS.october;
  const held = dayBetween(later(from, month), monthEnd(MONTHS[holdsFrom].month), chance);
  const events = [{ status: 'held', on: held }];
  if (newlyAnswered || from.slice(0, 7) === month.slice(0, 7)) return events;
  if (!inOctober && chance.of(0.14)) return events;
  const applied = addDays(held, -chance.int(22, 40));
  if (applied >= from && chance.of(0.6)) {
    events.unshift({ status: 'applied', on: applied });
    // In October everybody else had answered before, so that the newly answered are exactly those who should be.
    if (inOctober) before(events, 'not_applied', applied < month ? applied : month, from, chance);
    else if (chance.of(0.7)) before(events, 'not_applied', applied, from, chance);
  } else before(events, 'not_applied', month, from, chance);
  return events;
}

/** Puts an earlier answer in front, most often one of the survey with which the counting began. */
function before(events, status, day, from, chance) {
  const latest = addDays(day, -4);
  if (latest < from) return;
  const surveyed = addDays(from, 25) < latest && chance.of(0.6);
  events.unshift({ status, on: dayBetween(from, surveyed ? addDays(from, 25) : latest, chance) });
}

function evidenceOf({ status, on }, chance) {
  if (status === 'undisclosed') return 'self';
  if (on < '2021-12-01' && chance.of(0.4)) return 'import';
  const roll = chance.next();
  return roll < 0.68 ? 'self' : roll < 0.8 ? 'hr' : roll < 0.88 ? 'manager' : 'import';
}

/** Some say the same again some months later: a row that records nothing new. */
function repeatSome(person, chance) {
  const last = person.events.at(-1);
  if (!last || !['held', 'not_applied'].includes(last.status) || person.until || !chance.of(0.04)) return;
  const on = addDays(last.on, chance.int(50, 150));
  if (on <= LAST_DAY) person.events.push({ status: last.status, on, evidence: 'self' });
}
