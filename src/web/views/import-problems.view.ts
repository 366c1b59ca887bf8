import type { ImportReport, Problem } from '../../platform/imports/import-report.js';
import { formatCount } from '../../platform/japanese-format.js';

export interface ProblemsView {
  readonly heading: string;
  readonly more: string | null;
  readonly rows: readonly {
    readonly place: string;
    readonly column: string;
    readonly read: string;
    readonly expected: string;
    readonly fix: string;
  }[];
}

export function toProblemsView({ problems, problemCount }: ImportReport): ProblemsView {
  return {
    heading: `直してほしいところ ${formatCount(problemCount)}件`,
    more:
      problemCount > problems.length
        ? `はじめの${problems.length}件を表示しています。残り${formatCount(problemCount - problems.length)}件は、直したあとに確認します。`
        : null,
    rows: problems.map((problem) => ({
      place: problem.row === null ? 'ファイル' : `${problem.row}行`,
      column: problem.column || '-',
      read: shownValue(problem),
      expected: problem.expected,
      fix: problem.fix,
    })),
  };
}

/** A value that may hold an individual number is never shown, whatever the report carries. */
function shownValue({ code, read }: Problem): string {
  if (code === 'individual_number') return '(表示しません)';
  return read === '' ? '(空欄)' : read;
}
