import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything, scopeFrom } from '../../src/access/scope.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { findExpiring } from '../../src/ledger/expiring.query.js';
import { StaffListService } from '../../src/ledger/staff-list.service.js';
import { StaffRecordService } from '../../src/ledger/staff-record.service.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { CityFiles, csv } from '../support/city-files.js';
import { CREW, people, UNITS } from '../support/sample-roster.js';

let city: CityFiles;
let events: CardEventService;
let adoption: AdoptionService;
const hr = everything('jinji');
beforeAll(async () => {
  city = await CityFiles.open();
  events = city.rooms.app.get(CardEventService);
  adoption = city.rooms.app.get(AdoptionService);
});
afterAll(() => city.close());
beforeEach(async () => {
  await city.forget();
  await city.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
});

/** held and lapsed of the city */
async function cards(day: string): Promise<[number, number]> {
  const { held, lapsed } = await adoption.unit(hr, undefined, day, 0);
  return [held, lapsed];
}
const hold = (number: string, on: string, expiresOn?: string | null) =>
  events.record(hr, number, { status: 'held', on, expiresOn });

/** Each row as `number status day month`. */
function list(...rows: string[]): Promise<ImportReport> {
  const header = ['職員番号', '取得状況', '基準日', '有効期限'];
  return city.take(
    'status',
    csv(
      header,
      rows.map((row) => row.split(' ').map((cell) => (cell === '-' ? '' : cell))),
    ),
  );
}
const news = ({ recorded, unchanged }: ImportReport) => [recorded, unchanged];

describe('a card with a last month', () => {
  it('counts through that month, and as lapsed from the first day of the next, with nothing running', async () => {
    await hold('0001', '2022-05-01', '2023-03');
    expect(await Promise.all(['2022-05-01', '2023-03-31', '2023-04-01', '2030-01-01'].map(cards))).toEqual([
      [1, 0],
      [1, 0],
      [0, 1],
      [0, 1],
    ]);
    expect(await city.rooms.app.get(LedgerService).verify()).toMatchObject({ differenceCount: 0 });
  });

  it('is held on when somebody says so later, and not when that was before', async () => {
    await hold('0001', '2022-05-01', '2022-08');
    await hold('0001', '2022-10-01', '2032-08');
    expect(await Promise.all(['2022-08-31', '2022-09-01', '2022-10-01'].map(cards))).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it('keeps its month when the card is told of once more, until the month is taken back', async () => {
    await hold('0001', '2022-05-01', '2023-03');
    expect(await hold('0001', '2022-06-01')).toMatchObject({ expiresOn: '2023-03' });
    const { id } = await hold('0001', '2022-07-01');
    const corrected = await events.record(hr, '0001', { status: 'held', corrects: id, expiresOn: null });
    expect(corrected).toMatchObject({ effectiveOn: '2022-07-01', expiresOn: null });
    expect(await cards('2023-04-01')).toEqual([1, 0]);
  });

  it('is refused without a card, and when it is no month', async () => {
    const refused = { code: 'bad_expiry' };
    await expect(
      events.record(hr, '0001', { status: 'applied', expiresOn: '2027-03' }),
    ).rejects.toMatchObject(refused);
    await expect(hold('0001', '2022-05-01', '2027-13')).rejects.toMatchObject(refused);
  });

  it('stands on the record of the person', async () => {
    await hold('0001', '2022-05-01', '2022-08');
    expect(await city.rooms.app.get(StaffRecordService).open(hr, '0001')).toMatchObject({
      status: 'lapsed',
      since: '2022-09-01',
      expiresOn: '2022-08',
    });
  });
});

describe('a list with a column for it', () => {
  it('records months that are news, and nothing twice', async () => {
    await list('0001 保有 2022-05-31 -', '0002 保有 2022-05-31 2022-07');
    const second = [
      '0001 保有 2022-06-30 2027-03',
      '0002 保有 2022-06-30 2022-07',
      '0003 失効 2022-06-30 2022-01',
    ];
    expect(news(await list(...second))).toEqual([2, 1]);
    expect(news(await list(...second))).toEqual([0, 3]);
  });

  it('without it leaves the month as it is, and takes a later card for a new one', async () => {
    await list('0001 保有 2022-05-31 2022-07');
    const later = [
      '0001 保有 2022-06-30 -',
      '0001 保有 2022-07-31 -',
      '0001 保有 2022-08-31 -',
      '0001 保有 2022-09-30 2032-07',
    ];
    expect(news(await list(...later))).toEqual([2, 2]);
    expect(news(await list(...later))).toEqual([0, 4]);
    expect(await Promise.all(['2022-07-31', '2022-08-01', '2022-08-31'].map(cards))).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it('may tell of a card that is past its month already: lapsed from that day', async () => {
    const rows = ['0001 保有 2022-05-31 2021-12'];
    expect(news(await list(...rows))).toEqual([1, 0]);
    expect(news(await list(...rows))).toEqual([0, 1]);
    expect(await cards('2022-05-31')).toEqual([0, 1]);
  });
});

describe('cards that expire within three months', () => {
  beforeEach(() =>
    list(
      '0001 保有 2022-05-31 2022-10',
      '0002 保有 2022-05-31 2023-01',
      '0003 保有 2022-05-31 2023-02',
      '0004 保有 2022-05-31 2022-09',
      '0005 保有 2022-05-31 2022-11',
      '0006 保有 2022-05-31 -',
    ),
  );
  const on = { asOf: '2022-10-15', months: 3 };
  const numbers = async (cards: readonly { readonly staffId: number }[]) => {
    const rows: { number: string }[] = await city.db.query(
      'SELECT number FROM staff WHERE id = ANY ($1) ORDER BY number',
      [cards.map(({ staffId }) => staffId)],
    );
    return rows.map(({ number }) => number);
  };

  it('are found by their month, in the units that may be seen', async () => {
    expect(await numbers(await findExpiring(city.db.manager, hr, on))).toEqual(['0001', '0002', '0005']);
    expect(await numbers(await findExpiring(city.db.manager, hr, { ...on, unitCode: '100' }))).toEqual([
      '0001',
      '0002',
    ]);
    const [hospital]: { id: number }[] = await city.db.query(`SELECT id FROM unit WHERE code = '400'`);
    const theirs = scopeFrom('byoin', 1, [{ role: 'hr', unitId: hospital!.id }]);
    expect(await numbers(await findExpiring(city.db.manager, theirs, on))).toEqual(['0005']);
  });

  it('are no longer among them when a later record says otherwise', async () => {
    await hold('0001', '2022-09-01', '2032-10');
    await events.record(hr, '0002', { status: 'lapsed', on: '2022-09-01' });
    expect(await numbers(await findExpiring(city.db.manager, hr, on))).toEqual(['0005']);
  });

  it('are the same people on the list of staff', async () => {
    const page = await city.rooms.app.get(StaffListService).page(hr, { asOf: on.asOf, expiring: 3 });
    expect(page.items.map(({ number, expiresOn }) => [number, expiresOn])).toEqual([
      ['0001', '2022-10'],
      ['0002', '2023-01'],
      ['0005', '2022-11'],
    ]);
    expect([page.total, page.expiring]).toEqual([3, 3]);
  });
});
