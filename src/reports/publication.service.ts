import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireRole, type Scope } from '../access/scope.js';
import type { CitizenComparison, UnitName } from '../adoption/adoption.types.js';
import { percentage, points, remaining, type Goal } from '../adoption/rate.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { findPublished, type PublishedMonth } from './publication.query.js';
import { toDepartments, type PublishedLine } from './published-lines.js';
import type { ReportDepartment, ReportDocument } from './report-document.js';

/** What readers outside HR get of a unit: no breakdown by status. */
export interface PublishedFigures {
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
  readonly remaining: number;
}

export interface PublishedPoint extends PublishedFigures {
  readonly month: IsoMonth;
  readonly asOf: IsoDate;
}

/** A unit of a closed month, with what may be told of what is below it. */
export interface PublishedUnit extends PublishedFigures {
  readonly unit: UnitName;
  readonly asOf: IsoDate;
  readonly goal: Goal;
  readonly citizens: readonly CitizenComparison[];
  readonly isRoot: boolean;
  /** Most people remaining first, the merged line last. */
  readonly children: readonly PublishedChild[];
  /** The frozen report; its figures of the whole are complete. */
  readonly document: ReportDocument;
}

export interface PublishedChild extends ReportDepartment {
  readonly kind: string;
}

/** Leaders and auditors see closed months only: days of their own choice could be subtracted from one another. */
export function seesPublishedOnly(scope: Scope): boolean {
  const has = (role: Scope['roles'][number]) => scope.roles.includes(role);
  return !has('hr') && (has('leader') || has('auditor'));
}

/** The figures of closed months for leaders and auditors, small groups hidden as in the report. */
@Injectable()
export class PublicationService {
  constructor(private readonly dataSource: DataSource) {}

  /** Last days of the closed months, newest first. */
  async days(scope: Scope): Promise<IsoDate[]> {
    return (await this.months(scope)).map(({ asOf }) => asOf);
  }

  /**
   * The unit, or the top of what the caller may see, in the closed month that ends on the day; in the newest without one.
   * Throws `nothing_published`, `day_not_published`, `unit_not_published`.
   */
  async unit(scope: Scope, code?: string, asOf?: IsoDate): Promise<PublishedUnit> {
    const { published, lines, goal } = await this.month(scope, asOf);
    const line = lineOf(scope, lines, code);
    const { citizens } = published.document;
    const figures = toFigures(line, goal);
    return {
      ...figures,
      unit: nameOf(line),
      asOf: published.asOf,
      goal,
      citizens: citizens.map((citizen) => ({
        ...citizen,
        differencePoints: points(figures.rate, citizen.rate),
      })),
      isRoot: line.parentCode === null,
      children: childrenOf(lines, line.code, goal),
      document: published.document,
    };
  }

  /** Units below with somebody remaining, most people first; merged lines are none. */
  async remaining(
    scope: Scope,
    code: string,
    limit: number,
    asOf?: IsoDate,
  ): Promise<(PublishedFigures & { readonly unit: UnitName })[]> {
    const { lines, goal } = await this.month(scope, asOf);
    const top = lineOf(scope, lines, code);
    const inside = below(lines, top);
    return inside
      .filter((line) => line !== top && line.line === 'unit')
      .map((line) => ({ unit: nameOf(line), ...toFigures(line, goal) }))
      .filter((line) => line.remaining > 0)
      .toSorted((a, b) => b.remaining - a.remaining)
      .slice(0, limit);
  }

  /** The closed months in which the unit is shown on its own, oldest first, for the units that are asked for. */
  async series(scope: Scope, until: IsoDate = '9999-12-31'): Promise<ReadonlyMap<string, PublishedPoint[]>> {
    const series = new Map<string, PublishedPoint[]>();
    for (const { month, asOf, lines, document } of (await this.months(scope)).toReversed()) {
      if (asOf > until) continue;
      for (const line of visible(scope, lines ?? [])) {
        if (line.line !== 'unit') continue;
        const unitPoints = series.get(line.code) ?? [];
        unitPoints.push({ month, asOf, ...toFigures(line, document.headline.goal) });
        series.set(line.code, unitPoints);
      }
    }
    return series;
  }

  private async month(scope: Scope, asOf: IsoDate | undefined) {
    const months = await this.months(scope);
    const published = asOf === undefined ? months[0] : months.find((month) => month.asOf === asOf);
    if (!published) throw asOf === undefined ? nothingPublished() : dayNotPublished(months);
    const { lines, document } = published;
    return { published, lines: lines ?? wholeOf(document), goal: document.headline.goal };
  }

  private async months(scope: Scope): Promise<PublishedMonth[]> {
    requireRole(scope, 'hr', 'leader', 'auditor');
    return findPublished(this.dataSource.manager);
  }
}

/** A month that was closed before anything was published: only its whole is told. */
function wholeOf({ headline: { staff, held }, city }: ReportDocument): PublishedLine[] {
  const figures = { staff, held, before: null, units: 1, members: [] };
  const unit = { unitId: null, code: '', name: city.name, kind: '全体', parentCode: null };
  return [{ line: 'unit', ...unit, ...figures }];
}

/** Lines come parents before children. */
function visible(scope: Scope, lines: readonly PublishedLine[]): PublishedLine[] {
  if (scope.unitIds === 'all') return [...lines];
  const roots = scope.unitIds;
  const seen = new Set<string>();
  return lines.filter((line) => {
    const isRoot = line.line === 'unit' && line.unitId !== null && roots.includes(line.unitId);
    const isInside = isRoot || (line.parentCode !== null && seen.has(line.parentCode));
    if (isInside && line.line === 'unit') seen.add(line.code);
    return isInside;
  });
}

function below(lines: readonly PublishedLine[], top: PublishedLine): PublishedLine[] {
  const inside = new Set([top.code]);
  return lines.filter((line) => {
    const isInside = line === top || (line.parentCode !== null && inside.has(line.parentCode));
    if (isInside && line.line === 'unit') inside.add(line.code);
    return isInside;
  });
}

/** The same answer for a unit that is hidden, that is elsewhere and that does not exist. */
function lineOf(scope: Scope, lines: readonly PublishedLine[], code: string | undefined): PublishedLine {
  const shown = visible(scope, lines).filter((line) => line.line === 'unit');
  const line = code === undefined ? shown[0] : shown.find((candidate) => candidate.code === code);
  if (line) return line;
  throw new AppError(
    'unit_not_published',
    'not_found',
    'この所属の数字は表示していません。所属がないか、見られる範囲の外か、人数が少ないためほかの所属と合算しています。',
  );
}

function childrenOf(lines: readonly PublishedLine[], code: string, goal: Goal): PublishedChild[] {
  const kinds = new Map(lines.map((line) => [line.code, line.kind]));
  return toDepartments(lines, code, goal).map((child) => ({ ...child, kind: kinds.get(child.code) ?? '' }));
}

function nameOf({ code, name, kind }: PublishedLine): UnitName {
  return { code, name, kind };
}

function toFigures({ staff, held }: PublishedLine, goal: Goal): PublishedFigures {
  return { staff, held, rate: percentage(held, staff), remaining: remaining({ staff, held }, goal) };
}

function nothingPublished(): AppError {
  return new AppError(
    'nothing_published',
    'not_found',
    '締めた月がまだありません。人事課が月次締めを行うと、ここに数字を表示します。',
  );
}

function dayNotPublished(months: readonly PublishedMonth[]): AppError {
  const [newest] = months;
  return new AppError(
    'day_not_published',
    'not_found',
    `市長・部局長と監査の権限では、締めた月の末日の数字だけを表示します。${newest ? `日付は${newest.asOf}のように指定してください。` : '締めた月がまだありません。'}`,
  );
}
