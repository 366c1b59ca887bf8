import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { csv, type CityFiles } from '../support/city-files.js';
import { changes, CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

let city: CityFiles;
const watched = watchedCity();
const { roster, firstRoster } = watched;
beforeAll(() => {
  city = watched.city;
});

describe('the first roster', () => {
  it('puts everybody in their place from its day on, not before', async () => {
    await firstRoster();
    expect(Object.keys(await city.rosterOn('2022-03-31'))).toEqual([]);
    expect(await city.rosterOn('2022-04-01')).toEqual({
      '0001': '110',
      '0002': '110',
      '0003': '120',
      '0004': '120',
      '0005': '410',
      '0006': '410',
      '0007': '420',
    });
  });

  it('believes no date of the file from before itself', async () => {
    await roster(people(['0001 110 2010-04-01 2021-07-01'], '採用年月日', '発令年月日'), {
      units: UNITS,
      asOf: '2022-04-01',
    });
    expect(await city.rosterOn('2022-03-31')).toEqual({});
  });

  it('says which line of Excel names a unit that is not on the list, title rows and quoted line breaks counted', async () => {
    const text = `令和4年度 職員名簿\r\n"作成: 人事課\r\n令和4年4月1日"\r\n\r\n${people(['0001 110', '0002 999'])}`;
    const report = await city.roster(text, { units: UNITS });
    expect(report.headerRow).toBe(4);
    expect(report.problems).toMatchObject([
      { row: 6, column: '所属コード', read: '999', code: 'unknown_unit' },
    ]);
  });

  it('of nobody is refused: it would say that everybody has left', async () => {
    await firstRoster();
    const report = await city.roster(people([]), { asOf: '2022-05-01' });
    expect(report.problems).toMatchObject([{ row: 1, code: 'no_rows' }]);
  });

  it('of a day more than a year ahead is a slip of the pen', async () => {
    await expect(city.roster(people(CREW), { units: UNITS, asOf: '2032-04-01' })).rejects.toMatchObject({
      code: 'future_date',
    });
  });
});

describe('the next roster', () => {
  beforeEach(firstRoster);

  it('counts who joined, left, moved, changed and stayed', async () => {
    const next = csv(
      ['職員番号', '氏名', '所属コード'],
      [
        ['0001', '見本 0001', '110'],
        ['0002', '見本 花子', '110'],
        ['0003', '見本 0003', '110'],
        ['0004', '見本 0004', '120'],
        ['0005', '見本 0005', '410'],
        ['0006', '見本 0006', '410'],
        ['0008', '見本 0008', '420'],
      ],
    );
    const report = await roster(next, { asOf: '2022-10-01' });
    expect(changes(report)).toEqual([1, 1, 1, 1, 4]);
    expect(await city.rosterOn('2022-09-30')).toMatchObject({ '0003': '120', '0007': '420' });
    expect(await city.rosterOn('2022-10-01')).toMatchObject({ '0003': '110', '0008': '420' });
    expect(await city.rosterOn('2022-10-01')).not.toHaveProperty('0007');
  });

  it('sent twice changes nothing the second time and writes no row', async () => {
    const next = people(
      [
        '0001 110 ○ 本務',
        '0001 120 - 兼務',
        '0002 110 - 本務',
        '0003 110 - 本務',
        '0004 120 - 本務',
        '0005 410 - 本務',
        '0006 410 - 本務',
        '0008 420 - 本務',
      ],
      '所属長',
      '本務兼務',
    );
    await roster(next, { asOf: '2022-10-01', units: UNITS });
    const rows = await city.rowCounts();
    const again = await roster(next, { asOf: '2022-10-01', units: UNITS });
    expect(changes(again)).toEqual([0, 0, 0, 0, 7]);
    expect(again).toMatchObject({ unitsAdded: 0, unitsEnded: 0, unitsChanged: 0 });
    expect(await city.rowCounts()).toEqual({
      ...rows,
      import_batch: rows.import_batch! + 1,
      audit_event: rows.audit_event! + 1,
    });
  });

  it('tried first says the same and writes nothing at all', async () => {
    const next = people(['0001 120', ...CREW.slice(1), '0009 110']);
    const rows = await city.rowCounts();
    const tried = await roster(next, { asOf: '2022-10-01', dryRun: true });
    expect(await city.rowCounts()).toEqual(rows);
    expect(changes(await roster(next, { asOf: '2022-10-01' }))).toEqual(changes(tried));
  });

  it('sent again with a correction of the same day replaces what the first one said', async () => {
    await roster(people([...CREW.slice(0, 6), '0007 410']), { asOf: '2022-10-01' });
    expect(changes(await roster(people(CREW), { asOf: '2022-10-01' }))).toEqual([0, 0, 1, 0, 6]);
    expect((await city.rosterOn('2022-10-01'))['0007']).toBe('420');
  });

  it('for a day between two known ones leaves what the later one said', async () => {
    await roster(people([...CREW.slice(0, 5), '0006 420', '0007 420', '0009 110']), { asOf: '2022-10-01' });
    const between = people(['0001 120', ...CREW.slice(1, 5), '0006 410', '0008 110', '0007 420']);
    expect(changes(await roster(between, { asOf: '2022-07-01' }))).toEqual([1, 0, 1, 0, 6]);
    expect(await city.rosterOn('2022-06-30')).toMatchObject({ '0001': '110', '0006': '410' });
    expect(await city.rosterOn('2022-09-30')).toMatchObject({ '0001': '120', '0006': '410', '0008': '110' });
    const later = await city.rosterOn('2022-10-01');
    expect(later).toMatchObject({ '0001': '110', '0006': '420', '0009': '110' });
    expect(later).not.toHaveProperty('0008');
  });

  it('of the past does not know the names of today', async () => {
    const renamed = csv(
      ['職員番号', '氏名', '所属コード'],
      CREW.map((line) => [line.slice(0, 4), '見本 新姓', line.slice(5)]),
    );
    await roster(renamed, { asOf: '2022-10-01' });
    await roster(people(CREW), { asOf: '2022-07-01' });
    const names: unknown[] = await city.db.query(
      `SELECT DISTINCT name FROM staff_profile WHERE superseded_at IS NULL`,
    );
    expect(names).toEqual([{ name: '見本 新姓' }]);
  });

  it('says nothing by a column it does not have, and something by a blank one', async () => {
    const header = ['フリガナ', 'メールアドレス', '雇用区分', '所属長', '採用年月日'];
    const full = CREW.map((line) => `${line} ミホン m${line.slice(0, 4)}@example.jp 常勤 - 2015-04-01`);
    await roster(people([full[0]!.replace(' - ', ' ○ '), ...full.slice(1)], ...header), {
      asOf: '2022-05-01',
    });
    expect(changes(await roster(people(CREW), { asOf: '2022-06-01' }))).toEqual([0, 0, 0, 0, 7]);
    const current = `SELECT DISTINCT p.kana, p.email IS NOT NULL AS mail, p.hired_on, a.employment
      FROM staff_profile p JOIN assignment a USING (staff_id)
      WHERE p.superseded_at IS NULL AND a.superseded_at IS NULL AND a.valid_to = 'infinity'`;
    expect(await city.db.query(current)).toEqual([
      { kana: 'ミホン', mail: true, hired_on: '2015-04-01', employment: '常勤' },
    ]);
    const blank = CREW.map((line) => `${line} - - - - -`);
    expect(changes(await roster(people(blank, ...header), { asOf: '2022-07-01' }))).toEqual([0, 0, 0, 7, 0]);
    expect(await city.db.query(current)).toEqual([
      { kana: null, mail: false, hired_on: null, employment: '' },
    ]);
  });

  it('is not fooled by a number whose zeros Excel has eaten', async () => {
    const report = await city.roster(people(['1 110', '2 110', '3 120', '4 120', '5 410', '6 410', '7 420']));
    expect(report.problems[0]).toMatchObject({
      row: 2,
      column: '職員番号',
      read: '1',
      code: 'stripped_zeros',
    });
    expect(report.problemCount).toBe(7);
  });

  it('counts every problem and shows a hundred', async () => {
    const many = Array.from({ length: 130 }, (_, n) => `${String(n).padStart(4, '0')} 999`);
    const report = await city.roster(people(many), { asOf: '2022-10-01' });
    expect(report.problems).toHaveLength(100);
    expect(report.problemCount).toBe(130);
  });
});

describe('many departures', () => {
  beforeEach(firstRoster);
  const half = people(CREW.slice(0, 4));

  it('of more than a fifth ask for their exact number, and accept only that', async () => {
    const rows = await city.rowCounts();
    const asked = await city.roster(half, { asOf: '2022-10-01' });
    expect(asked.problems).toMatchObject([{ row: null, code: 'confirm_departures' }]);
    expect(asked.problems[0]!.fix).toContain('--confirm-departures 3');
    expect(asked).toMatchObject({ left: 3, unchanged: 4 });
    const wrong = await city.roster(half, { asOf: '2022-10-01', confirmDepartures: 4 });
    expect(wrong.problems).toMatchObject([{ code: 'confirm_departures', read: '4' }]);
    expect(await city.rowCounts()).toEqual(rows);
    expect(await roster(half, { asOf: '2022-10-01', confirmDepartures: 3 })).toMatchObject({
      problemCount: 0,
      left: 3,
    });
  });

  it('are not asked about up to a fifth', async () => {
    expect(await roster(people(CREW.slice(0, 6)), { asOf: '2022-10-01' })).toMatchObject({
      left: 1,
      problemCount: 0,
    });
  });

  it('are asked about at the button of the preview, which says what is missing when it is wrong', async () => {
    const request = {
      kind: 'roster' as const,
      files: [await city.file(half)],
      asOf: '2022-10-01',
      dryRun: true,
    };
    const { id } = await city.imports.preview(request, 'test');
    await expect(city.imports.apply(id, 'test', 2)).rejects.toMatchObject({ code: 'confirm_departures' });
    expect(await city.imports.apply(id, 'test', 3)).toMatchObject({ state: 'applied', report: { left: 3 } });
  });
});

describe('between preview and apply', () => {
  it('nothing may have changed that the preview showed', async () => {
    await firstRoster();
    const preview = async (lines: string[]) => {
      const request = {
        kind: 'roster' as const,
        files: [await city.file(people(lines))],
        asOf: '2022-10-01',
        dryRun: true,
      };
      return (await city.imports.preview(request, 'test')).id;
    };
    const first = await preview([...CREW, '0008 110']);
    const second = await preview([...CREW, '0008 110', '0009 110']);
    await city.imports.apply(first, 'test');
    await expect(city.imports.apply(second, 'test')).rejects.toMatchObject({ code: 'import_outdated' });
    await expect(city.imports.apply(first, 'test')).rejects.toMatchObject({ code: 'import_not_waiting' });
    expect(await city.rosterOn('2022-10-01')).not.toHaveProperty('0009');
  });
});
