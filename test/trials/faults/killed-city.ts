import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import iconv from 'iconv-lite';
import { DataSource, type EntityManager } from 'typeorm';
import { everything } from '../../../src/access/scope.js';
import { countUnits } from '../../../src/adoption/counts.query.js';
import { LedgerService } from '../../../src/adoption/ledger.service.js';
import { recountUnits } from '../../../src/adoption/recount.query.js';
import { createContext } from '../../../src/context.setup.js';
import { readConfig } from '../../../src/platform/config.js';
import {
  acquireEmbeddedPostgres,
  removeEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../../src/platform/database/embedded-postgres.js';
import type { ImportKind, ImportReport } from '../../../src/platform/imports/import-report.js';
import { ImportService } from '../../../src/platform/imports/import.service.js';
import { createLogger } from '../../../src/platform/logging.js';
import { addDays } from '../../../src/platform/month.js';
import type { Dice } from '../dice.js';

const FIRST_DAY = '2022-04-01';
const TODAY = '2022-12-05';
const BUREAUS = 12;
const SECTIONS = 96;
const STATUSES = ['保有', '申請中', '未申請', '回答しない', '失効・返納'];

/** A file to import, and how a command names it. */
export interface KilledFile {
  readonly kind: ImportKind;
  readonly path: string;
  readonly asOf: string;
}

/** What everybody sees at one moment. */
export interface Reading {
  /** Facts and figures; two moments with the same text are the same state. */
  readonly state: string;
  /** Figures that are not what the facts of the same moment say. */
  readonly differences: number;
}

/** A city of 3,400 on an embedded database of its own, with its rooms open as the service has them. */
export class KilledCity {
  private places: number[];
  private day = FIRST_DAY;
  private files = 0;

  private constructor(
    private readonly dice: Dice,
    readonly dataDir: string,
    private readonly server: EmbeddedPostgres,
    private readonly rooms: INestApplicationContext,
    staff: number,
  ) {
    this.places = Array.from({ length: staff }, () => dice.below(SECTIONS));
  }

  static async open(dice: Dice, staff = 3_400): Promise<KilledCity> {
    const dataDir = mkdtempSync(join(process.env.TEST_SCRATCH!, `staff-card-tracker-test-${process.pid}-`));
    chmodSync(dataDir, 0o711);
    mkdirSync(join(dataDir, 'sent'));
    const server = await acquireEmbeddedPostgres({ dataDir, log: () => undefined });
    const config = readConfig({ NOW: `${TODAY}T09:00:00+09:00`, DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
    const logger = createLogger('silent');
    const rooms = await createContext({ config, logger, databaseUrl: server.url });
    return new KilledCity(dice, dataDir, server, rooms, staff);
  }

  async close(): Promise<void> {
    await this.rooms.close();
    await this.server.release();
    await removeEmbeddedPostgres(this.dataDir);
    rmSync(this.dataDir, { recursive: true });
  }

  get environment(): Record<string, string> {
    return { DATA_DIR: this.dataDir, NOW: `${TODAY}T09:00:00+09:00` };
  }

  get databaseUrl(): string {
    return this.server.url;
  }

  unitsFile(): string {
    const bureaus = Array.from({ length: BUREAUS }, (_, n) => `B${n},第${n}局,CITY`);
    const sections = Array.from({ length: SECTIONS }, (_, n) => `S${n},第${n}課,B${n % BUREAUS}`);
    return this.write(['所属コード,所属名,上位所属コード', 'CITY,見本市,', ...bureaus, ...sections]);
  }

  /** The roster of the next day: a fifth have moved, some have come and some gone. */
  nextRoster(): KilledFile {
    this.day = addDays(this.day, 1);
    this.places = this.places.map((place) => {
      if (place < 0) return this.dice.chance(0.3) ? this.dice.below(SECTIONS) : place;
      if (this.dice.chance(0.02)) return -1;
      return this.dice.chance(0.2) ? this.dice.below(SECTIONS) : place;
    });
    const people = this.places.flatMap((place, n) =>
      place < 0 ? [] : [`${number(n)},見本 ${n}号,S${place}`],
    );
    return {
      kind: 'roster',
      asOf: this.day,
      path: this.write(['見本市 職員名簿', '職員番号,氏名,所属コード', ...people]),
    };
  }

  /** What a fifth of those ever employed say, each on one of a few days: a recount goes over every day of change. */
  nextStatuses(): KilledFile {
    const lines = this.places.flatMap((place, n) =>
      place < 0 || !this.dice.chance(0.2)
        ? []
        : [`${number(n)},${this.dice.pick(STATUSES)},${addDays(FIRST_DAY, 20 * this.dice.below(12))}`],
    );
    return {
      kind: 'status',
      asOf: TODAY,
      path: this.write(['職員番号,取得状況,基準日', ...lines]),
    };
  }

  /** As a preview would, or for good. */
  import(file: KilledFile, dryRun: boolean): Promise<ImportReport> {
    return this.rooms.get(ImportService).run(
      {
        kind: file.kind,
        files: [{ name: 'sent.csv', path: file.path }],
        asOf: file.asOf,
        dryRun,
      },
      'trial',
    );
  }

  verify() {
    return this.rooms.get(LedgerService).verify();
  }

  fold(): Promise<number> {
    return this.rooms.get(LedgerService).fold();
  }

  /** One look at everything, as of one moment. */
  read(): Promise<Reading> {
    return this.rooms.get(DataSource).transaction('REPEATABLE READ', async (em) => {
      const dates = [this.day, TODAY];
      const shown = await countUnits(em, everything('trial'), { dates });
      const facts = new Map(
        (await recountUnits(em, dates)).map(({ asOf, code, total }) => [`${asOf} ${code}`, total]),
      );
      const figures = shown.map(({ asOf, code, total }) => ({ asOf, code, total: JSON.stringify(total) }));
      const wrong = figures.filter(({ asOf, code, total }) => {
        const counted = facts.get(`${asOf} ${code}`);
        return counted
          ? JSON.stringify(counted) !== total
          : (JSON.parse(total) as { staff: number }).staff !== 0;
      });
      return { state: JSON.stringify([await rowsOf(em), figures]), differences: wrong.length };
    });
  }

  /** A client of the database that is at work, and not one of the trial. */
  async workingBackend(): Promise<number | undefined> {
    const rows: { pid: number }[] = await this.rooms.get(DataSource).query(
      `SELECT pid FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()
         AND xact_start IS NOT NULL AND query NOT LIKE '%pg_stat_activity%' ORDER BY xact_start LIMIT 1`,
    );
    return rows[0]?.pid;
  }

  private write(lines: readonly string[]): string {
    const path = join(this.dataDir, 'sent', `${++this.files}.csv`);
    writeFileSync(path, iconv.encode(`${lines.join('\r\n')}\r\n`, 'cp932'));
    return path;
  }
}

const number = (n: number) => String(10_000_001 + n);

/** Facts, and what an import leaves beside them. */
async function rowsOf(em: EntityManager): Promise<unknown> {
  const [row]: unknown[] = await em.query(
    `SELECT (SELECT count(*) FROM staff)::int AS staff, (SELECT count(*) FROM assignment)::int AS assignments,
            (SELECT count(*) FROM assignment WHERE superseded_at IS NOT NULL)::int AS superseded,
            (SELECT count(*) FROM card_event)::int AS events, (SELECT count(*) FROM unit_period)::int AS periods,
            (SELECT count(*) FROM import_batch WHERE state = 'applied')::int AS imports`,
  );
  return row;
}
