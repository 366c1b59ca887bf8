import type { ImportKind, ImportReport } from '../../platform/imports/import-report.js';
import { formatCount, formatDate } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';
import { toCounts } from './import-counts.view.js';

export type ImportState = 'previewed' | 'applied' | 'discarded' | 'withdrawn';

/** What the pages need of an import; the service's record has it. */
export interface ImportRecord {
  readonly id: number;
  readonly kind: ImportKind;
  readonly fileNames: readonly string[];
  readonly options: { readonly asOf?: IsoDate; readonly scopeCode?: string };
  readonly state: ImportState;
  readonly report: ImportReport;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly appliedAt: Date | null;
  readonly appliedBy: string | null;
  readonly withdrawnAt: Date | null;
  readonly withdrawnBy: string | null;
}

export const IMPORT_KIND_LABELS: Record<ImportKind, string> = {
  roster: '名簿',
  reorganisation: '組織改正',
  status: '取得状況',
  citizens: '市民の取得率',
};

export const STATE_LABELS: Record<ImportState, string> = {
  previewed: '確認待ち',
  applied: '反映済み',
  discarded: '取りやめ',
  withdrawn: '取り下げ済み',
};

export const STATE_ICONS: Record<ImportState, string> = {
  previewed: 'wait',
  applied: 'ok',
  discarded: 'not',
  withdrawn: 'not',
};

/** What there is; zeros would only make it longer. */
export function summaryOf({ kind, report }: ImportRecord): string {
  const parts = toCounts(kind, report)
    .filter(({ value }) => value > 0)
    .map(({ label, value, unit }) => `${label}${formatCount(value)}${unit}`);
  return parts.join('、') || '変更はありません';
}

export function fileNames({ fileNames }: ImportRecord): string {
  return fileNames.map((name) => name || '(ファイル名は表示しません)').join('、');
}

/** The day a reorganisation begins, while it is still to come. */
export function beginsOf({ kind, state, options: { asOf } }: ImportRecord, today: IsoDate): string | null {
  const isOff = state === 'discarded' || state === 'withdrawn';
  if (kind !== 'reorganisation' || isOff || asOf === undefined || asOf <= today) return null;
  return `${formatDate(asOf)}から`;
}
