import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CityFiles } from '../support/city-files.js';
import { changes, CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

let city: CityFiles;
const watched = watchedCity();
const { roster, firstRoster } = watched;
beforeAll(() => {
  city = watched.city;
});

describe('a roster of one scope', () => {
  beforeEach(firstRoster);

  it('leaves everybody else alone and ends only its own', async () => {
    const report = await city.confirmedRoster(people(['0005 410', '0007 410']), {
      scopeCode: '400',
      asOf: '2022-05-01',
    });
    expect(changes(report)).toEqual([0, 1, 1, 0, 1]);
    expect(await city.rosterOn('2022-05-01')).toEqual({
      '0001': '110',
      '0002': '110',
      '0003': '120',
      '0004': '120',
      '0005': '410',
      '0007': '410',
    });
  });

  it('takes in who moves there from another part of the city', async () => {
    const text = people(['0005 410', '0006 410', '0007 420', '0004 420']);
    expect(changes(await roster(text, { scopeCode: '400', asOf: '2022-05-01' }))).toEqual([0, 0, 1, 0, 3]);
    expect((await city.rosterOn('2022-04-30'))['0004']).toBe('120');
    expect((await city.rosterOn('2022-05-01'))['0004']).toBe('420');
  });

  it('refuses places outside, and a scope that is not there', async () => {
    const report = await city.roster(people(['0005 410', '0006 110']), {
      scopeCode: '400',
      asOf: '2022-05-01',
    });
    expect(report.problems).toMatchObject([
      { row: 3, column: '所属コード', read: '110', code: 'outside_scope' },
    ]);
    await expect(city.roster(people(['0005 410']), { scopeCode: '999' })).rejects.toMatchObject({
      code: 'unit_not_found',
    });
  });

  it('may hold the 兼務 of people whose own place is elsewhere, and ends only 兼務 of its own units', async () => {
    await roster(people([...CREW.map((line) => `${line} -`), '0005 110 兼務'], '本務兼務'), {
      asOf: '2022-05-01',
    });
    const own = ['0005 410 -', '0006 410 -', '0007 420 -'];
    await roster(people([...own, '0001 410 兼務'], '本務兼務'), { scopeCode: '400', asOf: '2022-06-01' });
    expect(await city.concurrentsOn('2022-06-01')).toEqual(['0001 410', '0005 110']);
    await roster(people(own, '本務兼務'), { scopeCode: '400', asOf: '2022-07-01' });
    expect(await city.concurrentsOn('2022-07-01')).toEqual(['0005 110']);
  });

  it('still asks for the own place of its own people', async () => {
    const report = await city.roster(people(['0005 410 -', '0006 410 -', '0007 410 兼務'], '本務兼務'), {
      scopeCode: '400',
      asOf: '2022-05-01',
    });
    expect(report.problems).toMatchObject([{ row: 4, code: 'no_primary' }]);
  });

  it('stays true when a roster of everybody for a day before it comes late', async () => {
    await roster(people(['0005 410', '0006 410', '0007 420', '0009 420']), {
      scopeCode: '400',
      asOf: '2022-06-01',
    });
    await city.confirmedRoster(people(['0001 110', '0003 110', '0004 120', '0005 420', '0008 420']), {
      asOf: '2022-05-01',
    });
    expect(await city.rosterOn('2022-05-31')).toEqual({
      '0001': '110',
      '0003': '110',
      '0004': '120',
      '0005': '420',
      '0008': '420',
    });
    expect(await city.rosterOn('2022-06-01')).toEqual({
      '0001': '110',
      '0003': '110',
      '0004': '120',
      '0005': '410',
      '0006': '410',
      '0007': '420',
      '0009': '420',
    });
  });

  it('counts as the roster before for its own people: later files no longer reach behind it', async () => {
    const own = ['0005 410', '0006 410', '0007 420'];
    await roster(people(own), { scopeCode: '400', asOf: '2022-06-01' });
    const dated = (day: string) =>
      people([...CREW.slice(0, 6).map((line) => `${line} -`), `0007 410 ${day}`], '発令年月日');
    await roster(dated('2022-05-01'), { asOf: '2022-10-01' });
    expect((await city.rosterOn('2022-09-30'))['0007']).toBe('420');
    await roster(people(CREW), { asOf: '2022-10-01' });
    await roster(dated('2022-07-01'), { asOf: '2022-10-01' });
    expect(
      await Promise.all(['2022-06-30', '2022-07-01'].map(async (day) => (await city.rosterOn(day))['0007'])),
    ).toEqual(['420', '410']);
  });

  it('keeps the units it was given when a list of the whole city for a day before it comes late', async () => {
    const clinic = '所属コード,所属名,上位所属コード\r\n410,看護部,400\r\n430,外来部,400\r\n';
    await roster(people(['0005 410', '0006 410', '0007 430']), {
      scopeCode: '400',
      asOf: '2022-06-01',
      units: clinic,
    });
    const list = UNITS.replace('420,薬剤部', '420,調剤部').replace('120,財政課,100', '120,財務課,100');
    await roster(people(CREW), { asOf: '2022-05-01', units: list });
    expect(await city.unitsOn('2022-05-31')).toEqual(
      expect.arrayContaining(['400 > 420 調剤部', '100 > 120 財務課']),
    );
    expect(await city.unitsOn('2022-06-01')).toEqual(
      expect.arrayContaining(['400 > 410 看護部', '400 > 430 外来部', '100 > 120 財務課']),
    );
    expect(await city.unitsOn('2022-06-01')).not.toContain('400 > 420 調剤部');
  });

  it('may bring its own list of units, and only its own', async () => {
    const header = '所属コード,所属名,上位所属コード\r\n';
    const text = people(['0005 410', '0006 410', '0007 430']);
    const list = `${header}400,市立病院,CITY\r\n410,看護部,400\r\n430,検査部,\r\n`;
    expect(await roster(text, { scopeCode: '400', asOf: '2022-05-01', units: list })).toMatchObject({
      unitsAdded: 1,
      unitsEnded: 1,
      unitsChanged: 0,
    });
    expect(await city.unitsOn('2022-05-01')).toEqual([
      'CITY > 100 総務局',
      '100 > 110 人事課',
      '100 > 120 財政課',
      'CITY > 400 市立病院',
      '400 > 410 看護部',
      '400 > 430 検査部',
      'CITY 見本市',
    ]);
    const foreign = `${header}400,市立病院,100\r\n410,看護部,100\r\n120,財政課,400\r\n`;
    const report = await city.roster(text, { scopeCode: '400', asOf: '2022-05-01', units: foreign });
    expect(report.problems.map(({ row, column, code }) => `${row} ${column} ${code}`)).toEqual([
      '2 上位所属コード outside_scope',
      '3 上位所属コード outside_scope',
      '4 所属コード outside_scope',
    ]);
  });
});
