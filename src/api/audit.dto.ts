import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { AUDIT_ACTIONS, type AuditAction } from '../access/audit.types.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

export class AuditQuery {
  /** Account name of who did it. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  actor?: string;

  @IsOptional()
  @IsIn(AUDIT_ACTIONS)
  action?: AuditAction;

  /** What it was done to, or a kind alone. @example staff:12 */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  target?: string;

  /** First day. @example 2022-10-01 */
  @IsOptional()
  @Matches(DAY)
  from?: string;

  /** Last day, included. @example 2022-10-31 */
  @IsOptional()
  @Matches(DAY)
  to?: string;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(20)
  cursor?: string;
}

export class AuditEventDto {
  id: number;
  at: Date;
  actor: string;
  action: AuditAction;
  /** `kind:id`; people by an internal id, never by number or name. */
  target: string;
  /** Ids, codes, counts and days. */
  details: Record<string, unknown>;
}

export class AuditPageDto {
  events: AuditEventDto[];
  nextCursor: string | null;
}
