import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { everything } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import {
  MAX_PROBLEMS,
  type FileReading,
  type ImportReport,
  type ImportRequest,
  type Problem,
  type Warning,
} from '../platform/imports/import-report.js';
import type { ImportContext, ImportHandler } from '../platform/imports/import.service.js';
import { formatCount } from '../platform/japanese-format.js';
import { addDays, OPEN_END, type IsoDate } from '../platform/month.js';
import { derivePeopleOf, deriveUnits } from '../roster/derive.query.js';
import {
  applyReorganisation,
  countReorganisation,
  splitsOf,
  type ReorganisationCounts,
} from '../roster/reorganisation-apply.query.js';
import { readReorganisationFile } from '../roster/reorganisation-file.js';
import { planReorganisation, stageReorganisation } from '../roster/reorganisation-plan.query.js';
import { explainReorganisationProblem } from '../roster/reorganisation-problem.js';
import { findReorganisationProblems } from '../roster/reorganisation-problems.query.js';
import { carry, transfersOf, upcoming, type Transfer } from '../roster/succession.query.js';
import { findDetachedUnits } from '../roster/units-problems.query.js';
import { countUnits, type UnitCountRow } from './counts.query.js';
import { percentage } from './rate.js';

/** Reorganisations are prepared for next April, perhaps for the one after; further off is a slip of the pen. */
const MAX_DAYS_AHEAD = 731;
/** Lines of a table that somebody looks at. */
const MAX_LINES = 200;

export interface UnitFigures {
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
}

/** What becomes of a unit's figures on the day: as without the reorganisation, and with it. Null where it is not there. */
export interface FigureChange {
  readonly code: string;
  readonly name: string;
  readonly depth: number;
  readonly before: UnitFigures | null;
  readonly after: UnitFigures | null;
}

/** What the report says besides what every report says. */
export interface ReorganisationReport extends ReorganisationCounts {
  readonly asOf: IsoDate;
  readonly peopleMoved: number;
  /** From which unit to which; the first of `transferCount`. */
  readonly transfers: readonly Transfer[];
  readonly transferCount: number;
  readonly figures: readonly FigureChange[];
  readonly figureCount: number;
}

interface Outcome {
  readonly counts: ReorganisationCounts;
  readonly transfers: readonly Transfer[];
  readonly figures: readonly FigureChange[];
  readonly warnings: readonly Warning[];
}

/**
 * Units that are founded, renamed, moved, merged, split or abolished on a day, with the people in them. What is written
 * begins on that day, so nothing has to happen when it comes.
 */
@Injectable()
export class ReorganisationImportService implements ImportHandler {
  readonly kind = 'reorganisation';

  constructor(private readonly clock: Clock) {}

  async run(em: EntityManager, request: ImportRequest, context: ImportContext): Promise<ImportReport> {
    const today = this.clock.today();
    const asOf = request.asOf ?? today;
    assertNear(asOf, today);
    const stage = await stageReorganisation(em);
    let doubtful: string[] | null = [];
    const reading = await readReorganisationFile(
      request.files[0]!,
      (row) => stage.add(row),
      (codes) => {
        doubtful = codes && doubtful && [...doubtful, ...codes];
      },
    );
    await stage.flush();
    await planReorganisation(em, asOf);

    const found = await findReorganisationProblems(em, asOf, doubtful, MAX_PROBLEMS);
    const problems: Problem[] = [
      ...reading.problems,
      ...found.map((problem) => explainReorganisationProblem(problem, reading, asOf)),
    ].toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
    let problemCount = reading.problemCount + (found[0]?.total ?? 0);
    if (problemCount === 0 && reading.rows === 0) {
      problems.push(noRows(reading));
      problemCount++;
    }
    let outcome: Outcome | null = null;
    if (problemCount === 0) {
      const origin = { importId: context.importId, recordedAt: this.clock.now() };
      const before = await countUnits(em, everything(this.kind), { dates: [asOf] });
      await applyReorganisation(em, asOf, origin);
      const detached = await this.detached(em, reading, asOf);
      problemCount = detached.length;
      problems.push(...detached);
      if (problemCount === 0) outcome = await this.finish(em, asOf, origin, before);
    }
    const report: ReorganisationReport = {
      asOf,
      ...(outcome?.counts ?? NO_COUNTS),
      peopleMoved: outcome?.transfers.reduce((sum, { people }) => sum + people, 0) ?? 0,
      transferCount: outcome?.transfers.length ?? 0,
      transfers: outcome?.transfers.slice(0, MAX_LINES) ?? [],
      figures: outcome?.figures.slice(0, MAX_LINES) ?? [],
      figureCount: outcome?.figures.length ?? 0,
    };
    return {
      kind: this.kind,
      dryRun: request.dryRun,
      ...reading,
      ...report,
      problems: problems.slice(0, MAX_PROBLEMS),
      problemCount,
      warnings: [...reading.warnings, ...backdated(asOf, today), ...(outcome?.warnings ?? [])],
    };
  }

  /** Units that no longer lead to the root; those below them are told of only where no row is to blame. */
  private async detached(em: EntityManager, reading: FileReading, asOf: IsoDate): Promise<Problem[]> {
    const span = { asOf, previous: addDays(asOf, -1) };
    const units = await findDetachedUnits(em, span, 'reorganisation_unit');
    const told = units.filter(({ row }) => row !== null);
    return (told.length > 0 ? told : units).map((unit) => explainDetached(unit, reading, asOf));
  }

  /** People follow their units, the ledger follows the people – in a preview too, where it shows what the figures become. */
  private async finish(
    em: EntityManager,
    asOf: IsoDate,
    origin: { importId: number; recordedAt: Date },
    before: readonly UnitCountRow[],
  ): Promise<Outcome> {
    await carry(em, { importId: origin.importId, onDay: asOf }, origin);
    const transfers = await transfersOf(em, asOf);
    const splits = await splitsOf(em, asOf);
    await em.query('CREATE TEMP TABLE reorganised ON COMMIT DROP AS SELECT DISTINCT staff_id FROM carried');
    const people = 'SELECT staff_id FROM reorganised';
    for (const later of await upcoming(em, { asOf, previous: null, until: OPEN_END }))
      await carry(em, later, origin, people);
    await deriveUnits(em, origin.recordedAt);
    await derivePeopleOf(em, people, origin.recordedAt);
    const after = await countUnits(em, everything(this.kind), { dates: [asOf] });
    return {
      counts: await countReorganisation(em),
      transfers,
      figures: changesOf(before, after),
      warnings: splits.map(({ row, name, named, rest, goesTo }) => ({
        row,
        column: '新所属コード',
        code: 'split_rest',
        message: `「${name}」の分割では、${named === 0 ? '職員番号で示した職員がいないため、' : `職員番号で示した${formatCount(named)}人のほかの`}${formatCount(rest)}人が「${goesTo}」の所属になります。`,
      })),
    };
  }
}

const NO_COUNTS: ReorganisationCounts = {
  unitsCreated: 0,
  unitsRenamed: 0,
  unitsMoved: 0,
  unitsMerged: 0,
  unitsSplit: 0,
  unitsAbolished: 0,
};

/** Units that come, go, are called or placed differently, or whose figures change; in the order of the organisation. */
function changesOf(before: readonly UnitCountRow[], after: readonly UnitCountRow[]): FigureChange[] {
  const was = new Map(before.map((row) => [row.code, row]));
  const will = new Map(after.map((row) => [row.code, row]));
  const gone = before.filter((row) => !will.has(row.code));
  return [...after, ...gone]
    .filter(({ code }) => !same(was.get(code), will.get(code)))
    .map(({ code, name, depth, codePath }) => ({
      order: placeOf(codePath, will, was),
      change: { code, name, depth, before: figures(was.get(code)), after: figures(will.get(code)) },
    }))
    .toSorted((a, b) => compare(a.order, b.order))
    .map(({ change }) => change);
}

function same(a: UnitCountRow | undefined, b: UnitCountRow | undefined): boolean {
  return a !== undefined && b !== undefined && isDeepStrictEqual(told(a), told(b));
}

function told({ name, parentId, total }: UnitCountRow) {
  return { name, parentId, total };
}

function figures(row: UnitCountRow | undefined): UnitFigures | null {
  if (!row) return null;
  const { staff, held } = row.total;
  return { staff, held, rate: percentage(held, staff) };
}

/** Along the way down from the root: position, then code, as everywhere. */
function placeOf(
  codePath: readonly string[],
  ...known: readonly ReadonlyMap<string, UnitCountRow>[]
): string[] {
  return codePath.flatMap((code) => {
    const position = known.map((rows) => rows.get(code)?.position).find((found) => found !== undefined) ?? 0;
    return [String(position).padStart(10, '0'), code];
  });
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length - b.length;
}

function assertNear(asOf: IsoDate, today: IsoDate): void {
  if (asOf <= addDays(today, MAX_DAYS_AHEAD)) return;
  throw new AppError(
    'future_date',
    'refused',
    `組織改正の日が2年より先の日付です(${asOf})。年の間違いがないか確かめてください。`,
  );
}

function backdated(asOf: IsoDate, today: IsoDate): Warning[] {
  if (asOf >= today) return [];
  return [
    {
      row: null,
      column: '',
      code: 'backdated',
      message: `過去の日(${asOf})からの組織改正です。その日からの数字が変わります。締めた月の数字は変わりません。`,
    },
  ];
}

function explainDetached(
  { code, row, day }: { code: string; row: number | null; day: IsoDate },
  reading: FileReading,
  asOf: IsoDate,
): Problem {
  const problem = {
    code: 'cyclic_units' as const,
    column: '上位所属コード' as const,
    read: code,
    other: day,
    total: 1,
  };
  return { ...explainReorganisationProblem({ ...problem, row: row ?? 0 }, reading, asOf), row };
}

function noRows(reading: FileReading): Problem {
  return {
    row: reading.headerRow,
    column: '',
    read: '',
    expected: '見出しの下に1行以上の組織改正の行',
    code: 'no_rows',
    fix: '組織改正の行がありません。ファイルの全部が保存されているか確かめてください。',
  };
}
