import { Injectable } from '@nestjs/common';
import { everything } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { addMonths, monthOf, type IsoDate } from '../platform/month.js';
import { MonthCloseService } from '../reports/month-close.service.js';
import { toAsOfChoices, type AsOfChoice } from './views/as-of.view.js';

export interface ReferenceDay {
  readonly asOf: IsoDate;
  readonly choices: readonly AsOfChoice[];
}

/** The day that every page of figures speaks about, and the days it can be changed to. */
@Injectable()
export class ReferenceDayService {
  constructor(
    private readonly months: MonthCloseService,
    private readonly clock: Clock,
  ) {}

  /**
   * The asked day, else the month end that was closed last while it is last month's (settled figures tell more than a
   * few days), else today. Which months are closed is no secret, so every reader gets the same days.
   */
  async of(asked: IsoDate | undefined): Promise<ReferenceDay> {
    const today = this.clock.today();
    const closed = await this.months.list(everything('system'));
    const lastMonth = addMonths(monthOf(today), -1);
    const asOf = asked ?? closed.find(({ month }) => month === lastMonth)?.asOf ?? today;
    const closedDates = closed.map((month) => month.asOf);
    return { asOf, choices: toAsOfChoices(asOf, closedDates, today) };
  }
}
