import type { IsoDate } from '../platform/month.js';

/** Why the default does not apply to somebody for a time. Kept coarse: nobody owes a reason in detail. */
export const EXCEPTION_CATEGORIES = ['overseas', 'long_leave', 'security', 'seconded', 'other'] as const;
export type ExceptionCategory = (typeof EXCEPTION_CATEGORIES)[number];

export const EXCEPTION_CATEGORY_LABELS: Record<ExceptionCategory, string> = {
  overseas: '国外派遣',
  long_leave: '長期の休業・休職',
  security: '安全上の理由',
  seconded: '他団体への派遣',
  other: 'その他',
};

export interface ExceptionView {
  readonly id: number;
  readonly number: string;
  readonly category: ExceptionCategory;
  readonly from: IsoDate;
  /** Last day, included. */
  readonly to: IsoDate;
  readonly state: 'requested' | 'approved' | 'rejected' | 'withdrawn';
  /** First day on which it no longer holds, where it was withdrawn; on or before `from` it never held. */
  readonly withdrawnOn: IsoDate | null;
  readonly requestedAt: Date;
  readonly decidedAt: Date | null;
}
