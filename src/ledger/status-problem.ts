import type { FileReading, Problem } from '../platform/imports/import-report.js';
import { renumberedStaff } from '../roster/roster-problem.js';
import type { StatusStageProblem } from './status-import.query.js';

/** Sentences for what the database found wrong with rows of a status list. */
export function explainStatusProblem(problem: StatusStageProblem, reading: FileReading): Problem {
  const { row, code, read, other } = problem;
  const column =
    reading.columns.find((candidate) => candidate.field === problem.column)?.header ?? problem.column;
  const place = { row, code, read, column };
  switch (code) {
    case 'unknown_staff':
      return {
        ...place,
        expected: '名簿にある職員番号',
        fix: 'この職員番号は名簿にありません。番号を直すか、先に名簿を取り込んでください。',
      };
    case 'renumbered_staff':
      return renumberedStaff(place, other!);
    case 'stripped_zeros':
      return {
        ...place,
        expected: `${other}桁(先頭の0を含む)`,
        fix: 'Excelで先頭の0が消えています。列を文字列にして保存し直してください。',
      };
    case 'duplicate_staff':
      return {
        ...place,
        expected: '同じ基準日では1人1行',
        fix: `${other}行目と同じ職員番号・基準日です。どちらかの行を消してください。`,
      };
    case 'future_date':
      return {
        ...place,
        expected: '今日以前の日付',
        fix: '基準日がまだ来ていない日付です。日付を確かめてください。',
      };
  }
}
