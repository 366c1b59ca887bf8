import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { everything } from '../../src/access/scope.js';
import { addDays, type IsoDate } from '../../src/platform/month.js';
import { DAYS_TO_CARD } from '../../src/reminders/outcome.js';
import { OutcomeService } from '../../src/reminders/outcome.service.js';
import { CityFiles } from '../support/city-files.js';
import { NaiveRecount } from '../support/naive-recount.js';
import { DAYS, PEOPLE, randomFacts, UNITS, writeFacts, type Facts } from '../support/random-city.js';

const hr = everything('test');
/** The days of the youngest waves are not over yet. */
const TODAY = '2022-10-31';

interface Delivery {
  readonly state: 'sent' | 'unknown' | 'failed' | 'bounced' | 'suppressed' | 'queued';
  /** Of messages to persons. */
  readonly staff: number;
  /** Of messages about units: the first is the recipient's. */
  readonly units: readonly number[];
}

interface Wave {
  readonly policy: 'staff-monthly' | 'manager-monthly';
  readonly on: IsoDate;
  readonly deliveries: readonly Delivery[];
}

const delivery: fc.Arbitrary<Delivery> = fc.record({
  state: fc.constantFrom<Delivery['state'][]>(
    'sent',
    'sent',
    'sent',
    'unknown',
    'failed',
    'bounced',
    'suppressed',
    'queued',
  ),
  staff: fc.integer({ min: 1, max: PEOPLE }),
  units: fc.uniqueArray(fc.integer({ min: 1, max: UNITS }), { minLength: 1, maxLength: 2 }),
});
const waves: fc.Arbitrary<Wave[]> = fc.uniqueArray(
  fc.record({
    policy: fc.constantFrom('staff-monthly' as const, 'manager-monthly' as const),
    on: fc
      .constantFrom(...DAYS.flatMap((day) => [day, addDays(day, 5), addDays(day, 16)]))
      .filter((on) => on <= TODAY),
    deliveries: fc.uniqueArray(delivery, { minLength: 1, maxLength: 4, selector: ({ staff }) => staff }),
  }),
  { minLength: 2, maxLength: 8, selector: ({ policy, on }) => `${policy} ${on}` },
);

let city: CityFiles;
beforeAll(async () => {
  city = await CityFiles.open({ NOW: `${TODAY}T10:00:00+09:00` });
});
afterAll(() => city.close());

test('who was reached, who was not, and who got a card equals a recount by hand', async () => {
  await fc.assert(
    fc.asyncProperty(randomFacts, waves, async (facts, all) => {
      await city.forget();
      await writeFacts(city.db, facts);
      await writeWaves(all);
      const outcomes = await city.rooms.app.get(OutcomeService).outcomes(hr);
      const counted = outcomes.map(({ policy, to, reached, others }) => ({
        policy,
        on: to,
        reached,
        others,
      }));
      const expected = all.map((wave) => byHand(facts, all, wave));
      const order = (one: { policy: string; on: string }) => `${one.on} ${one.policy}`;
      const sorted = <T extends { policy: string; on: string }>(list: T[]) =>
        list.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
      expect(sorted(counted)).toEqual(sorted(expected));
    }),
    { numRuns: 25 },
  );
});

function byHand(facts: Facts, all: readonly Wave[], wave: Wave) {
  const { policy, on } = wave;
  const over = addDays(on, DAYS_TO_CARD);
  const until = over < TODAY ? over : TODAY;
  const recount = new NaiveRecount(facts, on);
  const later = new NaiveRecount(facts, until).people();
  const holds = (staff: number) => later.some((one) => one.staff === staff && one.status === 'held');
  const near = all.filter(
    (other) => other.policy === policy && other.on >= addDays(on, -DAYS_TO_CARD) && other.on <= until,
  );
  const asked = recount
    .people()
    .filter((one) => !one.isLeftOut && !one.isExempt && !['held', 'undisclosed'].includes(one.status));
  const reached = asked.filter(({ staff }) => isTold(facts, wave, staff, ['sent']));
  // An unknown one may have arrived: whoever it was for is on neither side.
  const others = asked.filter(
    ({ staff }) => !near.some((other) => isTold(facts, other, staff, ['sent', 'unknown'])),
  );
  const group = (people: typeof asked) => ({
    people: people.length,
    got: people.filter(({ staff }) => holds(staff)).length,
  });
  return { policy, on, reached: group(reached), others: group(others) };
}

/** By a message of one's own, or by one about a unit that one is in, or that is above it, on the day of the wave. */
function isTold(facts: Facts, { policy, on, deliveries }: Wave, staff: number, states: readonly string[]) {
  const recount = new NaiveRecount(facts, on);
  const home = recount.people().find((one) => one.staff === staff)?.home;
  const above = home === undefined ? [] : (recount.wayTo(home) ?? [1]);
  return deliveries.some(
    (one) =>
      states.includes(one.state) &&
      (policy === 'staff-monthly' ? one.staff === staff : one.units.some((unit) => above.includes(unit))),
  );
}

async function writeWaves(all: readonly Wave[]): Promise<void> {
  await city.db.query(
    `WITH text AS (
       INSERT INTO message_template (name, version, sha256, source, recorded_at) VALUES ('x', 1, 'x', '{}', now()) RETURNING id
     ), given AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS w (policy text, "on" date, deliveries jsonb)
     ), waves AS (
       INSERT INTO wave (policy, on_date, as_of, template_id, state, planned_at, planned_by)
       SELECT policy, "on", "on", text.id, 'finished', now(), 'test' FROM given, text RETURNING id, policy, on_date
     )
     INSERT INTO delivery (wave_id, recipient, channel, staff_id, unit_id, about_units, personal, context, state, message_id)
     SELECT w.id, 'staff:' || d.staff, 'outbox', d.staff, d.units[1],
            CASE w.policy WHEN 'manager-monthly' THEN d.units ELSE '{}' END, false, '{}', d.state, gen_random_uuid()
     FROM given g JOIN waves w ON w.policy = g.policy AND w.on_date = g."on"
     CROSS JOIN LATERAL jsonb_to_recordset(g.deliveries) AS d (staff int, state text, units int[])`,
    [JSON.stringify(all)],
  );
}
