import type { ImportProblems } from '../imports/import-problems.js';
import type { FileReading, InputFile } from '../imports/import-report.js';

export type TableEncoding = 'UTF-8' | 'CP932' | 'UTF-16LE' | 'UTF-16BE' | 'XLSX';

/** One row of a file. `row` is the line a person sees when the file is open in Excel, counted from 1. */
export interface TableRow {
  readonly row: number;
  readonly cells: readonly string[];
}

export interface OpenTableOptions {
  /** CSV: told again and again how many bytes of the file are read. What it throws ends the reading. */
  readonly onRead?: (bytes: number, of: number) => void;
  /** XLSX: the sheet to read; the first visible one unless given. */
  readonly sheet?: string;
  /** XLSX: bytes all parts may have when unpacked; 200 MB unless given. */
  readonly maxUnpackedBytes?: number;
  /** XLSX: how long parsing may take; 60 seconds unless given. */
  readonly timeoutMs?: number;
}

export interface OpenedTable {
  readonly encoding: TableEncoding;
  /** XLSX: names of all sheets, in the workbook's order. */
  readonly sheets: readonly string[];
  /** XLSX: whether one is anywhere in the workbook, also where its rows do not show it. */
  readonly holdsIndividualNumber: boolean;
  /** Can be gone through once. Throws `UnreadableFile` where the file breaks off. */
  readonly rows: AsyncIterable<TableRow>;
  /** The same rows, some hundreds at a time: instead of `rows`, where speed counts. */
  readonly batches: AsyncIterable<readonly TableRow[]>;
}

/** `openTable(file, options?)`: throws `UnreadableFile` for what cannot be read as a table. */
export type OpenTable = (file: InputFile, options?: OpenTableOptions) => Promise<OpenedTable>;

export interface ColumnSpec<Key extends string = string> {
  readonly key: Key;
  /** What the product calls this column, in Japanese. */
  readonly label: string;
  /** Other headers it is known by. The label itself need not be repeated. */
  readonly synonyms: readonly string[];
}

export interface TableSpec<Key extends string = string> {
  readonly columns: readonly ColumnSpec<Key>[];
  /** Alternatives: the header row is the first that holds all keys of one of them. */
  readonly required: readonly (readonly Key[])[];
  /** The column that every data row fills; a row without it and with a single filled cell is a note. */
  readonly keyColumn: Key;
  /** The key column holds words (place names), not codes, so a lone word in it is data rather than a note. */
  readonly keyHoldsWords?: boolean;
  /** A city whose staff numbers have 12 digits: about one in ten passes the check digit by chance. */
  readonly exemptFromNumberCheck?: Key;
}

/** What a parser says about one cell; row, column and what was read are filled in by the record. */
export interface CellProblem {
  readonly code: string;
  readonly expected: string;
  readonly fix: string;
}

/** A data row, by the keys of the spec. A key whose column is not in the file reads as blank. */
export interface TableRecord<Key extends string = string> {
  readonly row: number;
  has(key: Key): boolean;
  /** NFKC, outer spaces trimmed: for codes, words and dates. */
  get(key: Key): string;
  /** The text as it stands, outer spaces trimmed: for names. */
  raw(key: Key): string;
  /** The header of this column in the file, or its label where the file has none. */
  header(key: Key): string;
  /** Adds a problem of this cell. Nothing is added for a cell that was already refused. */
  problem(key: Key, problem: CellProblem): void;
  warn(key: Key, code: string, message: string): void;
}

export interface TableHeader<Key extends string = string> {
  readonly row: number;
  readonly cells: readonly string[];
  /** The columns of the spec that the file has. */
  readonly keys: ReadonlySet<Key>;
  /** Text of the rows above the header, one string a row; the last 20 of them. */
  readonly titles: readonly string[];
}

export interface ReadTableOptions<Key extends string = string> extends OpenTableOptions {
  readonly onHeader?: (header: TableHeader<Key>) => void;
  /** Rows and cells a file may have; 3 million and 100 million unless given. */
  readonly limits?: { readonly rows?: number; readonly cells?: number };
  /** Called after the last row, for problems that only the whole file shows. */
  readonly onEnd?: (problems: ImportProblems) => void;
}

/**
 * `readTable(file, spec, onRecord, options?)`: never throws because of what is in the file; everything that is wrong
 * is in the reading's problems.
 */
export type ReadTable = <Key extends string>(
  file: InputFile,
  spec: TableSpec<Key>,
  onRecord: (record: TableRecord<Key>, problems: ImportProblems) => void | Promise<void>,
  options?: ReadTableOptions<Key>,
) => Promise<FileReading>;
