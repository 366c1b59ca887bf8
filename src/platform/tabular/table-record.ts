import type { ImportProblems } from '../imports/import-problems.js';
import type { HeaderMatch } from './header-match.js';
import type { CellProblem, TableRecord, TableRow, TableSpec } from './table.types.js';

const MAX_SHOWN = 60;
/** Most cells: ASCII, kana and kanji that NFKC leaves as they are. Normalising is the dearest step of a large file. */
const NFKC_ALREADY = /^[ -~\u3001\u3002\u3005\u3041-\u3096\u30a1-\u30fa\u30fb\u30fc\u4e00-\u9fff]*$/;

/** The header row of a file, once it is known which column is what. */
export interface RecognisedHeader<Key extends string> {
  readonly row: number;
  readonly cells: readonly string[];
  readonly match: HeaderMatch<Key>;
  readonly spec: TableSpec<Key>;
}

/** A data row seen through its header. `refused` are the cells whose text must not be shown or used. */
export class CellsRecord<Key extends string> implements TableRecord<Key> {
  readonly row: number;

  constructor(
    private readonly source: TableRow,
    private readonly head: RecognisedHeader<Key>,
    private readonly refused: ReadonlySet<number> | null,
    private readonly problems: ImportProblems,
  ) {
    this.row = source.row;
  }

  has(key: Key): boolean {
    return this.head.match.columns.has(key);
  }

  get(key: Key): string {
    const text = this.raw(key);
    if (text === '') return text;
    return NFKC_ALREADY.test(text) ? text : text.normalize('NFKC').trim();
  }

  raw(key: Key): string {
    const index = this.head.match.columns.get(key);
    if (index === undefined || (this.refused !== null && this.refused.has(index))) return '';
    return (this.source.cells[index] ?? '').trim();
  }

  header(key: Key): string {
    const index = this.head.match.columns.get(key);
    if (index !== undefined) return this.head.cells[index];
    return this.head.spec.columns.find((column) => column.key === key)?.label ?? key;
  }

  problem(key: Key, { code, expected, fix }: CellProblem): void {
    const index = this.head.match.columns.get(key);
    if (index !== undefined && this.refused?.has(index)) return;
    this.problems.add({
      row: this.row,
      column: this.header(key),
      read: shown(this.raw(key)),
      expected,
      code,
      fix,
    });
  }

  warn(key: Key, code: string, message: string): void {
    this.problems.warn({ row: this.row, column: this.header(key), code, message });
  }

  refuseExtra(index: number): void {
    if (this.refused?.has(index)) return;
    this.problems.add({
      row: this.row,
      column: `${columnLetter(index)}列`,
      read: shown(this.source.cells[index].trim()),
      expected: '見出しのある列の値だけ',
      code: 'extra_cell',
      fix: '見出しより右に値があります。余分な値を消すか、値の中の区切り文字(,)を取り除いてください。',
    });
  }
}

/** What may be shown of a cell: its beginning, as `visible`. */
export function shown(text: string): string {
  const characters = [...visible(text)];
  return characters.length > MAX_SHOWN ? `${characters.slice(0, MAX_SHOWN).join('')}…` : characters.join('');
}

/** Without characters that cannot be seen, or that the database cannot hold. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '·');
}

/** A, B … Z, AA as Excel names columns. */
export function columnLetter(index: number): string {
  let letters = '';
  for (let n = index + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    letters = String.fromCharCode(65 + ((n - 1) % 26)) + letters;
  }
  return letters;
}
