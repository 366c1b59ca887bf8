import type { Pool } from 'pg';
import { everything, narrow } from '../../../src/access/scope.js';
import { addCardEvent } from '../../../src/ledger/card-event.query.js';
import { CardEventService } from '../../../src/ledger/card-event.service.js';
import type { CardStatus } from '../../../src/ledger/card-status.js';
import { TODAY } from '../bench-city.js';
import type { BenchService } from './bench-service.js';
import { atLeast, atMost, ratio, type Ratio } from './ratio.js';
import { median, timeOf } from './stopwatch.js';

const ROUNDS = 150;
const WRITERS_ROUNDS = 5;
const WRITERS_MS = 2_000;

/** One change: a person, and a status the person has not had so far. */
type Change = (staffId: number, status: string) => Promise<unknown>;

/**
 * One status change, and many at once: bare inserts of the same events, the events with everything that is derived from
 * them, and the whole service with its checks and the audit record. What the bare inserts have left out is derived at the end.
 */
export async function writes(city: BenchService): Promise<Ratio[]> {
  const { size } = city;
  const pool = city.pool(16);
  const [bare, ledger, service] = [bareInsert(pool), withLedger(city), throughService(city)];
  await changes([bare, ledger, service], 30);
  const [bareMs, ledgerMs, serviceMs] = await changes([bare, ledger, service], ROUNDS);

  const perSecond: Record<string, number[]> = {
    bare8: [],
    ledger8: [],
    ledger16: [],
    service8: [],
    service16: [],
  };
  for (let round = 0; round < WRITERS_ROUNDS; round++) {
    perSecond.bare8!.push(await writers(bare, 8));
    perSecond.ledger8!.push(await writers(ledger, 8));
    perSecond.ledger16!.push(await writers(ledger, 16));
    perSecond.service8!.push(await writers(service, 8));
    perSecond.service16!.push(await writers(service, 16));
  }
  await city.db.query(
    `SELECT derive_people(ARRAY(SELECT DISTINCT staff_id FROM card_event WHERE recorded_by = 'bare'), $1)`,
    [new Date(`${TODAY}T09:00:00+09:00`)],
  );
  const [bare8, ledger8, ledger16, service8, service16] = Object.values(perSecond).map(median);
  return [
    ratio('one status change ÷ bare event insert', size, atMost(1.5), ledgerMs! / bareMs!, {
      bare: bareMs!,
      'with the ledger': ledgerMs!,
      'whole service': serviceMs!,
      'ratio there': serviceMs! / bareMs!,
    }),
    ratio('8 writers, ours ÷ bare inserts (changes a second)', size, atLeast(0.55), ledger8! / bare8!, {
      'bare/s': bare8!,
      'with the ledger/s': ledger8!,
      'whole service/s': service8!,
      'ratio there': service8! / bare8!,
    }),
    ratio('16 writers ÷ 8 writers', size, atLeast(1), ledger16! / ledger8!, {
      'with the ledger/s': ledger16!,
      'whole service/s': service16!,
      'ratio there': service16! / service8!,
    }),
  ];
}

const EVENT = `INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
               VALUES ($1, $2, '${TODAY}', 'hr', '${TODAY} 09:00+09', $3)`;

function bareInsert(pool: Pool): Change {
  return (staffId, status) =>
    pool.query({ name: 'bench_event', text: EVENT, values: [staffId, status, 'bare'] });
}

/** As the service adds an event, in a transaction of its own. */
function withLedger(city: BenchService): Change {
  return (staffId, status) =>
    addCardEvent(city.db.manager, {
      staffId,
      status: status as CardStatus,
      effectiveOn: TODAY,
      evidence: 'hr',
      corrects: null,
      expiresMonth: null,
      recordedAt: new Date(`${TODAY}T09:00:00+09:00`),
      recordedBy: 'ledger',
    });
}

function throughService(city: BenchService): Change {
  const service = city.app.get(CardEventService);
  const hr = narrow(everything('bench'), 'hr');
  return (staffId, status) =>
    service.record(hr, String(staffId).padStart(8, '0'), { status: status as CardStatus, evidence: 'hr' });
}

let changed = 0;

/** Never the same person twice at once; each change is one that counts. */
function next(): [number, string] {
  const n = changed++;
  return [1 + ((n * 7) % PEOPLE), n % (2 * PEOPLE) < PEOPLE ? 'undisclosed' : 'not_applied'];
}
/** As many as the smallest size has. */
const PEOPLE = 3_400;

/** The median of each, in milliseconds, measured in turns. */
async function changes(works: readonly Change[], rounds: number): Promise<number[]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [n, work] of works.entries()) times[n]!.push(await timeOf(() => work(...next())));
  }
  return times.map(median);
}

/** Changes a second of so many writers, each beginning the next when its last one is on the disk. */
async function writers(work: Change, many: number): Promise<number> {
  const started = performance.now();
  let done = 0;
  const write = async () => {
    while (performance.now() - started < WRITERS_MS) {
      await work(...next());
      done++;
    }
  };
  await Promise.all(Array.from({ length: many }, write));
  return (done * 1_000) / (performance.now() - started);
}
