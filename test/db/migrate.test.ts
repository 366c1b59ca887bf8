import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { MIGRATIONS } from '../../migrations/index.js';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { isMigrated, migrate, pendingMigrations } from '../../src/platform/database/migrate.js';
import { QUEUE_SCHEMA } from '../../src/platform/jobs/job-queue.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/test-database.js';

const connect = (url: string) => new DataSource(dataSourceOptions(url)).initialize();

describe('migrating', () => {
  let database: TestDatabase;
  let processes: DataSource[];

  beforeAll(async () => {
    database = await createEmptyDatabase();
    processes = await Promise.all([1, 2, 3].map(() => connect(database.url)));
  });
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.destroy()));
    await database.drop();
  });

  it('may be started by several processes at once', async () => {
    const [one] = processes;
    expect(await pendingMigrations(one!)).toBe(MIGRATIONS.length);

    await Promise.all(processes.map((process) => migrate(process)));

    expect(await one!.query('SELECT count(*) AS done FROM migrations')).toEqual([
      { done: MIGRATIONS.length },
    ]);
    expect(await pendingMigrations(one!)).toBe(0);
    expect(await isMigrated(one!)).toBe(true);
  });

  it('makes the job queue as well, in the version of the library that is installed', async () => {
    const [one] = processes;
    expect(await one!.query('SELECT max(id) AS newest FROM graphile_worker.migrations')).toEqual([
      { newest: QUEUE_SCHEMA },
    ]);
    await one!.query('DROP SCHEMA graphile_worker CASCADE');
    expect(await isMigrated(one!)).toBe(false);
    await migrate(one!);
    expect(await isMigrated(one!)).toBe(true);
  });
});

describe('the schema', () => {
  let database: TestDatabase;
  let db: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = await connect(database.url);
    await db.query(`
      INSERT INTO unit (code) VALUES ('A'), ('B');
      INSERT INTO staff (number) VALUES ('00001'), ('00002');
      INSERT INTO assignment (staff_id, unit_id, is_primary, valid_from, valid_to, recorded_at)
        SELECT s.id, u.id, true, '2022-04-01', '2023-04-01', now() FROM staff s, unit u WHERE s.number = '00001' AND u.code = 'A';
      INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
        SELECT id, 'held', '2022-10-31', 'hr', now(), 'test' FROM staff WHERE number = '00001';
      INSERT INTO audit_event (at, actor, action) VALUES (now(), 'test', 'test')`);
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  const assign = (number: string, unit: string, from: string, to: string, primary = true) =>
    db.query(
      `INSERT INTO assignment (staff_id, unit_id, is_primary, valid_from, valid_to, recorded_at)
       SELECT s.id, u.id, $5, $3, $4, now() FROM staff s, unit u WHERE s.number = $1 AND u.code = $2`,
      [number, unit, from, to, primary],
    );

  it.each(['card_event', 'audit_event'])('never changes, removes or empties %s', async (table) => {
    const column = table === 'card_event' ? 'recorded_by' : 'actor';
    await expect(db.query(`UPDATE ${table} SET ${column} = 'other'`)).rejects.toThrow(/append-only: UPDATE/);
    await expect(db.query(`DELETE FROM ${table}`)).rejects.toThrow(/append-only: DELETE/);
    await expect(db.query(`TRUNCATE ${table}`)).rejects.toThrow(/append-only: TRUNCATE/);
    expect(await db.query(`SELECT count(*) AS rows FROM ${table}`)).toEqual([{ rows: 1 }]);
  });

  it('guards every table that holds facts, not what is derived from them', async () => {
    const unguarded = await db.query<{ name: string }[]>(`
      SELECT c.relname AS name FROM pg_class c
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'no_truncate')
      ORDER BY name`);
    expect(unguarded.map((table) => table.name)).toEqual([
      'api_token',
      'app_grant',
      'app_session',
      'app_user',
      'area',
      'delivery',
      'delivery_worker',
      'import_batch',
      'mail_budget',
      'migrations',
      'org_closure',
      'provider_sign_in',
      'roll_current',
      'roll_day',
      'roll_delta',
      'roll_month',
      'roll_unfolded',
      'scheduled_wave',
      'scheduler_watch',
      'timeline',
      'unit_webhook',
      'wave',
    ]);
  });

  it('supersedes an assignment exactly once, and changes nothing else about it', async () => {
    const where = `WHERE staff_id = (SELECT id FROM staff WHERE number = '00001')`;
    await expect(db.query(`UPDATE assignment SET valid_to = '2022-12-01' ${where}`)).rejects.toThrow(
      /keeps its history/,
    );
    await expect(
      db.query(`UPDATE assignment SET superseded_at = now(), valid_to = '2022-12-01' ${where}`),
    ).rejects.toThrow(/add a new one/);
    await expect(db.query(`DELETE FROM assignment ${where}`)).rejects.toThrow(/append-only: DELETE/);

    await db.query(`UPDATE assignment SET superseded_at = now() ${where}`);

    await expect(db.query(`UPDATE assignment SET superseded_at = now() ${where}`)).rejects.toThrow(
      /is final/,
    );
    await expect(db.query(`UPDATE assignment SET superseded_at = NULL ${where}`)).rejects.toThrow(/is final/);
  });

  it('lets nobody be in two primary units on the same day', async () => {
    await assign('00002', 'A', '2022-04-01', '2022-10-01');
    await expect(assign('00002', 'B', '2022-09-30', 'infinity')).rejects.toThrow(/assignment_one_primary/);
    await assign('00002', 'B', '2022-10-01', 'infinity');
    await assign('00002', 'A', '2022-10-01', 'infinity', false);
    await expect(assign('00002', 'A', '2023-01-01', 'infinity', false)).rejects.toThrow(
      /assignment_once_a_unit/,
    );
  });

  it('reads days as text, counts as numbers and the time of day in Tokyo', async () => {
    const [row] = await db.query<Record<string, unknown>[]>(`
      SELECT date '2022-04-01' AS day, date 'infinity' AS open, 3400::bigint AS count, 82.0::numeric(4,1) AS rate,
             array[date '2022-04-01', NULL] AS days, array[1::bigint, 2] AS ids,
             (timestamptz '2022-10-31T15:00:00Z')::date AS "dayInTokyo"`);
    expect(row).toEqual({
      day: '2022-04-01',
      open: 'infinity',
      count: 3400,
      rate: 82,
      days: ['2022-04-01', null],
      ids: [1, 2],
      dayInTokyo: '2022-11-01',
    });
  });
});
