import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import { StaffListService } from '../../src/ledger/staff-list.service.js';
import { CityFiles } from '../support/city-files.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';

let city: CityFiles;
let exceptions: ExceptionService;
let adoption: AdoptionService;
const hr = everything('jinji');
const abroad = { number: '0001', category: 'overseas' as const, from: '2022-06-01', to: '2022-08-31' };
beforeAll(async () => {
  city = await CityFiles.open();
  exceptions = city.rooms.app.get(ExceptionService);
  adoption = city.rooms.app.get(AdoptionService);
});
afterAll(() => city.close());
beforeEach(async () => {
  await city.forget();
  await city.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
});

const exemptOn = async (day: string) => (await adoption.unit(hr, undefined, day)).exempt;

describe('an exception', () => {
  it('counts from its first day to its last, once it is approved', async () => {
    const { id, state } = await exceptions.request(hr, abroad);
    expect(state).toBe('requested');
    expect(await exemptOn('2022-07-01')).toBe(0);
    await exceptions.decide(hr, id, 'approved');
    const days = ['2022-05-31', '2022-06-01', '2022-08-31', '2022-09-01'];
    expect(await Promise.all(days.map(exemptOn))).toEqual([0, 1, 1, 0]);
  });

  it('never counts when it is rejected, and is decided once', async () => {
    const { id } = await exceptions.request(hr, abroad);
    await exceptions.decide(hr, id, 'rejected', '期間を短くして、もう一度申請してください。');
    expect(await exemptOn('2022-07-01')).toBe(0);
    await expect(exceptions.decide(hr, id, 'approved')).rejects.toMatchObject({ code: 'exception_decided' });
  });

  it('ends on the day it is withdrawn, and stays on record', async () => {
    const { id } = await exceptions.request(hr, abroad);
    await exceptions.decide(hr, id, 'approved');
    const withdrawn = await exceptions.withdraw(hr, id, '2022-07-15');
    expect(withdrawn).toMatchObject({ state: 'withdrawn', to: '2022-08-31', withdrawnOn: '2022-07-15' });
    const days = ['2022-06-01', '2022-07-14', '2022-07-15', '2022-08-31'];
    expect(await Promise.all(days.map(exemptOn))).toEqual([1, 1, 0, 0]);
  });

  it('never held when it is withdrawn on its first day or before', async () => {
    for (const on of ['2022-06-01', '2022-05-01']) {
      const { id } = await exceptions.request(hr, abroad);
      await exceptions.decide(hr, id, 'approved');
      await exceptions.withdraw(hr, id, on);
      expect(await exemptOn('2022-06-01')).toBe(0);
    }
  });

  it('is withdrawn once, only when approved, and not after it is over', async () => {
    const { id } = await exceptions.request(hr, abroad);
    await expect(exceptions.withdraw(hr, id)).rejects.toMatchObject({ code: 'exception_not_approved' });
    await exceptions.decide(hr, id, 'approved');
    await expect(exceptions.withdraw(hr, id, '2022-09-01')).rejects.toMatchObject({ code: 'exception_over' });
    await expect(exceptions.withdraw(hr, id, '2022-06-31')).rejects.toMatchObject({ code: 'bad_date' });
    await exceptions.withdraw(hr, id, '2022-07-01');
    await expect(exceptions.withdraw(hr, id, '2022-07-01')).rejects.toMatchObject({
      code: 'exception_not_approved',
    });
  });

  it('takes nobody out who holds a card', async () => {
    const { id } = await exceptions.request(hr, abroad);
    await exceptions.decide(hr, id, 'approved');
    await city.rooms.app.get(CardEventService).record(hr, '0001', { status: 'held', on: '2022-07-15' });
    expect(await exemptOn('2022-07-14')).toBe(1);
    expect(await exemptOn('2022-07-15')).toBe(0);
  });

  it('stays in the whole: the rate without it is shown beside, not instead', async () => {
    const { id } = await exceptions.request(hr, abroad);
    await exceptions.decide(hr, id, 'approved');
    await city.rooms.app.get(CardEventService).record(hr, '0002', { status: 'held', on: '2022-06-01' });
    expect(await adoption.unit(hr, '110', '2022-07-01')).toMatchObject({
      staff: 2,
      held: 1,
      exempt: 1,
      rate: 50,
      rateWithoutExempt: 100,
    });
  });

  it('needs a person on the roster and days in order, and is for HR within its units', async () => {
    await expect(exceptions.request(hr, { ...abroad, number: '9999' })).rejects.toMatchObject({
      code: 'staff_not_found',
    });
    await expect(exceptions.request(hr, { ...abroad, to: '2022-05-31' })).rejects.toMatchObject({
      code: 'bad_period',
    });
    await expect(exceptions.request(hr, { ...abroad, to: '2022-06-31' })).rejects.toMatchObject({
      code: 'bad_date',
    });
    const [hospital]: { id: number }[] = await city.db.query(`SELECT id FROM unit WHERE code = '400'`);
    const theirs = scopeFrom('byoin', 1, [{ role: 'hr', unitId: hospital!.id }]);
    await expect(exceptions.request(theirs, abroad)).rejects.toMatchObject({ code: 'staff_not_found' });
    const { id } = await exceptions.request(hr, abroad);
    await expect(exceptions.decide(theirs, id, 'approved')).rejects.toMatchObject({
      code: 'exception_not_found',
    });
    expect(await exceptions.list(theirs)).toEqual([]);
    expect(await exceptions.list(hr)).toMatchObject([{ id, number: '0001', state: 'requested' }]);
  });
});

describe('people whose unit is gone', () => {
  it('are on the list, at the root, as they are in the figures', async () => {
    await city.db.query(
      `UPDATE unit_period SET superseded_at = now() WHERE unit_id = (SELECT id FROM unit WHERE code = '420')`,
    );
    const { staff } = await adoption.unit(hr, undefined, '2022-05-01');
    const page = await city.rooms.app.get(StaffListService).page(hr, { asOf: '2022-05-01' });
    expect([staff, page.total]).toEqual([7, 7]);
    expect(page.items.find((item) => item.number === '0007')).toMatchObject({ unitCode: 'CITY' });
  });
});
