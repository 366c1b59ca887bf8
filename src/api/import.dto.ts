import { IsInt, IsOptional, Min } from 'class-validator';
import type { ImportKind, ImportReport } from '../platform/imports/import-report.js';

export class ApplyBody {
  /** The number of departures, where the preview asks for it. */
  @IsOptional()
  @IsInt()
  @Min(0)
  confirmDepartures?: number;
}

export class ColumnDto {
  header: string;
  /** What the column was taken for; null: not used. */
  field: string | null;
}

export class ProblemDto {
  /** The line a person sees in Excel; null where the file as a whole is meant. */
  row: number | null;
  column: string;
  /** Empty for `individual_number`: the value is never shown. */
  read: string;
  expected: string;
  /** Stable. */
  code: string;
  /** How to put it right. */
  fix: string;
  /** Set where another file than the main one is meant. */
  file?: string;
}

export class WarningDto {
  row: number | null;
  column: string;
  code: string;
  message: string;
}

export class AreaNameDto {
  prefecture: string;
  name: string;
}

export class UnitNameDto {
  code: string;
  name: string;
}

export class TransferDto {
  from: UnitNameDto;
  to: UnitNameDto;
  people: number;
}

export class UnitFiguresDto {
  staff: number;
  held: number;
  rate: number | null;
}

export class FigureChangeDto {
  code: string;
  name: string;
  /** 0 for the root of the organisation. */
  depth: number;
  /** On the day, as without the reorganisation; null where the unit is not there. */
  before: UnitFiguresDto | null;
  after: UnitFiguresDto | null;
}

/** What was read, what is or would be changed, and everything that must be put right first. */
export class ImportDto {
  id: number;
  /** `withdrawn`: applied, and taken back before its day. */
  state: 'previewed' | 'applied' | 'discarded' | 'withdrawn';
  kind: ImportKind;
  dryRun: boolean;
  file: string;
  /** `UTF-8`, `CP932`, `UTF-16LE`, `UTF-16BE` or `XLSX`. */
  encoding: string | null;
  headerRow: number | null;
  rows: number;
  /** Title rows, blank rows and notes under the table. */
  skippedRows: number;
  columns: ColumnDto[];
  /** The first hundred; `problemCount` counts all. */
  problems: ProblemDto[];
  problemCount: number;
  warnings: WarningDto[];
  /** Roster: people in their primary assignment; so are the next four. */
  joined?: number;
  left?: number;
  moved?: number;
  changed?: number;
  /** Roster: people who have got another staff number. */
  renumbered?: number;
  /** Roster: people. Status and citizens: rows that say what is known already. */
  unchanged?: number;
  unitsAdded?: number;
  unitsChanged?: number;
  unitsEnded?: number;
  /** Reorganisation: units; one that is renamed and moved counts in both. */
  unitsCreated?: number;
  unitsRenamed?: number;
  unitsMoved?: number;
  unitsMerged?: number;
  unitsSplit?: number;
  unitsAbolished?: number;
  /** Reorganisation: people whose unit becomes another one. */
  peopleMoved?: number;
  /** From which unit to which, most people first; the first of `transferCount`. */
  transfers?: TransferDto[];
  transferCount?: number;
  /** Units whose place, name or figures change on the day; the first of `figureCount`. */
  figures?: FigureChangeDto[];
  figureCount?: number;
  /** Status: card events added. Citizens: figures added. */
  recorded?: number;
  /** Status: rows of people who are not on the roster. */
  unknownStaff?: number;
  /** Citizens: areas with a figure. */
  areas?: number;
  /** Citizens: names that belong to no known area. */
  unmatched?: AreaNameDto[];
}

export class ImportPreviewDto extends ImportDto {
  /** False where the file must be put right first. */
  canBeApplied: boolean;
}

export function toImport(id: number, state: ImportDto['state'], report: ImportReport): ImportDto {
  const { problems, warnings, columns, ...rest } = report;
  return {
    ...rest,
    id,
    state,
    columns: columns.map((column) => ({ ...column })),
    problems: problems.map((problem) => ({ ...problem })),
    warnings: warnings.map((warning) => ({ ...warning })),
  };
}
