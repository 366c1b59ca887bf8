import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { stage } from '../platform/database/staging.js';
import { AppError } from '../platform/errors.js';
import {
  MAX_PROBLEMS,
  type FileReading,
  type ImportReport,
  type ImportRequest,
  type InputFile,
  type Problem,
} from '../platform/imports/import-report.js';
import type { Reach } from '../platform/imports/import-watch.js';
import type { ImportContext, ImportHandler } from '../platform/imports/import-handler.js';
import { addDays, type IsoDate } from '../platform/month.js';
import { deriveFile } from './derive.query.js';
import { resolveLevels } from './levels-import.query.js';
import { applyRoster } from './roster-apply.query.js';
import type { RosterKey } from './roster-columns.js';
import { readRosterFile, type RosterRow } from './roster-file.js';
import { compareRoster, type RosterColumns, type RosterCounts } from './roster-import.query.js';
import { explainRosterProblem, explainUnitProblem } from './roster-problem.js';
import { renumberFromRoster } from './roster-renumber.js';
import { findRosterProblems } from './roster-problems.query.js';
import { findReach, findSpan, type RosterSpan } from './roster-span.query.js';
import { carryAgain, keepUnitChanges, takeBackUpcoming } from './succession.query.js';
import { applyUnits, insertUnitCodes, type UnitColumns, type UnitCounts } from './units-import.query.js';
import { findDetachedUnits, findUnitProblems } from './units-problems.query.js';
import { readUnitsFile, type UnitRow } from './units-file.js';

/** Above this share of the staff, departures are asked to be confirmed by their number. */
const MAX_DEPARTURES = 0.2;
/** Next April's roster may come early. */
const MAX_DAYS_AHEAD = 366;

/** The roster of a day, and the list of units that may come with it: read, compared with that day, made so. */
@Injectable()
export class RosterImportService implements ImportHandler {
  readonly kind = 'roster';

  constructor(private readonly clock: Clock) {}

  async run(em: EntityManager, request: ImportRequest, context: ImportContext): Promise<ImportReport> {
    const asOf = request.asOf ?? this.clock.today();
    const scopeCode = request.scopeCode ?? null;
    const origin = { importId: context.importId, recordedAt: this.clock.now() };
    assertNear(asOf, this.clock.today());
    if (scopeCode !== null) await assertScope(em, scopeCode, asOf);
    const span = await findSpan(em, asOf, scopeCode);

    const onRead = (bytes: number, of: number) => context.reach('reading', bytes, of);
    const { reading, columns } = await stageRoster(em, request.files[0]!, onRead);
    context.reach('checking');
    const numbers = await renumberFromRoster(em, reading, { at: origin.recordedAt, by: context.actor });
    await em.query(INSERT_STAFF);
    const list = await stageUnits(em, request.unitsFile);
    await insertUnitCodes(em);
    await findReach(em, span, scopeCode);
    const units = list ? await takeUnits(em, list, span, scopeCode, origin) : null;
    const levels = await resolveLevels(em, asOf, origin.importId, origin.recordedAt);

    const found = await findRosterProblems(
      em,
      {
        asOf,
        scopeCode,
        rosterIsSound: reading.problemCount === 0,
        zerosAreTold: reading.problems.some((problem) => problem.code === 'stripped_zeros'),
        unitsAreSound: !units || units.problemCount === 0,
      },
      MAX_PROBLEMS,
    );
    const problems = [
      ...reading.problems,
      ...numbers.problems,
      ...found.map((problem) => explainRosterProblem(problem, reading, asOf)),
    ].toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
    problems.push(...(units?.problems ?? []).map((problem) => ({ ...problem, file: list!.reading.file })));
    let problemCount =
      reading.problemCount + numbers.problems.length + (found[0]?.total ?? 0) + (units?.problemCount ?? 0);

    context.reach('comparing');
    let counts = problemCount === 0 ? await compareRoster(em, span, scopeCode, columns) : null;
    if (counts) {
      const departures = confirmDepartures(counts, request.confirmDepartures);
      if (departures) {
        problems.push(departures);
        problemCount++;
      } else {
        context.reach('writing');
        const later = await takeBackUpcoming(em, span, origin, async () => {
          counts = await compareRoster(em, span, scopeCode, columns);
        });
        await applyRoster(em, asOf, origin);
        await carryAgain(em, later, origin);
        if (!request.dryRun) await derive(em, origin.recordedAt, context.reach);
      }
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
      renumbered: counts ? numbers.renumbered : 0,
      unitsAdded: (units?.counts.unitsAdded ?? 0) + levels.unitsAdded,
      unitsEnded: units?.counts.unitsEnded ?? 0,
      unitsChanged: units?.counts.unitsChanged ?? 0,
      unitsFile: list?.reading.file ?? null,
      problems: problems.slice(0, MAX_PROBLEMS),
      problemCount,
      warnings: [...reading.warnings, ...numbers.warnings, ...(list?.reading.warnings ?? [])],
    };
  }
}

/** A number somebody had before is nobody else's: the row that has it is told so. */
const INSERT_STAFF = `
INSERT INTO staff (number) SELECT DISTINCT number FROM roster_stage s
WHERE NOT EXISTS (SELECT FROM staff k WHERE k.number = s.number)
  AND NOT EXISTS (SELECT FROM staff_former_number f WHERE f.number = s.number)
ON CONFLICT (number) DO NOTHING`;

function derive(em: EntityManager, at: Date, reach: Reach): Promise<void> {
  return deriveFile(
    em,
    { people: `SELECT staff_id FROM roster_person WHERE change <> 'unchanged'`, units: true },
    at,
    (done, of) => reach('counting', done, of),
    () => reach('settling'),
  );
}

const NO_UNITS: UnitCounts = { unitsAdded: 0, unitsEnded: 0, unitsChanged: 0 };

interface UnitList {
  readonly reading: FileReading;
  readonly columns: UnitColumns;
}

/** Checks the staged list of units and, where it stands, makes the organisation so. */
async function takeUnits(
  em: EntityManager,
  { reading, columns }: UnitList,
  span: RosterSpan,
  scopeCode: string | null,
  origin: { importId: number; recordedAt: Date },
): Promise<{ counts: UnitCounts; problems: Problem[]; problemCount: number }> {
  const found = await findUnitProblems(em, span.asOf, scopeCode, reading.problemCount === 0);
  const problems = [
    ...reading.problems,
    ...found.map((problem) => explainUnitProblem(problem, reading, span.asOf)),
  ].toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
  const problemCount = reading.problemCount + found.length;
  if (problemCount > 0) return { counts: NO_UNITS, problems, problemCount };
  const counts = await applyUnits(em, span, scopeCode, columns, origin);
  await keepUnitChanges(em, span, origin);
  const detached = (await findDetachedUnits(em, span)).map(({ code, row, day }) =>
    explainUnitProblem(
      { row: row ?? 0, code: 'cyclic_units', column: '上位所属コード', read: code, otherRow: null },
      reading,
      day,
    ),
  );
  return { counts, problems: detached, problemCount: detached.length };
}

async function stageRoster(
  em: EntityManager,
  file: InputFile,
  onRead: (bytes: number, of: number) => void,
): Promise<{ reading: FileReading; columns: RosterColumns }> {
  let keys: ReadonlySet<RosterKey> = new Set();
  const reading = await stage<RosterRow, FileReading>(
    em,
    'roster_stage',
    {
      row: 'int',
      number: 'text',
      formerNumber: 'text',
      name: 'text',
      kana: 'text',
      email: 'text',
      unitCode: 'text',
      levels: 'text[]',
      levelKinds: 'text[]',
      isPrimary: 'boolean',
      isManager: 'boolean',
      employment: 'text',
      leave: 'text',
      hiredOn: 'date',
      leftOn: 'date',
      effectiveOn: 'date',
    },
    (add) => readRosterFile(file, { onRead, onColumns: (found) => (keys = found) }, add),
  );
  return { reading: refuseEmpty(reading), columns: columnsOf(keys) };
}

/** A header alone would say that everybody has left. */
function refuseEmpty(reading: FileReading): FileReading {
  if (reading.rows > 0 || reading.problemCount > 0) return reading;
  const problem: Problem = {
    row: reading.headerRow,
    column: '',
    read: '',
    expected: '見出しの下に1人以上の職員の行',
    code: 'no_rows',
    fix: '職員の行がありません。名簿の全部が保存されているか確かめてください。',
  };
  return { ...reading, problems: [problem], problemCount: 1 };
}

/** The table is there, empty, also where no list came. */
async function stageUnits(em: EntityManager, file: InputFile | undefined): Promise<UnitList | null> {
  const reading = await stage<UnitRow, FileReading | null>(
    em,
    'unit_stage',
    {
      row: 'int',
      code: 'text',
      name: 'text',
      parentCode: 'text',
      kind: 'text',
      managerNumber: 'text',
      email: 'text',
      validFrom: 'date',
      lastDay: 'date',
    },
    async (add) => (file ? readUnitsFile(file, {}, add) : null),
  );
  if (!reading) return null;
  const has = (label: string) => reading.columns.some((column) => column.field === label);
  return {
    reading,
    columns: { kind: has('種別'), email: has('所属メール'), manager: has('所属長職員番号') },
  };
}

/** What is imported stays, and a day far off would stand behind every roster to come: a slip of the pen, surely. */
function assertNear(asOf: IsoDate, today: IsoDate): void {
  if (asOf <= addDays(today, MAX_DAYS_AHEAD)) return;
  throw new AppError(
    'future_date',
    'refused',
    `名簿の基準日が1年より先の日付です(${asOf})。年の間違いがないか確かめてください。`,
  );
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
    leave: keys.has('leave'),
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
