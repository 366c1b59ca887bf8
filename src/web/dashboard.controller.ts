import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, SignedIn } from '../access/permission.decorator.js';
import { narrow, type Role, type Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { CityService } from '../adoption/city.service.js';
import { AppError } from '../platform/errors.js';
import { formatDate } from '../platform/japanese-format.js';
import { addMonths, lastDay, monthOf, type IsoDate } from '../platform/month.js';
import { PublicationService, seesPublishedOnly } from '../reports/publication.service.js';
import type { ReportDepartment } from '../reports/report-document.js';
import { smallGroupNote } from '../reports/report-text.js';
import { FramedPages } from './framed-pages.service.js';
import { ReferenceDayService } from './reference-day.service.js';
import { textOf } from './request-text.js';
import { toDashboardView } from './views/dashboard.view.js';

/** A year of month ends. */
export const TREND_MONTHS = 12;
const OVERVIEW_ROLES: readonly Role[] = ['hr', 'leader', 'auditor'];

@ApiExcludeController()
@Controller()
export class DashboardController {
  constructor(
    private readonly adoption: AdoptionService,
    private readonly city: CityService,
    private readonly days: ReferenceDayService,
    private readonly publication: PublicationService,
    private readonly pages: FramedPages,
  ) {}

  @SignedIn()
  @Get()
  async overview(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('asOf') asOf: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const overview = narrow(scope, ...OVERVIEW_ROLES);
    if (overview.roles.length === 0 && has(scope, 'manager')) return void reply.redirect('/units', 303);
    const html = await this.page({ scope: overview, session }, textOf(asOf));
    void reply.type('text/html; charset=utf-8').send(html);
  }

  private async page(access: Access, asOf: IsoDate | undefined): Promise<string> {
    const title = { title: '全体', current: 'overview' } as const;
    if (access.scope.roles.length === 0) {
      const isOperator = has(access.session.rights, 'admin');
      return this.pages.render('start', { isHr: false, isOperator }, access, title);
    }
    try {
      const { scope } = access;
      const view = seesPublishedOnly(scope)
        ? await this.publishedView(scope, asOf)
        : await this.view(scope, asOf);
      return await this.pages.render('dashboard', view, access, title);
    } catch (error) {
      // A new installation: say what comes first instead of what is missing.
      if (asOf !== undefined || !isEmpty(error)) throw error;
      return this.pages.render('start', { isHr: has(access.scope, 'hr'), isOperator: false }, access, title);
    }
  }

  private async view(scope: Scope, asked: IsoDate | undefined) {
    const { asOf, choices } = await this.days.of(asked);
    const to = monthOf(asOf);
    const sight = await this.adoption.sightOf(scope, undefined, asOf);
    const adoption = await this.adoption.unit(sight, undefined, asOf, 0);
    const { code, name } = adoption.unit;
    const [trends, departments, city] = await Promise.all([
      this.adoption.trends(sight, code, addMonths(to, 1 - TREND_MONTHS), to, 1),
      this.adoption.children(sight, code, asOf),
      this.city.current(),
    ]);
    const [trend, ...departmentTrends] = trends;
    return toDashboardView({
      subject: sight.unitIds === 'all' ? '全職員' : name,
      adoption,
      trend: trend!,
      departments,
      departmentTrends,
      cityCode: city.areaCode,
      asOfChoices: choices,
      statuses: adoption,
      seesUnits: true,
      smallGroupNote: null,
    });
  }

  /** Leaders and auditors: closed months from their frozen figures, small groups hidden as in the report. */
  private async publishedView(scope: Scope, asked: IsoDate | undefined) {
    const unit = await this.publication.unit(scope, undefined, asked);
    const [days, series, city] = await Promise.all([
      this.publication.days(scope),
      this.publication.series(scope, unit.asOf),
      this.city.current(),
    ]);
    const { asOf, document, children } = unit;
    const from = addMonths(monthOf(asOf), 1 - TREND_MONTHS);
    const trendOf = (code: string) => ({
      unit: { code },
      points: (series.get(code) ?? []).filter((point) => point.month >= from),
    });
    const whole = document.trend.map((point) => ({ ...point, asOf: lastDay(point.month) }));
    const departments = children.map((child) => ({
      ...child,
      unit: { code: child.code, name: child.name, kind: child.kind },
    }));
    return toDashboardView({
      subject: unit.isRoot ? '全職員' : unit.unit.name,
      adoption: unit,
      trend: unit.isRoot ? { unit: unit.unit, points: whole } : trendOf(unit.unit.code),
      departments,
      departmentTrends: departments.filter(({ code }) => code !== '').map(({ code }) => trendOf(code)),
      cityCode: city.areaCode,
      asOfChoices: days.map((value) => ({
        value,
        label: `${formatDate(value)}(締め済み)`,
        selected: value === asOf,
      })),
      statuses: null,
      seesUnits: false,
      smallGroupNote: smallGroupWords(document.smallGroupThreshold, children),
    });
  }
}

function has(scope: Scope, ...roles: Role[]): boolean {
  return roles.some((role) => scope.roles.includes(role));
}

function smallGroupWords(
  smallGroupThreshold: number,
  departments: readonly ReportDepartment[],
): string | null {
  return departments.some(({ units }) => units > 1)
    ? smallGroupNote({ smallGroupThreshold, departments })
    : null;
}

function isEmpty(error: unknown): boolean {
  return error instanceof AppError && ['no_organisation', 'nothing_published'].includes(error.code);
}
