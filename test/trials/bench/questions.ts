import { isDeepStrictEqual } from 'node:util';
import type { ClientBase } from 'pg';
import type { EntityManager } from 'typeorm';
import { everything } from '../../../src/access/scope.js';
import { countUnits } from '../../../src/adoption/counts.query.js';
import { largestRemaining } from '../../../src/adoption/remaining.query.js';
import { findAudience } from '../../../src/ledger/audience.query.js';
import { lastDay, monthsBetween } from '../../../src/platform/month.js';
import { TODAY, type Size } from '../bench-city.js';
import { atLeast, ratio, type Ratio, type Target } from './ratio.js';
import { insideTimer, median, throughDriver, timeOf, type Statement } from './stopwatch.js';
import {
  naiveAudience,
  naiveChildren,
  naiveRemaining,
  naiveTotals,
  type NaiveStatement,
} from './naive-questions.js';

/** A question as the product asks it, and as one statement from the facts would. */
interface Question {
  readonly name: string;
  readonly target: Target | null;
  readonly ours: Statement;
  readonly naive: NaiveStatement;
  /** Makes the product's answer look like the naive one. */
  readonly shaped: (rows: readonly Row[]) => unknown[];
}

// oxlint-disable-next-line typescript/no-explicit-any -- whatever columns a statement answers
type Row = any;

const MONTHS = monthsBetween('2019-11', '2022-10').map(lastDay);
const ANY_DATE = '2019-05-17';
const LIMIT = 50;
const GOAL = { rate: 100, by: null };
const MISSED: readonly ('not_applied' | 'unanswered' | 'lapsed' | 'applied')[] = [
  'not_applied',
  'unanswered',
  'lapsed',
  'applied',
];
const all = everything('bench');

/** The city that is asked about: all of S, one of many elsewhere. */
export const CITY: Record<Size, string> = { S: 'C1', M: 'C50', L: 'C400' };

export async function questions(size: Size): Promise<Question[]> {
  const city = CITY[size];
  const totals = (rows: readonly Row[]) => rows.map((row) => [row.as_of, row.total]);
  const trendTarget = { S: 500, M: 300, L: 300 }[size];
  const list: Question[] = [
    {
      name: 'now, one city',
      target: atLeast(50),
      ours: await sent((em) => countUnits(em, all, { dates: [TODAY], under: city, levels: 0 })),
      naive: naiveTotals(city, [TODAY]),
      shaped: totals,
    },
    {
      name: 'any date, one city',
      target: null,
      ours: await sent((em) => countUnits(em, all, { dates: [ANY_DATE], under: city, levels: 0 })),
      naive: naiveTotals(city, [ANY_DATE]),
      shaped: totals,
    },
    {
      name: 'children of a city',
      target: atLeast(50),
      ours: await sent((em) => countUnits(em, all, { dates: [TODAY], under: city, levels: 1 })),
      naive: naiveChildren(city, TODAY),
      shaped: (rows) => rows.slice(1).map((row) => [row.code, row.total]),
    },
    {
      name: '50 worst units of a city',
      target: atLeast(50),
      ours: await sent((em) =>
        largestRemaining(em, all, { code: city, asOf: TODAY, goal: GOAL, limit: LIMIT }),
      ),
      naive: naiveRemaining(city, TODAY, LIMIT),
      shaped: (rows) => rows.map((row) => [row.code, row.total]),
    },
    {
      name: '36-month trend of a city',
      target: atLeast(trendTarget),
      ours: await sent((em) => countUnits(em, all, { dates: MONTHS, under: city, levels: 0 })),
      naive: naiveTotals(city, MONTHS),
      shaped: totals,
    },
    {
      name: 'audience at the root',
      target: atLeast({ S: 8, M: 20, L: 50 }[size]),
      ours: await sent((em) => findAudience(em, { asOf: TODAY, statuses: MISSED })),
      naive: naiveAudience('ROOT', TODAY, MISSED),
      // Who is in an exception is found as well, to be told apart.
      shaped: (rows) =>
        rows
          .filter(({ exempt }) => !exempt)
          .map((row) => row.staffId)
          .toSorted((a: number, b: number) => a - b),
    },
  ];
  if (size !== 'S') {
    const prefecture = 'P1';
    list.push(
      {
        name: '36-month trend of a prefecture',
        target: size === 'L' ? atLeast(10_000) : null,
        ours: await sent((em) => countUnits(em, all, { dates: MONTHS, under: prefecture, levels: 0 })),
        naive: naiveTotals(prefecture, MONTHS),
        shaped: totals,
      },
      {
        name: '36-month trend of the root',
        target: atLeast(trendTarget),
        ours: await sent((em) => countUnits(em, all, { dates: MONTHS, under: 'ROOT', levels: 0 })),
        naive: naiveTotals('ROOT', MONTHS),
        shaped: totals,
      },
    );
  }
  return list;
}

/**
 * Both sides inside the database and through the driver, in turns; the naive one with a plan that is kept or a fresh
 * one, whichever is faster. Throws where the answers differ: then nothing is worth measuring.
 */
export async function ask(client: ClientBase, size: Size, question: Question): Promise<Ratio> {
  const { name, target, ours, naive } = question;
  const oursInside = await insideTimer(client, ours);
  await oursInside(8);
  const found = question.shaped(await throughDriver(client, ours));
  let expected: unknown[] = [];
  await client.query(`SET statement_timeout = ${PATIENCE_MS}`);
  try {
    const first = await timeOf(
      async () => (expected = (await throughDriver(client, naive)).map(naive.shaped)),
    );
    if (!isDeepStrictEqual(found, expected)) throw new Error(`${name}: the answers differ`);
    const times = await inTurns(client, question, oursInside, first > 5_000 ? 1 : first > 300 ? 3 : 15);
    const [naiveMs, oursMs] = [Math.min(median(times.kept), median(times.fresh)), median(times.ours)];
    return ratio(name, size, target, naiveMs / oursMs, {
      naive: naiveMs,
      ours: oursMs,
      'through the driver': median(times.naiveDriven) / median(times.oursDriven),
      'ours there': median(times.oursDriven),
    });
  } catch (error) {
    if ((error as { code?: string }).code !== CANCELED) throw error;
    await client.query('RESET statement_timeout');
    const oursMs = median(await oursInside(30));
    const detail = { naive: `> ${PATIENCE_MS}`, ours: oursMs };
    return ratio(name, size, target, PATIENCE_MS / oursMs, detail, true);
  } finally {
    await client.query('RESET statement_timeout');
  }
}

/** A naive recount that takes longer is given up: it is at least so slow. */
const PATIENCE_MS = 30_000;
const CANCELED = '57014';

type Inside = (times: number) => Promise<number[]>;

async function inTurns(client: ClientBase, { ours, naive }: Question, oursInside: Inside, rounds: number) {
  const times = {
    kept: [] as number[],
    fresh: [] as number[],
    ours: [] as number[],
    naiveDriven: [] as number[],
    oursDriven: [] as number[],
  };
  const kept = await insideTimer(client, naive);
  const fresh = await insideTimer(client, naive, 'force_custom_plan');
  const batch = Math.ceil(60 / rounds);
  for (let round = 0; round < rounds; round++) {
    times.kept.push(...(await kept(1)));
    times.ours.push(...(await oursInside(batch)));
    times.fresh.push(...(await fresh(1)));
    for (let n = 0; n < batch; n++) times.oursDriven.push(await timeOf(() => throughDriver(client, ours)));
    times.naiveDriven.push(await timeOf(() => throughDriver(client, naive)));
  }
  return times;
}

/**
 * What the questions of a 局 take inside the database, in milliseconds: it has the same units below it, and as many
 * people, in every size.
 */
export async function sameFanOut(client: ClientBase, size: Size): Promise<Record<string, number>> {
  const under = `${CITY[size]}-1`;
  const asked: Record<string, Statement> = {
    now: await sent((em) => countUnits(em, all, { dates: [TODAY], under, levels: 0 })),
    children: await sent((em) => countUnits(em, all, { dates: [TODAY], under, levels: 1 })),
    'any date': await sent((em) => countUnits(em, all, { dates: [ANY_DATE], under, levels: 0 })),
    '36-month trend': await sent((em) => countUnits(em, all, { dates: MONTHS, under, levels: 0 })),
    worst: await sent((em) =>
      largestRemaining(em, all, { code: under, asOf: TODAY, goal: GOAL, limit: LIMIT }),
    ),
  };
  const times: Record<string, number> = {};
  for (const [name, statement] of Object.entries(asked)) {
    const timer = await insideTimer(client, statement);
    await timer(20);
    times[name] = median(await timer(200));
  }
  return times;
}

/** The statement that a question of the product sends, with its values. */
async function sent(asking: (em: EntityManager) => Promise<unknown>): Promise<Statement> {
  const statements: Statement[] = [];
  const query = ({ text, values }: Statement) => {
    statements.push({ text, values });
    return Promise.resolve({ rows: [] });
  };
  await asking({ connection: { driver: { master: { query } } } } as unknown as EntityManager);
  if (statements.length !== 1) throw new Error('one question is one statement');
  return statements[0]!;
}
