import { containsIndividualNumber, mayHoldTwelveDigits } from '../individual-number.js';
import { ImportProblems } from '../imports/import-problems.js';
import type { FileReading, InputFile, Problem } from '../imports/import-report.js';
import { HeaderMatcher, normaliseHeader, trimmedHeader, type HeaderMatch } from './header-match.js';
import { openTable } from './table-file.js';
import { CellsRecord, columnLetter, shown, visible, type RecognisedHeader } from './table-record.js';
import type {
  OpenedTable,
  ReadTableOptions,
  TableEncoding,
  TableHeader,
  TableRecord,
  TableRow,
  TableSpec,
} from './table.types.js';
import { REPLACEMENT } from './text-encoding.js';
import { UnreadableFile } from './unreadable-file.js';

const MAX_TITLES = 20;
/** The local public workforce of the nation has 2.8 million people. */
const MAX_ROWS = 3_000_000;
/** As in Excel. */
const MAX_COLUMNS = 16_384;
const MAX_CELLS = 100_000_000;
/** A lone cell of the key column that starts a note rather than being a code: 以上, ※…, 合計. */
const NOTE = /^[※*＊#注(「]|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;

const INDIVIDUAL_NUMBER = {
  code: 'individual_number',
  read: '',
  expected: '個人番号を含まない値',
} as const;

type OnRecord<Key extends string> = (
  record: TableRecord<Key>,
  problems: ImportProblems,
) => void | Promise<void>;

/**
 * Finds the header row of a file and hands over its data rows by key. Never throws because of what is in the file:
 * everything that is wrong is in the problems, in file order. Every cell of every row, the file's name and the names
 * of its sheets are searched for individual numbers; what holds one is shown nowhere.
 */
export async function readTable<Key extends string>(
  file: InputFile,
  spec: TableSpec<Key>,
  onRecord: OnRecord<Key>,
  options: ReadTableOptions<Key> = {},
): Promise<FileReading> {
  const reading = new Reading(spec, onRecord, options);
  let table: OpenedTable | null = null;
  const nameRefused = reading.refuseNames('ファイル名', [file.name]);
  try {
    table = await openTable(file, options);
    reading.refuseNames('シート名', table.sheets);
    for await (const batch of table.batches) {
      for (const row of batch) {
        const pending = reading.take(row, table.encoding);
        if (pending) await pending;
      }
    }
    if (table.holdsIndividualNumber) reading.refuseHidden();
    reading.end();
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    reading.problems.add(error.problem);
  }
  return reading.report(nameRefused ? '' : file.name, table?.encoding ?? null);
}

class Reading<Key extends string> {
  readonly problems = new ImportProblems();
  private readonly matcher: HeaderMatcher<Key>;
  private readonly titles: string[] = [];
  private header: RecognisedHeader<Key> | null = null;
  /** The row that comes nearest to a header, while there is none. */
  private nearest: { row: number; cells: readonly string[]; match: HeaderMatch<Key> } | null = null;
  private rows = 0;
  private skippedRows = 0;
  private cells = 0;

  constructor(
    private readonly spec: TableSpec<Key>,
    private readonly onRecord: OnRecord<Key>,
    private readonly options: ReadTableOptions<Key>,
  ) {
    this.matcher = new HeaderMatcher(spec);
  }

  refuseNames(column: string, names: readonly string[]): boolean {
    const refused = names.some(containsIndividualNumber);
    if (refused) {
      this.problems.add({
        ...INDIVIDUAL_NUMBER,
        row: null,
        column,
        fix: `${column}に12桁の番号が入っている可能性があります。名前を変えてください。`,
      });
    }
    return refused;
  }

  /** For a number that no row of the sheet has shown: it must not get in either. */
  refuseHidden(): void {
    if (
      this.spec.exemptFromNumberCheck ||
      this.problems.problems.some(({ code }) => code === INDIVIDUAL_NUMBER.code)
    )
      return;
    this.problems.add({
      ...INDIVIDUAL_NUMBER,
      row: null,
      column: '表の外',
      fix: '取り込む表のほかの場所(別のシート、非表示の行や列、コメント、ヘッダー、プロパティなど)に12桁の番号が入っている可能性があります。表だけを新しいブックに貼り付けて保存し直してください。',
    });
  }

  take(row: TableRow, encoding: TableEncoding): void | Promise<void> {
    this.refuseTooMuch(row);
    const refused = this.refuseCells(row, encoding);
    if (!this.header) return this.takeAbove(row, refused);
    let filled = 0;
    let last = -1;
    for (let i = 0; i < row.cells.length; i++) {
      if (isBlank(row.cells[i])) continue;
      filled++;
      last = i;
    }
    const isNote = refused ? filled === 1 : this.isNote(row, filled, last, this.header);
    if (filled === 0 || isNote) {
      this.skippedRows++;
      return;
    }
    this.rows++;
    const record = new CellsRecord(row, this.header, refused, this.problems);
    if (last >= this.header.cells.length) record.refuseExtra(last);
    return this.onRecord(record, this.problems);
  }

  end(): void {
    if (this.header) {
      this.options.onEnd?.(this.problems);
      return;
    }
    const found = (this.nearest?.cells ?? []).filter((cell) => cell.trim() !== '').map((cell) => cell.trim());
    for (const { key, alternatives } of this.matcher.missing(this.nearest?.match.columns ?? new Map())) {
      const names = [key, ...alternatives].map((name) => `「${this.labelOf(name)}」`);
      this.problems.add({
        row: this.nearest?.row ?? null,
        column: this.labelOf(key),
        read: shown(found.join('、')),
        code: 'missing_column',
        expected: `見出し${names.join('または')}のある列`,
        fix: '見出しの行にこの列がありません。列を加えるか、見出しの名前を直してください。',
      });
    }
  }

  report(file: string, encoding: TableEncoding | null): FileReading {
    const { problems, warnings, problemCount } = this.problems;
    return {
      file,
      encoding,
      headerRow: this.header?.row ?? null,
      rows: this.rows,
      skippedRows: this.skippedRows,
      columns: (this.header?.cells ?? []).map((cell, i) => {
        const key = this.header!.match.keys[i];
        return { header: shown(cell), field: key ? this.labelOf(key) : null };
      }),
      problems: inFileOrder(problems),
      problemCount,
      warnings: inFileOrder(warnings),
    };
  }

  /** However a file may be made: what it takes to read it is bounded. */
  private refuseTooMuch({ row, cells }: TableRow): void {
    this.cells += cells.length;
    const { rows = MAX_ROWS, cells: most = MAX_CELLS } = this.options.limits ?? {};
    if (row > rows) throw new UnreadableFile('too_many_rows', row);
    if (cells.length > MAX_COLUMNS || this.cells > most) throw new UnreadableFile('too_many_cells', row);
  }

  private takeAbove(row: TableRow, refused: ReadonlySet<number> | null): void {
    const cells = refused ? row.cells.map((cell, i) => (refused.has(i) ? '' : cell)) : row.cells;
    const match = this.matcher.match(cells);
    if (this.matcher.holdsRequired(match)) {
      this.openHeader(
        { row: row.row, cells, titles: this.titles, keys: new Set(match.columns.keys()) },
        match,
      );
      return;
    }
    this.skippedRows++;
    if (match.columns.size > (this.nearest?.match.columns.size ?? -1)) {
      this.nearest = { row: row.row, cells, match };
    }
    const title = cells
      .map((cell) => cell.trim())
      .filter(Boolean)
      .join(' ');
    if (title === '') return;
    this.titles.push(title.slice(0, 500));
    if (this.titles.length > MAX_TITLES) this.titles.shift();
  }

  private openHeader(header: TableHeader<Key>, match: HeaderMatch<Key>): void {
    const cells = trimmedHeader(header).map((cell) => visible(cell.replace(/\s+/g, ' ').trim()));
    this.header = { row: header.row, cells, match, spec: this.spec };
    for (const { key, cells: doubles } of match.doubles) {
      this.problems.add({
        row: header.row,
        column: this.labelOf(key),
        read: shown(doubles.map((i) => `${columnLetter(i)}列「${cells[i]}」`).join('、')),
        code: 'duplicate_column',
        expected: `「${this.labelOf(key)}」の列は1つ`,
        fix: '同じ意味の見出しが2つ以上あります。使わない列を消すか、見出しの名前を変えてください。',
      });
    }
    this.options.onHeader?.({ ...header, cells });
  }

  /** Notes under the table, and the header again where an export repeats it on every page. */
  private isNote({ cells }: TableRow, filled: number, last: number, header: RecognisedHeader<Key>): boolean {
    const keyIndex = header.match.columns.get(this.spec.keyColumn);
    const key = (keyIndex === undefined ? '' : (cells[keyIndex] ?? '')).trim();
    if (filled === 1) return last !== keyIndex || (!this.spec.keyHoldsWords && NOTE.test(key));
    return (
      keyIndex !== undefined &&
      key !== '' &&
      key === header.cells[keyIndex] &&
      header.cells.every((cell, i) => normaliseHeader(cells[i] ?? '') === normaliseHeader(cell))
    );
  }

  /** Cells that must not be shown or used: individual numbers first, then bytes that mean nothing. */
  private refuseCells(row: TableRow, encoding: TableEncoding): Set<number> | null {
    let refused: Set<number> | null = null;
    const exempt = this.spec.exemptFromNumberCheck;
    const exemptIndex = exempt && this.header ? this.header.match.columns.get(exempt) : undefined;
    for (let i = 0; i < row.cells.length; i++) {
      const cell = row.cells[i];
      if (cell.length < 2 || !mayBeRefused(cell)) continue;
      if (i !== exemptIndex && containsIndividualNumber(cell)) {
        (refused ??= new Set()).add(i);
        this.problems.add({
          ...INDIVIDUAL_NUMBER,
          row: row.row,
          column: this.columnName(i),
          fix: '12桁の番号が入っている可能性があります。セルの内容を削除してください。',
        });
      } else if (cell.includes(REPLACEMENT)) {
        (refused ??= new Set()).add(i);
        this.problems.add(badEncoding(row.row, this.columnName(i), cell, encoding));
      }
    }
    return refused;
  }

  private columnName(index: number): string {
    return this.header?.cells[index] || `${columnLetter(index)}列`;
  }

  private labelOf(key: Key): string {
    return this.spec.columns.find((column) => column.key === key)?.label ?? key;
  }
}

/** A quick no for nearly every cell: what bytes without a meaning become counts like a character of several digits. */
function mayBeRefused(cell: string): boolean {
  return mayHoldTwelveDigits(cell) || cell.includes(REPLACEMENT);
}

/** Nearly always told by the first character. */
function isBlank(cell: string): boolean {
  if (cell === '') return true;
  const first = cell.charCodeAt(0);
  const isWritten = (first > 0x20 && first < 0x7f) || (first > 0x3000 && first < 0xfe00);
  return !isWritten && cell.trim() === '';
}

function badEncoding(row: number, column: string, cell: string, encoding: TableEncoding): Problem {
  return {
    row,
    column,
    read: shown(cell.trim()),
    expected: `${encoding === 'CP932' ? 'CP932(Shift_JIS)' : encoding}として読める文字`,
    code: 'bad_encoding',
    fix: '文字として読めない部分があります。この行を入力し直し、[名前を付けて保存]で「CSV UTF-8(*.csv)」を選んで保存し直してください。',
  };
}

function inFileOrder<Item extends { readonly row: number | null }>(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
}
