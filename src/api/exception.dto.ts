import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { EXCEPTION_CATEGORIES, type ExceptionCategory } from '../ledger/exception.types.js';

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

  /** Last day, included. @example 2023-03-31 */
  @Matches(DAY)
  to: string;
}

export class DecisionBody {
  @IsOptional()
  @IsString()
  @MaxLength(500)
  reason?: string;
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
  from: string;
  to: string;
  state: 'requested' | 'approved' | 'rejected' | 'withdrawn';
  /** First day on which it no longer holds, where it was withdrawn; on or before `from` it never held. */
  withdrawnOn: string | null;
  requestedAt: Date;
  decidedAt: Date | null;
}

export class ExceptionListDto {
  exceptions: ExceptionDto[];
}
