import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { everything } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import type { IsoDate } from '../platform/month.js';
import { deriveAlone, deriveEverybody, deriveUnits, foldDeltas } from '../roster/derive.query.js';
import { countUnits } from './counts.query.js';
import type { Counts } from './rate.js';
import { daysOfChange, recountUnits } from './recount.query.js';

/** A figure of the ledger that is not what the facts say. */
export interface LedgerDifference {
  readonly asOf: IsoDate;
  readonly unit: string;
  readonly counter: keyof Counts;
  readonly ledger: number;
  readonly facts: number;
}

export interface LedgerCheck {
  /** Days that were recounted, of those on which a fact begins or ends. */
  readonly days: number;
  readonly daysOfChange: number;
  readonly figures: number;
  readonly differenceCount: number;
  /** The first hundred. */
  readonly differences: readonly LedgerDifference[];
}

/** Told again and again while something long is going on. */
export type Progress = (done: number, of: number) => void;

/** More days than this are sampled, evenly and always with the first and the last. */
const MOST_DAYS = 400;
const DAYS_AT_ONCE = 10;
const MOST_DIFFERENCES = 100;
const MANY_DELTAS = 1_000;
const DERIVED = [
  'roll_unfolded',
  'roll_current',
  'roll_day',
  'roll_month',
  'roll_delta',
  'timeline',
  'org_closure',
];
const FOLDER = '7120319, 2';

/** Keeps the derived tables small, checks them against the facts, and makes them anew. */
@Injectable()
export class LedgerService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  /** Safe to call at any time and from any process; answers how many rows were summed up. */
  async fold(): Promise<number> {
    const folded = await this.dataSource.transaction((em) => foldDeltas(em, this.clock.today()));
    // Every question looks into this table: what a file has left there would be in the way until the server tidies up.
    if (folded > MANY_DELTAS) await this.dataSource.query('VACUUM roll_unfolded');
    return folded;
  }

  /** Recounts from the facts, as of one moment, and compares with what every door shows. */
  verify(progress: Progress = () => {}, mostDays = MOST_DAYS): Promise<LedgerCheck> {
    return this.dataSource.transaction('REPEATABLE READ', async (em) => {
      const changes = await daysOfChange(em, 'infinity');
      const finite = changes.filter((day) => day !== 'infinity');
      const days = evenly([...new Set([...finite, this.clock.today()])].toSorted(), mostDays);
      const differences: LedgerDifference[] = [];
      let differenceCount = 0;
      let figures = 0;
      for (let start = 0; start < days.length; start += DAYS_AT_ONCE) {
        progress(start, days.length);
        const found = await compare(em, days.slice(start, start + DAYS_AT_ONCE));
        figures += found.figures;
        differenceCount += found.differences.length;
        differences.push(...found.differences.slice(0, MOST_DIFFERENCES - differences.length));
      }
      progress(days.length, days.length);
      return { days: days.length, daysOfChange: finite.length, figures, differenceCount, differences };
    });
  }

  /** Throws everything derived away and derives it again. Readers see the old figures until it is done, writers wait. */
  rebuild(progress: Progress = () => {}): Promise<void> {
    return this.dataSource.transaction(async (em) => {
      await deriveAlone(em);
      await em.query(`SELECT pg_advisory_xact_lock(${FOLDER})`);
      for (const table of DERIVED) await em.query(`DELETE FROM ${table}`);
      const now = this.clock.now();
      await deriveUnits(em, now);
      await em.query('ANALYZE org_closure, assignment, card_event');
      await deriveEverybody(em, now, progress);
      await em.query('ANALYZE roll_delta, roll_unfolded');
      await foldDeltas(em, this.clock.today());
    });
  }
}

async function compare(em: EntityManager, dates: IsoDate[]) {
  const shown = await countUnits(em, everything('verify'), { dates });
  const recounted = new Map<string, Counts>();
  for (const { asOf, code, total } of await recountUnits(em, dates)) recounted.set(`${asOf} ${code}`, total);
  const differences: LedgerDifference[] = [];
  for (const { asOf, code: unit, total } of shown) {
    const facts = recounted.get(`${asOf} ${unit}`);
    for (const counter of Object.keys(total) as (keyof Counts)[]) {
      if (total[counter] !== (facts?.[counter] ?? 0))
        differences.push({ asOf, unit, counter, ledger: total[counter], facts: facts?.[counter] ?? 0 });
    }
  }
  return { differences, figures: shown.length };
}

/** At most `most` of the days. */
function evenly<T>(days: readonly T[], most: number): T[] {
  if (days.length <= most) return [...days];
  return Array.from({ length: most }, (_, n) => days[Math.round((n * (days.length - 1)) / (most - 1))]!);
}
