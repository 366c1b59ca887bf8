import type { IsoDate } from '../platform/month.js';

/** `issued` 交付: cards handed out since 2016. `owned` 保有: those that are still in somebody's hands. */
export type CitizenMetric = 'issued' | 'owned';

export interface CitizenFigureRow {
  /** The line a person sees in Excel. */
  readonly row: number;
  /** Null where no area has that name: such a figure is reported, never recorded. */
  readonly areaCode: string | null;
  readonly prefecture: string;
  readonly name: string;
  readonly metric: CitizenMetric;
  readonly asOf: IsoDate;
  readonly cards: number | null;
  readonly population: number | null;
  readonly populationAsOf: IsoDate | null;
  /** Per cent, one decimal, as published; computed where only its parts are published. */
  readonly rate: number;
}
