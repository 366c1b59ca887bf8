import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { everything, scopeFrom, type Scope } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import type { WholeUnitLine } from '../../src/adoption/adoption.types.js';
import { countUnits, type UnitCountRow } from '../../src/adoption/counts.query.js';
import type { Counts } from '../../src/adoption/rate.js';
import { byRemaining } from '../../src/adoption/unit-figures.js';
import { addDays } from '../../src/platform/month.js';
import { CityFiles } from '../support/city-files.js';
import { NaiveRecount } from '../support/naive-recount.js';
import { DAYS, randomFacts, UNITS, writeFacts, type Facts } from '../support/random-city.js';

const ALL_UNITS = Array.from({ length: UNITS }, (_, n) => n + 1);
/** Each day on which something may happen and the one before: the ends of periods are where mistakes live. */
const DATES = DAYS.flatMap((day) => [addDays(day, -1), day]);
const all = everything('test');
const limitedTo = (...unitIds: number[]): Scope =>
  scopeFrom(
    'test',
    1,
    unitIds.map((unitId) => ({ role: 'manager', unitId })),
  );

const some = fc.record({
  facts: randomFacts,
  day: fc.constantFrom(...DATES),
  unit: fc.integer({ min: 1, max: UNITS }),
  roots: fc.uniqueArray(fc.integer({ min: 1, max: UNITS }), { minLength: 1, maxLength: 3 }),
});

describe('the figures of any organisation with any history', () => {
  let city: CityFiles;
  let adoption: AdoptionService;
  beforeAll(async () => {
    city = await CityFiles.open();
    adoption = city.rooms.app.get(AdoptionService);
  });
  afterAll(() => city.close());

  async function given(facts: Facts): Promise<void> {
    await city.forget();
    await writeFacts(city.db, facts);
  }

  it('equal a recount by hand from the facts, for every unit and on every day', async () => {
    await fc.assert(
      fc.asyncProperty(randomFacts, async (facts) => {
        await given(facts);
        const rows = await countUnits(city.db.manager, all, { dates: DATES });
        for (const day of DATES) {
          const naive = new NaiveRecount(facts, day);
          const there = ALL_UNITS.filter((id) => naive.wayTo(id) !== null);
          const expected = there.map((id) => ({
            id,
            name: naive.periodOf(id)!.name,
            parent: naive.periodOf(id)!.parent_id,
            way: naive.wayTo(id)!.map((step) => `U${step}`),
            total: naive.total(id),
            direct: naive.direct(id),
          }));
          const found = rows
            .filter((row) => row.asOf === day)
            .map(({ unitId: id, name, parentId: parent, codePath: way, total, direct }) => ({
              id,
              name,
              parent,
              way,
              total,
              direct,
            }))
            .toSorted((a, b) => a.id - b.id);
          expect([day, found]).toEqual([day, expected]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('add up: six statuses to the staff, the units below and the people of the unit itself to the unit', async () => {
    await fc.assert(
      fc.asyncProperty(randomFacts, async (facts) => {
        await given(facts);
        const rows = await countUnits(city.db.manager, all, { dates: DATES });
        for (const row of rows) {
          const { staff, exempt, held, ...others } = row.total;
          expect(held + Object.values(others).reduce((a, b) => a + b)).toBe(staff);
          expect(exempt).toBeLessThanOrEqual(staff - held);
          const below = rows.filter((child) => child.asOf === row.asOf && child.parentId === row.unitId);
          expect(sum([row.direct!, ...below.map((child) => child.total)])).toEqual(row.total);
        }
      }),
      { numRuns: 8 },
    );
  });

  it('are the same whether a unit is asked for alone, with its children, among all, or in a row of days', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, day, unit }) => {
        await given(facts);
        const code = `U${unit}`;
        const naive = new NaiveRecount(facts, day);
        if (naive.wayTo(unit) === null) {
          await expect(adoption.unit(all, code, day)).rejects.toMatchObject({ code: 'unit_not_found' });
          return;
        }
        const { staff, held, exempt, direct, children } = await adoption.unit(all, code, day);
        expect({ staff, held, exempt, direct }).toEqual({
          ...pick(naive.total(unit)),
          direct: naive.direct(unit),
        });
        const below = ALL_UNITS.filter((id) => naive.wayTo(id)?.at(-2) === unit);
        expect(children.map((child) => [child.unit.code, child.staff]).toSorted()).toEqual(
          below.map((id) => [`U${id}`, naive.total(id).staff]).toSorted(),
        );
        const lines = await adoption.lines(all, day);
        expect(pick(lines.find((line) => line.unit.code === code)!)).toEqual(pick(naive.total(unit)));
        const { points } = await adoption.trend(all, code, '2022-01', '2022-10');
        for (const point of points)
          expect([point.asOf, pick(point)]).toEqual([
            point.asOf,
            pick(new NaiveRecount(facts, point.asOf).total(unit)),
          ]);
      }),
      { numRuns: 20 },
    );
  });

  it('show a limited scope exactly its subtrees of the day, with the figures everybody sees', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, roots }) => {
        await given(facts);
        const [whole, seen] = await Promise.all(
          [all, limitedTo(...roots)].map((scope) => countUnits(city.db.manager, scope, { dates: DATES })),
        );
        const inside = ({ asOf, unitId }: UnitCountRow) =>
          new NaiveRecount(facts, asOf).wayTo(unitId)!.some((step) => roots.includes(step));
        expect(seen).toEqual(whole!.filter(inside));
      }),
      { numRuns: 12 },
    );
  });

  it('put the units with most people remaining first, as everybody would who has the whole list', async () => {
    await fc.assert(
      fc.asyncProperty(some, fc.integer({ min: 1, max: 6 }), async ({ facts, day, unit }, limit) => {
        await given(facts);
        await city.db.query(`SELECT fold_deltas($1)`, [DATES[limit]]);
        const lines = await adoption.lines(all, day);
        fc.pre(lines.some((line) => line.unit.code === `U${unit}`));
        const naive = new NaiveRecount(facts, day);
        const below = lines
          .filter((line) => line.unitId !== unit && naive.wayTo(line.unitId)!.includes(unit))
          .filter((line) => line.remaining > 0)
          .toSorted(byRemaining);
        const found = await adoption.remaining(all, `U${unit}`, limit, day);
        expect(found).toEqual(below.slice(0, limit).map((line) => pickLine(line)));
      }),
      { numRuns: 30 },
    );
  });

  it('answer for a unit outside the scope as for one that does not exist', async () => {
    await fc.assert(
      fc.asyncProperty(some, async ({ facts, day, unit, roots }) => {
        await given(facts);
        const naive = new NaiveRecount(facts, day);
        fc.pre(!naive.wayTo(unit)?.some((step) => roots.includes(step)));
        const scope = limitedTo(...roots);
        const answer = async (code: string) => {
          const errors = await Promise.all(
            [
              adoption.unit(scope, code, day),
              adoption.children(scope, code, day),
              adoption.remaining(scope, code, 10, day),
            ].map((asked) =>
              asked.catch((error: Error) => ({ ...error, message: error.message.replace(code, '…') })),
            ),
          );
          return errors;
        };
        expect(await answer(`U${unit}`)).toEqual(await answer('NOWHERE'));
      }),
      { numRuns: 10 },
    );
  });
});

function pickLine({
  unitId: _id,
  parentCode: _parent,
  path: _path,
  depth: _depth,
  position: _position,
  direct: _direct,
  ...line
}: WholeUnitLine) {
  return line;
}

function pick({ staff, held, exempt }: Pick<Counts, 'staff' | 'held' | 'exempt'>) {
  return { staff, held, exempt };
}

function sum(all: readonly Counts[]): Counts {
  const names = Object.keys(all[0]!) as (keyof Counts)[];
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((total, counts) => total + counts[name], 0)]),
  ) as unknown as Counts;
}
