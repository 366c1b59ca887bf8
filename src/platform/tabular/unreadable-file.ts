import { AppError } from '../errors.js';
import type { Problem } from '../imports/import-report.js';

const SAVE_AS_XLSX = 'Excelで開き、[名前を付けて保存]で「Excelブック(*.xlsx)」を選んで保存し直してください。';
const SAVE_AS_XLSX_OR_CSV =
  'Excelで開き、[名前を付けて保存]で「Excelブック(*.xlsx)」または「CSV UTF-8(*.csv)」を選んで保存し直してください。';

/** Every way in which a file is no table, by its stable code. */
const REFUSALS = {
  empty_file: {
    read: '空のファイル',
    expected: '見出しとデータのある表',
    fix: '中身がありません。正しいファイルを選び直すか、もう一度書き出してください。',
  },
  old_excel: {
    read: '古い形式のExcelファイル(.xls)',
    expected: 'CSVまたはExcelブック(.xlsx)',
    fix: `Excel 97-2003形式は読み取れません。${SAVE_AS_XLSX}`,
  },
  encrypted_xlsx: {
    read: 'パスワード付きのExcelファイル',
    expected: 'パスワードのないファイル',
    fix: 'Excelで開き、[ファイル]-[情報]-[ブックの保護]でパスワードを外してから、[名前を付けて保存]で保存し直してください。',
  },
  pdf_file: {
    read: 'PDFファイル',
    expected: 'CSVまたはExcelブック(.xlsx)',
    fix: 'PDFからは読み取れません。元のシステムまたはExcelから、CSVかExcelブックで書き出してください。',
  },
  html_file: {
    read: 'Webページ形式(HTML・XML)のファイル',
    expected: 'CSVまたはExcelブック(.xlsx)',
    fix: `拡張子はExcelでも中身はWebページの形式です。${SAVE_AS_XLSX_OR_CSV}`,
  },
  not_a_workbook: {
    read: 'Excelブックではない圧縮ファイル',
    expected: 'CSVまたはExcelブック(.xlsx)',
    fix: `ZIPやほかのソフトの文書は読み取れません。ZIPは中のファイルを取り出し、文書は${SAVE_AS_XLSX}`,
  },
  macro_xlsx: {
    read: 'マクロの入ったExcelファイル',
    expected: 'マクロのないExcelブック(.xlsx)',
    fix: `マクロの入ったブックは受け付けていません。${SAVE_AS_XLSX}`,
  },
  broken_xlsx: {
    read: '壊れているExcelファイル',
    expected: 'Excelで開けるExcelブック(.xlsx)',
    fix: `ファイルの途中が欠けているか、壊れています。${SAVE_AS_XLSX}`,
  },
  too_large: {
    read: '大きすぎるExcelファイル',
    expected: '展開後200MBまでのExcelブック、または CSV',
    fix: '[名前を付けて保存]で「CSV UTF-8(*.csv)」を選んで保存し直してください。CSVは50MBまで読み取れます。',
  },
  too_many_rows: {
    read: '行が多すぎるファイル',
    expected: '300万行までの表',
    fix: '表の下に余分な行が続いていないか確かめてください。続いていなければ、局などの範囲ごとに分けて取り込んでください。',
  },
  too_many_cells: {
    read: '列またはセルが多すぎるファイル',
    expected: '16,384列まで、全体で1億セルまでの表',
    fix: '表の右に余分な列が続いていないか確かめ、必要な列だけを残して保存し直してください。',
  },
  missing_sheet: {
    read: '指定のシートがないExcelファイル',
    expected: '読み取るシート',
    fix: 'シートの名前を確かめるか、表のあるシートを表示してから、[名前を付けて保存]で保存し直してください。',
  },
  binary_file: {
    read: '文字の表ではないファイル',
    expected: 'CSVまたはExcelブック(.xlsx)',
    fix: `ファイルの種類が違います。表のファイルを選び直すか、${SAVE_AS_XLSX_OR_CSV}`,
  },
  unclosed_quote: {
    read: '閉じていない引用符(")',
    expected: '2つで一組の引用符',
    fix: 'この行で始まった引用符(")が最後まで閉じていません。引用符を取り除くか、Excelで開いて[名前を付けて保存]で「CSV UTF-8(*.csv)」を選んで保存し直してください。',
  },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A file that cannot be read as a table, or breaks off inside. Holds the problem to show; never what the file says. */
export class UnreadableFile extends AppError {
  readonly problem: Problem;

  constructor(code: RefusalCode, row: number | null = null, expected: string = REFUSALS[code].expected) {
    const { read, fix } = REFUSALS[code];
    super(code, 'refused', `${read}です。${fix}`);
    this.name = 'UnreadableFile';
    this.problem = { row, column: '', read, expected, code, fix };
  }
}
