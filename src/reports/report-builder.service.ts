import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import type { Trend, WholeUnitLine } from '../adoption/adoption.types.js';
import { CityService } from '../adoption/city.service.js';
import { points } from '../adoption/rate.js';
import { addMonths, lastDay, type IsoMonth } from '../platform/month.js';
import type { AudienceName, MonthPublication } from './publication.query.js';
import { toDepartments, toPublishedLines } from './published-lines.js';
import type { ReportChange, ReportDocument } from './report-document.js';
import {
  LEADERSHIP,
  MONTHS_LOOKED_AT,
  PUBLIC,
  suppress,
  toUnitFigures,
  type Earlier,
} from '../adoption/suppression.js';

const TREND_MONTHS = 12;

/** A month as it is frozen. */
export interface BuiltMonth {
  readonly document: ReportDocument;
  readonly publications: Readonly<Record<AudienceName, MonthPublication>>;
  /** Every unit of the month's last day, in full. */
  readonly units: readonly WholeUnitLine[];
}

/** Puts a month's figures into the one document all report files are written from. */
@Injectable()
export class ReportBuilder {
  constructor(
    private readonly adoption: AdoptionService,
    private readonly city: CityService,
  ) {}

  /** `earlier`: what the files of other months and versions hide. */
  async build(
    scope: Scope,
    month: IsoMonth,
    version: number,
    closedAt: Date,
    earlier: Readonly<Record<AudienceName, Earlier>>,
  ): Promise<BuiltMonth> {
    const asOf = lastDay(month);
    const [root, city, whole] = await Promise.all([
      this.adoption.unit(scope, undefined, asOf, 0),
      this.city.current(),
      this.adoption.trend(scope, undefined, addMonths(month, 1 - TREND_MONTHS), month),
    ]);
    const known = whole.points.filter((point) => point.staff > 0);
    const {
      unit,
      asOf: _asOf,
      direct: _direct,
      definition,
      citizens,
      children: _children,
      ...headline
    } = root;
    const { units, publications } = await this.publish(scope, month, earlier);
    const document = {
      month,
      asOf,
      version,
      closedAt: closedAt.toISOString(),
      definition,
      city: { name: city.name, contact: city.contact },
      headline,
      change: changeOf(whole, addMonths(month, -1)),
      trend: known.map((point) => ({
        month: point.month,
        staff: point.staff,
        held: point.held,
        rate: point.rate,
        definition: point.definition,
      })),
      citizens,
      departments: toDepartments(publications.leadership.lines, unit.code, headline.goal),
      smallGroupThreshold: LEADERSHIP.threshold,
    };
    return { document, publications, units };
  }

  /** Everybody's figures are those of leadership once more merged: no reader of both sees the difference. */
  private async publish(scope: Scope, month: IsoMonth, earlier: Readonly<Record<AudienceName, Earlier>>) {
    const months = await this.adoption.monthEnds(scope, month, MONTHS_LOOKED_AT);
    const units = months[0]!;
    const figures = months.map(toUnitFigures);
    const leadership = suppress(figures, LEADERSHIP, earlier.leadership);
    const hidden = new Set([...earlier.public.hidden, ...leadership.hidden]);
    const everybody = suppress(figures, PUBLIC, { ...earlier.public, hidden });
    const told = (publication: typeof leadership): MonthPublication => ({
      lines: toPublishedLines(publication, units),
      hidden: publication.hidden,
    });
    return { units, publications: { leadership: told(leadership), public: told(everybody) } };
  }
}

function changeOf(trend: Trend, previousMonth: IsoMonth): ReportChange | null {
  const now = trend.points.at(-1);
  const before = trend.points.find((point) => point.month === previousMonth);
  if (!now || !before || before.staff === 0) return null;
  return {
    previousAsOf: before.asOf,
    previousRate: before.rate,
    held: now.held - before.held,
    staff: now.staff - before.staff,
    points: points(now.rate, before.rate),
  };
}
