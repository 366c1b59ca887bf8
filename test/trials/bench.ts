import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { PoolClient } from 'pg';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import {
  acquireEmbeddedPostgres,
  removeEmbeddedPostgres,
} from '../../src/platform/database/embedded-postgres.js';
import type { Size } from './bench-city.js';
import { BenchService } from './bench/bench-service.js';
import { files } from './bench/files.js';
import { describeMachine, type Machine } from './bench/machine.js';
import { ask, questions, sameFanOut } from './bench/questions.js';
import { atMost, ratio, toTable, type Ratio } from './bench/ratio.js';
import { requests } from './bench/requests.js';
import { timeOf } from './bench/stopwatch.js';
import { waves } from './bench/waves.js';
import { writersDuringImport } from './bench/writers-during-import.js';
import { writes } from './bench/writes.js';

interface BenchOutcome {
  readonly trial: 'bench';
  readonly machine: Machine;
  /** Per size: seconds it took to make and to measure. */
  readonly seconds: Partial<Record<Size, Readonly<Record<string, number>>>>;
  readonly ratios: readonly Ratio[];
  /** Figures that are not what the facts say. */
  readonly lost: number;
}

/** Everything that is measured in one city, in this order: what writes comes after what is asked. */
const SECTIONS: Record<string, (city: BenchService) => Promise<Ratio[]>> = {
  questions: everyQuestion,
  requests,
  writes,
  files,
  'writers during an import': writersDuringImport,
  waves,
  differences,
};

/** Recounting everybody takes seconds a day where there are many. */
const DAYS_RECOUNTED: Record<Size, number> = { S: 200, M: 6, L: 2 };

/**
 * `npm run bench [-- --size S|M|L] [--sizes S,M] [--only questions,files] [--json]`: the ratios of the design, all of
 * them measured here and now, with their targets and whether each is met.
 */
export default async function main(args: string[]): Promise<BenchOutcome & { text?: string }> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string' },
      sizes: { type: 'string', default: 'S,M' },
      only: { type: 'string', default: Object.keys(SECTIONS).join() },
      json: { type: 'boolean', default: false },
    },
  });
  const sizes = (values.size ?? values.sizes).split(',').map(toSize);
  const sections = values.only.split(',');
  const dataDir = mkdtempSync(join(tmpdir(), 'staff-card-tracker-bench-'));
  // Root's PostgreSQL runs as another user, who must get through.
  chmodSync(dataDir, 0o711);
  const server = await acquireEmbeddedPostgres({ dataDir, log: tell });
  try {
    const ratios: Ratio[] = [];
    const seconds: BenchOutcome['seconds'] = {};
    const fanOut: Partial<Record<Size, Record<string, number>>> = {};
    let machine: Machine | undefined;
    for (const size of sizes) {
      tell(`${size}: making the facts and the ledger`);
      const city = await BenchService.open(server.url, size);
      try {
        machine ??= await describeMachine(city.db);
        const took: Record<string, number> = { ...city.made };
        for (const section of sections) {
          tell(`${size}: ${section}`);
          took[section] =
            (await timeOf(async () => ratios.push(...(await SECTIONS[section]!(city))))) / 1_000;
        }
        fanOut[size] = await withClient(city, (client) => sameFanOut(client, size));
        seconds[size] = took;
      } finally {
        await city.close();
      }
    }
    ratios.push(...growth(fanOut));
    const lost = ratios.filter(({ name, met }) => name === DIFFERENCES && !met).length;
    const outcome: BenchOutcome = { trial: 'bench', machine: machine!, seconds, ratios, lost };
    return values.json ? outcome : { ...outcome, text: inWords(outcome) };
  } finally {
    await server.release();
    await removeEmbeddedPostgres(dataDir);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function everyQuestion(city: BenchService): Promise<Ratio[]> {
  return withClient(city, async (client) => {
    const ratios: Ratio[] = [];
    for (const question of await questions(city.size)) ratios.push(await ask(client, city.size, question));
    return ratios;
  });
}

const DIFFERENCES = 'differences between ledger and recount';

async function differences({ app, size }: BenchService): Promise<Ratio[]> {
  const ledger = app.get(LedgerService);
  const check = await ledger.verify(() => {}, DAYS_RECOUNTED[size]);
  const { differenceCount, figures, days } = check;
  return [ratio(DIFFERENCES, size, atMost(0), differenceCount, { figures, days })];
}

/** What the same question takes where there are more people, against the smallest size. */
function growth(times: Partial<Record<Size, Record<string, number>>>): Ratio[] {
  const { S: small, ...larger } = times;
  if (!small) return [];
  return Object.entries(larger).flatMap(([size, there]) =>
    Object.entries(there).map(([name, ms]) =>
      ratio(
        `one 局, ${name}: p50 at ${size} ÷ p50 at S`,
        size as Size,
        size === 'L' ? atMost(2) : null,
        ms / small[name]!,
        { [size]: ms, S: small[name]! },
      ),
    ),
  );
}

async function withClient<T>(city: BenchService, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await city.pool(1).connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

function inWords({ machine, seconds, ratios }: BenchOutcome): string {
  const on = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}`;
  const took = Object.entries(seconds).map(
    ([size, parts]) =>
      `${size}: ${Object.entries(parts)
        .map(([part, s]) => `${part} ${Math.round(s)}`)
        .join(', ')}`,
  );
  return [on, '', toTable(ratios), '', 'Seconds:', ...took].join('\n');
}

function toSize(text: string): Size {
  if (text === 'S' || text === 'M' || text === 'L') return text;
  throw new Error(`sizes are S, M and L, not ${text}`);
}

const tell = (line: string) => process.stderr.write(`${line}\n`);
