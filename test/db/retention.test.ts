import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditChainService } from '../../src/access/audit-chain.service.js';
import { everything, narrow } from '../../src/access/scope.js';
import { TokenService } from '../../src/access/token.service.js';
import { UserAdminService } from '../../src/access/user-admin.service.js';
import { UserService } from '../../src/access/user.service.js';
import { AdoptionService } from '../../src/adoption/adoption.service.js';
import { createContext } from '../../src/context.setup.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import { ExceptionService } from '../../src/ledger/exception.service.js';
import { PersonExportService } from '../../src/ledger/person-export.service.js';
import { RetentionService } from '../../src/ledger/retention.service.js';
import { StaffListService } from '../../src/ledger/staff-list.service.js';
import { StaffRecordService } from '../../src/ledger/staff-record.service.js';
import { readConfig } from '../../src/platform/config.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import { ImportService } from '../../src/platform/imports/import.service.js';
import { createLogger } from '../../src/platform/logging.js';
import { monthsBetween } from '../../src/platform/month.js';
import { MonthCloseService } from '../../src/reports/month-close.service.js';
import { WaveService } from '../../src/reminders/wave.service.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const UNITS = ['所属コード,所属名,上位所属コード', '00,見本市,', '11,人事課,00', '12,税務課,00'];
const HEADER = '職員番号,氏名,フリガナ,所属コード,メールアドレス,所属長,採用年月日,退職年月日';
const LEAVER = '0004711,見本 梅子,ミホン ウメコ,11,umeko@example.jp,○,2001-04-01,';
const OTHERS = [
  '0000002,見本 太郎,ミホン タロウ,11,taro@example.jp,,2010-04-01,',
  '0000003,見本 次郎,ミホン ジロウ,12,jiro@example.jp,○,2011-04-01,',
  '0000004,見本 桜,ミホン サクラ,12,,,2012-04-01,',
];
/** Every way in which the leaver is written anywhere. */
const TRACES = ['4711', '梅子', 'ウメコ', 'umeko', '転居のため', 'long_leave', '影子', '9321', '2029-11'];

const operator = everything('test');
const MONTHS = monthsBetween('2022-04', '2023-09');

let database: TestDatabase;
let folder: string;
let app: INestApplicationContext;
let db: DataSource;

/** The rooms on another day, on the same database. */
async function on(day: string): Promise<void> {
  await app?.close();
  const config = readConfig({ NOW: `${day}T09:00:00+09:00`, DATA_DIR: folder, LOG_LEVEL: 'silent' });
  app = await createContext({ config, logger: createLogger('silent'), databaseUrl: database.url });
  db = app.get(DataSource);
}

async function importFile(
  kind: 'roster' | 'status',
  lines: readonly string[],
  asOf?: string,
  units?: readonly string[],
): Promise<ImportReport> {
  const path = join(folder, `${kind}.csv`);
  await writeFile(path, lines.join('\n'));
  const unitsFile = units ? { name: 'units.csv', path: join(folder, 'units.csv') } : undefined;
  if (unitsFile) await writeFile(unitsFile.path, units!.join('\n'));
  return app
    .get(ImportService)
    .run(
      { kind, files: [{ name: `${kind}.csv`, path }], unitsFile, asOf, dryRun: false, confirmDepartures: 1 },
      'test',
    );
}

/** Figures of every unit at the end of every month, and every closed month, as bytes. */
async function figures(): Promise<string> {
  const adoption = app.get(AdoptionService);
  const trends = await adoption.trends(operator, undefined, MONTHS[0]!, MONTHS.at(-1)!, 5);
  const lines = [];
  for (const month of MONTHS) lines.push(await adoption.lines(operator, `${month}-15`));
  const closed = await db.query(
    `SELECT month, version, document::text FROM month_close ORDER BY month, version`,
  );
  const frozen = await db.query('SELECT * FROM month_figure ORDER BY month, version, unit_id');
  return JSON.stringify({ trends, lines, closed, frozen });
}

/** Somebody of whom there is a record, and who never was anywhere. */
async function neverCame(): Promise<void> {
  await db.query(
    `WITH person AS (INSERT INTO staff (number) VALUES ('0009321') RETURNING id),
     profile AS (INSERT INTO staff_profile (staff_id, name, recorded_at) SELECT id, '見本 影子', '2022-05-25' FROM person),
     event AS (INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
               SELECT id, 'applied', '2022-05-25', 'hr', '2022-05-26', 'test' FROM person)
     INSERT INTO card_exception (staff_id, category, valid_from, valid_to, requested_at, requested_by)
     SELECT id, 'overseas', '2022-06-01', '2022-07-01', '2022-06-30 23:00+09', 'test' FROM person`,
  );
}

/** All that the database holds, as text. */
async function dump(): Promise<string> {
  const tables: { name: string }[] = await db.query(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'`,
  );
  let text = '';
  for (const { name } of tables) {
    const rows: { row: string }[] = await db.query(`SELECT t::text AS row FROM "${name}" t`);
    text += rows.map(({ row }) => `${name} ${row}`).join('\n');
  }
  return text;
}

/** All files that the service keeps, as text; those beside them are what the test itself imports. */
async function kept(): Promise<string> {
  let text = '';
  for (const part of ['imports', 'outbox']) {
    const entries = await readdir(join(folder, part), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile()))
      text += `${entry.name} ${await readFile(join(entry.parentPath, entry.name), 'utf8')}\n`;
  }
  return text;
}

function tracesIn(text: string): string[] {
  return TRACES.filter((trace) => text.includes(trace));
}

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'tracker-retention-'));
  await on('2022-04-10');
  await importFile('roster', [HEADER, LEAVER, ...OTHERS], '2022-04-01', UNITS);
  await importFile('status', ['職員番号,取得状況,基準日', '0000002,保有,2022-04-02']);
  await on('2022-05-25');
  await app.get(CardEventService).record(operator, '0004711', { status: 'applied', on: '2022-05-01' });
  await app.get(CardEventService).record(operator, '0004711', {
    status: 'held',
    on: '2022-05-20',
    evidence: 'self',
    expiresOn: '2029-11',
  });
  const exceptions = app.get(ExceptionService);
  const exception = await exceptions.request(operator, {
    number: '0004711',
    category: 'long_leave',
    note: '見本 梅子から電話で',
    from: '2022-04-05',
    to: '2022-06-30',
  });
  await exceptions.decide(operator, exception.id, 'approved', '転居のため');
  await app.get(WaveService).start(operator, 'manager-monthly', '2022-05-10');
  await app.get(StaffListService).page(operator, { unitCode: '11' });
  // Her own account, which manages what the roster says.
  await app
    .get(UserService)
    .add({ name: 'sect-11', displayName: '見本 梅子', role: 'manager', unitCode: '11' }, 'test');
  await app.get(UserAdminService).linkStaff(operator, 'sect-11', '0004711');
  const [{ id: userId }] = await db.query(`SELECT id FROM app_user WHERE name = 'sect-11'`);
  await app.get(TokenService).addFor('test', userId, { name: '梅子の集計', access: 'read', days: 30 });
  await neverCame();
  // A file that was refused; its name and its report quote the person.
  const imports = app.get(ImportService);
  const bad = join(folder, 'bad.csv');
  await writeFile(bad, [HEADER, LEAVER.replace('2001-04-01', '見本 梅子 0004711')].join('\n'));
  await imports.preview(
    { kind: 'roster', files: [{ name: '異動_見本梅子.csv', path: bad }], dryRun: true },
    'test',
  );
  await on('2022-07-05');
  await app.get(MonthCloseService).close(operator, '2022-06');
  // Her last day is 30 June 2022.
  await importFile('roster', [HEADER, ...OTHERS], '2022-07-01');
});

afterAll(async () => {
  await app?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

describe('before the time is over', () => {
  test('the traces to be erased are really there', async () => {
    expect(tracesIn(await dump())).toEqual(TRACES);
    const [{ id }] = await db.query('SELECT id FROM delivery WHERE staff_id IS NOT NULL ORDER BY id LIMIT 1');
    expect(existsSync(join(folder, 'outbox', 'manager-monthly-2022-05-10', `${id}.eml`))).toBe(true);
  });

  test('nobody is erased, by the service or by anybody with the database at hand', async () => {
    await on('2023-06-30');
    expect(await app.get(RetentionService).run(operator)).toMatchObject({ due: 0, erased: 0, months: 12 });
    await expect(db.query(`UPDATE staff SET number = 'erased:' || id`)).rejects.toThrow('append-only');
    await expect(db.query(`UPDATE staff_profile SET name = '(消去済み)'`)).rejects.toThrow(
      'keeps its history',
    );
    await expect(
      db.query(
        `INSERT INTO staff_erasure (staff_id, last_day, erased_on, erased_at, erased_by)
         SELECT id, '2022-03-31', '2023-06-30', '2023-06-30', 'x' FROM staff WHERE number = '0000002'`,
      ),
    ).rejects.toThrow('not left');
  });

  test('a trial counts who will be due and changes nothing', async () => {
    const before = await dump();
    expect(await app.get(RetentionService).run(operator, { on: '2023-07-01', dryRun: true })).toMatchObject({
      due: 2,
      erased: 0,
    });
    expect(await dump()).toBe(before);
    await expect(app.get(RetentionService).run(operator, { on: '2023-07-01' })).rejects.toMatchObject({
      code: 'future_date',
    });
  });

  test('only operators run it', async () => {
    const hr = narrow(operator, 'hr');
    await expect(app.get(RetentionService).run(hr)).rejects.toMatchObject({ code: 'role_required' });
  });

  test('the person’s export is one file with everything, for people and for programs', async () => {
    const { bytes } = await app.get(PersonExportService).write(operator, '0004711');
    const html = bytes.toString();
    for (const text of [
      '見本 梅子',
      'ミホン ウメコ',
      'umeko@example.jp',
      '人事課',
      '申請中',
      '保有',
      '転居のため',
      '長期の休業・休職',
    ])
      expect(html).toContain(text);
    expect(html).toContain('職員一覧の閲覧');
    expect(html).toContain('sect-11');
    expect(html).not.toContain('見本 太郎');
    const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!;
    const data = JSON.parse(json) as { number: string; sections: Record<string, unknown[]> };
    expect(data.number).toBe('0004711');
    expect(data.sections.cardEvents).toHaveLength(2);
    expect(data.sections.deliveries).toHaveLength(1);
    const [event] = await db.query('SELECT action, target FROM audit_event ORDER BY id DESC LIMIT 1');
    expect(event.action).toBe('staff_record_exported');
  });
});

describe('a year after the last day', () => {
  let before: string;
  let report: Buffer;
  let waiting: number;

  beforeAll(async () => {
    await on('2023-07-01');
    before = await figures();
    report = (await app.get(MonthCloseService).report(operator, '2022-06', 'json')).bytes;
    // A file that was looked at this morning, and has not been applied.
    const path = join(folder, 'again.csv');
    await writeFile(path, [HEADER, LEAVER, ...OTHERS].join('\n'));
    waiting = (
      await app
        .get(ImportService)
        .preview(
          { kind: 'roster', files: [{ name: 'again.csv', path }], asOf: '2023-07-01', dryRun: true },
          'test',
        )
    ).id;
    expect(tracesIn(await kept())).toEqual(['4711', '梅子', 'ウメコ', 'umeko']);
    expect(await app.get(RetentionService).run(operator)).toMatchObject({ due: 2, erased: 2 });
  });

  test('nothing in the database names the people any more, and no file', async () => {
    expect(tracesIn(await dump())).toEqual([]);
    expect(tracesIn(await kept())).toEqual([]);
  });

  test('a file that waited to be applied has to be tried again', async () => {
    await expect(app.get(ImportService).apply(waiting, 'test')).rejects.toMatchObject({
      code: 'import_not_waiting',
    });
  });

  test('the messages to the person are gone from the outbox, those to others are there', async () => {
    const rows = await db.query(
      `SELECT d.id, d.address, x.staff_id IS NOT NULL AS erased FROM delivery d
       LEFT JOIN staff_erasure x ON x.staff_id = d.staff_id WHERE d.staff_id IS NOT NULL`,
    );
    expect(rows).toHaveLength(2);
    for (const { id, address, erased } of rows) {
      expect(existsSync(join(folder, 'outbox', 'manager-monthly-2022-05-10', `${id}.eml`))).toBe(!erased);
      expect(address === null).toBe(erased);
    }
  });

  test('every figure of every month is the same, and closed months are the same bytes', async () => {
    expect(await figures()).toBe(before);
    expect((await app.get(MonthCloseService).report(operator, '2022-06', 'json')).bytes).toEqual(report);
  });

  test('the person is found by no search, record or export', async () => {
    const list = app.get(StaffListService);
    for (const query of ['梅子', '4711', 'ウメコ'])
      expect(await list.page(operator, { query, asOf: '2022-06-01' })).toMatchObject({ total: 0 });
    expect(await list.page(operator, { asOf: '2022-06-01' })).toMatchObject({ total: 4 });
    const [{ number }] = await db.query(`SELECT number FROM staff WHERE number LIKE 'erased:%'`);
    for (const known of ['0004711', number]) {
      await expect(app.get(StaffRecordService).open(operator, known)).rejects.toMatchObject({
        code: 'staff_not_found',
      });
      await expect(app.get(PersonExportService).write(operator, known)).rejects.toMatchObject({
        code: 'staff_not_found',
      });
    }
  });

  test('everybody else is as before', async () => {
    expect(await app.get(StaffRecordService).open(operator, '0000002')).toMatchObject({
      person: { name: '見本 太郎', email: 'taro@example.jp' },
      status: 'held',
    });
  });

  test('the erasure is on the audit record, whose chain is sound', async () => {
    const events = await db.query(`SELECT actor, target FROM audit_event WHERE action = 'staff_erased'`);
    expect(events).toHaveLength(2);
    for (const event of events)
      expect(event).toEqual({ actor: 'test', target: expect.stringMatching(/^staff:\d+$/) });
    expect(await app.get(AuditChainService).verify()).toMatchObject({ firstBroken: null, anchors: 1 });
  });

  test('the licence to erase allows nothing but the erased form, and not twice the person', async () => {
    const erased = `(SELECT staff_id FROM staff_erasure)`;
    for (const sql of [
      `UPDATE staff SET number = '0004711' WHERE id IN ${erased}`,
      `UPDATE staff_profile SET name = 'x' WHERE staff_id IN ${erased}`,
      `UPDATE card_exception SET valid_to = valid_to + 1 WHERE staff_id IN ${erased}`,
      `UPDATE card_event SET status = 'held' WHERE staff_id IN ${erased}`,
      `DELETE FROM staff_profile WHERE staff_id IN ${erased}`,
      `DELETE FROM staff_erasure`,
    ]) {
      await expect(db.query(sql)).rejects.toThrow(/append-only|keeps its history/);
    }
    expect(await app.get(RetentionService).run(operator)).toMatchObject({ due: 0, erased: 0 });
  });

  test('somebody who comes back with the same number begins anew', async () => {
    await importFile('roster', [HEADER, LEAVER.replace('2001-04-01', '2023-07-01'), ...OTHERS], '2023-07-01');
    const { events, assignments } = await app.get(StaffRecordService).open(operator, '0004711');
    expect(events).toEqual([]);
    expect(assignments).toHaveLength(1);
  });
});

test('what import reports quote is emptied after ninety days, rows and reasons stay', async () => {
  const path = join(folder, 'bad.csv');
  await writeFile(path, [HEADER, OTHERS[0]!.replace('2010-04-01', 'きのう')].join('\n'));
  const { id } = await app
    .get(ImportService)
    .preview({ kind: 'roster', files: [{ name: 'x.csv', path }], dryRun: true }, 'test');
  await app.get(ImportService).discard(id);
  const problem = async () => (await app.get(ImportService).get(id)).report.problems[0]!;
  expect(await problem()).toMatchObject({ row: 2, read: 'きのう', code: 'bad_date' });
  await on('2023-10-15');
  await app.get(RetentionService).run(operator);
  expect(await problem()).toMatchObject({ row: 2, read: '', code: 'bad_date' });
});

test('an export is readable without network, script or style sheet', () => {
  const template = readFileSync('templates/exports/person.hbs', 'utf8');
  expect(template).not.toMatch(/src=|href=|@import|url\(/);
});
