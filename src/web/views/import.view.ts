import { asksForConfirmationOnly } from '../../platform/imports/import-agreement.js';
import type { ImportKind } from '../../platform/imports/import-report.js';
import { formatCount, formatDate } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';
import { formatMoment } from '../template-helpers.js';
import { countOf, toCounts } from './import-counts.view.js';
import { toReorganisationView, type ReorganisationView } from './reorganisation.view.js';
import { toProblemsView, type ProblemsView } from './import-problems.view.js';
import { toReading, type ReadingLine } from './import-reading.view.js';
import {
  beginsOf,
  fileNames,
  IMPORT_KIND_LABELS,
  summaryOf,
  type ImportRecord,
  type ImportState,
} from './import-record.view.js';

const DIFF_HEADINGS: Record<ImportState, string> = {
  previewed: '反映すると、こう変わります',
  applied: 'こう変わりました',
  discarded: '反映していない内容',
  withdrawn: '取り下げた内容',
};

/** The one problem that is answered at the button instead of in the file. */

export interface ImportPageView {
  readonly kicker: string;
  readonly heading: string;
  readonly kind: ImportKind;
  readonly state: Readonly<Record<'waiting' | 'applied' | 'discarded' | 'withdrawn', boolean>>;
  readonly steps: readonly { readonly label: string; readonly done: boolean; readonly current: boolean }[];
  readonly diffHeading: string;
  readonly diffNote: string;
  readonly counts:
    readonly { readonly label: string; readonly value: number; readonly unit: string }[] | null;
  readonly reorganisation: ReorganisationView | null;
  readonly reading: readonly ReadingLine[];
  readonly columns: readonly { readonly header: string; readonly field: string }[];
  readonly problems: ProblemsView | null;
  readonly warnings: readonly string[];
  readonly warningsHeading: string;
  readonly confirmDepartures: number | null;
  readonly confirmError: string | null;
  readonly applyLabel: string;
  /** Why the button cannot be pressed; null when it can. */
  readonly blocked: string | null;
  readonly applyAction: string;
  readonly discardAction: string;
  /** Null for what stays once it is applied. */
  readonly withdraw: { readonly action: string; readonly note: string } | null;
  readonly againHref: string;
  readonly today: IsoDate;
  /** Whether today's figures are what the import has made them. */
  readonly showsFigures: boolean;
  /** When and by whom. */
  readonly appliedNote: string;
  readonly appliedSummary: string;
  readonly withdrawnNote: string;
}

/** `confirmError`: what was wrong with the number that was typed, where one was asked for. */
export function toImportPageView(
  record: ImportRecord,
  today: IsoDate,
  confirmError: string | null = null,
): ImportPageView {
  const { report, kind, state } = record;
  const label = IMPORT_KIND_LABELS[kind];
  const asksDepartures = asksForConfirmationOnly(report);
  const toFix = asksDepartures ? 0 : report.problemCount;
  const left = countOf(report, 'left');
  const begins = beginsOf(record, today);
  return {
    kicker: `${label}の取込 ${fileNames(record)}`,
    heading: headingOf(record, toFix, asksDepartures, left),
    kind,
    state: {
      waiting: state === 'previewed',
      applied: state === 'applied',
      discarded: state === 'discarded',
      withdrawn: state === 'withdrawn',
    },
    steps: ['ファイルを選ぶ', '読み取る', '確認する', '反映する'].map((step, index) => ({
      label: step,
      done: index < 2 || state === 'applied' || state === 'withdrawn',
      current: index === 2 && state === 'previewed',
    })),
    diffHeading: begins !== null && state === 'applied' ? `${begins}、こう変わります` : DIFF_HEADINGS[state],
    diffNote: diffNote(record),
    // A file with faults has not been compared.
    counts: toFix > 0 ? null : toCounts(kind, report),
    reorganisation: kind === 'reorganisation' && toFix === 0 ? toReorganisationView(report) : null,
    reading: toReading(report),
    columns: report.columns.map(({ header, field }) => ({ header, field: field ?? '使いません' })),
    problems: toFix === 0 ? null : toProblemsView(report),
    warnings: report.warnings.map(({ row, message }) => (row === null ? message : `${row}行目 ${message}`)),
    warningsHeading: `知らせておきたいこと ${formatCount(report.warnings.length)}件(取込は続けられます)`,
    confirmDepartures: asksDepartures ? left : null,
    confirmError: asksDepartures ? confirmError : null,
    applyLabel: toFix > 0 ? `${label}を反映する` : applyLabel(record),
    blocked: toFix === 0 ? null : `残り${formatCount(toFix)}件を直すと押せます`,
    applyAction: `/imports/${record.id}/apply`,
    discardAction: `/imports/${record.id}/discard`,
    withdraw: state === 'applied' && begins !== null ? withdrawalOf(record, begins) : null,
    againHref: `/imports?kind=${kind}`,
    today,
    showsFigures: state === 'applied' && begins === null,
    appliedNote: byAndWhen(record.appliedAt, record.appliedBy),
    appliedSummary: summaryOf(record),
    withdrawnNote: byAndWhen(record.withdrawnAt, record.withdrawnBy),
  };
}

function headingOf(
  { kind, state }: ImportRecord,
  toFix: number,
  asksDepartures: boolean,
  left: number,
): string {
  if (state === 'applied') return `${IMPORT_KIND_LABELS[kind]}を反映しました`;
  if (state === 'withdrawn')
    return `${IMPORT_KIND_LABELS[kind]}を取り下げました。この${IMPORT_KIND_LABELS[kind]}による変更は残っていません`;
  if (state === 'discarded') return 'この取込は取りやめました。何も変更していません';
  if (toFix > 0) return `${formatCount(toFix)}件を直すと取り込めます。まだ何も変更していません`;
  if (asksDepartures) return `退職${formatCount(left)}人を確かめると反映できます。まだ何も変更していません`;
  return '直すところはありません。まだ何も変更していません';
}

function diffNote({ kind, options }: ImportRecord): string {
  if (kind === 'status') return 'ファイルの取得状況と、現在の記録との差';
  if (kind === 'reorganisation')
    return `${options.asOf === undefined ? '本日' : formatDate(options.asOf)}から変わる所属と職員`;
  if (kind === 'citizens') return '公表された取得率を、市区町村・都道府県・全国ごとに記録します';
  const day = options.asOf === undefined ? '本日' : formatDate(options.asOf);
  const scope =
    options.scopeCode === undefined
      ? '現在の名簿'
      : `所属コード${options.scopeCode}とその下の所属の現在の名簿`;
  return `${day}付の名簿と、${scope}との差(本務、人)`;
}

function applyLabel({ kind, report }: ImportRecord): string {
  if (kind === 'roster') {
    const people =
      countOf(report, 'joined') +
      countOf(report, 'moved') +
      countOf(report, 'changed') +
      countOf(report, 'unchanged');
    return `${formatCount(people)}人の名簿を反映する`;
  }
  if (kind === 'reorganisation') return 'この組織改正を反映する';
  if (kind === 'status') return `${formatCount(countOf(report, 'recorded'))}件の取得状況を記録する`;
  return `${formatCount(countOf(report, 'areas'))}団体の取得率を記録する`;
}

function withdrawalOf({ id }: ImportRecord, begins: string): ImportPageView['withdraw'] {
  return {
    action: `/imports/${id}/withdraw`,
    note: `${begins}の組織改正です。前の日までに取り下げると、所属も職員の配属も、この組織改正がなかったときと同じになります。そのあとに取り込んだ名簿の内容は残ります。`,
  };
}

function byAndWhen(at: Date | null, by: string | null): string {
  return at === null ? '' : `${formatMoment(at.toISOString())}、${by ?? ''}`;
}
