import type { FileReading, Problem } from '../platform/imports/import-report.js';
import type { IsoDate } from '../platform/month.js';
import type { RosterStageProblem } from './roster-problems.query.js';
import type { UnitStageProblem } from './units-problems.query.js';

/** Sentences for what the database found wrong with rows of a roster and a list of units. */

export function explainRosterProblem(
  problem: RosterStageProblem,
  reading: FileReading,
  asOf: IsoDate,
): Problem {
  const { row, code, read, other } = problem;
  const place = { row, code, read, column: headerOf(reading, problem.column) };
  switch (code) {
    case 'duplicate_staff':
      return {
        ...place,
        expected: 'ファイル内で重複しない番号',
        fix: `${other}行目と同じ番号です。本務の行は1人1行にしてください(兼務の行は本務兼務の列で「兼務」とします)。`,
      };
    case 'duplicate_concurrent':
      return {
        ...place,
        expected: '1人につき同じ所属の兼務は1行',
        fix: `${other}行目と同じ兼務です。どちらかの行を消してください。`,
      };
    case 'no_primary':
      return {
        ...place,
        expected: '本務の行がある職員番号',
        fix: '兼務の行だけがあり、本務の行がありません。本務の行を加えてください。',
      };
    case 'unknown_unit':
      return {
        ...place,
        expected: `${asOf}時点で有効な所属コード`,
        fix: 'この所属コードは登録されていません。所属一覧のファイルを一緒に取り込むか、コードを直してください。',
      };
    case 'ended_unit':
      return {
        ...place,
        expected: `${asOf}時点で有効な所属コード`,
        fix: `${asOf}時点では使われていない「${other}」のコードです。コードか、名簿の基準日を確かめてください。`,
      };
    case 'outside_scope':
      return {
        ...place,
        expected: '指定した範囲の所属コード',
        fix: '取込の範囲に指定した所属の下にありません。範囲か所属コードを直してください。',
      };
    case 'renumbered_staff':
      return renumberedStaff(place, other!);
    case 'stripped_zeros':
      return {
        ...place,
        expected: `${other}桁(先頭の0を含む)`,
        fix: 'Excelで先頭の0が消えています。列を文字列にして保存し直してください。',
      };
  }
}

export function explainUnitProblem(problem: UnitStageProblem, reading: FileReading, day: IsoDate): Problem {
  const { row, code, read, otherRow } = problem;
  const place = { row: row === 0 ? null : row, code, read, column: headerOf(reading, problem.column) };
  switch (code) {
    case 'duplicate_unit':
      return {
        ...place,
        expected: '同じ期間に1つだけの所属コード',
        fix: `${otherRow}行目と同じコードで期間が重なっています。どちらかの行か期間を直してください。`,
      };
    case 'unknown_parent':
      return {
        ...place,
        expected: 'この一覧にある所属コード',
        fix: '上位の所属がこの一覧にありません。上位の所属の行を加えるか、コードを直してください。',
      };
    case 'unknown_staff':
      return {
        ...place,
        expected: '名簿にある職員番号',
        fix: '所属長の職員番号が名簿にありません。名簿と一緒に確かめて直してください。',
      };
    case 'bad_period':
      return {
        ...place,
        expected: '適用開始日以後の適用終了日',
        fix: '適用終了日が適用開始日より前です。どちらかの日付を直してください。',
      };
    case 'cyclic_units':
      return {
        ...place,
        expected: '最上位の所属までつながる上位所属コード',
        fix: `${day}の時点で、この所属から最上位の所属までつながりません。上位所属コードと適用期間を直してください。`,
      };
    case 'outside_scope':
      return {
        ...place,
        expected: '指定した範囲の所属コード',
        fix: '取込の範囲に指定した所属の下にありません。範囲か所属コードを直してください。',
      };
  }
}

/** A list still names somebody by a number of before. */
export function renumberedStaff(
  place: Pick<Problem, 'row' | 'column' | 'read' | 'code'>,
  number: string,
): Problem {
  return {
    ...place,
    expected: `今の職員番号(${number})`,
    fix: `この職員の番号は「${number}」に変わっています。番号を直してください。`,
  };
}

/** The header this column has in the file. */
function headerOf(reading: FileReading, label: string): string {
  return reading.columns.find((column) => column.field === label)?.header ?? label;
}
