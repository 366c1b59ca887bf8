import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { INestApplicationContext } from '@nestjs/common';
import iconv from 'iconv-lite';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { LedgerService } from '../../../src/adoption/ledger.service.js';
import { createContext } from '../../../src/context.setup.js';
import { readConfig } from '../../../src/platform/config.js';
import { isRefused, type ImportRequest } from '../../../src/platform/imports/import-report.js';
import { ImportService } from '../../../src/platform/imports/import.service.js';
import type { ImportStage, ImportWatch } from '../../../src/platform/imports/import-watch.js';
import { createLogger } from '../../../src/platform/logging.js';
import { projectRoot } from '../../../src/platform/project-root.js';
import { TODAY, type Size } from '../bench-city.js';
import type { BenchService } from './bench-service.js';
import { atMost, ratio, type Ratio } from './ratio.js';

const MOST: Record<string, Partial<Record<Size, number>>> = {
  reading: { M: 5, L: 5.5 },
  memory: { S: 150, M: 150, L: 150 },
  reshuffle: { M: 50, L: 45 },
};
const targetOf = (what: keyof typeof MOST, size: Size) => {
  const most = MOST[what]![size];
  return most === undefined ? null : atMost(most);
};
const NOW = `${TODAY}T09:00:00+09:00`;
const MB = 1 << 20;
const COPIES = 5;

/**
 * The roster of next April, in which a fifth of the staff works elsewhere: read and checked, and taken in, against a COPY
 * of the same bytes into a table of text. The database is one that `makeCity` has filled and the ledger has derived; it
 * has had its April afterwards.
 */
export async function files({ databaseUrl, size }: BenchService): Promise<Ratio[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tracker-bench-'));
  const rooms = await openRooms(databaseUrl, folder);
  try {
    const path = join(folder, 'meibo.csv');
    await writeReshuffle(databaseUrl, path, '2023-04-01');
    const raw = await rawCopy(databaseUrl, path);
    const bytes = (await stat(path)).size;
    const detail = { 'raw COPY': raw, 'MB of the file': bytes / MB };

    const first = new Stages();
    await take(rooms, path, { asOf: '2023-04-01', dryRun: true }, first.watch);
    const reading = first.until('comparing');
    const part = join(folder, 'tenth.csv');
    await writeFile(part, await head(path, bytes / 10));
    const small = await peakOfCommand(databaseUrl, folder, part);
    const peak = await peakOfCommand(databaseUrl, folder, path);

    const second = new Stages();
    const started = performance.now();
    await take(rooms, path, { asOf: '2023-04-01', dryRun: false }, second.watch);
    const imported = performance.now();
    await rooms.get(LedgerService).fold();
    const whole = performance.now() - started;
    return [
      ratio(
        'roster file: parse + validate ÷ raw COPY of the same bytes',
        size,
        targetOf('reading', size),
        reading / raw,
        { 'parse + validate': reading, reading: first.of('reading'), ...detail },
      ),
      ratio(
        'roster file: most memory of the command that reads it (MB)',
        size,
        targetOf('memory', size),
        peak / MB,
        { 'with a tenth of the rows (MB)': small / MB },
      ),
      ratio('20 % reshuffle end to end ÷ raw COPY', size, targetOf('reshuffle', size), whole / raw, {
        whole,
        ...second.all(imported),
        fold: whole - (imported - started),
        ...detail,
      }),
    ];
  } finally {
    await rooms.close();
    await rm(folder, { recursive: true });
  }
}

/** The rooms as the service has them, on the bench's day. */
export function openRooms(databaseUrl: string, dataDir: string): Promise<INestApplicationContext> {
  const config = readConfig({ NOW, DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
  return createContext({ config, logger: createLogger('silent'), databaseUrl });
}

/** Throws where the roster is refused: then nothing was measured. */
export async function take(
  rooms: INestApplicationContext,
  path: string,
  options: Pick<ImportRequest, 'asOf' | 'dryRun'>,
  watch: ImportWatch,
): Promise<void> {
  const request: ImportRequest = { kind: 'roster', files: [{ name: 'meibo.csv', path }], ...options };
  const report = await rooms.get(ImportService).run(request, 'bench', watch);
  if (isRefused(report)) throw new Error(`the roster is refused: ${JSON.stringify(report.problems[0])}`);
}

/** When each stage of an import began. */
export class Stages {
  private readonly started = performance.now();
  private readonly begun: { stage: ImportStage; at: number }[] = [];

  readonly watch: ImportWatch = {
    tell: ({ stage }) => {
      if (this.begun.at(-1)?.stage !== stage) this.begun.push({ stage, at: performance.now() });
    },
  };

  /** From the start of everything. */
  until(stage: ImportStage): number {
    return this.begun.find((one) => one.stage === stage)!.at - this.started;
  }

  of(stage: ImportStage, end = performance.now()): number {
    const index = this.begun.findIndex((one) => one.stage === stage);
    return (this.begun[index + 1]?.at ?? end) - this.begun[index]!.at;
  }

  all(end: number): Record<string, number> {
    return Object.fromEntries(this.begun.map(({ stage }) => [stage, this.of(stage, end)]));
  }
}

/** CP932 with CRLF, as Excel on a city's desk saves it: everybody of the day before, a fifth of them in another 課. */
export async function writeReshuffle(databaseUrl: string, path: string, day: string): Promise<void> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    const rows = client.query(copyTo(`COPY (${RESHUFFLED.replaceAll('$1', `DATE '${day}'`)}) TO STDOUT`));
    const file = createWriteStream(path);
    file.write(
      iconv.encode('職員番号,氏名,所属コード,所属名,メールアドレス,雇用区分,本務兼務,所属長\r\n', 'CP932'),
    );
    const encode = async function* (pieces: AsyncIterable<string | Buffer>) {
      for await (const piece of pieces) yield iconv.encode(String(piece).replaceAll('\n', '\r\n'), 'CP932');
    };
    await pipeline(rows, iconv.decodeStream('utf8'), encode, file);
  } finally {
    await client.end();
  }
}

/** $1 day */
const RESHUFFLED = /* sql */ `
WITH section AS (
  SELECT code, city, row_number() OVER (PARTITION BY city ORDER BY code) - 1 AS nth, count(*) OVER (PARTITION BY city) AS sections
  FROM unit, split_part(code, '-', 1) AS city WHERE code LIKE 'C%-%-%-%'
),
placed AS (
  SELECT s.id, s.number, p.name, p.email, u.code, abs(hashint8extended(s.id, $1 - DATE '2000-01-01')) AS dice
  FROM staff s
  JOIN staff_profile p ON p.staff_id = s.id AND p.superseded_at IS NULL
  JOIN assignment a ON a.staff_id = s.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from < $1 AND $1 <= a.valid_to
  JOIN unit u ON u.id = a.unit_id
)
SELECT concat_ws(',', number, name, code, '課' || code, email, '正規', '本務', '') FROM (
  SELECT p.id, p.number, p.name, p.email, coalesce(other.code, p.code) AS code
  FROM placed p
  LEFT JOIN section other ON p.dice % 5 = 0 AND other.city = split_part(p.code, '-', 1) AND other.nth = (p.dice / 5) % other.sections
) AS row ORDER BY id`;

/** Milliseconds; the median of some, each into a table of its own. */
async function rawCopy(databaseUrl: string, path: string): Promise<number> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    const times: number[] = [];
    for (let n = 0; n < COPIES; n++) {
      await client.query(
        'CREATE TEMP TABLE raw (a text, b text, c text, d text, e text, f text, g text, h text)',
      );
      const started = performance.now();
      const copy = client.query(copyFrom(`COPY raw FROM STDIN (FORMAT csv, HEADER, ENCODING 'SJIS')`));
      await pipeline(createReadStream(path, { highWaterMark: 1 << 16 }) as Readable, copy);
      times.push(performance.now() - started);
      await client.query('DROP TABLE raw');
    }
    return times.toSorted((a, b) => a - b)[COPIES >> 1]!;
  } finally {
    await client.end();
  }
}

/** The first lines of a file, as far as they fit into so many bytes. */
async function head(path: string, bytes: number): Promise<Buffer> {
  const all = (await readFile(path)).subarray(0, bytes);
  return all.subarray(0, all.lastIndexOf('\n') + 1);
}

/** The most memory the command ever had, in bytes. */
async function peakOfCommand(databaseUrl: string, dataDir: string, path: string): Promise<number> {
  const args = ['import', 'roster', path, '--as-of', '2023-04-01', '--dry-run', '--json'];
  const child = spawn(process.execPath, [join(projectRoot, 'dist', 'src', 'cli.js'), ...args], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, DATA_DIR: dataDir, NOW, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let most = 0;
  const look = setInterval(() => (most = Math.max(most, mostMemory(child.pid!))), 50);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(look);
  // A part of the roster is refused for all who are missing in it, after it was read.
  if (code !== 0 && code !== 2) throw new Error(`the command ended with ${code}`);
  return most;
}

/** Where the system tells it (Linux). */
function mostMemory(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
