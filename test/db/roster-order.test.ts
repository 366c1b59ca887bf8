import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CityFiles, csv } from '../support/city-files.js';

const UNITS = csv(
  ['所属コード', '所属名', '上位所属コード'],
  [
    ['CITY', '見本市', null],
    ['A', 'A局', 'CITY'],
    ['A1', 'A1課', 'A'],
    ['A2', 'A2課', 'A'],
    ['B', 'B局', 'CITY'],
    ['B1', 'B1課', 'B'],
    ['B2', 'B2課', 'B'],
  ],
);
const SCOPES: Record<string, readonly string[]> = {
  ALL: ['CITY', 'A', 'A1', 'A2', 'B', 'B1', 'B2'],
  A: ['A', 'A1', 'A2'],
  B: ['B', 'B1', 'B2'],
  B1: ['B1'],
};
const DAYS = ['2022-04-01', '2022-05-01', '2022-06-01', '2022-07-01', '2022-08-01'];
const PEOPLE = ['01', '02', '03', '04', '05'];

interface Sent {
  readonly day: string;
  readonly scope: string;
  /** Unit of each person in the file. */
  readonly places: Readonly<Record<string, string>>;
}

/** A roster of everybody or of one scope, with whoever and wherever. */
function sent(scopes: readonly string[]): fc.Arbitrary<Sent> {
  return fc.constantFrom(...scopes).chain((scope) =>
    fc.record({
      day: fc.constantFrom(...DAYS),
      scope: fc.constant(scope),
      places: fc
        .tuple(
          ...PEOPLE.map(() => fc.option(fc.constantFrom(...SCOPES[scope]!), { freq: 3, nil: undefined })),
        )
        .map((units) =>
          Object.fromEntries(PEOPLE.flatMap((number, n) => (units[n] ? [[number, units[n]]] : []))),
        )
        .filter((places) => Object.keys(places).length > 0),
    }),
  );
}

/**
 * What is known of each person on each day. A roster says it from its day on, for whoever is in it or was in its scope,
 * until the next day on which another roster spoke of the same person or something else was known already.
 */
class Known {
  private readonly places = Object.fromEntries(DAYS.map((day) => [day, {} as Record<string, string>]));
  private readonly told: { day: string; scope: string }[] = [];

  on(day: string): Record<string, string> {
    return this.places[day]!;
  }

  /** Puts somebody where a later roster of that scope, already known, does not have them. */
  contradicts({ day, scope, places }: Sent): boolean {
    return this.told.some(
      (other) =>
        other.day > day &&
        other.scope !== 'ALL' &&
        other.scope !== scope &&
        PEOPLE.some(
          (number) => isIn(places[number], other.scope) && !isIn(this.on(other.day)[number], other.scope),
        ),
    );
  }

  take({ day, scope, places }: Sent): void {
    for (const number of PEOPLE) {
      const said = places[number];
      const before = this.on(day)[number];
      if (said === before || (said === undefined && !isIn(before, scope))) continue;
      const spoke = (later: string) =>
        this.told.some(
          (other) =>
            other.day === later &&
            (other.scope === 'ALL' || other.scope === scope || isIn(this.on(later)[number], other.scope)),
        );
      for (const later of DAYS.filter((candidate) => candidate >= day)) {
        if (later > day && (spoke(later) || this.on(later)[number] !== before)) break;
        if (said === undefined) delete this.on(later)[number];
        else this.on(later)[number] = said;
      }
    }
    this.told.push({ day, scope });
  }
}

function isIn(unit: string | undefined, scope: string): boolean {
  return unit !== undefined && SCOPES[scope]!.includes(unit);
}

describe('rosters that arrive in any order', () => {
  let city: CityFiles;
  beforeAll(async () => {
    city = await CityFiles.open();
  });
  afterAll(() => city.close());

  async function send({ day, scope, places }: Sent): Promise<void> {
    const text = csv(
      ['職員番号', '氏名', '所属コード'],
      Object.entries(places).map(([number, unit]) => [number, `見本 ${number}`, unit]),
    );
    const report = await city.confirmedRoster(text, {
      asOf: day,
      scopeCode: scope === 'ALL' ? undefined : scope,
    });
    expect(report.problems).toEqual([]);
  }

  /** The organisation stands before; its first roster is of nobody of these. */
  async function begin(): Promise<void> {
    await city.forget();
    await city.roster(csv(['職員番号', '氏名', '所属コード'], [['99', '見本 首長', 'CITY']]), {
      asOf: '2022-01-01',
      units: UNITS,
    });
  }

  it('each hold on their own day what the last file for that day said, when each is of everybody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent(['ALL']), { minLength: 2, maxLength: 6 }), async (files) => {
        await begin();
        for (const file of files) await send(file);
        for (const { day } of files) {
          const last = files.findLast((file) => file.day === day)!;
          expect([day, await city.rosterOn(day)]).toEqual([day, last.places]);
        }
        expect(await city.violations()).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  it('leave one another’s people alone, when some are of one scope', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sent(Object.keys(SCOPES)), { minLength: 3, maxLength: 7 }), async (files) => {
        await begin();
        const known = new Known();
        for (const file of files) {
          if (known.contradicts(file)) continue;
          await send(file);
          known.take(file);
          for (const day of DAYS) {
            const { '99': _mayor, ...roster } = await city.rosterOn(day);
            expect([day, roster]).toEqual([day, known.on(day)]);
          }
        }
        expect(await city.violations()).toEqual([]);
      }),
      { numRuns: 14 },
    );
  });
});
