import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { everything } from '../../src/access/scope.js';
import { addDays, addMonths, monthOf } from '../../src/platform/month.js';
import { policyNamed } from '../../src/reminders/policy.js';
import { PolicyService } from '../../src/reminders/policy.service.js';
import { joinedFor, type Schedule } from '../../src/reminders/schedule.js';
import { WavePlanner } from '../../src/reminders/wave-planner.service.js';
import { CityFiles } from '../support/city-files.js';
import { NaiveRecount, type Person } from '../support/naive-recount.js';
import { DAYS, PEOPLE, randomFacts, writeFacts, type Facts } from '../support/random-city.js';

const hr = everything('test');
const RULES = { minGapDays: 40, maxPerYear: 2 };
const NAMES = ['staff-start', 'staff-monthly', 'renewal', 'top-message'] as const;
type Name = (typeof NAMES)[number];

let city: CityFiles;
beforeAll(async () => {
  city = await CityFiles.open({ NOW: '2023-01-31T10:00:00+09:00' });
});
afterAll(() => city.close());

interface Message {
  readonly policy: Name | 'manager-monthly';
  readonly on: string;
  readonly staff: number;
  readonly state: 'queued' | 'sending' | 'sent' | 'unknown' | 'failed' | 'bounced' | 'suppressed';
}

const staff = fc.integer({ min: 1, max: PEOPLE });
const messages: fc.Arbitrary<Message[]> = fc.uniqueArray(
  fc.record({
    policy: fc.constantFrom(...NAMES, 'manager-monthly' as const),
    on: fc.constantFrom('2021-12-20', '2022-01-05', ...DAYS.map((day) => addDays(day, 10))),
    staff,
    state: fc.constantFrom(
      'sent' as const,
      'sent' as const,
      'queued' as const,
      'sending' as const,
      'unknown' as const,
      'failed' as const,
      'bounced' as const,
      'suppressed' as const,
    ),
  }),
  { minLength: 5, maxLength: 40, selector: ({ policy, on, staff: to }) => `${policy} ${on} ${to}` },
);
/** Addresses by person; some have none, one is no address, two share one. */
const addresses = fc.tuple(
  ...Array.from({ length: PEOPLE }, (_, n) =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(`p${n + 1}@example.jp`, `P${n + 1}@example.jp`) },
      { weight: 2, arbitrary: fc.constantFrom('depot@example.jp', 'Depot@example.jp') },
      { weight: 1, arbitrary: fc.constantFrom('so nicht', null) },
    ),
  ),
);
/** Between the days on which things happen, and a fortnight after them. */
const LOOKS = DAYS.flatMap((day) => [day, addDays(day, 10), addDays(day, 14), addDays(day, 16)]);
const someFacts = fc
  .tuple(randomFacts, fc.boolean())
  .map(([facts, defined]) => (defined ? facts : { ...facts, count_definition: [] }));

test('who gets what, and why others get nothing, equals a recount by hand', async () => {
  await fc.assert(
    fc.asyncProperty(someFacts, messages, addresses, async (facts, sent, emails) => {
      await city.forget();
      await writeFacts(city.db, facts);
      await writeMessages(sent, emails);
      await city.rooms.app.get(PolicyService).changeRules(hr, RULES);
      for (const on of LOOKS) {
        for (const name of NAMES) {
          const expected = byHand(name, facts, sent, emails, on);
          expect([name, on, ...(await planned(name, on))]).toEqual([name, on, ...expected]);
        }
      }
    }),
    { numRuns: 4 },
  );
});

/** `3 goes out` or `3 too_soon`, in the order of staff. */
async function planned(name: Name, on: string): Promise<string[]> {
  const lines: string[] = [];
  try {
    const { messages: all } = await city.rooms.app.get(WavePlanner).plan(hr, policyNamed(name), on);
    for await (const { staffId, suppressed } of all) lines.push(`${staffId} ${suppressed ?? 'goes out'}`);
  } catch (error) {
    return [(error as { code: string }).code];
  }
  return lines;
}

function byHand(
  name: Name,
  facts: Facts,
  sent: readonly Message[],
  emails: readonly (string | null)[],
  on: string,
): string[] {
  const recount = new NaiveRecount(facts, on);
  const here = recount.people().toSorted((a, b) => a.staff - b.staff);
  const counted = here.filter(({ isLeftOut }) => !isLeftOut);
  if (counted.length === 0) return ['no_organisation'];
  const low = (one: number) => emails[one - 1]?.toLowerCase();
  const isShared = (address: string) => here.filter((one) => low(one.staff) === address).length > 1;
  const used = new Set<string>();
  return counted
    .filter((person) => isMeant(name, facts, person, on))
    .map((person) => {
      const { staff: to } = person;
      if (name !== 'top-message' && person.status === 'undisclosed') return `${to} undisclosed`;
      if (name !== 'top-message' && person.exceptedUntil) return `${to} exempt_until:${person.exceptedUntil}`;
      const address = low(to);
      if (address === undefined) return `${to} no_own_address`;
      if (address === 'so nicht') return `${to} bad_address`;
      if (name !== 'top-message' && isShared(address)) return `${to} shared_address`;
      const held = heldBackByHand(name, sent, person, on);
      if (held) return `${to} ${held}`;
      if (used.has(address)) return `${to} same_address`;
      used.add(address);
      return `${to} goes out`;
    });
}

function isMeant(name: Name, facts: Facts, { staff: one, status, cardMonth }: Person, on: string): boolean {
  if (name === 'top-message') return true;
  if (name === 'renewal')
    return cardMonth !== null && cardMonth >= monthOf(on) && cardMonth <= addMonths(monthOf(on), 3);
  if (status === 'held') return false;
  if (name === 'staff-monthly') return true;
  const schedule = policyNamed(name).schedule as Extract<Schedule, { kind: 'after-joining' }>;
  const { from, to } = joinedFor(schedule, on, { officeHours: { from: '', to: '' }, quietPeriods: [] });
  const places = facts.assignment.filter((place) => place.is_primary && place.superseded_at === null);
  for (let day = from; day < to; day = addDays(day, 1)) {
    const soFar = places.filter(({ valid_from }) => valid_from <= day);
    const own = soFar.find(({ staff_id, valid_to }) => staff_id === one && day < valid_to)?.unit_id;
    const ofTheUnit = soFar.filter(({ unit_id }) => unit_id === own).map(({ staff_id }) => staff_id);
    const isKnown = places.some((place) => ofTheUnit.includes(place.staff_id) && place.valid_from < day);
    if (isKnown && new NaiveRecount(facts, day).isFirstDay(one)) return true;
  }
  return false;
}

function heldBackByHand(
  name: Name,
  sent: readonly Message[],
  { staff: one, cardMonth }: Person,
  on: string,
): string | null {
  const reached = sent.filter(
    ({ staff: to, state, policy, on: day }) =>
      to === one &&
      ['sent', 'sending', 'queued', 'unknown'].includes(state) &&
      !(policy === name && day === on),
  );
  const ofPolicy = reached.filter(({ policy }) => policy === name);
  if (name === 'staff-start' && ofPolicy.length > 0) return 'already_told';
  if (name === 'top-message') return ofPolicy.length > 0 ? 'already_told' : null;
  const aYearBefore = `${Number(cardMonth?.slice(0, 4)) - 1}-${cardMonth?.slice(5)}-01`;
  if (name === 'renewal' && ofPolicy.some(({ on: day }) => day >= aYearBefore)) return 'already_told';
  const personal = reached.filter(({ policy }) => policy !== 'manager-monthly' && policy !== 'top-message');
  if (personal.some(({ on: day }) => addDays(day, RULES.minGapDays) > on)) return 'too_soon';
  const inYear = personal.filter(({ on: day }) => addDays(day, 365) > on);
  return inYear.length >= RULES.maxPerYear ? 'enough_this_year' : null;
}

async function writeMessages(sent: readonly Message[], emails: readonly (string | null)[]): Promise<void> {
  await city.db.query(
    `INSERT INTO staff_profile (staff_id, name, email, recorded_at)
     SELECT n, '見本 ' || n, email, now() FROM unnest($1::text[]) WITH ORDINALITY AS e (email, n)`,
    [emails],
  );
  await city.db.query(
    `WITH text AS (
       INSERT INTO message_template (name, version, sha256, source, recorded_at) VALUES ('x', 1, 'x', '{}', now()) RETURNING id
     ), given AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS m (policy text, "on" date, staff int, state text)
     ), waves AS (
       INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by)
       SELECT DISTINCT policy, "on", "on", text.id, 'finished', now(), 'test' FROM given, text RETURNING id, policy, on_date
     )
     INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, personal, context, state, message_id)
     SELECT w.id, 'staff:' || g.staff, 'outbox', g.staff, 1, g.policy NOT IN ('manager-monthly', 'top-message'), '{}', g.state,
            gen_random_uuid()
     FROM given g JOIN waves w ON w.policy = g.policy AND w.on_date = g."on"`,
    [JSON.stringify(sent)],
  );
}
