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
import type { ImportBatch } from '../platform/imports/import-batch.entity.js';
import type { Reach } from '../platform/imports/import-watch.js';
import type { ImportAct, ImportContext, ImportHandler } from '../platform/imports/import-handler.js';
import { formatCount, formatDate } from '../platform/japanese-format.js';
import { addDays, OPEN_END, type IsoDate } from '../platform/month.js';
import { deriveFile } from '../roster/derive.query.js';
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
import {
  findBuiltUpon,
  withdrawReorganisation,
  type Foundation,
} from '../roster/reorganisation-withdrawal.query.js';
import { carry, takeBackAll, transfersOf, upcoming, type Transfer } from '../roster/succession.query.js';
import { findDetachedUnits } from '../roster/units-problems.query.js';
import { countUnits, type UnitCountRow } from './counts.query.js';
import { changesOf, type FigureChange } from './figure-change.js';

/** Reorganisations are prepared for next April, perhaps for the one after; further off is a slip of the pen. */
const MAX_DAYS_AHEAD = 731;
/** Lines of a table that somebody looks at. */
const MAX_LINES = 200;

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
    let doubtful: string[] | null = [];
    context.reach('reading');
    const reading = await stageReorganisation(em, (add) =>
      readReorganisationFile(request.files[0]!, add, (codes) => {
        doubtful = codes && doubtful && [...doubtful, ...codes];
      }),
    );
    context.reach('checking');
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
      context.reach('comparing');
      const before = await countUnits(em, everything(this.kind), { dates: [asOf] });
      context.reach('writing');
      await applyReorganisation(em, asOf, origin);
      const detached = await this.detached(em, reading, asOf);
      problemCount = detached.length;
      problems.push(...detached);
      if (problemCount === 0) outcome = await this.finish(em, asOf, origin, before, context.reach);
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

  /**
   * While its day has not come, nothing of it remains. Throws `reorganisation_begun`, `reorganisation_built_upon` where a
   * reorganisation or a roster of later days knows of it.
   */
  async withdraw(
    em: EntityManager,
    { asOf: onDay }: ImportBatch['options'],
    { importId }: ImportAct,
  ): Promise<void> {
    if (onDay! <= this.clock.today()) throw hasBegun(onDay!);
    const reorganisation = { importId, onDay: onDay! };
    const built = await findBuiltUpon(em, reorganisation);
    if (built.reorganisation !== null || built.roster !== null) throw isBuiltUpon(built);
    const origin = { importId, recordedAt: this.clock.now() };
    await withdrawReorganisation(em, reorganisation, origin);
    const [alone] = await findDetachedUnits(em, { asOf: onDay!, previous: addDays(onDay!, -1) }, null);
    if (alone) throw leavesUnitsAlone(alone);
    const people = 'SELECT DISTINCT staff_id FROM taken_back_people';
    await deriveFile(em, { people, units: true }, origin.recordedAt);
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
    reach: Reach,
  ): Promise<Outcome> {
    const later = await upcoming(em, { asOf, previous: null, until: OPEN_END });
    // Whoever is named leaves the unit before a later one takes it anywhere.
    await takeBackAll(em, later, origin, () => namedBy(origin.importId));
    await carry(em, { importId: origin.importId, onDay: asOf }, origin);
    const transfers = await transfersOf(em, asOf);
    const splits = await splitsOf(em, asOf);
    await em.query(
      'CREATE TEMP TABLE reorganised ON COMMIT DROP AS SELECT staff_id FROM carried UNION SELECT staff_id FROM taken_back_people',
    );
    const people = 'SELECT staff_id FROM reorganised';
    for (const one of later) await carry(em, one, origin, people);
    const onCount = (done: number, of: number) => reach('counting', done, of);
    await deriveFile(em, { people, units: true }, origin.recordedAt, onCount, () => reach('settling'));
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

function namedBy(importId: number): string {
  return `SELECT staff_id FROM unit_succession WHERE import_id = ${importId} AND staff_id IS NOT NULL`;
}

const NO_COUNTS: ReorganisationCounts = {
  unitsCreated: 0,
  unitsRenamed: 0,
  unitsMoved: 0,
  unitsMerged: 0,
  unitsSplit: 0,
  unitsAbolished: 0,
};

function assertNear(asOf: IsoDate, today: IsoDate): void {
  if (asOf <= addDays(today, MAX_DAYS_AHEAD)) return;
  throw new AppError(
    'future_date',
    'refused',
    `組織改正の日が2年より先の日付です(${asOf})。年の間違いがないか確かめてください。`,
  );
}

function hasBegun(day: IsoDate): AppError {
  return new AppError(
    'reorganisation_begun',
    'conflict',
    `${formatDate(day)}からの組織改正は、もう始まっています。元に戻すときは、元に戻す組織改正(名称変更、移管、異動など)を取り込んでください。`,
  );
}

function isBuiltUpon({ reorganisation, roster }: Foundation): AppError {
  return new AppError(
    'reorganisation_built_upon',
    'conflict',
    reorganisation === null
      ? `${formatDate(roster!)}の名簿が反映されているため、取り下げられません。元に戻す組織改正を取り込んでください。`
      : `このあとに反映した${formatDate(reorganisation)}の組織改正があります。先にその組織改正を取り下げてください。`,
  );
}

function leavesUnitsAlone(unit: { code: string; day: IsoDate }): AppError {
  return new AppError(
    'reorganisation_needed',
    'conflict',
    `取り下げると、所属コード「${unit.code}」から最上位の所属まで、${formatDate(unit.day)}の時点でつながらなくなります。先にその所属を直してください。`,
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
