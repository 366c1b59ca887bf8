import type { FileReading, Problem } from '../platform/imports/import-report.js';
import { formatCount, formatDate } from '../platform/japanese-format.js';
import type { IsoDate } from '../platform/month.js';
import type { ReorganisationStageProblem } from './reorganisation-problems.query.js';

/** Sentences for what the database found wrong with rows of a reorganisation. */
export function explainReorganisationProblem(
  { row, code, read, other, column }: ReorganisationStageProblem,
  reading: FileReading,
  asOf: IsoDate,
): Problem {
  const header = reading.columns.find((candidate) => candidate.field === column)?.header ?? column;
  return { row, code, read, column: header, ...sentences({ code, column, other }, asOf) };
}

function sentences(
  { code, column, other }: Pick<ReorganisationStageProblem, 'code' | 'column' | 'other'>,
  asOf: IsoDate,
): Pick<Problem, 'expected' | 'fix'> {
  const day = formatDate(asOf);
  switch (code) {
    case 'unknown_unit':
      return {
        expected: `${day}の前日まで使われている所属コード`,
        fix:
          column === '新所属コード'
            ? 'この所属コードは登録されていません。新しい所属であれば、新所属名を入力してください。'
            : 'この所属コードは登録されていません。コードを直してください。',
      };
    case 'ended_unit':
      return {
        expected: `${day}の前日まで使われている所属コード`,
        fix: `${day}には使われていない「${other}」のコードです。コードか、組織改正の日を確かめてください。`,
      };
    case 'unit_exists':
      return {
        expected: 'まだ使われていない所属コード',
        fix: `「${other}」がすでに使っているコードです。別のコードにするか、名称だけの変更であれば区分を「名称変更」にしてください。`,
      };
    case 'unknown_parent':
      return {
        expected: `${day}に有効な所属コード`,
        fix: '上位の所属が見つかりません。コードを直すか、上位の所属を「新設」する行を加えてください。',
      };
    case 'closed_unit':
      return {
        expected: `${day}からも使われる所属コード`,
        fix: '同じファイルの別の行でなくなる所属です。残る所属のコードに直してください。',
      };
    case 'root_unit':
      return {
        expected: '最上位以外の所属コード',
        fix: '最上位の所属は、移すこともなくすこともできません。この行を消してください。',
      };
    case 'later_change':
      return {
        expected: `${formatDate(other!)}以後の日の組織改正`,
        fix: `この所属には${formatDate(other!)}からの変更がすでに登録されています。日付を確かめてください。`,
      };
    case 'unit_has_children':
      return {
        expected: `${day}に下の所属がないこと`,
        fix: `下に「${other}」があります。下の所属を「移管」「統合」「廃止」する行を加えてください。`,
      };
    case 'unit_has_staff':
      return {
        expected: `${day}に配属されている職員がいないこと`,
        fix: `${formatCount(Number(other))}人が配属されています。区分を「統合」にして移る先を示すか、職員ごとに「異動」の行を加えてください。`,
      };
    case 'unknown_staff':
      return {
        expected: `${day}の名簿にある職員番号`,
        fix: 'この職員番号は、その日の名簿にありません。番号を直してください。',
      };
    case 'renumbered_staff':
      return {
        expected: `今の職員番号(${other})`,
        fix: `この職員の番号は「${other}」に変わっています。番号を直してください。`,
      };
    case 'duplicate_staff':
      return {
        expected: '1人につき1行',
        fix: `${other}行目と同じ職員です。行き先を1つにして、どちらかの行を消してください。`,
      };
    case 'not_in_unit':
      return {
        expected: 'その職員が配属されている所属のコード',
        fix: `この職員は、${day}の前日に所属コード「${other}」に配属されています。番号か所属コードを直してください。`,
      };
    case 'contradictory_rows':
      return {
        expected: '1つの所属について、食い違わない内容',
        fix: `${other}行目と内容が食い違っています。どちらかの行を直すか、消してください。`,
      };
    case 'cyclic_units':
      return {
        expected: '最上位の所属までつながる上位所属コード',
        fix: `${formatDate(other!)}の時点で、この所属から最上位の所属までつながりません。上位所属コードを直してください。`,
      };
  }
}
