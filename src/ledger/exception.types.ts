import type { IsoDate } from '../platform/month.js';

/** Why the default does not apply to somebody for a time. Kept coarse: nobody owes a reason in detail. */
export const EXCEPTION_CATEGORIES = [
  'other',
  'health',
  'procedure',
  'long_leave',
  'overseas',
  'seconded',
  'security',
] as const;
export type ExceptionCategory = (typeof EXCEPTION_CATEGORIES)[number];

/**
 * Whoever hides from somebody must not be found by it: HR of the whole organisation alone ever reads this category.
 * Everywhere else it is `other`, with no note and no reason beside it.
 */
export const HIDDEN_CATEGORY: ExceptionCategory = 'security';

export const EXCEPTION_CATEGORY_LABELS: Record<ExceptionCategory, string> = {
  other: 'その他',
  health: '健康上の事情',
  procedure: '手続き中(氏名の変更・転居など)',
  long_leave: '長期の休業・休職',
  overseas: '国外派遣',
  seconded: '他団体への派遣',
  security: '安全上の理由',
};

export const EXCEPTION_STATES = ['requested', 'appealed', 'approved', 'rejected', 'withdrawn'] as const;
export type ExceptionState = (typeof EXCEPTION_STATES)[number];

const STATE_LABELS: Record<ExceptionState, string> = {
  requested: '申請中',
  appealed: '不服の申し出中',
  approved: '承認',
  rejected: '却下',
  withdrawn: '取り下げ',
};

export function exceptionStateLabel({ state, ended }: Pick<ExceptionView, 'state' | 'ended'>): string {
  return ended ? '終了' : STATE_LABELS[state];
}

/** Those that wait for HR. */
export const WAITING_STATES: readonly ExceptionState[] = ['requested', 'appealed'];

/** No longer at a time; whoever needs more asks again before the end. */
export const MOST_MONTHS = 12;
/** Ends that are so near are announced. */
export const ENDING_DAYS = 30;
export const LONGEST_NOTE = 500;

export interface ExceptionView {
  readonly id: number;
  readonly number: string;
  readonly category: ExceptionCategory;
  /** The days it holds for once it is approved, else those that were asked for. */
  readonly from: IsoDate;
  /** Last day, included. */
  readonly to: IsoDate;
  readonly state: ExceptionState;
  /** Approved, and its last day is over: nobody does anything for it. */
  readonly ended: boolean;
  /** First day on which it no longer holds, where it was withdrawn; on or before `from` it never held. */
  readonly withdrawnOn: IsoDate | null;
  readonly requestedAt: Date;
  /** When the newest decision was made; an appeal is none. */
  readonly decidedAt: Date | null;
  readonly appealedAt: Date | null;
  /** What the person chose to say; empty for most. */
  readonly note: string;
  /** Of the newest decision: what the person is told. */
  readonly reason: string;
  /** What the person says against the rejection. */
  readonly appeal: string;
}

export interface ExceptionRequest {
  readonly number: string;
  readonly category: ExceptionCategory;
  readonly from: IsoDate;
  /** Last day; as long as it may be where nothing is said. */
  readonly to?: IsoDate;
  readonly note?: string;
}

export interface ExceptionDays {
  readonly from: IsoDate;
  readonly to: IsoDate;
}
