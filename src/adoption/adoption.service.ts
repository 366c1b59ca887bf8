import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { narrow, visibleRoots, type Role, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import {
  addMonths,
  firstDay,
  isIsoMonth,
  lastDay,
  monthsBetween,
  type IsoDate,
  type IsoMonth,
} from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { unitNotFound } from './adoption-errors.js';
import type {
  RemainingLine,
  Trend,
  TrendPoint,
  UnitAdoption,
  UnitLine,
  WholeUnitLine,
} from './adoption.types.js';
import { CitizenComparisonService } from './citizen-comparison.service.js';
import { CityService } from './city.service.js';
import { definitionOn, nameOf } from './definition.js';
import { DefinitionService } from './definition.service.js';
import { findUnit } from '../roster/unit-tree.query.js';
import { countUnits, type CountOptions } from './counts.query.js';
import { rates, remaining, type Counts, type Rates } from './rate.js';
import { largestRemaining } from './remaining.query.js';
import { countRestated } from './restated-counts.query.js';
import type { Tree } from './tree.js';
import { byRemaining, elsewhereOf, groupByCode, toAdoption, toLine, type Row } from './unit-figures.js';

/** A trend is for people to look at: ten years of month ends at most. */
const MAX_TREND_MONTHS = 120;

/** From the role that sees most of a unit to the one that sees least: the last two see units merged. */
const SIGHT: readonly Role[] = ['hr', 'manager', 'auditor', 'leader'];

/**
 * Every figure that any door shows comes from here. `code` undefined means the top of what the caller may see. In
 * today's organisation (`tree` is `now`) the units and what the caller may see are today's, too, whatever the day.
 */
@Injectable()
export class AdoptionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly city: CityService,
    private readonly definitions: DefinitionService,
    private readonly citizens: CitizenComparisonService,
  ) {}

  /** The unit and `depth` levels below it. Throws `unit_not_found`, `no_organisation`, `bad_date`. */
  async unit(
    scope: Scope,
    code: string | undefined,
    asOf = this.clock.today(),
    depth = 1,
    tree: Tree = 'then',
  ): Promise<UnitAdoption> {
    assertDate(asOf);
    const treeAsOf = this.dayOf(tree, asOf);
    const top = code ?? (await this.topCode(scope, treeAsOf));
    const [rows, goal, definition] = await Promise.all([
      this.count(scope, tree, { dates: [asOf], under: top, levels: depth }),
      this.city.goal(asOf),
      this.definitions.on(asOf),
    ]);
    const row = rows.find((candidate) => candidate.code === top);
    if (!row) throw unitNotFound(top, treeAsOf);
    const comparison = await this.citizens.on(asOf, null);
    return toAdoption(row, rows, comparison, { goal, definition, tree, treeAsOf });
  }

  /**
   * The caller in the one role that sees most of this unit, for answers whose detail depends on the role. Where no role
   * reaches the unit, one in which it is not found.
   */
  async sightOf(
    scope: Scope,
    code: string | undefined,
    asOf = this.clock.today(),
    tree: Tree = 'then',
  ): Promise<Scope> {
    assertDate(asOf);
    const treeAsOf = this.dayOf(tree, asOf);
    const held = SIGHT.filter((role) => scope.roles.includes(role)).map((role) => narrow(scope, role));
    if (held.length <= 1) return held[0] ?? narrow(scope);
    const top = code ?? (await this.topCode(scope, treeAsOf));
    for (const sight of held) {
      if (visibleRoots(sight) === null || (await findUnit(this.dataSource.manager, sight, top, treeAsOf)))
        return sight;
    }
    return held[0]!;
  }

  /** The same for a trend, which speaks about the unit as it is at its end. */
  async sightOfTrend(
    scope: Scope,
    code: string | undefined,
    to: IsoMonth,
    tree: Tree = 'then',
  ): Promise<Scope> {
    const today = this.clock.today();
    const isPast = isIsoMonth(to) && lastDay(to) < today;
    return this.sightOf(scope, code, isPast ? lastDay(to) : today, tree);
  }

  /** Every visible unit on that day, parents before children. */
  async lines(scope: Scope, asOf = this.clock.today()): Promise<WholeUnitLine[]> {
    assertDate(asOf);
    const [rows, goal] = await Promise.all([
      countUnits(this.dataSource.manager, scope, { dates: [asOf] }),
      this.city.goal(asOf),
    ]);
    return rows.map((row) => ({ ...toLine(row, goal), direct: row.direct! }));
  }

  /** The same on the ends of a month and of those before it, as far back as there is a roster. */
  async monthEnds(scope: Scope, month: IsoMonth, months: number): Promise<WholeUnitLine[][]> {
    const days = Array.from({ length: months }, (_, back) => lastDay(addMonths(month, -back)));
    const [rows, goals] = await Promise.all([
      countUnits(this.dataSource.manager, scope, { dates: days }),
      Promise.all(days.map((day) => this.city.goal(day))),
    ]);
    const lines = days.map((day, index) =>
      rows
        .filter(({ asOf }) => asOf === day)
        .map((row) => ({ ...toLine(row, goals[index]!), direct: row.direct! })),
    );
    const firstEmpty = lines.findIndex(({ length }) => length === 0);
    return firstEmpty < 0 ? lines : lines.slice(0, firstEmpty);
  }

  /** The units directly below, most people remaining first. */
  async children(
    scope: Scope,
    code: string | undefined,
    asOf = this.clock.today(),
    tree: Tree = 'then',
  ): Promise<UnitLine[]> {
    assertDate(asOf);
    const treeAsOf = this.dayOf(tree, asOf);
    const top = code ?? (await this.topCode(scope, treeAsOf));
    const rows = await this.count(scope, tree, { dates: [asOf], under: top, levels: 1 });
    if (!rows.some((row) => row.code === top)) throw unitNotFound(top, treeAsOf);
    const goal = await this.city.goal(asOf);
    return rows
      .filter((row) => row.parentCode === top)
      .map((row) => toLine(row, goal))
      .toSorted(byRemaining);
  }

  /**
   * Units below the given one – without one, below the top of what is visible – with somebody remaining, most people
   * first; a unit and its parent may both appear. Throws as `unit`.
   */
  async remaining(
    scope: Scope,
    code: string | undefined,
    limit: number,
    asOf = this.clock.today(),
  ): Promise<RemainingLine[]> {
    assertDate(asOf);
    const top = code ?? (await this.topCode(scope, asOf));
    const goal = await this.city.goal(asOf);
    const rows = await largestRemaining(this.dataSource.manager, scope, { code: top, asOf, goal, limit });
    if (!rows) throw unitNotFound(top, asOf);
    return rows.map(({ code: rowCode, name, kind, total }) => ({
      unit: { code: rowCode, name, kind },
      ...total,
      ...rates(total),
      remaining: remaining(total, goal),
    }));
  }

  /** Month ends of one unit; the month that is not over yet stands as of today. */
  async trend(
    scope: Scope,
    code: string | undefined,
    from: IsoMonth,
    to: IsoMonth,
    tree: Tree = 'then',
  ): Promise<Trend> {
    const trends = await this.trends(scope, code, from, to, 0, tree);
    return trends[0]!;
  }

  /** The unit's trend first, then those of the units `levels` below it. */
  async trends(
    scope: Scope,
    code: string | undefined,
    from: IsoMonth,
    to: IsoMonth,
    levels: number,
    tree: Tree = 'then',
  ): Promise<Trend[]> {
    if (!isIsoMonth(from) || !isIsoMonth(to) || from > to) {
      throw new AppError(
        'bad_month',
        'invalid',
        '期間は 2022-04 のような年月で、開始を終了より前に指定してください。',
      );
    }
    const today = this.clock.today();
    const ends = monthsBetween(from, to)
      .filter((month) => firstDay(month) <= today)
      .map((month) => ({ month, asOf: lastDay(month) < today ? lastDay(month) : today }));
    if (ends.length > MAX_TREND_MONTHS) {
      throw new AppError('bad_month', 'invalid', `期間は${MAX_TREND_MONTHS}か月以内で指定してください。`);
    }
    const latest = ends.at(-1)?.asOf;
    if (latest === undefined) {
      throw new AppError('bad_month', 'invalid', '期間の開始の月は、今月以前を指定してください。');
    }
    const treeAsOf = this.dayOf(tree, latest);
    const top = code ?? (await this.topCode(scope, treeAsOf));
    const rows = await this.count(scope, tree, {
      dates: ends.map((end) => end.asOf),
      under: top,
      levels,
    });
    const [goal, definitions] = await Promise.all([this.city.goal(latest), this.definitions.current()]);
    const byUnit = groupByCode(rows);
    if (!byUnit.has(top)) throw unitNotFound(top, treeAsOf);
    return [...byUnit].map(([, unitRows]) => {
      const last = unitRows.at(-1)!;
      const monthEnds = unitRows.map((row): TrendPoint => ({
        month: row.asOf.slice(0, 7),
        asOf: row.asOf,
        definition: nameOf(definitionOn(definitions, row.asOf)),
        ...row.total,
        ...rates(row.total),
        remaining: remaining(row.total, goal),
        ...elsewhereOf(row),
      }));
      return {
        unit: { code: last.code, name: last.name, kind: last.kind },
        tree,
        treeAsOf: tree === 'then' ? null : treeAsOf,
        goal,
        points: monthEnds,
      };
    });
  }

  /** The whole organisation on each of the days, for those who may see it; a day without a roster is missing. */
  async totals(scope: Scope, days: readonly IsoDate[]): Promise<Map<IsoDate, Counts & Rates>> {
    if (days.length === 0) return new Map();
    const rows = await countUnits(this.dataSource.manager, scope, { dates: days, levels: 0 });
    return new Map(rows.map((row) => [row.asOf, { ...row.total, ...rates(row.total) }]));
  }

  /** The day whose organisation figures of a day are placed in. */
  dayOf(tree: Tree, asOf = this.clock.today()): IsoDate {
    return tree === 'now' ? this.clock.today() : asOf;
  }

  private count(scope: Scope, tree: Tree, options: CountOptions): Promise<Row[]> {
    const em = this.dataSource.manager;
    return tree === 'now'
      ? countRestated(em, scope, this.clock.today(), options)
      : countUnits(em, scope, options);
  }

  /** The root of the organisation, or of the first subtree the caller may see. */
  async topCode(scope: Scope, asOf: IsoDate): Promise<string> {
    const [top] = await countUnits(this.dataSource.manager, scope, {
      dates: [asOf],
      levels: scope.unitIds === 'all' ? 0 : undefined,
    });
    if (top) return top.code;
    throw new AppError(
      'no_organisation',
      'not_found',
      scope.unitIds === 'all'
        ? `${asOf}時点の名簿がありません。先に名簿を取り込んでください。`
        : `${asOf}時点で見られる所属がありません。`,
      { asOf },
    );
  }
}
