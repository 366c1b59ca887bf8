import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { everything, requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { prepared } from '../platform/database/prepared.js';
import { AppError } from '../platform/errors.js';
import { refuseIn } from '../platform/request-text.js';
import { isIsoDate, type IsoDate } from '../platform/month.js';
import { deriveAlone, deriveEverybody } from '../roster/derive.query.js';
import { countUnits } from './counts.query.js';
import {
  definitionOn,
  nameOf,
  type CountDefinition,
  type DefinitionName,
  type DefinitionRules,
} from './definition.js';
import { rates } from './rate.js';

export interface DefinitionChange extends DefinitionRules {
  readonly validFrom: IsoDate;
  readonly reason: string;
}

interface Whole {
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
}

/** The figures of the whole organisation on a day, before and after. */
export interface DefinitionEffect {
  readonly asOf: IsoDate;
  readonly before: Whole;
  readonly after: Whole;
}

export interface DefinitionResult {
  readonly dryRun: boolean;
  readonly definition: CountDefinition;
  /** The one that takes over on a later day; null where none is known. */
  readonly next: DefinitionName | null;
  /** On its first day and, where that is past, today; empty where there is no roster yet. */
  readonly effects: readonly DefinitionEffect[];
}

const MOST_NAMES = 50;
const MOST_LETTERS = 200;
const MOST_DAYS = 3_650;

/** Versions of who is counted. A change re-derives everybody; months that are closed stay as they were reported. */
@Injectable()
export class DefinitionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Those that are not superseded, the first to begin first. */
  current(): Promise<CountDefinition[]> {
    return prepared(this.dataSource.manager, CURRENT, []);
  }

  async on(day: IsoDate = this.clock.today()): Promise<DefinitionName> {
    return nameOf(definitionOn(await this.current(), day));
  }

  /** Every version there ever was, the newest first. */
  history(scope: Scope): Promise<CountDefinition[]> {
    requireWholeOrganisation(scope, 'hr');
    return this.dataSource.query(`${DEFINITIONS} ORDER BY version DESC`);
  }

  /** The words that rosters use, of which a definition may leave some out. */
  async knownWords(scope: Scope): Promise<{ employment: string[]; leave: string[] }> {
    requireWholeOrganisation(scope, 'hr');
    const [words]: { employment: string[]; leave: string[] }[] = await this.dataSource.query(
      `SELECT coalesce(array_agg(DISTINCT employment) FILTER (WHERE employment <> ''), '{}') AS employment,
              coalesce(array_agg(DISTINCT leave) FILTER (WHERE leave <> ''), '{}') AS leave
       FROM assignment WHERE is_primary AND superseded_at IS NULL`,
    );
    return words!;
  }

  /**
   * Adds a version that holds from a day on, until the day of the next one; a version of the same day is superseded. A
   * dry run does the same and takes it back. Throws `bad_definition`, `bad_date`, `individual_number`,
   * `definition_unchanged`.
   */
  async set(
    scope: Scope,
    change: DefinitionChange,
    dryRun: boolean,
    progress: (done: number, of: number) => void = () => {},
  ): Promise<DefinitionResult> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    const rules = toRules(change);
    const { validFrom } = change;
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.startTransaction();
      const em = runner.manager;
      await deriveAlone(em);
      const before = await this.whole(em, validFrom);
      const definition = await this.add(em, { ...rules, validFrom, reason: toReason(change.reason) }, actor);
      await deriveEverybody(em, this.clock.now(), progress);
      const after = await this.whole(em, validFrom);
      const following: CountDefinition[] = await em.query(
        `${DEFINITIONS} WHERE superseded_at IS NULL AND valid_from > $1 ORDER BY valid_from LIMIT 1`,
        [validFrom],
      );
      if (dryRun) await runner.rollbackTransaction();
      else {
        await this.audit.record(em, {
          actor,
          action: 'definition_set',
          target: `definition:${definition.version}`,
          details: { version: definition.version, from: validFrom },
        });
        await runner.commitTransaction();
      }
      const effects = before.flatMap(([asOf, figures], n) => {
        const then = after[n]?.[1];
        return then ? [{ asOf, before: figures, after: then }] : [];
      });
      return { dryRun, definition, next: following[0] ? nameOf(following[0]) : null, effects };
    } finally {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      await runner.release();
    }
  }

  private async whole(em: EntityManager, from: IsoDate): Promise<[IsoDate, Whole][]> {
    const today = this.clock.today();
    const dates = from < today ? [from, today] : [from];
    const rows = await countUnits(em, everything('definition'), { dates, levels: 0 });
    return rows.map(({ asOf, total }) => [
      asOf,
      { staff: total.staff, held: total.held, rate: rates(total).rate },
    ]);
  }

  private async add(em: EntityManager, change: DefinitionChange, actor: string): Promise<CountDefinition> {
    const { validFrom, leftOutEmployment, leftOutLeave, minDays, reason } = change;
    const known: CountDefinition[] = await em.query(`${DEFINITIONS} ORDER BY version`);
    const now = definitionOn(
      known.filter(({ supersededAt }) => supersededAt === null),
      validFrom,
    );
    if ('minDays' in now && sameRules(now, change)) {
      throw new AppError(
        'definition_unchanged',
        'conflict',
        `${validFrom}には、同じ内容の集計定義(第${now.version}版)がすでに適用されています。`,
      );
    }
    const at = this.clock.now();
    await em.query(
      `UPDATE count_definition SET superseded_at = $2 WHERE valid_from = $1 AND superseded_at IS NULL`,
      [validFrom, at],
    );
    const version = Math.max(0, ...known.map((one) => one.version)) + 1;
    await em.query(
      `INSERT INTO count_definition (version, valid_from, left_out_employment, left_out_leave, min_days, reason, recorded_at, recorded_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [version, validFrom, leftOutEmployment, leftOutLeave, minDays, reason, at, actor],
    );
    return { version, ...change, recordedAt: at, recordedBy: actor, supersededAt: null };
  }
}

/** Beginnings that were never dated have none here: pg writes them as -infinity. */
const DEFINITIONS = /* sql */ `
SELECT version, nullif(valid_from, '-infinity') AS "validFrom", left_out_employment AS "leftOutEmployment",
       left_out_leave AS "leftOutLeave", min_days AS "minDays", reason, nullif(recorded_at, '-infinity') AS "recordedAt",
       recorded_by AS "recordedBy", superseded_at AS "supersededAt"
FROM count_definition`;

const CURRENT = `${DEFINITIONS} WHERE superseded_at IS NULL ORDER BY valid_from`;

function toRules({ validFrom, leftOutEmployment, leftOutLeave, minDays }: DefinitionChange): DefinitionRules {
  if (!isIsoDate(validFrom))
    throw new AppError(
      'bad_date',
      'invalid',
      '適用を始める日は 2023-04-01 のように実在する日を指定してください。',
    );
  if (!Number.isInteger(minDays) || minDays < 0 || minDays > MOST_DAYS)
    throw new AppError(
      'bad_definition',
      'invalid',
      `継続日数は0から${MOST_DAYS}までの整数で指定してください。`,
    );
  return { leftOutEmployment: toNames(leftOutEmployment), leftOutLeave: toNames(leftOutLeave), minDays };
}

/** As the rosters' cells are read. */
function toNames(names: readonly string[]): string[] {
  const read = [...new Set(names.map((name) => name.normalize('NFKC').trim()))].filter(Boolean).toSorted();
  if (read.length > MOST_NAMES || read.some((name) => name.length > MOST_LETTERS)) {
    throw new AppError(
      'bad_definition',
      'invalid',
      `除く区分は${MOST_NAMES}個まで、1つ${MOST_LETTERS}文字までにしてください。`,
    );
  }
  for (const text of read) refuseIn(text, 'leftOut');
  return read;
}

function toReason(text: string): string {
  const reason = text.trim();
  if (reason === '' || reason.length > 500)
    throw new AppError('bad_definition', 'invalid', '変える理由を、500文字までで入力してください。');
  refuseIn(reason, 'reason');
  return reason;
}

/** Names stand in order, here and in the database. */
function sameRules(a: DefinitionRules, b: DefinitionRules): boolean {
  return (
    a.minDays === b.minDays &&
    isDeepStrictEqual(a.leftOutEmployment, b.leftOutEmployment) &&
    isDeepStrictEqual(a.leftOutLeave, b.leftOutLeave)
  );
}
