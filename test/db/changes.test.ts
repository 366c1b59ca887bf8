import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { everything, scopeFrom } from '../../src/access/scope.js';
import type { ChangePart, UnitChanges } from '../../src/adoption/change-parts.js';
import { ChangesService } from '../../src/adoption/changes.service.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import type { Counts } from '../../src/adoption/rate.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { CityFiles } from '../support/city-files.js';
import { countsOf, NaiveRecount, type Person } from '../support/naive-recount.js';
import { DAYS, randomFacts, UNITS, writeFacts } from '../support/random-city.js';
import { people, UNITS as SECTIONS } from '../support/sample-roster.js';

const ALL_UNITS = Array.from({ length: UNITS }, (_, n) => n + 1);
const hr = everything('jinji');
const COUNTERS: readonly (keyof Counts)[] = [
  'staff',
  'held',
  'applied',
  'notApplied',
  'undisclosed',
  'unanswered',
  'lapsed',
  'exempt',
];

/** Two definitions that part many people, so that those between whom the days lie differ often enough. */
const redefined = fc.constantFrom(['会計年度任用', '正規'], ['正規', '会計年度任用']).map((employments) =>
  employments.map((employment, n) => ({
    version: n + 1,
    valid_from: ['-infinity', DAYS[4]!][n]!,
    left_out_employment: [employment],
    left_out_leave: [],
    min_days: 0,
    superseded_at: null,
  })),
);

const some = fc.record({
  facts: fc
    .tuple(randomFacts, fc.option(redefined, { freq: 1 }))
    .map(([facts, count_definition]) => (count_definition ? { ...facts, count_definition } : facts)),
  days: fc
    .uniqueArray(fc.constantFrom(...DAYS), { minLength: 2, maxLength: 2 })
    .map((days) => days.toSorted() as [string, string]),
});

describe('what the figures of a unit changed by between two days', () => {
  let city: CityFiles;
  let changes: ChangesService;
  beforeAll(async () => {
    city = await CityFiles.open();
    changes = city.rooms.app.get(ChangesService);
  });
  afterAll(() => city.close());

  it('adds up to the difference in every counter, and each part is what one finds person by person', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, days: [from, to] }) => {
        await city.forget();
        await writeFacts(city.db, facts);
        const [before, after] = [new NaiveRecount(facts, from), new NaiveRecount(facts, to)];
        for (const unit of ALL_UNITS) {
          if (before.wayTo(unit) === null && after.wayTo(unit) === null) continue;
          const found = await changes.between(hr, `U${unit}`, from, to);
          expect(pick(found.before)).toEqual(before.total(unit));
          expect(pick(found.after)).toEqual(after.total(unit));
          for (const counter of COUNTERS) {
            const sum = found.parts.reduce((total, part) => total + part[counter]!, 0);
            expect([unit, counter, sum]).toEqual([
              unit,
              counter,
              found.after[counter]! - found.before[counter]!,
            ]);
          }
          expect([unit, told(found)]).toEqual([unit, partsByHand(unit, before, after)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('tells apart whom a new definition leaves out, who goes on leave, and whose card is past its month', async () => {
    await city.forget();
    const { app } = city.rooms;
    const kinds = ['雇用区分', '勤務状況'] as const;
    const april = [
      '0001 110 正規 -',
      '0002 110 正規 -',
      '0003 110 会計年度任用 -',
      '0004 110 会計年度任用 -',
    ];
    const july = ['0001 110 正規 -', '0002 110 正規 育休', '0003 110 会計年度任用 -', '0004 110 正規 -'];
    await city.roster(people(april, ...kinds), { units: SECTIONS, asOf: '2022-04-01' });
    await city.roster(people(july, ...kinds), { asOf: '2022-07-01' });
    await app
      .get(CardEventService)
      .record(hr, '0001', { status: 'held', on: '2022-04-01', expiresOn: '2022-06' });
    const leave = { leftOutLeave: ['育休'], minDays: 0, reason: '報告の対象' };
    const define = (validFrom: string, rules: object) =>
      app.get(DefinitionService).set(hr, { ...leave, leftOutEmployment: [], validFrom, ...rules }, false);
    await define('2022-04-01', {});
    await define('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    await define('2022-09-01', { leftOutLeave: [] });
    const partsBetween = async (from: string, to: string) =>
      Object.entries(told(await changes.between(hr, undefined, from, to))).map(([part, { people: who }]) => [
        part,
        who,
      ]);
    expect(await partsBetween('2022-05-31', '2022-07-31')).toEqual([
      ['lapsed', 1],
      ['ceased_to_count', 1],
      ['definition_out', 1],
    ]);
    expect(await partsBetween('2022-06-30', '2022-07-31')).toEqual([
      ['lapsed', 1],
      ['began_to_count', 1],
      ['ceased_to_count', 1],
    ]);
    expect(await partsBetween('2022-07-31', '2022-09-30')).toEqual([['definition_in', 2]]);
  });

  it('splits the rate into steps that add up as they are shown', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, days: [from, to] }) => {
        await city.forget();
        await writeFacts(city.db, facts);
        const { rate } = await changes.between(hr, 'U1', from, to);
        const { before, afterAnswers, afterFlows, after, byAnswers, byFlows, byDefinition } = rate!;
        const steps = [before, afterAnswers, afterFlows, after];
        for (const step of steps) {
          if (step === null) return;
          expect(step).toBeGreaterThanOrEqual(0);
          expect(step).toBeLessThanOrEqual(100);
        }
        const sum = before! + byAnswers! + byFlows! + byDefinition!;
        expect(Math.round(10 * sum)).toBe(Math.round(10 * after!));
      }),
      { numRuns: 15 },
    );
  });

  it('tells a manager who came and went, and not with what', async () => {
    const [facts] = fc.sample(randomFacts, { numRuns: 1, seed: 5 });
    await city.forget();
    await writeFacts(city.db, facts!);
    const manager = scopeFrom('kacho', 1, [{ role: 'manager', unitId: 1 }]);
    const found = await changes.between(manager, 'U1', DAYS[1]!, DAYS[8]!);
    expect(found.rate).toBeNull();
    expect(found.parts.map(({ part }) => part)).toEqual([
      'joined',
      'left',
      'transferred_in',
      'transferred_out',
      'reorganised_in',
      'reorganised_out',
      'began_to_count',
      'ceased_to_count',
      'definition_in',
      'definition_out',
    ]);
    for (const part of found.parts) expect(Object.keys(part)).toEqual(['part', 'people', 'staff']);
    expect(Object.keys(found.before)).toEqual(['staff', 'held', 'rate', 'definition']);
    const staff = found.parts.reduce((sum, part) => sum + part.staff, 0);
    expect(staff).toBe(found.after.staff - found.before.staff);
  });

  it('is nothing for leaders and auditors, nor for days that are none or in the wrong order', async () => {
    for (const role of ['leader', 'auditor'] as const) {
      const reader = scopeFrom('shicho', 1, [{ role, unitId: null }]);
      await expect(changes.between(reader, 'U1', DAYS[0]!, DAYS[1]!)).rejects.toMatchObject({
        code: 'role_required',
      });
    }
    await expect(changes.between(hr, 'U1', DAYS[1]!, DAYS[1]!)).rejects.toMatchObject({ code: 'bad_period' });
    await expect(changes.between(hr, 'U1', 'x', DAYS[1]!)).rejects.toMatchObject({ code: 'bad_date' });
    await expect(changes.between(hr, 'U9', DAYS[0]!, DAYS[1]!)).rejects.toMatchObject({
      code: 'unit_not_found',
    });
  });

  it('shows a unit only to who sees it on both days, unless it is not there', async () => {
    await fc.assert(
      fc.asyncProperty(some, fc.constantFrom(...ALL_UNITS), async ({ facts, days: [from, to] }, top) => {
        await city.forget();
        await writeFacts(city.db, facts);
        const limited = scopeFrom('jinji', 1, [{ role: 'hr', unitId: top }]);
        for (const unit of ALL_UNITS) {
          const ways = [from, to].map((day) => new NaiveRecount(facts, day).wayTo(unit));
          const isThere = ways.some((way) => way !== null);
          const isSeen = isThere && ways.every((way) => way === null || way.includes(top));
          const answer = await changes.between(limited, `U${unit}`, from, to).then(
            () => 'seen',
            (error: { code: string }) => error.code,
          );
          expect([unit, answer]).toEqual([unit, isSeen ? 'seen' : 'unit_not_found']);
        }
      }),
      { numRuns: 15 },
    );
  });
});

function pick(counts: Partial<Counts>): Counts {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, counts[counter]])) as unknown as Counts;
}

/** The parts in which there is somebody. */
function told({ parts }: UnitChanges): Record<string, { people: number }> {
  return Object.fromEntries(
    parts
      .filter((part) => part.people > 0)
      .map((part) => [part.part, { people: part.people, ...pick(part) }]),
  );
}

/** Everybody once, with the rule in hand. */
function partsByHand(unit: number, before: NaiveRecount, after: NaiveRecount): Record<string, unknown> {
  const parts: Partial<
    Record<ChangePart, { people: number } & { -readonly [name in keyof Counts]: number }>
  > = {};
  const add = (part: ChangePart, came: Person | undefined, went: Person | undefined) => {
    const [plus, minus] = [countsOf(came ? [came] : []), countsOf(went ? [went] : [])];
    const sum = (parts[part] ??= { people: 0, ...countsOf([]) });
    sum.people++;
    for (const counter of COUNTERS) sum[counter] += plus[counter] - minus[counter];
  };
  const isBelow = (tree: NaiveRecount, { home }: Person) => (tree.wayTo(home) ?? [1]).includes(unit);
  const [was, is] = [before.people(), after.people()];
  for (const staff of new Set([...was, ...is].map((person) => person.staff))) {
    const old = was.find((person) => person.staff === staff);
    const now = is.find((person) => person.staff === staff);
    const wasBelow = old !== undefined && isBelow(before, old);
    const isNowBelow = now !== undefined && isBelow(after, now);
    const [wasCounted, isCounted] = [old?.isLeftOut === false, now?.isLeftOut === false];
    if (wasBelow && isNowBelow && wasCounted !== isCounted) {
      const byDefinition = before.isLeftOutBy(after, staff) !== isCounted;
      if (isCounted) add(byDefinition ? 'definition_in' : 'began_to_count', now, undefined);
      else add(byDefinition ? 'definition_out' : 'ceased_to_count', undefined, old);
    } else if (wasBelow && isNowBelow && isCounted) {
      if (old.status !== now.status)
        add(answerPart(old.status, now.status), { ...now, isExempt: false }, { ...old, isExempt: false });
      if (old.isExempt !== now.isExempt)
        add(
          now.isExempt ? 'exception_began' : 'exception_ended',
          { ...now, status: 'lapsed' },
          { ...old, status: 'lapsed' },
        );
    } else if (isNowBelow && !wasBelow && isCounted) {
      add(!old ? 'joined' : old.home === now.home ? 'reorganised_in' : 'transferred_in', now, undefined);
    } else if (wasBelow && !isNowBelow && wasCounted) {
      add(!now ? 'left' : now.home === old.home ? 'reorganised_out' : 'transferred_out', undefined, old);
    }
  }
  return parts;
}

const ANSWERS: Partial<Record<string, ChangePart>> = {
  'applied held': 'new_card',
  'not_applied held': 'new_card',
  'lapsed held': 'new_card',
  'held applied': 'lapsed',
  'held not_applied': 'lapsed',
  'held lapsed': 'lapsed',
  'unanswered held': 'newly_answered',
  'unanswered applied': 'newly_answered',
  'unanswered not_applied': 'newly_answered',
  'unanswered undisclosed': 'newly_answered',
  'unanswered lapsed': 'newly_answered',
  'undisclosed held': 'newly_answered',
  'undisclosed applied': 'newly_answered',
  'undisclosed not_applied': 'newly_answered',
  'undisclosed lapsed': 'newly_answered',
};

function answerPart(old: string, now: string): ChangePart {
  return ANSWERS[`${old} ${now}`] ?? 'other_answer';
}
