import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { everything, scopeFrom, type Role } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { DefinitionService } from '../../src/adoption/definition.service.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { MonthCloseService } from '../../src/reports/month-close.service.js';
import { OpenDataService } from '../../src/reports/open-data.service.js';
import { REPORT_FORMATS } from '../../src/reports/report-files.js';
import { RestatementService } from '../../src/reports/restatement.service.js';
import { isSmall } from '../../src/adoption/suppression.js';
import { CityFiles, csv } from '../support/city-files.js';
import { people, UNITS as SECTIONS } from '../support/sample-roster.js';

let city: CityFiles;
let months: MonthCloseService;
const hr = everything('jinji');
beforeAll(async () => {
  city = await CityFiles.open();
  months = city.rooms.app.get(MonthCloseService);
});
afterAll(() => city.close());
beforeEach(() => city.forget());

/** Sections below the city, each with so many people of whom so many hold a card since 1 September. */
async function given(sections: readonly (readonly [staff: number, held: number])[]): Promise<void> {
  const units = sections.map((_, n) => [`${n + 1}`, `第${n + 1}課`, 'CITY']);
  const staff = sections.flatMap(([size, held], n) =>
    Array.from({ length: size }, (_, i) => ({
      number: `${n + 1}-${i + 1}`,
      unit: `${n + 1}`,
      holds: i < held,
    })),
  );
  await city.roster(
    csv(
      ['職員番号', '氏名', '所属コード'],
      [['0-0', '見本 首長', 'CITY'], ...staff.map(({ number, unit }) => [number, `見本 ${number}`, unit])],
    ),
    {
      units: csv(['所属コード', '所属名', '上位所属コード'], [['CITY', '見本市', null], ...units]),
      asOf: '2022-09-01',
    },
  );
  const holders = staff.filter(({ holds }) => holds);
  await city.take(
    'status',
    csv(
      ['職員番号', '取得状況', '基準日'],
      holders.map(({ number }) => [number, '保有', '2022-09-01']),
    ),
  );
}

const correct = () =>
  city.rooms.app.get(CardEventService).record(hr, '1-9', { status: 'held', on: '2022-10-20' });

async function files(month = '2022-10'): Promise<Record<string, string>> {
  const reports = await Promise.all(REPORT_FORMATS.map((format) => months.report(hr, month, format)));
  return Object.fromEntries(reports.map(({ fileName, bytes }) => [fileName, bytes.toString('base64')]));
}

const rowsOf = (db: DataSource, table: string) =>
  db.query<unknown[]>(`SELECT to_jsonb(t)::text AS row FROM ${table} t ORDER BY 1`);

async function closedRows(): Promise<unknown[]> {
  return [
    await city.db.query(`SELECT * FROM month_close WHERE version = 1 ORDER BY month`),
    await city.db.query(`SELECT * FROM month_figure WHERE version = 1 ORDER BY month, unit_id`),
  ];
}

describe('closing a month', () => {
  beforeEach(() =>
    given([
      [20, 8],
      [30, 15],
      [12, 6],
    ]),
  );

  it('freezes its figures as they stand', async () => {
    expect(await months.close(hr, '2022-10')).toMatchObject({
      month: '2022-10',
      version: 1,
      asOf: '2022-10-31',
      closedBy: 'jinji',
      staff: 63,
      held: 29,
      rate: 46,
      restated: null,
    });
    const [figures]: [Record<string, unknown>] = await city.db.query(
      `SELECT count(*)::int AS units, max(staff) AS staff, max(held) AS held FROM month_figure`,
    );
    expect(figures).toEqual({ units: 4, staff: 63, held: 29 });
  });

  it('is done once; on purpose once more, as a further version', async () => {
    await months.close(hr, '2022-10');
    await expect(months.close(hr, '2022-10')).rejects.toMatchObject({
      code: 'month_closed',
      details: { version: 1 },
    });
    const first = await closedRows();
    await correct();
    expect(await months.close(hr, '2022-10', true)).toMatchObject({ version: 2, held: 30, restated: null });
    expect(await closedRows()).toEqual(first);
  });

  it('of two at once is done once', async () => {
    const both = await Promise.allSettled([months.close(hr, '2022-10'), months.close(hr, '2022-10')]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('waits until it is over, and is nothing for months without a roster', async () => {
    await expect(months.close(hr, '2022-11')).rejects.toMatchObject({ code: 'month_not_over' });
    await expect(months.close(hr, '2022-08')).rejects.toMatchObject({ code: 'no_organisation' });
    await expect(months.close(hr, '2022-13')).rejects.toMatchObject({ code: 'bad_month' });
    await expect(months.document(hr, '2022-09')).rejects.toMatchObject({ code: 'month_not_closed' });
  });

  it('is for HR, and reports are for HR, leadership and auditors', async () => {
    const as = (role: Role) => scopeFrom(hr.actor, null, [{ role, unitId: null }]);
    await expect(months.close(as('leader'), '2022-10')).rejects.toMatchObject({ code: 'role_required' });
    await months.close(hr, '2022-10');
    await expect(months.document(as('manager'), '2022-10')).rejects.toMatchObject({ code: 'role_required' });
    expect(await months.document(as('leader'), '2022-10')).toMatchObject({ month: '2022-10' });
  });
});

describe('a closed March', () => {
  const closed = async () => {
    const { db, rooms } = city;
    const openData = await Promise.all(
      (['csv', 'json'] as const).map((format) => rooms.app.get(OpenDataService).file('2022-03', format)),
    );
    return [
      await Promise.all(
        ['month_close', 'month_figure', 'month_publication'].map((table) => rowsOf(db, table)),
      ),
      await files('2022-03'),
      openData.map(({ bytes }) => bytes.toString('base64')),
    ];
  };

  it('stays byte-identical through April’s reshuffle, a backdated correction and a reorganisation', async () => {
    const { app } = city.rooms;
    const kinds = ['雇用区分', '勤務状況'] as const;
    const homes = [...Array(24).fill('110'), ...Array(20).fill('120'), ...Array(30).fill('410')] as string[];
    const numbers = homes.map((_, n) => String(n + 1).padStart(4, '0'));
    const march = numbers.map((number, n) => `${number} ${homes[n]} 正規 -`);
    await city.roster(people(march, ...kinds), { units: SECTIONS, asOf: '2022-03-01' });
    const holders = numbers.filter((_, n) => n % 2 === 0);
    await city.take(
      'status',
      csv(
        ['職員番号', '取得状況', '基準日'],
        holders.map((number) => [number, '保有', '2022-03-10']),
      ),
    );
    await months.close(hr, '2022-03');
    await app.get(OpenDataService).release(hr, '2022-03');
    const before = await closed();
    const differing = async () =>
      (await app.get(RestatementService).of(hr, '2022-03')).units.map(({ unit, reported, recounted }) => [
        unit.code,
        reported && [reported.held, reported.staff],
        recounted && [recounted.held, recounted.staff],
      ]);

    // A fifth of the staff moves, four leave, four come; a section moves and another is new.
    const april = [
      ...march.slice(4).map((line, n) => (n % 5 === 0 ? line.replace(/ 1[12]0 /, ' 420 ') : line)),
      ...['9001', '9002', '9003', '9004'].map((number) => `${number} 130 正規 -`),
    ];
    const units = SECTIONS.replace('120,財政課,100,課', '120,財務課,400,課\r\n130,改革課,100,課');
    const reshuffle = await city.confirmedRoster(people(april, ...kinds), { units, asOf: '2022-04-01' });
    expect(reshuffle).toMatchObject({ problems: [], joined: 4, left: 4, moved: 8 });
    expect(await city.unitsOn('2022-04-01')).toContain('400 > 120 財務課');
    expect(await closed()).toEqual(before);
    expect(await differing()).toEqual([]);

    // What is told late about March itself: a card, a move between two sections, and who was to be counted.
    await app.get(CardEventService).record(hr, '0002', { status: 'held', on: '2022-03-20' });
    expect(await closed()).toEqual(before);
    expect(await differing()).toEqual([
      ['CITY', [37, 74], [38, 74]],
      ['100', [22, 44], [23, 44]],
      ['110', [12, 24], [13, 24]],
    ]);
    const retold = await city.roster(
      people(
        march.map((line) => line.replace('0030 120', '0030 110')),
        ...kinds,
      ),
      {
        asOf: '2022-03-15',
      },
    );
    expect(retold).toMatchObject({ problems: [], moved: 1 });
    expect(await closed()).toEqual(before);
    expect(await differing()).toEqual([
      ['CITY', [37, 74], [38, 74]],
      ['100', [22, 44], [23, 44]],
      ['110', [12, 24], [13, 25]],
      ['120', [10, 20], [10, 19]],
    ]);
    await app.get(DefinitionService).set(
      hr,
      {
        validFrom: '2022-03-01',
        leftOutEmployment: ['正規'],
        leftOutLeave: [],
        minDays: 0,
        reason: '訂正',
      },
      false,
    );
    expect(await closed()).toEqual(before);
    const { definition, units: restated } = await app.get(RestatementService).of(hr, '2022-03');
    expect([definition.reported?.version, definition.recounted.version]).toEqual([1, 2]);
    expect(restated.map(({ recounted }) => recounted?.staff)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('is set beside what is counted today for HR alone', async () => {
    for (const role of ['leader', 'auditor', 'manager'] as const) {
      const reader = scopeFrom('yomu', null, [{ role, unitId: null }]);
      await expect(city.rooms.app.get(RestatementService).of(reader, '2022-03')).rejects.toMatchObject({
        code: 'role_required',
      });
    }
  });
});

describe('a closed month', () => {
  it('stays as it was, to the byte, when the past is corrected; the live figure stands beside it', async () => {
    await given([
      [20, 8],
      [30, 15],
      [12, 6],
    ]);
    await months.close(hr, '2022-10');
    const before = [await closedRows(), await files()];
    await correct();
    expect([await closedRows(), await files()]).toEqual(before);
    expect(await months.list(hr)).toMatchObject([
      { staff: 63, held: 29, rate: 46, restated: { staff: 63, held: 30, rate: 47.6 } },
    ]);
    expect(await city.rooms.app.get(AdoptionService).unit(hr, undefined, '2022-10-31')).toMatchObject({
      held: 30,
    });
  });

  it('stays as it was when a reorganisation is told late', async () => {
    await given([
      [20, 8],
      [30, 15],
    ]);
    await months.close(hr, '2022-10');
    const before = await closedRows();
    await city.db.query(`UPDATE unit_period SET superseded_at = now() WHERE name = '第2課'`);
    expect(await closedRows()).toEqual(before);
    expect(await months.list(hr)).toMatchObject([{ restated: null }]);
  });

  it('cannot be rewritten, by anybody', async () => {
    await given([[20, 8]]);
    await months.close(hr, '2022-10');
    await expect(city.db.query(`UPDATE month_close SET document = '{}'`)).rejects.toThrow('append-only');
    await expect(city.db.query(`DELETE FROM month_figure`)).rejects.toThrow('append-only');
  });
});

describe('the departments of a report', () => {
  const sections = fc.array(
    fc
      .integer({ min: 1, max: 14 })
      .chain((staff) => fc.tuple(fc.constant(staff), fc.integer({ min: 0, max: staff }))),
    { minLength: 1, maxLength: 7 },
  );

  it('add up to the total, whoever is merged, and no line speaks of a few people', async () => {
    await fc.assert(
      fc.asyncProperty(sections, async (sizes) => {
        await city.forget();
        await given(sizes);
        await months.close(hr, '2022-10');
        const { headline, departments } = await months.document(hr, '2022-10');
        const sum = (pick: (line: (typeof departments)[number]) => number) =>
          departments.reduce((total, line) => total + pick(line), 0);
        expect([sum((line) => line.staff), sum((line) => line.held), sum((line) => line.remaining)]).toEqual([
          headline.staff,
          headline.held,
          headline.remaining,
        ]);
        // The mayor, who is in no section, is a group, too.
        expect(sum((line) => line.units)).toBe(sizes.length + 1);
        if (departments.length > 1) expect(departments.filter((line) => isSmall(line, 5))).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });
});
