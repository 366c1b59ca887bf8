import { IsIn, IsOptional } from 'class-validator';
import type { Verdict } from '../reminders/outcome.js';
import { OUTCOME_GROUPS, type OutcomeGroup } from '../reminders/outcome.js';
import type { Outcome } from '../reminders/outcome.service.js';

export class OutcomeQuery {
  /** One line a wave, a version of a text, or a policy. */
  @IsOptional()
  @IsIn(OUTCOME_GROUPS, { message: 'by は wave / template / policy のどれかを指定してください' })
  by?: OutcomeGroup;
}

export class OutcomeGroupDto {
  /** Without a card on the day of the wave. */
  people: number;
  /** Of them, those who held one 30 days later. */
  got: number;
}

/** Shares between 0 and 1, with their 95 % interval. */
export class IntervalDto {
  share: number;
  low: number;
  high: number;
}

export class ComparisonDto {
  reached: IntervalDto | null;
  others: IntervalDto | null;
  /** reached − others */
  difference: IntervalDto | null;
  /** What the figures bear. */
  verdict: Verdict;
}

export class OutcomeDto {
  policy: string;
  title: string;
  templateVersion: number | null;
  waveId: number | null;
  from: string;
  to: string;
  waves: number;
  sent: number;
  failed: number;
  answered: number;
  reached: OutcomeGroupDto;
  others: OutcomeGroupDto;
  comparison: ComparisonDto;
}

export class OutcomeListDto {
  outcomes: OutcomeDto[];
}

export function toOutcomes(outcomes: readonly Outcome[]): OutcomeListDto {
  return { outcomes: outcomes.map((outcome) => ({ ...outcome })) };
}
