import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { Costly, CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { MonthCloseService } from '../reports/month-close.service.js';
import { OpenDataService } from '../reports/open-data.service.js';
import { isReportFormat } from '../reports/report-files.js';
import { RestatementService } from '../reports/restatement.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { toReportListView } from './views/report.view.js';
import { toRestatementView } from './views/restatement.view.js';

@ApiExcludeController()
@Controller('reports')
@PermitForWhole('hr', 'leader', 'auditor')
export class ReportPagesController {
  constructor(
    private readonly months: MonthCloseService,
    private readonly openData: OpenDataService,
    private readonly restatements: RestatementService,
    private readonly clock: Clock,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const closed = await this.months.list(scope);
    const view = toReportListView(closed, this.clock.today(), scope.roles.includes('hr'));
    const title = { title: '月次締め・レポート', current: 'reports' } as const;
    const html = await this.pages.render('reports', view, { scope, session }, title);
    void reply.type(HTML).send(html);
  }

  /** What was reported for a closed month beside what is counted for its day today. */
  @PermitForWhole('hr')
  @Costly()
  @Get(':month/restatement')
  async restatement(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('month') month: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = toRestatementView(await this.restatements.of(scope, month));
    const frame = {
      title: view.kicker,
      current: 'reports' as const,
      crumbs: [{ label: '月次締め・レポート', href: '/reports' }, { label: view.kicker }],
    };
    const html = await this.pages.render('restatement', view, { scope, session }, frame);
    void reply.type(HTML).send(html);
  }

  @PermitForWhole('hr')
  @Costly()
  @Post(':month/close')
  async close(
    @CurrentScope() scope: Scope,
    @Param('month') month: string,
    @Body('again') again: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.months.close(scope, month, again === '1');
    void reply.redirect('/reports', 303);
  }

  @PermitForWhole('hr')
  @Costly()
  @Post(':month/release')
  async release(
    @CurrentScope() scope: Scope,
    @Param('month') month: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.openData.release(scope, month);
    void reply.redirect('/reports', 303);
  }

  /** `2022-10.pdf` and the like, of a closed month. */
  @Costly()
  @Get(':file')
  async download(
    @CurrentScope() scope: Scope,
    @Param('file') file: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [, month, format] = /^(\d{4}-\d{2})\.([a-z]+)$/.exec(file) ?? [];
    if (month === undefined || format === undefined || !isReportFormat(format)) {
      throw new AppError(
        'report_not_found',
        'not_found',
        'このレポートは見つかりません。月次締め・レポートの一覧から選んでください。',
      );
    }
    const { bytes, contentType, fileName } = await this.months.report(scope, month, format);
    void reply
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .type(contentType)
      .send(bytes);
  }
}
