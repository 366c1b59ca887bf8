import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { QueryRunner } from 'typeorm';
import { everything } from '../../src/access/scope.js';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CardEventService } from '../../src/ledger/card-event.service.js';
import type { ImportReport } from '../../src/platform/imports/import-report.js';
import {
  IMPORT_STAGES,
  type ImportProgress,
  type ImportWatch,
} from '../../src/platform/imports/import-watch.js';
import { CityFiles, csv } from '../support/city-files.js';
import { people, UNITS } from '../support/sample-roster.js';

jest.setTimeout(60_000);

const SECTIONS = ['110', '120', '410', '420'];
const STAFF = 400;
const number = (person: number) => String(person).padStart(5, '0');
/** Everybody, by the day's number in another section. */
const rosterOf = (turn: number, staff = STAFF) =>
  people(Array.from({ length: staff }, (_, n) => `${number(n)} ${SECTIONS[(n * 7 + turn * (n % 5)) % 4]}`));
const everybodyHolds = csv(
  ['職員番号', '取得状況', '基準日'],
  Array.from({ length: STAFF }, (_, n) => [number(n), '保有', '2022-06-01']),
);
/** Who may place people, as migrations/0010 numbers it: whoever holds it keeps a roster in the middle of its writing. */
const PLACING = 'SELECT pg_advisory_xact_lock(7120319, 3)';

let city: CityFiles;
beforeAll(async () => {
  city = await CityFiles.open();
});
afterAll(() => city.close());
beforeEach(async () => {
  await city.forget();
  await city.roster(rosterOf(0), { units: UNITS, asOf: '2022-04-01' });
});

async function take(text: string, asOf: string, watch: ImportWatch = {}): Promise<ImportReport> {
  const file = await city.file(text);
  return city.imports.run({ kind: 'roster', files: [file], asOf, dryRun: false }, 'test', watch);
}

/** Another session, in the middle of something. */
async function meanwhile<T>(sql: string, work: (session: QueryRunner) => Promise<T>): Promise<T> {
  const session = city.db.createQueryRunner();
  await session.connect();
  await session.startTransaction();
  try {
    await session.query(sql);
    return await work(session);
  } finally {
    if (session.isTransactionActive) await session.rollbackTransaction();
    await session.release();
  }
}

/** Resolves when an import has come to a stage. */
function watching(signal?: AbortSignal) {
  const told: ImportProgress[] = [];
  const waiting = new Map<string, () => void>();
  return {
    told,
    watch: {
      signal,
      tell: (progress) => {
        told.push(progress);
        waiting.get(progress.stage)?.();
      },
    } satisfies ImportWatch,
    comesTo: (stage: ImportProgress['stage']) =>
      told.some((one) => one.stage === stage)
        ? Promise.resolve()
        : new Promise<void>((resolve) => waiting.set(stage, resolve)),
  };
}

const record = (person: number) =>
  city.rooms.app
    .get(CardEventService)
    .record(everything('test'), number(person), { status: 'applied', on: '2022-06-01' });
const expectExact = async () =>
  expect(await city.rooms.app.get(LedgerService).verify()).toMatchObject({ differenceCount: 0 });

describe('an import that is followed', () => {
  it('tells its stages in order, with the bytes it has read and the people it has counted', async () => {
    const { told, watch } = watching();
    const text = rosterOf(1);
    const { moved } = await take(text, '2022-05-01', watch);
    const stages = [...new Set(told.map(({ stage }) => stage))];
    expect(stages).toEqual(IMPORT_STAGES.filter((stage) => stage !== 'waiting'));
    const bytes = Buffer.byteLength(text);
    expect(told.findLast(({ stage }) => stage === 'reading')).toMatchObject({ done: bytes, of: bytes });
    expect(told.findLast(({ stage }) => stage === 'counting')).toMatchObject({ done: moved, of: moved });
  });
});

describe('an import that is stopped', () => {
  it.each(IMPORT_STAGES.filter((stage) => stage !== 'waiting'))(
    'while %s leaves nothing behind',
    async (stage) => {
      const before = await city.rowCounts();
      const stop = new AbortController();
      const tell = (progress: ImportProgress) => {
        if (progress.stage === stage) stop.abort();
      };
      await expect(take(rosterOf(1), '2022-05-01', { signal: stop.signal, tell })).rejects.toMatchObject({
        code: 'import_cancelled',
        message: '取込を取りやめました。何も変更していません。',
      });
      expect(await city.rowCounts()).toEqual(before);
      await expectExact();
      // The connections it used are as good as new, and nobody has to wait.
      expect(await take(rosterOf(1), '2022-05-01')).toMatchObject({ problemCount: 0 });
    },
  );

  it('in the middle of a statement does not wait for its end', async () => {
    const before = await city.rowCounts();
    const stop = new AbortController();
    const { watch, comesTo } = watching(stop.signal);
    await meanwhile(PLACING, async () => {
      const running = take(rosterOf(1), '2022-05-01', watch);
      await comesTo('writing');
      stop.abort();
      await expect(running).rejects.toMatchObject({ code: 'import_cancelled' });
    });
    expect(await city.rowCounts()).toEqual(before);
  });

  it('can still be applied when it was looked at before', async () => {
    const files = [await city.file(rosterOf(1))];
    const batch = await city.imports.preview(
      { kind: 'roster', files, asOf: '2022-05-01', dryRun: true },
      'test',
    );
    const stop = new AbortController();
    stop.abort();
    const apply = (watch: ImportWatch) => city.imports.apply(batch.id, 'test', undefined, watch);
    await expect(apply({ signal: stop.signal })).rejects.toMatchObject({ code: 'import_cancelled' });
    expect(await city.imports.get(batch.id)).toMatchObject({ state: 'previewed' });
    expect(await apply({})).toMatchObject({ state: 'applied' });
  });
});

describe('of two imports at once', () => {
  it('the second is told to wait, and compares with what the first has made', async () => {
    const first = watching();
    const second = watching();
    const reports = await meanwhile(PLACING, async (session) => {
      const one = take(rosterOf(1), '2022-05-01', first.watch);
      await first.comesTo('writing');
      const other = take(rosterOf(1), '2022-06-01', second.watch);
      await second.comesTo('waiting');
      expect(second.told.map(({ stage }) => stage)).toEqual(['waiting']);
      await session.rollbackTransaction();
      return Promise.all([one, other]);
    });
    expect(reports[0].moved).toBeGreaterThan(0);
    expect(reports[1]).toMatchObject({ moved: 0, joined: 0, left: 0, unchanged: STAFF });
    await expectExact();
  });

  it('the second can be stopped while it waits', async () => {
    const first = watching();
    const stop = new AbortController();
    const second = watching(stop.signal);
    await meanwhile(PLACING, async (session) => {
      const one = take(rosterOf(1), '2022-05-01', first.watch);
      await first.comesTo('writing');
      const other = take(rosterOf(2), '2022-06-01', second.watch);
      await second.comesTo('waiting');
      stop.abort();
      await expect(other).rejects.toMatchObject({ code: 'import_cancelled' });
      await session.rollbackTransaction();
      expect(await one).toMatchObject({ problemCount: 0 });
    });
  });
});

describe('those who record while a roster comes in', () => {
  it('do not wait for it, whoever moves', async () => {
    const { watch, comesTo } = watching();
    await meanwhile(PLACING, async (session) => {
      const running = take(rosterOf(1), '2022-05-01', watch);
      await comesTo('writing');
      for (let person = 0; person < 20; person++) await record(person);
      await session.rollbackTransaction();
      expect(await running).toMatchObject({ problemCount: 0 });
    });
    await expectExact();
  });

  it('count rightly, also where they finish when everything is worked out already', async () => {
    const { watch, comesTo } = watching();
    const person = (await take(rosterOf(1), '2022-05-01')).moved;
    expect(person).toBeGreaterThan(0);
    const [{ id }]: [{ id: number }] = await city.db.query('SELECT id FROM staff WHERE number = $1', [
      number(1),
    ]);
    await meanwhile(
      `INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
       VALUES (${id}, 'held', '2022-05-15', 'hr', now(), 'test');
       SELECT derive_people(ARRAY[${id}], now())`,
      async (session) => {
        const running = take(rosterOf(2), '2022-06-01', watch);
        await comesTo('settling');
        await session.commitTransaction();
        expect(await running).toMatchObject({ problemCount: 0 });
      },
    );
    const [{ unit, status }]: [{ unit: string; status: string }] = await city.db.query(
      `SELECT u.code AS unit, t.status FROM timeline t JOIN unit u ON u.id = t.unit_id
       WHERE t.staff_id = $1 AND t.valid_from <= '2022-07-01' AND '2022-07-01' < t.valid_to`,
      [id],
    );
    expect({ unit, status }).toEqual({
      unit: (await city.rosterOn('2022-07-01'))[number(1)],
      status: 'held',
    });
    await expectExact();
  });

  it('by eights, with rosters and lists of statuses coming in, never lock each other out', async () => {
    const done = new AbortController();
    let recorded = 0;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; !done.signal.aborted; n++, recorded++) await record((writer * 31 + n * 13) % STAFF);
    });
    for (let turn = 1; turn <= 3; turn++) {
      await take(rosterOf(turn), `2022-0${4 + turn}-01`);
      await city.take('status', everybodyHolds);
    }
    done.abort();
    await Promise.all(writers);
    expect(recorded).toBeGreaterThan(8);
    await city.rooms.app.get(LedgerService).fold();
    await expectExact();
  });
});
