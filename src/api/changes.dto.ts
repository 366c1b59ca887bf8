import { Matches } from 'class-validator';
import type { ChangePart } from '../adoption/change-parts.js';
import { DAY, DefinitionDto, UnitNameDto } from './unit.dto.js';

export class ChangesQuery {
  /**
   * The earlier day.
   * @example 2022-09-30
   */
  @Matches(DAY)
  from: string;

  /**
   * The later day.
   * @example 2022-10-31
   */
  @Matches(DAY)
  to: string;
}

/** People, or by how many more. A manager's answer leaves the statuses out. */
export class ChangeCountsDto {
  staff: number;
  held?: number;
  applied?: number;
  notApplied?: number;
  undisclosed?: number;
  unanswered?: number;
  lapsed?: number;
  exempt?: number;
}

export class ChangeEndDto extends ChangeCountsDto {
  rate: number | null;
  definition: DefinitionDto;
}

export class ChangePartDto extends ChangeCountsDto {
  part: ChangePart;
  /** How many people the part is about. */
  people: number;
}

/** Per cent and percentage points, one decimal. */
export class RateChangeDto {
  before: number | null;
  /** If nobody had come or gone. */
  afterAnswers: number | null;
  /** If the definition were the earlier day's. */
  afterFlows: number | null;
  after: number | null;
  /** Points by cards and answers of those who are counted on both days. */
  byAnswers: number | null;
  /** Points by people who came and went, also from and to leave. */
  byFlows: number | null;
  /** Points by another definition of who is counted. */
  byDefinition: number | null;
}

export class ChangesDto {
  unit: UnitNameDto;
  from: string;
  to: string;
  before: ChangeEndDto;
  after: ChangeEndDto;
  /** Each counter adds up to `after` − `before`. Managers get the staff of those who came and went. */
  parts: ChangePartDto[];
  /** Null for managers. */
  rate: RateChangeDto | null;
}
