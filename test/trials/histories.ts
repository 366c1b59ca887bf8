import { parseArgs } from 'node:util';
import * as fc from 'fast-check';
import { LedgerService } from '../../src/adoption/ledger.service.js';
import { CityFiles } from '../support/city-files.js';
import { toldHistory } from '../support/random-acts.js';
import { beginHistory, carryOut } from '../support/told-history.js';
import { differencesAlong, writtenHistory } from '../support/written-history.js';

interface HistoriesOutcome {
  readonly trial: 'histories';
  readonly seed: number;
  /** Histories written into the tables of facts, each replacing everything two to four times. */
  readonly written: number;
  /** Histories told through the services, four to fourteen acts each. */
  readonly told: number;
  /** Acts by kind and what became of them: `roster done`, `withdrawal exception_over` … */
  readonly acts: Record<string, number>;
  readonly figuresRecounted: number;
  readonly lost: number;
}

/**
 * `npm run histories -- [--runs N] [--seed S]`: N random histories, half of them written as facts and half told through
 * the services; after each, every figure on every day of change is held against a recount. What is found is shrunk to
 * the shortest history that still shows it.
 */
export default async function main(args: string[]): Promise<HistoriesOutcome> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      // The outcome is one line of JSON with or without it.
      json: { type: 'boolean' },
    },
  });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (!Number.isSafeInteger(runs) || !Number.isSafeInteger(seed))
    throw new Error('--runs and --seed are whole numbers');
  const city = await CityFiles.open();
  const acts: Record<string, number> = {};
  let figuresRecounted = 0;

  const written = fc.asyncProperty(writtenHistory, async (chapters) => {
    const differences = await differencesAlong(city, chapters);
    if (differences.length > 0) throw new Error(differences.slice(0, 5).join('\n'));
  });
  const told = fc.asyncProperty(toldHistory, async (history) => {
    await beginHistory(city);
    for (const act of history) {
      const what = `${act.tell} ${await carryOut(city, act)}`;
      acts[what] = (acts[what] ?? 0) + 1;
    }
    const check = await city.rooms.app.get(LedgerService).verify();
    figuresRecounted += check.figures;
    if (check.differenceCount > 0) throw new Error(JSON.stringify(check.differences.slice(0, 5)));
  });

  try {
    const half = Math.ceil(runs / 2);
    const outcomes = [
      await fc.check(written, { numRuns: half, seed }),
      await fc.check(told, { numRuns: half, seed }),
    ];
    for (const outcome of outcomes.filter(({ failed }) => failed)) {
      process.stderr.write(`${fc.defaultReportMessage(outcome as fc.RunDetails<unknown>)}\n`);
    }
    return {
      trial: 'histories',
      seed,
      written: outcomes[0]!.numRuns,
      told: outcomes[1]!.numRuns,
      acts: Object.fromEntries(Object.entries(acts).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      figuresRecounted,
      lost: outcomes.filter(({ failed }) => failed).length,
    };
  } finally {
    await city.close();
  }
}
