import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { everything } from '../../../src/access/scope.js';
import { CardEventService } from '../../../src/ledger/card-event.service.js';
import { TODAY } from '../bench-city.js';
import type { BenchService } from './bench-service.js';
import { openRooms, Stages, take, writeReshuffle } from './files.js';
import { atMost, ratio, type Ratio } from './ratio.js';

const WRITERS = 8;
const ALONE_MS = 3_000;
/** A roster of its own: the April of test/trials/bench/files.ts may be there already. */
const DAY = '2023-10-01';
const STATUSES = ['held', 'applied', 'not_applied'] as const;

interface Recorded {
  readonly at: number;
  readonly took: number;
}

/**
 * Eight people record statuses, one after the other, of anybody, while a fifth of the staff moves: by how much more than
 * usually the one waits who waits longest for its final commit, against what that takes from its last look at the facts
 * until others can see it. Before that nobody waits for an import, only for the processor.
 */
export async function writersDuringImport({ databaseUrl, size }: BenchService): Promise<Ratio[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tracker-bench-'));
  const rooms = await openRooms(databaseUrl, folder);
  try {
    const path = join(folder, 'meibo.csv');
    await writeReshuffle(databaseUrl, path, DAY);
    const alone = await whileRecording(rooms, () => wait(ALONE_MS));

    const stages = new Stages();
    const seen = { committed: 0 };
    const started = performance.now();
    const during = await whileRecording(rooms, async () => {
      const over = new AbortController();
      const looking = untilApplied(rooms, over.signal, seen);
      await take(rooms, path, { asOf: DAY, dryRun: false }, stages.watch).finally(() => over.abort());
      await looking;
    });
    const settling = started + stages.until('settling');
    const commit = seen.committed - settling;
    const usual = median(during);
    const [before, meeting] = [
      during.filter(({ at, took }) => at + took < settling),
      during.filter(({ at, took }) => at + took >= settling && at <= seen.committed),
    ];
    const longest = longestOf(meeting) - usual;
    return [
      ratio(
        `longest wait of ${WRITERS} writers during an import ÷ its final commit`,
        size,
        // All of the final commit, and then the work of one's own that it is compared with on a busy machine; where the
        // import takes less than a second there is only that.
        size === 'S' ? null : atMost(1.1),
        longest / commit,
        {
          'longest wait': longest,
          'final commit': commit,
          'whole import': stages.until('settling') + commit,
          'p50 during': usual,
          'longest before its final commit': longestOf(before),
          'p50 alone': median(alone),
          'longest alone': longestOf(alone),
          'recorded meanwhile': during.length,
        },
      ),
    ];
  } finally {
    await rooms.close();
    await rm(folder, { recursive: true });
  }
}

async function whileRecording(
  rooms: INestApplicationContext,
  work: () => Promise<unknown>,
): Promise<Recorded[]> {
  const [{ staff }] = await rooms
    .get(DataSource)
    .query<[{ staff: number }]>('SELECT max(number::int) AS staff FROM staff');
  const events = rooms.get(CardEventService);
  const over = new AbortController();
  const recorded: Recorded[] = [];
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = 0; !over.signal.aborted; n++) {
      const person = 1 + ((writer * 104_729 + n * 7_919) % staff);
      const at = performance.now();
      await events.record(everything('bench'), String(person).padStart(8, '0'), {
        status: STATUSES[n % STATUSES.length]!,
        on: TODAY,
      });
      recorded.push({ at, took: performance.now() - at });
    }
  });
  await work().finally(() => over.abort());
  await Promise.all(writers);
  return recorded;
}

/** Notes when others can see that the import is there. */
async function untilApplied(
  rooms: INestApplicationContext,
  signal: AbortSignal,
  seen: { committed: number },
): Promise<void> {
  const db = rooms.get(DataSource);
  const count = 'SELECT count(*)::int AS applied FROM import_batch';
  const [{ applied: before }] = await db.query<[{ applied: number }]>(count);
  while (!signal.aborted && seen.committed === 0) {
    const [{ applied }] = await db.query<[{ applied: number }]>(count);
    if (applied > before) seen.committed = performance.now();
    else await wait(10);
  }
}

const longestOf = (recorded: readonly Recorded[]) => Math.max(0, ...recorded.map(({ took }) => took));

function median(recorded: readonly Recorded[]): number {
  return recorded.map(({ took }) => took).toSorted((a, b) => a - b)[recorded.length >> 1]!;
}
