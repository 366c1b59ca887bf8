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
import { WaveService } from '../reminders/wave.service.js';
import { seesPublishedOnly } from '../reports/publication.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { PublishedPage } from './published-page.service.js';
import { ReferenceDayService, type ReferenceDay } from './reference-day.service.js';
import { textOf } from './request-text.js';
import { toDashboardView } from './views/dashboard.view.js';
import { TREND_MONTHS } from './views/published.view.js';

const OVERVIEW_ROLES: readonly Role[] = ['hr', 'leader', 'auditor'];

@ApiExcludeController()
@Controller()
export class DashboardController {
  constructor(
    private readonly adoption: AdoptionService,
    private readonly city: CityService,
    private readonly days: ReferenceDayService,
    private readonly published: PublishedPage,
    private readonly waves: WaveService,
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
    void reply.type(HTML).send(html);
  }

  private async page(access: Access, asOf: IsoDate | undefined): Promise<string> {
    const title = { title: '全体', current: 'overview' } as const;
    if (access.scope.roles.length === 0) {
      const isOperator = has(access.session.rights, 'admin');
      return this.pages.render('start', { isHr: false, isOperator, isHidden: false }, access, title);
    }
    try {
      // In the one role that sees most of the top: HR of a part who leads the whole reads the whole as a leader.
      const day = await this.days.of(asOf);
      const sight = await this.adoption.sightOf(access.scope, undefined, day.asOf);
      if (seesPublishedOnly(sight)) return await this.published.render(sight, access, undefined, asOf);
      const view = await this.view(sight, day, await this.waves.waiting(access.scope));
      return await this.pages.render('dashboard', view, access, title);
    } catch (error) {
      // A new installation, or a part too small to be shown: say what comes first instead of what is missing.
      if (asOf !== undefined || !isEmpty(error)) throw error;
      const isHidden = error.code === 'unit_not_published';
      return this.pages.render(
        'start',
        { isHr: has(access.scope, 'hr'), isOperator: false, isHidden },
        access,
        title,
      );
    }
  }

  private async view(sight: Scope, { asOf, choices }: ReferenceDay, wavesWaiting: number) {
    const to = monthOf(asOf);
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
      asOfAction: '/',
      asOfChoices: choices,
      statuses: adoption,
      offersCsv: true,
      note: null,
      wavesWaiting,
      smallGroupNote: null,
      otherTops: [],
    });
  }
}

function has(scope: Scope, ...roles: Role[]): boolean {
  return roles.some((role) => scope.roles.includes(role));
}

function isEmpty(error: unknown): error is AppError {
  const codes = ['no_organisation', 'nothing_published', 'unit_not_published'];
  return error instanceof AppError && codes.includes(error.code);
}
