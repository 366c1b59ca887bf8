import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { Staging } from '../platform/database/staging.js';
import { AppError } from '../platform/errors.js';
import {
  MAX_PROBLEMS,
  type FileReading,
  type ImportReport,
  type ImportRequest,
  type InputFile,
  type Problem,
} from '../platform/imports/import-report.js';
import type { ImportContext, ImportHandler } from '../platform/imports/import.service.js';
import { type IsoDate } from '../platform/month.js';
import { resolveLevels } from './levels-import.query.js';
import type { RosterKey } from './roster-columns.js';
import { readRosterFile, type RosterRow } from './roster-file.js';
import {
  applyRoster,
  compareRoster,
  findSpan,
  type RosterColumns,
  type RosterCounts,
} from './roster-import.query.js';
import { explainRosterProblem, explainUnitProblem } from './roster-problem.js';
import { findRosterProblems } from './roster-problems.query.js';
import { applyUnits, findDetachedUnits, findUnitProblems } from './units-import.query.js';
import { readUnitsFile, type UnitRow } from './units-file.js';

/** Above this share of the staff, departures are asked to be confirmed by their number. */
const MAX_DEPARTURES = 0.2;

/** The roster of a day, and the list of units that may come with it: read, compared with that day, made so. */
@Injectable()
export class RosterImportService implements ImportHandler {
  readonly kind = 'roster';

  constructor(private readonly clock: Clock) {}

  async run(em: EntityManager, request: ImportRequest, context: ImportContext): Promise<ImportReport> {
    const asOf = request.asOf ?? this.clock.today();
    const scopeCode = request.scopeCode ?? null;
    const span = await findSpan(em, asOf, scopeCode);
    const recordedAt = this.clock.now();

    const file = request.files[0]!;
    const { reading, columns } = await stageRoster(em, file);
    await em.query(
      `INSERT INTO staff (number) SELECT DISTINCT number FROM roster_stage ON CONFLICT (number) DO NOTHING`,
    );

    const unitsReading = request.unitsFile ? await stageUnits(em, request.unitsFile) : null;
    const unitProblems = unitsReading
      ? [...unitsReading.problems, ...(await this.checkUnits(em, asOf, scopeCode, unitsReading))]
      : [];
    const unitsAreSound = unitProblems.length === 0;
    let units = { unitsAdded: 0, unitsEnded: 0, unitsChanged: 0 };
    if (unitsReading && unitsAreSound) {
      units = await applyUnits(em, asOf, scopeCode, span.until, context.importId, recordedAt);
      for (const { code, row, day } of await findDetachedUnits(em)) {
        unitProblems.push(
          explainUnitProblem(
            { row: row ?? 0, code: 'cyclic_units', column: '上位所属コード', read: code, otherRow: null },
            unitsReading,
            day,
          ),
        );
      }
    }
    if (scopeCode !== null) await assertScope(em, scopeCode, asOf);
    const levels = await resolveLevels(em, asOf, context.importId, recordedAt);

    const found = await findRosterProblems(em, asOf, scopeCode, unitsAreSound, MAX_PROBLEMS);
    const problems = [
      ...reading.problems,
      ...found.map((problem) => explainRosterProblem(problem, reading, asOf)),
    ].toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
    problems.push(...unitProblems.map((problem) => ({ ...problem, file: request.unitsFile!.name })));

    const isSound = problems.length === 0;
    const counts = isSound ? await compareRoster(em, span, scopeCode, columns) : null;
    if (counts) {
      const departures = confirmDepartures(counts, request.confirmDepartures);
      if (departures) problems.push(departures);
      else await applyRoster(em, span, context.importId, recordedAt);
    }
    return {
      kind: this.kind,
      dryRun: request.dryRun,
      ...reading,
      asOf,
      scope: scopeCode,
      joined: counts?.joined ?? 0,
      left: counts?.left ?? 0,
      moved: counts?.moved ?? 0,
      changed: counts?.changed ?? 0,
      unchanged: counts?.unchanged ?? 0,
      ...units,
      unitsAdded: units.unitsAdded + levels.unitsAdded,
      unitsFile: request.unitsFile?.name ?? null,
      problems: problems.slice(0, MAX_PROBLEMS),
      problemCount:
        problems.length +
        (reading.problemCount - reading.problems.length) +
        ((unitsReading?.problemCount ?? 0) - (unitsReading?.problems.length ?? 0)),
      warnings: [...reading.warnings, ...(unitsReading?.warnings ?? [])],
    };
  }

  private async checkUnits(
    em: EntityManager,
    asOf: IsoDate,
    scopeCode: string | null,
    reading: FileReading,
  ): Promise<Problem[]> {
    const found = await findUnitProblems(em, asOf, scopeCode);
    return found.map((problem) => explainUnitProblem(problem, reading, asOf));
  }
}

async function stageRoster(
  em: EntityManager,
  file: InputFile,
): Promise<{ reading: FileReading; columns: RosterColumns }> {
  const stage = await Staging.create<RosterRow>(em, 'roster_stage', {
    row: 'int',
    number: 'text',
    name: 'text',
    kana: 'text',
    email: 'text',
    unitCode: 'text',
    levels: 'text[]',
    levelKinds: 'text[]',
    isPrimary: 'boolean',
    isManager: 'boolean',
    employment: 'text',
    hiredOn: 'date',
    leftOn: 'date',
    effectiveOn: 'date',
  });
  let keys: ReadonlySet<RosterKey> = new Set();
  const reading = await readRosterFile(file, { onColumns: (found) => (keys = found) }, (row) =>
    stage.add(row),
  );
  await stage.flush();
  await em.query('ANALYZE roster_stage');
  return { reading, columns: columnsOf(keys) };
}

async function stageUnits(em: EntityManager, file: InputFile): Promise<FileReading> {
  const stage = await Staging.create<UnitRow>(em, 'unit_stage', {
    row: 'int',
    code: 'text',
    name: 'text',
    parentCode: 'text',
    kind: 'text',
    managerNumber: 'text',
    email: 'text',
    validFrom: 'date',
    lastDay: 'date',
  });
  const reading = await readUnitsFile(file, {}, (row) => stage.add(row));
  await stage.flush();
  return reading;
}

async function assertScope(em: EntityManager, scopeCode: string, asOf: IsoDate): Promise<void> {
  const found: unknown[] = await em.query(
    `SELECT FROM unit u JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL AND p.valid_from <= $2 AND $2 < p.valid_to
     WHERE u.code = $1`,
    [scopeCode, asOf],
  );
  if (found.length === 0) {
    throw new AppError(
      'unit_not_found',
      'not_found',
      `範囲に指定した所属コードは${asOf}時点で見つかりません。所属コードを確かめてください。`,
    );
  }
}

function columnsOf(keys: ReadonlySet<RosterKey>): RosterColumns {
  return {
    kana: keys.has('kana'),
    email: keys.has('email'),
    hiredOn: keys.has('hiredOn'),
    employment: keys.has('employment'),
    manager: keys.has('manager'),
    concurrent: keys.has('duty'),
    leftOn: keys.has('leftOn'),
  };
}

function confirmDepartures(counts: RosterCounts, confirmed: number | undefined): Problem | null {
  if (counts.left <= counts.before * MAX_DEPARTURES || confirmed === counts.left) return null;
  return {
    row: null,
    column: '',
    read: confirmed === undefined ? '' : String(confirmed),
    expected: `退職などで名簿からいなくなる人数の確認(${counts.left}人)`,
    code: 'confirm_departures',
    fix: `この名簿を反映すると、いまの${counts.before}人のうち${counts.left}人がいなくなります。一部の所属だけの名簿なら範囲を指定してください。全員分の名簿で間違いなければ、人数「${counts.left}」を入力してください(コマンドでは --confirm-departures ${counts.left})。`,
  };
}
