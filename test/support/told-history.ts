import * as fc from 'fast-check';
import { everything } from '../../src/access/scope.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CARD_STATUS_LABELS, CARD_STATUSES, type CardStatus } from '../../src/ledger/card-status.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import { AppError } from '../../src/platform/errors.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { csv, type CityFiles } from './city-files.js';

/**
 * What people tell the product about a small city, one after the other and on whatever day: through the services that
 * the doors call, where `random-city.ts` writes the facts themselves. Some of it is refused, as it should be.
 */
export type Act =
  | {
      readonly tell: 'roster';
      readonly day: string;
      readonly scope: string;
      readonly people: readonly Person[];
    }
  | {
      readonly tell: 'organisation';
      readonly day: string;
      readonly parents: Readonly<Record<string, string>>;
    }
  | { readonly tell: 'list'; readonly lines: readonly Told[] }
  | { readonly tell: 'event'; readonly line: Told }
  | {
      readonly tell: 'correction';
      readonly nth: number;
      readonly status: CardStatus | null;
      readonly on?: string;
    }
  | { readonly tell: 'exception'; readonly number: string; readonly from: string; readonly to: string }
  | { readonly tell: 'withdrawal'; readonly nth: number; readonly on: string }
  | {
      readonly tell: 'definition';
      readonly from: string;
      readonly employment: readonly string[];
      readonly leave: readonly string[];
      readonly minDays: number;
    }
  | { readonly tell: 'fold' | 'rebuild' };

interface Person {
  readonly number: string;
  readonly unit: string;
  readonly employment: string;
  readonly leave: string;
}

interface Told {
  readonly number: string;
  readonly status: CardStatus;
  readonly on: string;
  readonly expires: string | null;
}

const ROOT = 'CITY';
const BUREAUS = ['A', 'B', 'C'];
const SECTIONS = ['A1', 'A2', 'B1', 'B2', 'C1'];
const NUMBERS = ['01', '02', '03', '04', '05', '06'];
/** The last is still to come. */
const DAYS = ['2022-04-01', '2022-05-16', '2022-07-01', '2022-08-31', '2022-10-01', '2023-04-01'];
const MONTHS = ['2022-05', '2022-08', '2023-03'];
const PARENTS: Readonly<Record<string, string>> = {
  A: ROOT,
  B: ROOT,
  C: ROOT,
  A1: 'A',
  A2: 'A',
  B1: 'B',
  B2: 'B',
  C1: 'C',
};

const day = fc.constantFrom(...DAYS);
const number = fc.constantFrom(...NUMBERS);
const status = fc.oneof(fc.constant('held' as const), fc.constantFrom(...CARD_STATUSES));
const person = fc.record({
  number,
  unit: fc.constantFrom(...SECTIONS, ...SECTIONS, ...BUREAUS),
  employment: fc.constantFrom('正規', '正規', '会計年度任用'),
  leave: fc.constantFrom('', '', '', '育休'),
});
const told = fc.record({
  number,
  status,
  on: fc.constantFrom(...DAYS.slice(0, -1)),
  expires: fc.option(fc.constantFrom(...MONTHS), { freq: 2 }),
});

/** Sections hang below any bureau, bureaus below the city or another bureau; some are not there at all. */
const organisation = fc
  .record({
    bureaus: fc.subarray(BUREAUS, { minLength: 1 }),
    below: fc.array(fc.nat(BUREAUS.length), { minLength: SECTIONS.length, maxLength: SECTIONS.length }),
    nested: fc.boolean(),
  })
  .map(({ bureaus, below, nested }) => ({
    ...Object.fromEntries(bureaus.map((code, n) => [code, nested && n > 0 ? bureaus[0]! : ROOT])),
    ...Object.fromEntries(
      SECTIONS.flatMap((code, n) => (below[n]! < bureaus.length ? [[code, bureaus[below[n]!]!]] : [])),
    ),
  }));

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      tell: fc.constant('roster' as const),
      day,
      scope: fc.constantFrom(ROOT, ROOT, 'A', 'B1'),
      people: fc.uniqueArray(person, {
        selector: (one) => one.number,
        minLength: 2,
        maxLength: NUMBERS.length,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ tell: fc.constant('organisation' as const), day, parents: organisation }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      tell: fc.constant('list' as const),
      lines: fc.uniqueArray(told, {
        selector: (line) => `${line.number} ${line.on}`,
        minLength: 1,
        maxLength: 8,
      }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ tell: fc.constant('event' as const), line: told }) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        tell: fc.constant('correction' as const),
        nth: fc.nat(20),
        status: fc.option(status, { freq: 2 }),
        on: day,
      },
      { requiredKeys: ['tell', 'nth', 'status'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ number, ends: fc.tuple(day, day) }).map(({ number: one, ends }) => {
      const [from, to] = ends.toSorted() as [string, string];
      return { tell: 'exception' as const, number: one, from, to };
    }),
  },
  { weight: 1, arbitrary: fc.record({ tell: fc.constant('withdrawal' as const), nth: fc.nat(5), on: day }) },
  {
    weight: 2,
    arbitrary: fc.record({
      tell: fc.constant('definition' as const),
      from: day,
      employment: fc.subarray(['会計年度任用']),
      leave: fc.subarray(['育休']),
      minDays: fc.constantFrom(0, 0, 20, 60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ tell: fc.constantFrom('fold' as const, 'rebuild' as const) }) },
);

export const toldHistory: fc.Arbitrary<readonly Act[]> = fc.array(act, { minLength: 4, maxLength: 14 });

/** What became of an act: done, or the code with which it was refused. */
export type Outcome = string;

/** A city of which nothing is known but its organisation, and the first roster of everybody. */
export async function beginHistory(city: CityFiles): Promise<void> {
  await city.forget();
  const people = NUMBERS.map((one, n) => ({
    number: one,
    unit: SECTIONS[n % SECTIONS.length]!,
    employment: '正規',
    leave: '',
  }));
  refusalOf(await city.roster(rosterText(people), { asOf: '2022-01-01', units: unitsText(PARENTS) }), true);
}

/** Tells it; anything but a refusal in the product's own words is thrown. */
export async function carryOut(city: CityFiles, told: Act): Promise<Outcome> {
  try {
    return (await tellIt(city, told)) ?? 'done';
  } catch (error) {
    if (error instanceof AppError && error.kind !== 'unexpected') return error.code;
    throw error;
  }
}

async function tellIt(city: CityFiles, told: Act): Promise<Outcome | undefined> {
  const hr = everything('test');
  const room = city.rooms.app;
  switch (told.tell) {
    case 'roster':
      return refusalOf(
        await city.confirmedRoster(rosterText(told.people), {
          asOf: told.day,
          scopeCode: told.scope === ROOT ? undefined : told.scope,
        }),
      );
    case 'organisation': {
      const staff = Object.entries(await city.rosterOn(told.day));
      const places = Object.keys(told.parents);
      const people = staff.map(([one, unit]) => ({
        number: one,
        unit: places.includes(unit) ? unit : places[0]!,
        employment: '正規',
        leave: '',
      }));
      return refusalOf(
        await city.confirmedRoster(rosterText(people), { asOf: told.day, units: unitsText(told.parents) }),
      );
    }
    case 'list':
      return refusalOf(await city.take('status', listText(told.lines)));
    case 'event':
      await room.get(CardEventService).record(hr, told.line.number, {
        status: told.line.status,
        on: told.line.on,
        ...(told.line.status === 'held' && { expiresOn: told.line.expires }),
      });
      return;
    case 'correction': {
      const events: { id: number; number: string }[] = await city.db.query(
        `SELECT e.id, s.number FROM card_event_valid e JOIN staff s ON s.id = e.staff_id ORDER BY e.id`,
      );
      const event = events[told.nth % events.length];
      if (!event) return 'nothing to correct';
      const { status: instead, on } = told;
      await room.get(CardEventService).record(hr, event.number, { status: instead, on, corrects: event.id });
      return;
    }
    case 'exception': {
      const { id } = await room
        .get(ExceptionService)
        .request(hr, { number: told.number, category: 'other', from: told.from, to: told.to });
      await room.get(ExceptionService).decide(hr, id, 'approved');
      return;
    }
    case 'withdrawal': {
      const asked = await room.get(ExceptionService).list(hr);
      const one = asked[told.nth % asked.length];
      if (!one) return 'nothing to withdraw';
      await room.get(ExceptionService).withdraw(hr, one.id, told.on);
      return;
    }
    case 'definition':
      await room.get(DefinitionService).set(
        hr,
        {
          validFrom: told.from,
          leftOutEmployment: told.employment,
          leftOutLeave: told.leave,
          minDays: told.minDays,
          reason: '試験',
        },
        false,
      );
      return;
    case 'fold':
      await room.get(LedgerService).fold();
      return;
    case 'rebuild':
      await room.get(LedgerService).rebuild();
  }
}

function refusalOf(report: ImportReport, mustStand = false): string | undefined {
  const problem = report.problems[0];
  if (mustStand && problem) throw new Error(`${problem.row} ${problem.column} ${problem.code}`);
  return problem?.code;
}

function rosterText(people: readonly Person[]): string {
  return csv(
    ['職員番号', '氏名', '所属コード', '雇用区分', '勤務状況'],
    people.map((one) => [one.number, `見本 ${one.number}`, one.unit, one.employment, one.leave]),
  );
}

function unitsText(parents: Readonly<Record<string, string>>): string {
  return csv(
    ['所属コード', '所属名', '上位所属コード'],
    [[ROOT, '見本市', null], ...Object.entries(parents).map(([code, parent]) => [code, `${code}課`, parent])],
  );
}

function listText(lines: readonly Told[]): string {
  return csv(
    ['職員番号', '取得状況', '基準日', '有効期限'],
    lines.map((line) => [
      line.number,
      CARD_STATUS_LABELS[line.status],
      line.on,
      line.status === 'held' ? line.expires : null,
    ]),
  );
}
