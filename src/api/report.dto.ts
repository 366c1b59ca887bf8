import { IsBoolean, IsOptional } from 'class-validator';
import type { ClosedMonth } from '../reports/month-close.service.js';

export class CloseBody {
  /** Closes a closed month once more, as a further version. */
  @IsOptional()
  @IsBoolean()
  again?: boolean;
}

export class FiguresDto {
  staff: number;
  held: number;
  /** Per cent, one decimal, half up; null where there is nobody. */
  rate: number | null;
}

export class ClosedMonthDto extends FiguresDto {
  month: string;
  version: number;
  asOf: string;
  closedAt: Date;
  closedBy: string;
  /** Today's figures of that day where later corrections made them differ; the closed ones stay. */
  restated: FiguresDto | null;
  /** The version that is open data; null while none is. */
  released: number | null;
}

export class ReleasedMonthDto {
  month: string;
  version: number;
}

export function toClosedMonth(closed: ClosedMonth): ClosedMonthDto {
  return { ...closed };
}
