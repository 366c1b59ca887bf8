import { tokyoDate, type IsoDate } from './month.js';

/** The only place that reads the time. Tests and demos fix it. */
export class Clock {
  constructor(private readonly fixed?: Date) {}

  now(): Date {
    return this.fixed ? new Date(this.fixed) : new Date();
  }

  /** Today's business date in Asia/Tokyo. */
  today(): IsoDate {
    return tokyoDate(this.now());
  }
}
