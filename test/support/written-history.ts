import * as fc from 'fast-check';
import { everything } from '../../src/access/scope.js';
import { countUnits } from '../../src/adoption/counts.query.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { addDays, type IsoDate } from '../../src/platform/month.js';
import type { CityFiles } from './city-files.js';
import { NaiveRecount } from './naive-recount.js';
import { DAYS, MONTHS, randomFacts, replaceFacts, type Facts } from './random-city.js';

/** On the days on which things happen, the days before, and some on which somebody has served for long enough. */
const DATES = [
  ...[...DAYS, ...MONTHS].flatMap((day) => [addDays(day, -1), day]),
  ...DAYS.slice(1, 4).flatMap((day) => [addDays(day, 17), addDays(day, 100)]),
];

/** What became known, which half of it was derived first, and what happened to the ledger in between. */
export interface Chapter {
  readonly facts: Facts;
  readonly peopleFirst: boolean;
  readonly after: 'nothing' | 'fold' | 'fold on' | 'rebuild';
  /** Where `fold on` finds the day of a clock that is not ours: it may have moved on, or back. */
  readonly today: IsoDate;
}

const chapter: fc.Arbitrary<Chapter> = fc.record({
  facts: randomFacts,
  peopleFirst: fc.boolean(),
  after: fc.constantFrom('nothing', 'fold', 'fold', 'fold on', 'rebuild'),
  today: fc.constantFrom(...DAYS, ...MONTHS),
});

export const writtenHistory = fc.array(chapter, { minLength: 2, maxLength: 4 });

/** Figures of the ledger that a patient person would not find in the facts. */
export async function differencesFrom(city: CityFiles, facts: Facts): Promise<string[]> {
  const rows = await countUnits(city.db.manager, everything('test'), { dates: DATES });
  return rows.flatMap(({ asOf, unitId, total }) => {
    const naive = new NaiveRecount(facts, asOf).total(unitId);
    const same = JSON.stringify(naive) === JSON.stringify(total);
    return same ? [] : [`${asOf} U${unitId} ${JSON.stringify(total)} is ${JSON.stringify(naive)}`];
  });
}

/** The same after every chapter, before and after what happens to the ledger, and once more as `verify` sees it. */
export async function differencesAlong(city: CityFiles, chapters: readonly Chapter[]): Promise<string[]> {
  const ledger = city.rooms.app.get(LedgerService);
  const found: string[] = [];
  await city.forget();
  for (const { facts, peopleFirst, after, today } of chapters) {
    await replaceFacts(city.db, facts, peopleFirst);
    found.push(...(await differencesFrom(city, facts)));
    if (after === 'fold') await ledger.fold();
    if (after === 'fold on') await city.db.query('SELECT fold_deltas($1)', [today]);
    if (after === 'rebuild') await ledger.rebuild();
    found.push(...(await differencesFrom(city, facts)));
  }
  const { differences } = await ledger.verify();
  return [...found, ...differences.map((difference) => JSON.stringify(difference))];
}
