import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import type { DefinitionRules } from '../../src/adoption/definition.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { findExpiring } from '../../src/ledger/expiring.query.js';
import { StaffListService } from '../../src/ledger/staff-list.service.js';
import { MonthCloseService } from '../../src/reports/month-close.service.js';
import { CityFiles } from '../support/city-files.js';
import { changes, people, UNITS } from '../support/sample-roster.js';

let city: CityFiles;
let definitions: DefinitionService;
let adoption: AdoptionService;
const hr = everything('jinji');
beforeAll(async () => {
  city = await CityFiles.open();
  definitions = city.rooms.app.get(DefinitionService);
  adoption = city.rooms.app.get(AdoptionService);
});
afterAll(() => city.close());

/** Two regular, one of them on leave later; two fixed-term; one who joins in July. */
const APRIL = ['0001 110 正規', '0002 110 正規', '0003 120 会計年度任用', '0004 120 会計年度任用'];
const JULY = [
  '0001 110 正規 -',
  '0002 110 正規 育休',
  '0003 120 会計年度任用 在職',
  '0004 120 会計年度任用 -',
  '0005 110 正規 -',
];
beforeEach(async () => {
  await city.forget();
  await city.roster(people(APRIL, '雇用区分'), { units: UNITS, asOf: '2022-04-01' });
  await city.roster(people(JULY, '雇用区分', '勤務状況'), { asOf: '2022-07-01' });
  await city.rooms.app.get(CardEventService).record(hr, '0001', { status: 'held', on: '2022-05-01' });
  await city.rooms.app.get(CardEventService).record(hr, '0003', { status: 'held', on: '2022-05-01' });
});

const set = (validFrom: string, rules: Partial<DefinitionRules>, dryRun = false) =>
  definitions.set(
    hr,
    {
      validFrom,
      leftOutEmployment: [],
      leftOutLeave: [],
      minDays: 0,
      reason: '報告の対象に合わせる',
      ...rules,
    },
    dryRun,
  );
/** staff and held of the city, and the version they were counted by */
async function figures(day: string): Promise<[number, number, number]> {
  const { staff, held, definition } = await adoption.unit(hr, undefined, day, 0);
  return [staff, held, definition.version];
}
const differences = async () => (await city.rooms.app.get(LedgerService).verify()).differenceCount;

describe('a definition', () => {
  it('counts everybody as long as nobody has set another', async () => {
    expect(await figures('2022-08-01')).toEqual([5, 2, 1]);
    expect(await definitions.history(hr)).toMatchObject([
      { version: 1, validFrom: null, leftOutEmployment: [], leftOutLeave: [], minDays: 0, recordedAt: null },
    ]);
  });

  it('leaves out an employment from its day on, and not on the days before', async () => {
    await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    expect(await figures('2022-05-31')).toEqual([4, 2, 1]);
    expect(await figures('2022-06-01')).toEqual([2, 1, 2]);
    expect(await differences()).toBe(0);
  });

  it('leaves out who is on leave while that lasts', async () => {
    await set('2022-04-01', { leftOutLeave: ['育休', '休職'] });
    expect(await figures('2022-06-30')).toEqual([4, 2, 2]);
    expect(await figures('2022-07-01')).toEqual([4, 2, 2]);
    await city.roster(
      people(
        JULY.map((line) => line.replace('育休', '-')),
        '雇用区分',
        '勤務状況',
      ),
      { asOf: '2022-09-01' },
    );
    expect(await figures('2022-08-31')).toEqual([4, 2, 2]);
    expect(await figures('2022-09-01')).toEqual([5, 2, 2]);
    expect(await differences()).toBe(0);
  });

  it('counts people from the day on which they have served long enough', async () => {
    await set('2022-06-01', { minDays: 30 });
    const days = ['2022-04-01', '2022-06-30', '2022-07-30', '2022-07-31'];
    expect((await Promise.all(days.map(figures))).map(([staff]) => staff)).toEqual([4, 4, 4, 5]);
    expect(await differences()).toBe(0);
  });

  it('holds until the next one begins, in whatever order they were set', async () => {
    await set('2022-08-01', { leftOutLeave: ['育休'] });
    await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    expect(await figures('2022-07-31')).toEqual([3, 1, 3]);
    expect(await figures('2022-08-01')).toEqual([4, 2, 2]);
  });

  it('of the same day takes the place of the one before, which stays on record', async () => {
    await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    await set('2022-06-01', {});
    expect(await figures('2022-06-01')).toEqual([4, 2, 3]);
    const [third, second] = await definitions.history(hr);
    expect([third!.supersededAt, second!.supersededAt]).toEqual([null, expect.any(Date)]);
  });

  it('may begin on a day to come', async () => {
    await set('2023-04-01', { leftOutEmployment: ['会計年度任用'] });
    expect(await figures('2023-03-31')).toEqual([5, 2, 1]);
    expect(await figures('2023-04-01')).toEqual([3, 1, 2]);
    expect(await definitions.on('2023-04-01')).toEqual({ version: 2, validFrom: '2023-04-01' });
  });
});

describe('a preview', () => {
  it('says what the figures become, and changes nothing', async () => {
    const before = await city.rowCounts();
    const { effects, definition } = await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] }, true);
    expect(definition.version).toBe(2);
    expect(effects).toEqual([
      { asOf: '2022-06-01', before: { staff: 4, held: 2, rate: 50 }, after: { staff: 2, held: 1, rate: 50 } },
      {
        asOf: '2022-11-10',
        before: { staff: 5, held: 2, rate: 40 },
        after: { staff: 3, held: 1, rate: 33.3 },
      },
    ]);
    expect(await city.rowCounts()).toEqual(before);
    expect(await figures('2022-06-01')).toEqual([4, 2, 1]);
    const { effects: done } = await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    expect(done).toEqual(effects);
    expect(await set('2022-05-01', { minDays: 10 }, true)).toMatchObject({
      next: { version: 2, validFrom: '2022-06-01' },
    });
  });
});

describe('what is refused', () => {
  it.each<[string, string, Partial<DefinitionRules> & { reason?: string }]>([
    ['bad_date', '2022-06-31', {}],
    ['bad_definition', '2022-06-01', { minDays: -1 }],
    ['bad_definition', '2022-06-01', { minDays: 1.5 }],
    ['bad_definition', '2022-06-01', { minDays: 30, reason: ' ' }],
    ['individual_number', '2022-06-01', { leftOutLeave: ['123456789018'] }],
    ['definition_unchanged', '2022-06-01', {}],
  ])('%s from %s with %j', async (code, from, rules) => {
    await expect(set(from, rules)).rejects.toMatchObject({ code });
    expect(await definitions.history(hr)).toHaveLength(1);
  });

  it('for HR of a part, who cannot decide for the whole', async () => {
    const theirs = scopeFrom('byoin', 1, [{ role: 'hr', unitId: 1 }]);
    expect(() => definitions.history(theirs)).toThrow('全所属');
    const change = {
      validFrom: '2022-06-01',
      leftOutEmployment: [],
      leftOutLeave: [],
      minDays: 9,
      reason: 'x',
    };
    await expect(definitions.set(theirs, change, true)).rejects.toMatchObject({
      code: 'whole_organisation_only',
    });
  });
});

describe('people who are not counted', () => {
  it('stay on the list and say so, and are in no audience', async () => {
    await city.rooms.app
      .get(CardEventService)
      .record(hr, '0003', { status: 'held', on: '2022-10-01', expiresOn: '2022-12' });
    await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    const page = await city.rooms.app.get(StaffListService).page(hr, { asOf: '2022-11-01' });
    expect(page.items.map(({ number, leave, isCounted }) => [number, leave, isCounted])).toEqual([
      ['0001', '', true],
      ['0002', '育休', true],
      ['0005', '', true],
      ['0003', '在職', false],
      ['0004', '', false],
    ]);
    expect(await findExpiring(city.db.manager, hr, { asOf: '2022-11-01', months: 3 })).toEqual([]);
  });
});

describe('figures that name their definition', () => {
  it('are those of trends and of closed months, which stay as they were reported', async () => {
    const months = city.rooms.app.get(MonthCloseService);
    await months.close(hr, '2022-06');
    const frozen = await months.document(hr, '2022-06');
    expect(frozen).toMatchObject({
      definition: { version: 1, validFrom: null },
      headline: { staff: 4, held: 2 },
    });
    await set('2022-06-01', { leftOutEmployment: ['会計年度任用'] });
    expect(await months.document(hr, '2022-06')).toEqual(frozen);
    const [closed] = await months.list(hr);
    expect(closed).toMatchObject({ staff: 4, held: 2, restated: { staff: 2, held: 1 } });
    const { points } = await adoption.trend(hr, undefined, '2022-05', '2022-06');
    expect(points.map(({ staff, definition }) => [staff, definition.version])).toEqual([
      [4, 1],
      [2, 2],
    ]);
    await months.close(hr, '2022-06', true);
    expect(await months.document(hr, '2022-06')).toMatchObject({
      definition: { version: 2, validFrom: '2022-06-01' },
      trend: [{ definition: { version: 1 } }, { definition: { version: 1 } }, { definition: { version: 2 } }],
    });
  });
});

describe('a roster', () => {
  it('without a column for leave says nothing about it', async () => {
    const report = await city.roster(
      people(
        JULY.map((line) => line.split(' ').slice(0, 3).join(' ')),
        '雇用区分',
      ),
      {
        asOf: '2022-08-01',
      },
    );
    expect(changes(report)).toEqual([0, 0, 0, 0, 5]);
  });

  it('with a blank cell says that somebody is back', async () => {
    const back = people(
      JULY.map((line) => line.replace('育休', '-')),
      '雇用区分',
      '休職区分',
    );
    expect(changes(await city.roster(back, { asOf: '2022-08-01' }))).toEqual([0, 0, 0, 1, 4]);
  });
});
