import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { CityFiles, csv } from '../support/city-files.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';

let city: CityFiles;
let events: CardEventService;
const hr = everything('jinji');
beforeAll(async () => {
  city = await CityFiles.open();
  events = city.rooms.app.get(CardEventService);
});
afterAll(() => city.close());
beforeEach(async () => {
  await city.forget();
  await city.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
});

/** Each row as `number status day`; a missing day is a blank cell. */
function list(...rows: string[]): Promise<ImportReport> {
  return city.take(
    'status',
    csv(
      ['職員番号', '取得状況', '基準日', '確認方法'],
      rows.map((row) => row.split(' ')),
    ),
  );
}

/** recorded, unchanged, unknownStaff */
function counts({ recorded, unchanged, unknownStaff }: ImportReport): unknown[] {
  return [recorded, unchanged, unknownStaff];
}

async function statusOn(number: string, day: string): Promise<string> {
  const [row]: { status: string }[] = await city.db.query(
    `SELECT status FROM card_status_period p JOIN staff st ON st.id = p.staff_id
     WHERE st.number = $1 AND p.valid_from <= $2 AND $2 < p.valid_to`,
    [number, day],
  );
  return row?.status ?? 'unanswered';
}

const eventCount = async () => (await city.rowCounts()).card_event;

describe('a list of statuses', () => {
  it('records what is news and counts what is not', async () => {
    expect(
      counts(await list('0001 保有 2022-05-31', '0002 申請中 2022-05-31', '0003 未回答 2022-05-31')),
    ).toEqual([2, 1, 0]);
    expect(await statusOn('0001', '2022-05-30')).toBe('unanswered');
    expect(await statusOn('0001', '2022-05-31')).toBe('held');
    expect(await statusOn('0002', '2022-11-10')).toBe('applied');
  });

  it('taken in twice records nothing the second time', async () => {
    const rows = [
      '0001 未申請 2022-05-31',
      '0001 申請中 2022-07-31',
      '0001 保有 2022-09-30',
      '0002 回答しない 2022-05-31',
    ];
    expect(counts(await list(...rows))).toEqual([4, 0, 0]);
    expect(counts(await list(...rows))).toEqual([0, 4, 0]);
    expect(await eventCount()).toBe(4);
  });

  it('may tell several days of one person, in any order of lines', async () => {
    await list('0001 保有 2022-09-30', '0001 未申請 2022-05-31', '0001 申請中 2022-07-31');
    const days = ['2022-05-30', '2022-05-31', '2022-07-31', '2022-09-29', '2022-09-30'];
    expect(await Promise.all(days.map((day) => statusOn('0001', day)))).toEqual([
      'unanswered',
      'not_applied',
      'applied',
      'applied',
      'held',
    ]);
  });

  it('says nothing of whoever’s cell is blank', async () => {
    await list('0001 保有 2022-05-31');
    expect(counts(await list('0001  2022-06-30', '0002 保有 2022-06-30'))).toEqual([1, 0, 0]);
    expect(await statusOn('0001', '2022-06-30')).toBe('held');
  });

  it('never takes an answer back because its collector has none', async () => {
    await list('0001 回答しない 2022-05-31', '0002 保有 2022-05-31');
    expect(counts(await list('0001 未回答 2022-06-30', '0002 未回答 2022-06-30'))).toEqual([0, 2, 0]);
    expect(await statusOn('0001', '2022-06-30')).toBe('undisclosed');
    expect(await statusOn('0002', '2022-06-30')).toBe('held');
  });

  it('does not take back for anybody that they would rather not answer, unless it has it from them or tells of a card', async () => {
    for (const number of ['0001', '0002', '0003', '0004', '0005'])
      await events.record(hr, number, { status: 'undisclosed', on: '2022-05-31', evidence: 'self' });
    const rows = [
      '0001 未申請 2022-06-30',
      '0002 申請中 2022-06-30',
      '0003 失効 2022-06-30 人事',
      '0004 未申請 2022-06-30 本人',
      '0005 保有 2022-06-30',
    ];
    expect(counts(await list(...rows))).toEqual([2, 3, 0]);
    const now = await Promise.all(rows.map((row) => statusOn(row.slice(0, 4), '2022-06-30')));
    expect(now).toEqual(['undisclosed', 'undisclosed', 'undisclosed', 'not_applied', 'held']);
    // What was so before they said so is history.
    expect(counts(await list('0001 未申請 2022-04-30'))).toEqual([1, 0, 0]);
    expect(await statusOn('0001', '2022-05-30')).toBe('not_applied');
    expect(await statusOn('0001', '2022-05-31')).toBe('undisclosed');
  });

  it('without a day means the day of the import, with one the day it names', async () => {
    await city.take('status', csv(['職員番号', '取得状況'], [['0001', '保有']]));
    expect(await statusOn('0001', city.today())).toBe('held');
    expect(await statusOn('0001', '2022-11-09')).toBe('unanswered');
    await city.take('status', csv(['職員番号', '取得状況'], [['0002', '保有']]), '2022-06-30');
    expect(await statusOn('0002', '2022-06-30')).toBe('held');
  });

  it('that comes late changes exactly the days from its own until the next that is known', async () => {
    await list('0001 保有 2022-09-30');
    expect(counts(await list('0001 申請中 2022-07-31'))).toEqual([1, 0, 0]);
    expect(await statusOn('0001', '2022-09-29')).toBe('applied');
    expect(await statusOn('0001', '2022-09-30')).toBe('held');
  });

  it('of the same day as an earlier one holds, being recorded later', async () => {
    await list('0001 申請中 2022-07-31');
    await list('0001 保有 2022-07-31');
    expect(await statusOn('0001', '2022-07-31')).toBe('held');
  });

  it('keeps who said so', async () => {
    await list('0001 保有 2022-05-31 本人', '0002 保有 2022-05-31 所属長', '0003 保有 2022-05-31');
    expect(await city.db.query(`SELECT evidence, recorded_by FROM card_event ORDER BY id`)).toEqual([
      { evidence: 'self', recorded_by: 'test' },
      { evidence: 'manager', recorded_by: 'test' },
      { evidence: 'import', recorded_by: 'test' },
    ]);
  });

  it('may speak of somebody who has left: the days before count', async () => {
    await city.confirmedRoster(people(CREW.slice(0, 6)), { asOf: '2022-10-01' });
    expect(counts(await list('0007 保有 2022-05-31'))).toEqual([1, 0, 0]);
  });

  it('is refused whole for one unknown number, one doubled line or one day that has not come', async () => {
    const report = await list(
      '0001 保有 2022-05-31',
      '9999 保有 2022-05-31',
      '0001 申請中 2022-05-31',
      '0002 保有 2022-11-11',
    );
    expect(report.problems.map(({ row, column, code }) => `${row} ${column} ${code}`)).toEqual([
      '3 職員番号 unknown_staff',
      '4 職員番号 duplicate_staff',
      '5 基準日 future_date',
    ]);
    expect(counts(report)[2]).toBe(1);
    expect(await eventCount()).toBe(0);
  });

  it('counts every problem and shows a hundred', async () => {
    const report = await list(
      ...Array.from({ length: 150 }, (_, n) => `9${String(n).padStart(3, '0')} 保有 2022-05-31`),
    );
    expect(report.problems).toHaveLength(100);
    expect(report.problemCount).toBe(150);
  });
});

describe('a single card event', () => {
  it('corrects an earlier one, which stays on record and no longer counts', async () => {
    const wrong = await events.record(hr, '0001', { status: 'held', on: '2022-05-31' });
    const right = await events.record(hr, '0001', { status: 'held', on: '2022-08-31', corrects: wrong.id });
    expect(right).toMatchObject({ corrects: wrong.id, effectiveOn: '2022-08-31' });
    expect(await statusOn('0001', '2022-08-30')).toBe('unanswered');
    expect(await statusOn('0001', '2022-08-31')).toBe('held');
    expect(await eventCount()).toBe(2);
  });

  it('that corrects only the status keeps the day', async () => {
    const wrong = await events.record(hr, '0001', { status: 'held', on: '2022-05-31' });
    const right = await events.record(hr, '0001', { status: 'applied', corrects: wrong.id });
    expect(right.effectiveOn).toBe('2022-05-31');
  });

  it('may take an earlier one back, and what was before holds again', async () => {
    await events.record(hr, '0001', { status: 'not_applied', on: '2022-05-31' });
    const wrong = await events.record(hr, '0001', { status: 'held', on: '2022-08-31' });
    await events.record(hr, '0001', { status: null, corrects: wrong.id });
    expect(await statusOn('0001', '2022-09-30')).toBe('not_applied');
    await expect(events.record(hr, '0001', { status: null })).rejects.toMatchObject({ code: 'bad_status' });
  });

  it('is corrected once; then its correction is', async () => {
    const first = await events.record(hr, '0001', { status: 'held', on: '2022-05-31' });
    const second = await events.record(hr, '0001', { status: 'applied', corrects: first.id });
    await expect(events.record(hr, '0001', { status: 'held', corrects: first.id })).rejects.toMatchObject({
      code: 'event_corrected',
    });
    await events.record(hr, '0001', { status: 'held', corrects: second.id });
    expect(await statusOn('0001', '2022-05-31')).toBe('held');
  });

  it('of two corrections at once lets one through', async () => {
    const first = await events.record(hr, '0001', { status: 'held', on: '2022-05-31' });
    const both = await Promise.allSettled([
      events.record(hr, '0001', { status: 'applied', corrects: first.id }),
      events.record(hr, '0001', { status: 'lapsed', corrects: first.id }),
    ]);
    const refused = both.filter((one) => one.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ reason: { code: 'event_corrected' } });
  });

  it('of somebody else cannot be corrected', async () => {
    const { id } = await events.record(hr, '0001', { status: 'held' });
    await expect(events.record(hr, '0002', { status: null, corrects: id })).rejects.toMatchObject({
      code: 'event_not_found',
    });
  });

  it('may be older than the employment, not younger than today', async () => {
    await events.record(hr, '0001', { status: 'held', on: '2016-01-15' });
    expect(await statusOn('0001', '2022-04-01')).toBe('held');
    await expect(events.record(hr, '0001', { status: 'held', on: '2022-11-11' })).rejects.toMatchObject({
      code: 'future_date',
    });
    await expect(events.record(hr, '0001', { status: 'held', on: '2022-02-30' })).rejects.toMatchObject({
      code: 'bad_date',
    });
    await expect(events.record(hr, '9999', { status: 'held' })).rejects.toMatchObject({
      code: 'staff_not_found',
    });
  });

  it('is for HR, within the units HR looks after', async () => {
    const [hospital]: { id: number }[] = await city.db.query(`SELECT id FROM unit WHERE code = '400'`);
    const theirs = scopeFrom('byoin', 1, [{ role: 'hr', unitId: hospital!.id }]);
    await events.record(theirs, '0005', { status: 'held' });
    await expect(events.record(theirs, '0001', { status: 'held' })).rejects.toMatchObject({
      code: 'staff_not_found',
    });
    const managing = scopeFrom('kacho', 2, [{ role: 'manager', unitId: hospital!.id }]);
    await expect(events.record(managing, '0005', { status: 'held' })).rejects.toMatchObject({
      code: 'role_required',
    });
  });

  it('taken back is recorded again when its list is taken in again', async () => {
    await list('0001 保有 2022-05-31');
    const [{ id }]: [{ id: number }] = await city.db.query(`SELECT id FROM card_event`);
    await events.record(hr, '0001', { status: null, corrects: id });
    expect(counts(await list('0001 保有 2022-05-31'))).toEqual([1, 0, 0]);
  });
});
