import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { countRestated } from '../../src/adoption/restated-counts.query.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { addDays } from '../../src/platform/month.js';
import { CityFiles } from '../support/city-files.js';
import { NaiveRecount } from '../support/naive-recount.js';
import { DAYS, randomFacts, UNITS, writeFacts } from '../support/random-city.js';

const ALL_UNITS = Array.from({ length: UNITS }, (_, n) => n + 1);
const DATES = DAYS.flatMap((day) => [addDays(day, -1), day]);
const all = everything('test');

const some = fc.record({
  facts: randomFacts,
  tree: fc.constantFrom(...DATES),
  isFolded: fc.boolean(),
  roots: fc.uniqueArray(fc.integer({ min: 1, max: UNITS }), { minLength: 1, maxLength: 3 }),
});

describe('the figures of any history, in the organisation of any one day', () => {
  let city: CityFiles;
  beforeAll(async () => {
    city = await CityFiles.open();
  });
  afterAll(() => city.close());

  it('equal a recount by hand that puts the units of each day into the tree of that day', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, tree, isFolded }) => {
        await city.forget();
        await writeFacts(city.db, facts);
        if (isFolded) await city.rooms.app.get(LedgerService).fold();
        const naiveTree = new NaiveRecount(facts, tree);
        const rows = await countRestated(city.db.manager, all, tree, { dates: DATES });
        for (const day of DATES) {
          const naive = new NaiveRecount(facts, day);
          const expected = ALL_UNITS.filter((id) => naiveTree.wayTo(id) !== null).map((id) => ({
            id,
            name: naiveTree.periodOf(id)!.name,
            total: naive.restated(id, naiveTree),
            elsewhere: naive.elsewhere(id, naiveTree),
          }));
          const found = rows
            .filter((row) => row.asOf === day)
            .map(({ unitId: id, name, total, elsewhere }) => ({ id, name, total, elsewhere }))
            .toSorted((a, b) => a.id - b.id);
          expect([day, found]).toEqual([day, expected]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are the same for one unit, for its children and among all, and show a scope its units of that day alone', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, tree, roots }) => {
        await city.forget();
        await writeFacts(city.db, facts);
        const naiveTree = new NaiveRecount(facts, tree);
        const everywhere = await countRestated(city.db.manager, all, tree, { dates: DATES });
        const limited = scopeFrom(
          'test',
          1,
          roots.map((unitId) => ({ role: 'manager', unitId })),
        );
        expect(await countRestated(city.db.manager, limited, tree, { dates: DATES })).toEqual(
          everywhere.filter(({ unitId }) => naiveTree.wayTo(unitId)!.some((step) => roots.includes(step))),
        );
        for (const levels of [0, 1]) {
          const [unit] = roots;
          const named = await countRestated(city.db.manager, all, tree, {
            dates: DATES,
            under: `U${unit}`,
            levels,
          });
          const inside = everywhere.filter(({ unitId }) => {
            const steps = naiveTree.wayTo(unitId)!.toReversed().indexOf(unit!);
            return steps >= 0 && steps <= levels;
          });
          expect(
            named.map(({ unitId, asOf, total, elsewhere }) => ({ unitId, asOf, total, elsewhere })),
          ).toEqual(inside.map(({ unitId, asOf, total, elsewhere }) => ({ unitId, asOf, total, elsewhere })));
        }
      }),
      { numRuns: 20 },
    );
  });
});
