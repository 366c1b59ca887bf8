import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import type { PolicyState } from '../reminders/policy-state.js';
import type { StandingRules } from '../reminders/policy.service.js';
import type { ReminderRules } from '../reminders/reminder-rules.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{2}:\d{2}$/;

export class PolicyBody {
  @IsBoolean()
  on: boolean;
}

/** `HH:MM` in Tokyo. */
export class OfficeHoursDto {
  /** @example 09:00 */
  @Matches(TIME)
  from: string;

  /** Not included. @example 17:00 */
  @Matches(TIME)
  to: string;
}

export class QuietPeriodDto {
  /** First day. @example 2023-02-20 */
  @Matches(DAY)
  from: string;

  /** Last day, included. @example 2023-03-20 */
  @Matches(DAY)
  to: string;

  /** @example 議会 */
  @IsString()
  @MaxLength(200)
  name: string;
}

/** What is left out stays as it is. */
export class ReminderRulesBody {
  /** When messages may leave on business days. */
  @IsOptional()
  @ValidateNested()
  @Type(() => OfficeHoursDto)
  officeHours?: OfficeHoursDto;

  /** Days from one message about a person to the next, over all policies. */
  @IsOptional()
  @IsInt()
  minGapDays?: number;

  /** Messages about a person in any 365 days, over all policies. */
  @IsOptional()
  @IsInt()
  maxPerYear?: number;

  /** All of them: those that are not listed are taken back. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => QuietPeriodDto)
  quietPeriods?: QuietPeriodDto[];
}

export class ReminderRulesDto {
  officeHours: OfficeHoursDto;
  minGapDays: number;
  maxPerYear: number;
  quietPeriods: QuietPeriodDto[];
}

export class PolicyDto {
  name: string;
  title: string;
  description: string;
  /** `proposed` until it is switched on or off for the first time. */
  state: PolicyState;
  /** `chat`: to the chat rooms of units that have one, else by mail. */
  channel: 'mail' | 'chat';
  /** Whether it can be sent to chat rooms of units at all. */
  mayChat: boolean;
  /** @example 毎月の第1営業日 */
  schedule: string;
  /** The day of the next wave by the rules of now, whatever the state; null for what is started by hand. */
  nextOn: string | null;
  /** The day on which it would be without quiet periods. */
  nextRegularOn: string | null;
  changedAt: Date | null;
  changedBy: string | null;
}

export class PolicyListDto {
  policies: PolicyDto[];
  rules: ReminderRulesDto;
}

export function toPolicies({ policies, rules }: StandingRules): PolicyListDto {
  return { policies: policies.map((policy) => ({ ...policy })), rules: toRules(rules) };
}

export function toRules({
  officeHours,
  minGapDays,
  maxPerYear,
  quietPeriods,
}: ReminderRules): ReminderRulesDto {
  return {
    officeHours: { ...officeHours },
    minGapDays,
    maxPerYear,
    quietPeriods: quietPeriods.map((period) => ({ ...period })),
  };
}
