import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { CARD_STATUSES, EVIDENCES, type CardStatus, type Evidence } from '../ledger/card-status.js';

export class StaffQuery {
  /** Only this unit's subtree. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  unit?: string;

  @IsOptional()
  @IsIn(CARD_STATUSES)
  status?: CardStatus;

  /** Only who holds a card that expires within so many months. @example 3 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(12)
  expiring?: number;

  /** Part of a name, a kana reading or a staff number. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  q?: string;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  cursor?: string;

  /** @example 2022-10-31 */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  asOf?: string;
}

export class StaffDto {
  number: string;
  name: string;
  kana: string | null;
  unitCode: string;
  unitName: string;
  employment: string;
  /** 勤務状況: 休職, 育休 …; empty where the roster says nothing. */
  leave: string;
  isManager: boolean;
  status: CardStatus;
  since: string | null;
  evidence: Evidence | null;
  eventId: number | null;
  /** Last month of the card that is held, or has lapsed by it. @example 2027-03 */
  expiresOn: string | null;
  isExempt: boolean;
  /** Whether the figures of the day count the person. */
  isCounted: boolean;
}

export class StaffPageDto {
  asOf: string;
  /** Everybody who matches, on all pages. */
  total: number;
  /** People of the unit whose card expires within three months. */
  expiring: number;
  items: StaffDto[];
  nextCursor: string | null;
}

export class CardEventBody {
  /** Null, with `corrects`, takes that event back and puts nothing in its place. */
  @ValidateIf((body: CardEventBody) => body.status !== null)
  @IsIn(CARD_STATUSES)
  status: CardStatus | null;

  /** Day it holds from; today unless given. @example 2022-10-31 */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}-\d{2}$/)
  on?: string;

  @IsOptional()
  @IsIn(EVIDENCES)
  evidence?: Evidence;

  /** Last month of a held card, null where there is none; left out, what is known of the card goes on. @example 2027-03 */
  @IsOptional()
  @Matches(/^\d{4}-\d{2}$/)
  expiresOn?: string | null;

  /** Id of the event this one replaces. */
  @IsOptional()
  @IsInt()
  @Min(1)
  corrects?: number;
}

export class CardEventDto {
  id: number;
  number: string;
  status: CardStatus | null;
  effectiveOn: string;
  evidence: Evidence;
  corrects: number | null;
  expiresOn: string | null;
}

export class RenumberBody {
  /** The new staff number. */
  @IsString()
  @Matches(/^[\p{L}\p{N}_-]{1,32}$/u)
  number: string;
}

export class RenumberedDto {
  number: string;
  formerNumber: string;
}
