import type { IsoDate } from '../month.js';

/** A file on this machine and the name its sender gave it. */
export interface InputFile {
  readonly name: string;
  readonly path: string;
}

/**
 * One thing in a file that must be put right before it can be taken in.
 * `row` is the line a person sees in Excel, null where the file as a whole is meant. `read` is empty for
 * `individual_number`: the value is never shown. `code` is stable, the texts are Japanese sentences.
 */
export interface Problem {
  readonly row: number | null;
  readonly column: string;
  readonly read: string;
  readonly expected: string;
  readonly code: string;
  /** How to put it right. */
  readonly fix: string;
  /** Set where another file than the report's main one is meant. */
  readonly file?: string;
}

/** Something worth knowing that does not stop the import. */
export interface Warning {
  readonly row: number | null;
  readonly column: string;
  readonly code: string;
  readonly message: string;
}

/** What was read from one file, whatever it holds. */
export interface FileReading {
  readonly file: string;
  /** `UTF-8`, `CP932`, `UTF-16LE`, `UTF-16BE` or `XLSX`; null where the file could not be read at all. */
  readonly encoding: string | null;
  readonly headerRow: number | null;
  readonly rows: number;
  /** Title rows, blank rows and notes under the table. */
  readonly skippedRows: number;
  /** Header of each column in the file and the field it was taken for (null: not used). */
  readonly columns: readonly { readonly header: string; readonly field: string | null }[];
  /** At most MAX_PROBLEMS, in file order; `problemCount` counts all. */
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly warnings: readonly Warning[];
}

export const MAX_PROBLEMS = 100;

/** The answer of every import, dry or not: the reading of its main file and the counts of its kind. */
export interface ImportReport extends FileReading {
  readonly kind: ImportKind;
  readonly dryRun: boolean;
  readonly [count: string]: unknown;
}

export type ImportKind = 'roster' | 'reorganisation' | 'status' | 'citizens';

export interface ImportRequest {
  readonly kind: ImportKind;
  readonly files: readonly InputFile[];
  /** Roster only: the list of units that comes with it. */
  readonly unitsFile?: InputFile;
  /** The day a roster describes or a reorganisation begins; today unless given. */
  readonly asOf?: IsoDate;
  /** Roster only: the file is complete for the subtree of this unit; everybody else stays. */
  readonly scopeCode?: string;
  /** Roster only: the number of departures the sender confirms. */
  readonly confirmDepartures?: number;
  readonly dryRun: boolean;
}

/** True when the report lets nothing be written. */
export function isRefused(report: Pick<FileReading, 'problemCount'>): boolean {
  return report.problemCount > 0;
}
