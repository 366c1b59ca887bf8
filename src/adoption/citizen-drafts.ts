/** Figures on their way from cells to rows: reading numbers, telling fractions from per cent, checking the arithmetic. */
import type { ImportProblems } from '../platform/imports/import-problems.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import type { IsoDate } from '../platform/month.js';
import type { TableRecord } from '../platform/tabular/table.types.js';
import type { CitizenFigureRow, CitizenMetric } from './citizen-figure.types.js';
import type { Place } from './citizen-places.js';
import type { CitizenColumn } from './citizens-layout.js';
import { holdsFractions, readCount, readRate, toPercent, type WrittenRate } from './published-values.js';
import { percentage } from './rate.js';

export type Line = TableRecord<CitizenColumn>;

/** A value and where it stands. */
export interface Cell<Value> {
  readonly value: Value;
  readonly line: Line;
  readonly column: CitizenColumn;
}

export interface Draft {
  readonly place: Place;
  readonly metric: CitizenMetric;
  readonly asOf: IsoDate;
  readonly populationAsOf: IsoDate | null;
  readonly line: Line;
  cards: Cell<number> | null;
  population: Cell<number> | null;
  rate: Cell<WrittenRate> | null;
}

/** Cards are handed out since January 2016; numbers were assigned from this day. */
const FIRST_DAY: IsoDate = '2015-10-05';
/** Published rates are rounded or cut off to one decimal. */
const RATE_TOLERANCE = 0.1 + 1e-9;
const MAX_RATE = 120;
const MAX_YEARS_AHEAD = 5;

export function readCountCell(line: Line, column: CitizenColumn): Cell<number> | null {
  const value = readCount(line.get(column));
  if (value === undefined) {
    line.problem(column, {
      code: 'bad_number',
      expected: '0以上の整数(例: 448,702)',
      fix: '数字だけにしてください。桁区切りのカンマは使えます。',
    });
  }
  return value === undefined || value === null ? null : { value, line, column };
}

export function readRateCell(
  line: Line,
  column: CitizenColumn,
  problems: ImportProblems | null,
): Cell<WrittenRate> | null {
  const value = readRate(line.get(column));
  if (value === undefined && containsIndividualNumber(line.get(column))) {
    problems?.add({
      row: line.row,
      column: line.header(column),
      read: '',
      code: 'individual_number',
      expected: '個人番号を含まない値',
      fix: '12桁の番号が入っている可能性があります。セルの内容を削除してください。',
    });
    return null;
  }
  if (value === undefined) {
    line.problem(column, {
      code: 'bad_number',
      expected: '百分率(例: 46.5)',
      fix: '数字だけにしてください。%は付けても付けなくてもかまいません。',
    });
  }
  return value === undefined || value === null ? null : { value, line, column };
}

/**
 * A day that cards can have been counted on. Years ahead is a slip of the pen; a little ahead may be a clock that was
 * set back for a rehearsal, which is worth a warning only.
 */
export function isPlausibleDay(date: IsoDate, today: IsoDate): boolean {
  return date >= FIRST_DAY && date.slice(0, 4) <= String(Number(today.slice(0, 4)) + MAX_YEARS_AHEAD);
}

export interface Finished {
  readonly figures: CitizenFigureRow[];
  /** Those without a rate and without the parts to compute one. */
  readonly incomplete: readonly Draft[];
}

/** Adds a problem to the cell at fault where cards, population and rate do not fit together. */
export function finishDrafts(drafts: readonly Draft[]): Finished {
  const fractions = { issued: fractionsIn(drafts, 'issued'), owned: fractionsIn(drafts, 'owned') };
  const figures: CitizenFigureRow[] = [];
  const incomplete: Draft[] = [];
  for (const draft of drafts) {
    const { place, metric, asOf, populationAsOf, line, cards, population } = draft;
    const counted = cards && population ? percentage(cards.value, population.value) : null;
    const written = draft.rate && toPercent(draft.rate.value, fractions[metric]);
    const rate = written ?? counted;
    if (rate === null) {
      incomplete.push(draft);
      continue;
    }
    refuseImplausible(draft, rate);
    figures.push({
      row: line.row,
      areaCode: place.area?.code ?? null,
      prefecture: place.prefecture,
      name: place.name,
      metric,
      asOf,
      cards: cards?.value ?? null,
      population: population?.value ?? null,
      populationAsOf: population ? populationAsOf : null,
      rate,
    });
  }
  return { figures, incomplete };
}

function fractionsIn(drafts: readonly Draft[], metric: CitizenMetric): boolean {
  return holdsFractions(
    drafts.flatMap((draft) => (draft.metric === metric && draft.rate ? [draft.rate.value] : [])),
  );
}

function refuseImplausible({ cards, population, rate }: Draft, percent: number): void {
  if (population?.value === 0) {
    population.line.problem(population.column, {
      code: 'implausible',
      expected: '1以上の人口',
      fix: '公表されている表と見比べて、人口を直してください。',
    });
  } else if (cards && population && cards.value * 100 > population.value * MAX_RATE) {
    cards.line.problem(cards.column, {
      code: 'implausible',
      expected: `人口(${population.value.toLocaleString('ja-JP')})の${MAX_RATE}%以内の枚数`,
      fix: '公表されている表と見比べて、枚数か人口を直してください。列がずれていないかも確かめてください。',
    });
  } else if (rate && cards && population) {
    const counted = (cards.value / population.value) * 100;
    if (Math.abs(percent - counted) <= RATE_TOLERANCE) return;
    rate.line.problem(rate.column, {
      code: 'rate_mismatch',
      expected: `${counted.toFixed(1)}(枚数÷人口)`,
      fix: '率、枚数、人口のどれかが違っています。公表されている表と見比べて直してください。',
    });
  } else if (rate && percent > MAX_RATE) {
    rate.line.problem(rate.column, {
      code: 'implausible',
      expected: `${MAX_RATE}以下の百分率`,
      fix: '公表されている表と見比べて、率を直してください。',
    });
  }
}
