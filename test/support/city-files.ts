import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../src/platform/clock.js';
import type { ImportKind, ImportReport, InputFile } from '../../src/platform/imports/import-report.js';
import { ImportService } from '../../src/platform/imports/import.service.js';
import { startRooms, type TestApp } from './test-app.js';

export interface RosterOptions {
  /** The text of the list of units that comes with it. */
  readonly units?: string;
  readonly asOf?: string;
  readonly scopeCode?: string;
  readonly confirmDepartures?: number;
  readonly dryRun?: boolean;
}

/** A city that sends files: they are really written, and really imported into a database of the test. */
export class CityFiles {
  private written = 0;

  private constructor(
    readonly rooms: TestApp<INestApplicationContext>,
    readonly db: DataSource,
    readonly imports: ImportService,
    private readonly folder: string,
  ) {}

  static async open(env: Record<string, string> = {}): Promise<CityFiles> {
    const rooms = await startRooms(env);
    const folder = await mkdtemp(join(tmpdir(), 'tracker-files-'));
    const db = rooms.app.get(DataSource);
    await db.query(ALLOW_TRUNCATE);
    return new CityFiles(rooms, db, rooms.app.get(ImportService), folder);
  }

  async close(): Promise<void> {
    await this.rooms.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Back to a city nobody has told anything about. */
  async forget(): Promise<void> {
    // The end of the audit chain belongs to the schema: one row, made by the migration.
    const tables = (await tableNames(this.db)).filter((name) => name !== 'audit_chain');
    await this.db.query(`TRUNCATE ${tables.join(', ')} RESTART IDENTITY`);
    await this.db.query(
      `INSERT INTO count_definition (version, valid_from, reason, recorded_at, recorded_by)
       VALUES (1, '-infinity', '全員を数える', '-infinity', 'system')`,
    );
  }

  today(): string {
    return this.rooms.app.get(Clock).today();
  }

  async file(text: string | Buffer, name = 'meibo.csv'): Promise<InputFile> {
    const path = join(this.folder, String(++this.written));
    await writeFile(path, text);
    return { name, path };
  }

  async roster(text: string, { units, ...options }: RosterOptions = {}): Promise<ImportReport> {
    return this.imports.run(
      {
        kind: 'roster',
        files: [await this.file(text)],
        unitsFile: units === undefined ? undefined : await this.file(units, 'shozoku.csv'),
        dryRun: false,
        ...options,
      },
      'test',
    );
  }

  /** As an officer who answers the question how many people leave. */
  async confirmedRoster(text: string, options: RosterOptions = {}): Promise<ImportReport> {
    const report = await this.roster(text, options);
    if (report.problems[0]?.code !== 'confirm_departures') return report;
    return this.roster(text, {
      ...options,
      confirmDepartures: Number(/\d+/.exec(report.problems[0].expected)![0]),
    });
  }

  async take(kind: ImportKind, text: string, asOf?: string): Promise<ImportReport> {
    return this.imports.run(
      { kind, files: [await this.file(text, `${kind}.csv`)], asOf, dryRun: false },
      'test',
    );
  }

  /** The roster of a day as the facts tell it: unit code by staff number. */
  async rosterOn(day: string): Promise<Record<string, string>> {
    const rows: { number: string; code: string }[] = await this.db.query(
      `SELECT st.number, u.code FROM assignment a JOIN staff st ON st.id = a.staff_id JOIN unit u ON u.id = a.unit_id
       WHERE a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to ORDER BY st.number`,
      [day],
    );
    return Object.fromEntries(rows.map(({ number, code }) => [number, code]));
  }

  /** 兼務 of a day, as `number code`, with ◎ for managers. */
  async concurrentsOn(day: string): Promise<string[]> {
    const rows: { line: string }[] = await this.db.query(
      `SELECT st.number || ' ' || u.code || CASE WHEN a.is_manager THEN ' ◎' ELSE '' END AS line
       FROM assignment a JOIN staff st ON st.id = a.staff_id JOIN unit u ON u.id = a.unit_id
       WHERE NOT a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to ORDER BY 1`,
      [day],
    );
    return rows.map(({ line }) => line);
  }

  /** The organisation of a day: `parent > code name`, in the order of codes. */
  async unitsOn(day: string): Promise<string[]> {
    const rows: { line: string }[] = await this.db.query(
      `SELECT coalesce(parent.code || ' > ', '') || u.code || ' ' || p.name AS line
       FROM unit_period p JOIN unit u ON u.id = p.unit_id LEFT JOIN unit parent ON parent.id = p.parent_id
       WHERE p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to ORDER BY u.code`,
      [day],
    );
    return rows.map(({ line }) => line);
  }

  /** How many rows every table has. */
  async rowCounts(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const table of await tableNames(this.db)) {
      const [row]: { count: number }[] = await this.db.query(`SELECT count(*)::int AS count FROM ${table}`);
      counts[table] = row!.count;
    }
    return counts;
  }

  /** Every row of the tables whose rows are superseded, never changed, without the mark itself. */
  async history(): Promise<Map<string, string>> {
    const rows = new Map<string, string>();
    for (const table of ['unit_period', 'staff_profile', 'assignment']) {
      const found: { id: number; row: string }[] = await this.db.query(
        `SELECT id, (to_jsonb(t) - 'superseded_at')::text AS row FROM ${table} t`,
      );
      for (const { id, row } of found) rows.set(`${table} ${id}`, row);
    }
    return rows;
  }

  /** What must never be: on the day of every roster, and on every day on which the organisation changes after the first. */
  async violations(): Promise<string[]> {
    const rows: { violation: string }[] = await this.db.query(VIOLATIONS);
    return rows.map(({ violation }) => violation);
  }
}

/** CSV of a header and rows; null is a blank cell. */
export function csv(header: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  return [header, ...rows].map((cells) => `${cells.map((cell) => cell ?? '').join(',')}\r\n`).join('');
}

export async function tableNames(db: DataSource): Promise<string[]> {
  const rows: { name: string }[] = await db.query(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '%migration%' ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

/** Between tests, and only there, history is thrown away; rows stay as protected as ever. */
const ALLOW_TRUNCATE = /* sql */ `
DO $$
DECLARE
  t regclass;
BEGIN
  FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'no_truncate' LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER no_truncate', t);
  END LOOP;
END $$`;

const VIOLATIONS = /* sql */ `
WITH RECURSIVE roster AS (
  SELECT DISTINCT (options ->> 'asOf')::date AS day FROM import_batch WHERE kind = 'roster' AND state = 'applied'
),
first AS (SELECT min(day) AS day FROM roster),
day AS (
  SELECT day AS on_day FROM roster
  UNION SELECT p.valid_from FROM unit_period p, first WHERE p.superseded_at IS NULL AND p.valid_from >= first.day
  UNION SELECT p.valid_to FROM unit_period p, first
  WHERE p.superseded_at IS NULL AND p.valid_to >= first.day AND p.valid_to < 'infinity'
),
place AS (
  SELECT day.on_day, p.* FROM day JOIN unit_period p
    ON p.superseded_at IS NULL AND p.valid_from <= day.on_day AND day.on_day < p.valid_to
),
attached AS (
  SELECT on_day, unit_id FROM place WHERE parent_id IS NULL
  UNION SELECT p.on_day, p.unit_id FROM attached a JOIN place p ON p.on_day = a.on_day AND p.parent_id = a.unit_id
),
staffed AS (SELECT * FROM assignment WHERE superseded_at IS NULL)
SELECT format('%s has %s roots', on_day, count(*) FILTER (WHERE parent_id IS NULL)) AS violation
FROM place GROUP BY on_day HAVING count(*) FILTER (WHERE parent_id IS NULL) <> 1
UNION ALL
SELECT format('unit %s hangs nowhere on %s', unit_id, on_day) FROM place p
WHERE NOT EXISTS (SELECT FROM attached a WHERE a.on_day = p.on_day AND a.unit_id = p.unit_id)
UNION ALL
SELECT format('staff %s is in unit %s, which is not there on %s', a.staff_id, a.unit_id, r.day)
FROM roster r JOIN staffed a ON a.valid_from <= r.day AND r.day < a.valid_to
WHERE NOT EXISTS (SELECT FROM attached t WHERE t.on_day = r.day AND t.unit_id = a.unit_id)
UNION ALL
SELECT format('staff %s is twice 本務 from %s', a.staff_id, b.valid_from)
FROM staffed a JOIN staffed b ON a.staff_id = b.staff_id AND a.id < b.id AND a.is_primary AND b.is_primary
  AND daterange(a.valid_from, a.valid_to) && daterange(b.valid_from, b.valid_to)
UNION ALL
SELECT format('staff %s is 兼務 in unit %s from %s without 本務', a.staff_id, a.unit_id, a.valid_from)
FROM staffed a WHERE NOT a.is_primary AND NOT daterange(a.valid_from, a.valid_to) <@ (
  SELECT coalesce(range_agg(daterange(b.valid_from, b.valid_to)), '{}') FROM staffed b
  WHERE b.staff_id = a.staff_id AND b.is_primary)
UNION ALL
SELECT format('staff %s has %s current profiles', a.staff_id, count(p.id))
FROM (SELECT DISTINCT staff_id FROM staffed) a
LEFT JOIN staff_profile p ON p.staff_id = a.staff_id AND p.superseded_at IS NULL
GROUP BY a.staff_id HAVING count(p.id) <> 1`;
