import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, SignedIn } from '../access/permission.decorator.js';
import { narrow, type Role, type Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { CityService } from '../adoption/city.service.js';
import { AppError } from '../platform/errors.js';
import { addMonths, monthOf, type IsoDate } from '../platform/month.js';
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
      return await this.pages.render('dashboard', await this.view(access.scope, asOf), access, title);
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
    const seesEverything = has(sight, 'hr');
    return toDashboardView({
      subject: sight.unitIds === 'all' ? '全職員' : name,
      adoption,
      trend: trend!,
      departments,
      departmentTrends,
      cityCode: city.areaCode,
      asOfChoices: choices,
      seesStatuses: seesEverything,
      seesUnits: seesEverything,
    });
  }
}

function has(scope: Scope, ...roles: Role[]): boolean {
  return roles.some((role) => scope.roles.includes(role));
}

function isEmpty(error: unknown): boolean {
  return error instanceof AppError && error.code === 'no_organisation';
}
