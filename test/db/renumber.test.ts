import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { everything } from '../../src/access/scope.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { PersonExportService } from '../../src/ledger/person-export.service.js';
import { RetentionService } from '../../src/ledger/retention.service.js';
import { RenumberService } from '../../src/roster/renumber.service.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { CityFiles, csv } from '../support/city-files.js';
import { changes, CREW, people, UNITS, watchedCity } from '../support/sample-roster.js';

const hr = everything('test');
let city: CityFiles;
let numbers: RenumberService;
const watched = watchedCity();
const { roster, firstRoster } = watched;
beforeAll(() => {
  city = watched.city;
  numbers = city.rooms.app.get(RenumberService);
});
beforeEach(firstRoster);

const hold = (number: string) =>
  city.take('status', csv(['職員番号', '取得状況', '基準日'], [[number, '保有', '2022-05-01']]));
const held = async () => (await city.rooms.app.get(AdoptionService).unit(hr, undefined, '2022-12-01')).held;
const faults = ({ problems }: ImportReport) =>
  problems.map(({ row, column, code, read }) => `${row} ${column} ${code} ${read}`);

describe('a person with a new staff number', () => {
  it('stays the same person, with every record', async () => {
    await hold('0001');
    const rows = await city.rowCounts();
    expect(await numbers.renumber(hr, '0001', '9001')).toEqual({ number: '9001', formerNumber: '0001' });
    expect(await held()).toBe(1);
    expect(await city.rosterOn('2022-04-01')).toMatchObject({ '9001': '110' });
    const now = await city.rowCounts();
    expect({ ...now, audit_event: rows.audit_event }).toEqual({ ...rows, staff_former_number: 1 });
    expect(await city.db.query(`SELECT action, target FROM audit_event ORDER BY id DESC LIMIT 1`)).toEqual([
      { action: 'staff_renumbered', target: expect.stringMatching(/^staff:\d+$/) },
    ]);
    expect(await city.rooms.app.get(LedgerService).verify()).toMatchObject({ differenceCount: 0 });
  });

  it('is named by the new number to whoever sends a list with the old one', async () => {
    await numbers.renumber(hr, '0001', '9001');
    const status = await hold('0001');
    expect(faults(status)).toEqual(['2 職員番号 renumbered_staff 0001']);
    expect(status.problems[0]!.fix).toContain('「9001」');
    const list = await roster(people(CREW), { asOf: '2022-12-01' });
    expect(faults(list)).toEqual(['2 職員番号 renumbered_staff 0001']);
    expect(list.problems[0]!.fix).toContain('「9001」');
    const reorganisation = await city.imports.run(
      {
        kind: 'reorganisation',
        files: [await city.file(csv(['区分', '新所属コード', '職員番号'], [['異動', '120', '0001']]))],
        asOf: '2023-04-01',
        dryRun: true,
      },
      'test',
    );
    expect(faults(reorganisation)).toEqual(['2 職員番号 renumbered_staff 0001']);
  });

  it('leaves the former number to nobody, and takes nobody’s', async () => {
    await numbers.renumber(hr, '0001', '9001');
    await expect(numbers.renumber(hr, '0002', '0001')).rejects.toMatchObject({ code: 'staff_exists' });
    await expect(numbers.renumber(hr, '0002', '0003')).rejects.toMatchObject({ code: 'staff_exists' });
    await expect(numbers.renumber(hr, '0001', '9002')).rejects.toMatchObject({ code: 'staff_not_found' });
    await expect(numbers.renumber(hr, '0002', '0002')).rejects.toMatchObject({ code: 'bad_staff_number' });
    for (const statement of [
      `INSERT INTO staff (number) VALUES ('0001')`,
      `UPDATE staff SET number = '9009' WHERE number = '0002'`,
      `UPDATE staff_former_number SET number = '0000'`,
      `DELETE FROM staff_former_number`,
    ])
      await expect(city.db.query(statement)).rejects.toMatchObject({ code: '23001' });
  });

  it('may get the number of before back', async () => {
    await numbers.renumber(hr, '0001', '9001');
    await numbers.renumber(hr, '9001', '0001');
    expect(changes(await roster(people(CREW), { asOf: '2022-12-01' }))).toEqual([0, 0, 0, 0, 7]);
    await numbers.renumber(hr, '0001', '9003');
    expect(faults(await hold('9001'))).toEqual(['2 職員番号 renumbered_staff 9001']);
  });

  it('keeps the account and what it manages', async () => {
    await roster(people(['0001 110 ○', ...CREW.slice(1).map((line) => `${line} -`)], '所属長'), {
      asOf: '2022-05-01',
    });
    await city.db.query(
      `INSERT INTO app_user (name, display_name, staff_number, created_at) VALUES ('kacho', '課長', '0001', now())`,
    );
    await numbers.renumber(hr, '0001', '9001');
    expect(await city.db.query(`SELECT staff_number FROM app_user`)).toEqual([{ staff_number: '9001' }]);
    await city.db.query(
      `INSERT INTO app_user (name, display_name, staff_number, created_at) VALUES ('other', '別人', '9100', now())`,
    );
    await expect(numbers.renumber(hr, '9001', '9100')).rejects.toMatchObject({ code: 'staff_number_taken' });
  });

  it('is told of all numbers in the export', async () => {
    await numbers.renumber(hr, '0001', '9001');
    const { bytes } = await city.rooms.app.get(PersonExportService).write(hr, '9001');
    expect(bytes.toString()).toMatch(/前の職員番号[\s\S]*0001/);
  });

  it('who is erased loses the numbers of before, also where reports quote them, and they are free again', async () => {
    const other = await CityFiles.open({ RETENTION_MONTHS: '1' });
    try {
      await other.roster(people(CREW), { units: UNITS, asOf: '2022-04-01' });
      await other.rooms.app.get(RenumberService).renumber(hr, '0001', '9001');
      await other.imports.preview(
        {
          kind: 'status',
          files: [await other.file(csv(['職員番号', '取得状況'], [['0001', '保有']]))],
          dryRun: true,
        },
        'test',
      );
      await other.confirmedRoster(people(CREW.slice(1)), { asOf: '2022-06-01' });
      expect(await other.rooms.app.get(RetentionService).run(hr)).toMatchObject({ erased: 1 });
      for (const table of ['staff', 'staff_former_number', 'import_batch', 'app_user', 'audit_event']) {
        const rows = await other.db.query(`SELECT to_jsonb(t) AS row FROM ${table} t`);
        expect(JSON.stringify(rows)).not.toMatch(/\b[09]001\b/);
      }
      expect(
        await other.roster(people(['0001 120', ...CREW.slice(1)]), { asOf: '2022-07-01' }),
      ).toMatchObject({
        joined: 1,
      });
    } finally {
      await other.close();
    }
  });
});

describe('a roster with the former numbers', () => {
  const header = ['旧職員番号'];
  const list = ['9001 110 0001', '9002 110 0002', ...CREW.slice(2).map((line) => `${line} -`)];

  it('gives people their new numbers: nobody joins and nobody leaves', async () => {
    await hold('0001');
    const report = await roster(people(list, ...header), { asOf: '2022-12-01' });
    // The sample's names are made of the numbers.
    expect(report).toMatchObject({
      joined: 0,
      left: 0,
      moved: 0,
      changed: 2,
      unchanged: 5,
      renumbered: 2,
      warnings: [],
    });
    expect(await held()).toBe(1);
    expect(await roster(people(list, ...header), { asOf: '2022-12-01' })).toMatchObject({
      unchanged: 7,
      renumbered: 0,
    });
  });

  it('tries it in the preview and leaves everything as it is', async () => {
    const rows = await city.rowCounts();
    expect(await roster(people(list, ...header), { asOf: '2022-12-01', dryRun: true })).toMatchObject({
      renumbered: 2,
    });
    expect(await city.rowCounts()).toEqual(rows);
    expect(await city.rosterOn('2022-04-01')).toHaveProperty('0001');
  });

  it('says so where a former number is nobody’s, and refuses what contradicts itself', async () => {
    const strange = [...CREW.map((line) => `${line} -`), '9008 120 7777'];
    const report = await roster(people(strange, ...header), { asOf: '2022-12-01' });
    expect(report).toMatchObject({ joined: 1, renumbered: 0 });
    expect(report.warnings.map(({ row, code }) => `${row} ${code}`)).toEqual(['9 unknown_former_number']);
    expect(
      faults(
        await roster(people(['0003 110 0001', ...CREW.slice(1).map((line) => `${line} -`)], ...header), {
          asOf: '2022-12-01',
        }),
      ),
    ).toEqual(['2 職員番号 staff_exists 0003', '4 職員番号 duplicate_staff 0003']);
    expect(
      faults(
        await roster(people(['9001 110 0001', ...CREW.map((line) => `${line} -`)], ...header), {
          asOf: '2022-12-01',
        }),
      ),
    ).toEqual(['2 旧職員番号 duplicate_staff 0001']);
    const twice = ['9001 110 0001', '9002 110 0001', ...CREW.slice(2).map((line) => `${line} -`)];
    expect(faults(await city.confirmedRoster(people(twice, ...header), { asOf: '2022-12-01' }))).toEqual([
      '3 旧職員番号 duplicate_staff 0001',
    ]);
  });
});
