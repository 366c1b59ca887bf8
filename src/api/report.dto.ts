import { IsBoolean, IsOptional } from 'class-validator';
import type { ClosedMonth } from '../reports/month-close.service.js';
import type { Restatement } from '../reports/restatement.service.js';
import { DefinitionDto, UnitNameDto } from './unit.dto.js';

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

export class StatedFiguresDto extends FiguresDto {
  applied: number;
  notApplied: number;
  undisclosed: number;
  unanswered: number;
  lapsed: number;
  /** Overlaps the statuses. */
  exempt: number;
}

export class RestatedUnitDto {
  unit: UnitNameDto;
  /** Null where the unit was not there when the month was closed. */
  reported: StatedFiguresDto | null;
  /** Null where the unit was not there on that day, as is known today. */
  recounted: StatedFiguresDto | null;
}

export class RestatedDefinitionDto {
  /** Null in months that were closed before definitions were kept. */
  reported: DefinitionDto | null;
  recounted: DefinitionDto;
}

export class RestatementDto {
  month: string;
  version: number;
  asOf: string;
  closedAt: string;
  definition: RestatedDefinitionDto;
  /** Those in which any figure differs, the whole organisation first if it is one of them. */
  units: RestatedUnitDto[];
}

export class ReleasedMonthDto {
  month: string;
  version: number;
}

export function toClosedMonth(closed: ClosedMonth): ClosedMonthDto {
  return { ...closed };
}

export function toRestatement(restatement: Restatement): RestatementDto {
  const { units, ...rest } = restatement;
  return { ...rest, units: units.map((unit) => ({ ...unit })) };
}
