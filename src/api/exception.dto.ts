import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import {
  EXCEPTION_CATEGORIES,
  EXCEPTION_STATES,
  LONGEST_NOTE,
  type ExceptionCategory,
  type ExceptionState,
} from '../ledger/exception.types.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export class ExceptionBody {
  @IsString()
  @MaxLength(50)
  number: string;

  @IsIn(EXCEPTION_CATEGORIES)
  category: ExceptionCategory;

  /** First day. @example 2022-10-01 */
  @Matches(DAY)
  from: string;

  /** Last day, included; twelve months after the first where it is left out, which is the longest. @example 2023-03-31 */
  @IsOptional()
  @Matches(DAY)
  to?: string;

  /** What the person chose to say. Nobody has to. */
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_NOTE)
  note?: string;

  /** Decides at once: approved for these days. */
  @IsOptional()
  @IsBoolean()
  approve?: boolean;
}

export class ExceptionQuery {
  @IsOptional()
  @IsIn(EXCEPTION_STATES)
  state?: ExceptionState;

  @IsOptional()
  @IsIn(EXCEPTION_CATEGORIES)
  category?: ExceptionCategory;

  /** Of one person. */
  @IsOptional()
  @IsString()
  @MaxLength(50)
  number?: string;

  /** At most so many, the newest first. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit?: number;
}

export class DecisionBody {
  /** Of a rejection required: the person reads it. */
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_NOTE)
  reason?: string;
}

export class ApprovalBody extends DecisionBody {
  /** First day, where it is another than the one asked for. @example 2022-10-01 */
  @IsOptional()
  @Matches(DAY)
  from?: string;

  /** Last day, included, where it is another than the one asked for. @example 2023-03-31 */
  @IsOptional()
  @Matches(DAY)
  to?: string;
}

export class WithdrawalBody extends DecisionBody {
  /** First day on which it no longer holds; today unless given. @example 2022-11-01 */
  @IsOptional()
  @Matches(DAY)
  on?: string;
}

export class ExceptionDto {
  id: number;
  number: string;
  category: ExceptionCategory;
  /** The days it holds for once it is approved, else those that were asked for. */
  from: string;
  to: string;
  state: ExceptionState;
  /** Approved, and its last day is over. */
  ended: boolean;
  /** First day on which it no longer holds, where it was withdrawn; on or before `from` it never held. */
  withdrawnOn: string | null;
  requestedAt: Date;
  decidedAt: Date | null;
  appealedAt: Date | null;
  note: string;
  reason: string;
  appeal: string;
}

export class ExceptionListDto {
  exceptions: ExceptionDto[];
}
