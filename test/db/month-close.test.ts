import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { everything, scopeFrom, type Role } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { MonthCloseService } from '../../src/reports/month-close.service.js';
import { REPORT_FORMATS } from '../../src/reports/report-files.js';
import { isSmall } from '../../src/reports/suppression.js';
import { CityFiles, csv } from '../support/city-files.js';

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

async function files(): Promise<Record<string, string>> {
  const reports = await Promise.all(REPORT_FORMATS.map((format) => months.report(hr, '2022-10', format)));
  return Object.fromEntries(reports.map(({ fileName, bytes }) => [fileName, bytes.toString('base64')]));
}

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
