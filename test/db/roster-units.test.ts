import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { csv, type CityFiles } from '../support/city-files.js';
import { CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

let city: CityFiles;
const watched = watchedCity();
const { roster, firstRoster, startAgain } = watched;
beforeAll(() => {
  city = watched.city;
});

/** As some systems export it: with the day on which each unit was founded. */
function foundedUnits(personnel: string): string {
  return csv(
    ['所属コード', '所属名', '上位所属コード', '適用開始日'],
    [
      ['CITY', '見本市', null, '2004-02-01'],
      ['100', '総務局', 'CITY', '2015-04-01'],
      ['110', personnel, '100', '2001-04-01'],
      ['120', '財政課', '100', '2001-04-01'],
      ['400', '市立病院', 'CITY', '2001-04-01'],
      ['410', '看護部', '400', '2001-04-01'],
      ['420', '薬剤部', '400', '2001-04-01'],
    ],
  );
}

describe('the list of units', () => {
  const header = ['所属コード', '所属名', '上位所属コード', '適用開始日', '適用終了日'];
  beforeEach(firstRoster);

  it('renames, moves, abolishes and creates from the roster’s day on, and changes no day before', async () => {
    const old = await city.unitsOn('2022-09-30');
    const list = csv(header.slice(0, 3), [
      ['CITY', '見本市', null],
      ['100', '総務部', 'CITY'],
      ['110', '人事課', 'CITY'],
      ['120', '財政課', '100'],
      ['400', '市立病院', 'CITY'],
      ['410', '看護部', '400'],
      ['430', '検査部', '400'],
    ]);
    expect(
      await roster(people([...CREW.slice(0, 6), '0007 430']), { asOf: '2022-10-01', units: list }),
    ).toMatchObject({
      moved: 1,
      unitsAdded: 1,
      unitsEnded: 1,
      unitsChanged: 2,
    });
    expect(await city.unitsOn('2022-09-30')).toEqual(old);
    expect(await city.unitsOn('2022-10-01')).toEqual([
      'CITY > 100 総務部',
      'CITY > 110 人事課',
      '100 > 120 財政課',
      'CITY > 400 市立病院',
      '400 > 410 看護部',
      '400 > 430 検査部',
      'CITY 見本市',
    ]);
  });

  it('may say itself from and until when, between the roster before and this one and in the future', async () => {
    const list = csv(header, [
      ['CITY', '見本市', null, '1950-04-01', null],
      ['100', '総務局', 'CITY', '2001-04-01', null],
      ['110', '人事課', '100', '2001-04-01', '2022-06-30'],
      ['110', '人材課', '100', '2022-07-01', '9999-12-31'],
      ['120', '財政課', '100', null, '2023-03-31'],
      ['400', '市立病院', 'CITY', null, null],
      ['410', '看護部', '400', null, null],
      ['420', '薬剤部', '400', null, null],
      ['130', '契約課', '100', '2023-04-01', null],
    ]);
    await roster(people(CREW), { asOf: '2022-10-01', units: list });
    expect(await city.unitsOn('2022-06-30')).toContain('100 > 110 人事課');
    expect(await city.unitsOn('2022-07-01')).toContain('100 > 110 人材課');
    expect(await city.unitsOn('2023-03-31')).toContain('100 > 120 財政課');
    const april = await city.unitsOn('2023-04-01');
    expect(april).toContain('100 > 130 契約課');
    expect(april).not.toContain('100 > 120 財政課');
  });

  it('with the day each unit was founded rewrites nothing that earlier rosters have told', async () => {
    await startAgain();
    // Parents younger than their children are how such lists look; before the first roster nobody is counted.
    await roster(people(CREW), { asOf: '2022-04-01', units: foundedUnits('人事課') });
    await roster(people(CREW), { asOf: '2022-10-01', units: foundedUnits('人材戦略課') });
    expect(await city.unitsOn('2022-09-30')).toContain('100 > 110 人事課');
    expect(await city.unitsOn('2022-10-01')).toContain('100 > 110 人材戦略課');
    const rows = await city.rowCounts();
    await roster(people(CREW), { asOf: '2022-10-01', units: foundedUnits('人材戦略課') });
    expect((await city.rowCounts()).unit_period).toBe(rows.unit_period);
  });

  it('needs no single top: several without a parent hang below one of our own', async () => {
    await startAgain();
    const list = csv(header.slice(0, 3), [
      ['100', '総務局', null],
      ['110', '人事課', '100'],
      ['200', '市民局', null],
    ]);
    expect(await roster(people(['0001 110', '0002 200']), { units: list })).toMatchObject({ unitsAdded: 3 });
    expect(await city.unitsOn(city.today())).toEqual([
      'ROOT > 100 総務局',
      '100 > 110 人事課',
      'ROOT > 200 市民局',
      'ROOT 全体',
    ]);
    const second = csv(header.slice(0, 3), [
      ['100', '総務局', null],
      ['110', '人事課', '100'],
    ]);
    await city.confirmedRoster(people(['0001 110', '0002 110']), { units: second });
    expect(await city.unitsOn(city.today())).toEqual(['ROOT > 100 総務局', '100 > 110 人事課', 'ROOT 全体']);
  });

  it('names managers by staff number, and says nothing by columns it does not have', async () => {
    const list = `${UNITS.split('\r\n')[0]},所属長職員番号,所属メール\r\n${UNITS.trim()
      .split('\r\n')
      .slice(1)
      .map((line) => `${line},${line.startsWith('110') ? '0001,jinji@example.jp' : ','}\r\n`)
      .join('')}`;
    await roster(people(CREW), { asOf: '2022-05-01', units: list });
    await roster(people(CREW), { asOf: '2022-06-01', units: UNITS });
    expect(
      await city.db.query(
        `SELECT u.code, st.number, p.email, p.kind FROM unit_period p JOIN unit u ON u.id = p.unit_id JOIN staff st ON st.id = p.manager_id
         WHERE p.superseded_at IS NULL AND p.valid_to = 'infinity'`,
      ),
    ).toEqual([{ code: '110', number: '0001', email: 'jinji@example.jp', kind: '課' }]);
  });

  it('of the first day, sent again with the days on which units began, gives them those days', async () => {
    const list = UNITS.split('\r\n').map((line, n) =>
      line === '' ? line : n === 0 ? `${line},適用開始日` : `${line},2020-04-01`,
    );
    await roster(people(CREW), { asOf: '2022-04-01', units: list.join('\r\n') });
    expect(await city.unitsOn('2020-04-01')).toEqual(await city.unitsOn('2022-04-01'));
    expect(await city.unitsOn('2020-03-31')).toEqual([]);
  });

  it('drops a reorganisation it had announced when the next list no longer has it', async () => {
    await roster(people(CREW), {
      asOf: '2022-05-01',
      units: `${UNITS.replace('種別', '種別,適用開始日').trim()}\r\n130,契約課,100,課,2023-04-01\r\n`,
    });
    expect(await city.unitsOn('2023-04-01')).toContain('100 > 130 契約課');
    await roster(people(CREW), { asOf: '2022-06-01', units: UNITS });
    expect(await city.unitsOn('2023-04-01')).not.toContain('100 > 130 契約課');
  });
});

describe('a roster that names 局・部・課・係', () => {
  const header = ['職員番号', '氏名', '局', '部', '課', '係'];
  const rows = [
    ['0001', '見本 一', '総務局', null, '人事課', '給与係'],
    ['0002', '見本 二', '総務局', null, '人事課', null],
    ['0003', '見本 三', '市民局', '市民部', '窓口課', null],
  ];

  it('makes the units it names, and the same names give the same units', async () => {
    expect(await roster(csv(header, rows), { asOf: '2022-04-01' })).toMatchObject({
      joined: 3,
      unitsAdded: 6,
    });
    const first = await city.rosterOn('2022-04-01');
    const again = await roster(csv(header, rows.toReversed()), { asOf: '2022-10-01' });
    expect(again).toMatchObject({ unchanged: 3, unitsAdded: 0 });
    expect(await city.rosterOn('2022-10-01')).toEqual(first);
    const kinds: unknown[] = await city.db.query(
      `SELECT name, kind FROM unit_period WHERE superseded_at IS NULL ORDER BY position, id LIMIT 4`,
    );
    expect(kinds).toEqual([
      { name: '全体', kind: '全体' },
      { name: '総務局', kind: '局' },
      { name: '人事課', kind: '課' },
      { name: '給与係', kind: '係' },
    ]);
  });

  it('finds the units of an existing list by their names', async () => {
    await firstRoster();
    const report = await city.confirmedRoster(
      csv(header, [['0001', '見本 0001', '総務局', null, '人事課', null]]),
      {
        asOf: '2022-10-01',
      },
    );
    expect(report).toMatchObject({ unitsAdded: 0, unchanged: 1 });
    expect(await city.rosterOn('2022-10-01')).toEqual({ '0001': '110' });
  });

  it('of a day before the first one hangs its units below the same root', async () => {
    await firstRoster();
    await roster(csv(header, rows), { asOf: '2022-01-01' });
    expect((await city.unitsOn('2022-01-01')).filter((line) => !line.includes('>'))).toEqual(['CITY 見本市']);
    expect(await city.rosterOn('2022-04-01')).toHaveProperty('0007', '420');
  });

  it('makes no unit for those who have left', async () => {
    await roster(csv(header, rows), { asOf: '2022-04-01' });
    const leaver = [
      ...rows.map((row) => [...row, null]),
      ['0004', '見本 四', '廃止局', null, null, null, '2021-03-31'],
    ];
    expect(await roster(csv([...header, '退職年月日'], leaver), { asOf: '2022-05-01' })).toMatchObject({
      unitsAdded: 0,
      unchanged: 3,
    });
  });

  it('makes a new unit where one it once made has been renamed', async () => {
    await roster(csv(header, rows), { asOf: '2022-04-01' });
    const [unit]: { code: string }[] = await city.db.query(
      `SELECT u.code FROM unit u JOIN unit_period p ON p.unit_id = u.id WHERE p.name = '窓口課'`,
    );
    const all: { code: string; name: string; parent: string }[] = await city.db.query(
      `SELECT u.code, p.name, coalesce(o.code, '') AS parent FROM unit_period p JOIN unit u ON u.id = p.unit_id
       LEFT JOIN unit o ON o.id = p.parent_id`,
    );
    const list = csv(
      ['所属コード', '所属名', '上位所属コード'],
      all.map(({ code, name, parent }) => [code, code === unit!.code ? '市民課' : name, parent]),
    );
    const renamed = csv(header, [
      ...rows.slice(0, 2),
      ['0003', '見本 三', '市民局', '市民部', '市民課', null],
    ]);
    expect(await roster(renamed, { asOf: '2022-05-01', units: list })).toMatchObject({
      unchanged: 3,
      unitsChanged: 1,
    });
    expect(await roster(csv(header, rows), { asOf: '2022-06-01' })).toMatchObject({
      moved: 1,
      unitsAdded: 1,
    });
  });
});
