import { Controller, Get, HttpCode, Param, Post, Body, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Costly, CurrentScope, PermitForWhole, Public } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import { MonthCloseService } from '../reports/month-close.service.js';
import { OpenDataService } from '../reports/open-data.service.js';
import { isReportFormat } from '../reports/report-files.js';
import { RestatementService } from '../reports/restatement.service.js';
import {
  CloseBody,
  ClosedMonthDto,
  ReleasedMonthDto,
  RestatementDto,
  toClosedMonth,
  toRestatement,
} from './report.dto.js';

@ApiTags('reports')
@Controller()
export class ReportController {
  constructor(
    private readonly months: MonthCloseService,
    private readonly opened: OpenDataService,
    private readonly restatements: RestatementService,
  ) {}

  /** Freezes the figures of a month that is over. */
  @Costly()
  @Post('api/v1/months/:month/close')
  @HttpCode(200)
  @PermitForWhole('hr')
  async close(
    @CurrentScope() scope: Scope,
    @Param('month') month: string,
    @Body() body: CloseBody,
  ): Promise<ClosedMonthDto> {
    return toClosedMonth(await this.months.close(scope, month, body?.again === true));
  }

  /** Opens the newest version of a closed month to everybody, as open data with small groups hidden. */
  @Costly()
  @Post('api/v1/months/:month/release')
  @HttpCode(200)
  @PermitForWhole('hr')
  async release(@CurrentScope() scope: Scope, @Param('month') month: string): Promise<ReleasedMonthDto> {
    return this.opened.release(scope, month);
  }

  /** What was reported for a closed month beside what is counted for its day today: the units in which these differ. */
  @Costly()
  @Get('api/v1/months/:month/restatement')
  @PermitForWhole('hr')
  async restatement(@CurrentScope() scope: Scope, @Param('month') month: string): Promise<RestatementDto> {
    return toRestatement(await this.restatements.of(scope, month));
  }

  /** `2022-10.pdf`, `.xlsx`, `.csv` or `.json` of a closed month. */
  @Costly()
  @Get('api/v1/reports/:file')
  @PermitForWhole('hr', 'leader', 'auditor')
  @ApiProduces(
    'application/pdf',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'text/csv',
    'application/json',
  )
  @ApiOkResponse({ description: 'The file', schema: { type: 'string', format: 'binary' } })
  async report(
    @CurrentScope() scope: Scope,
    @Param('file') file: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const [, month, format] = /^(\d{4}-\d{2})\.([a-z]+)$/.exec(file) ?? [];
    if (month === undefined || format === undefined || !isReportFormat(format)) {
      throw new AppError(
        'report_not_found',
        'not_found',
        'レポートは 2022-10.pdf のように、月と形式(pdf, xlsx, csv, json)で指定してください。',
      );
    }
    const { bytes, contentType, fileName } = await this.months.report(scope, month, format);
    void reply
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .type(contentType)
      .send(bytes);
  }

  /** `2022-10.csv` or `.json` of a month that HR has released; `*` is a suppressed figure, `-` none. */
  @Get('opendata/:file')
  @Public()
  @ApiProduces('text/csv', 'application/json')
  @ApiOkResponse({ description: 'The file', schema: { type: 'string', format: 'binary' } })
  async openData(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    const [, month, format] = /^(\d{4}-\d{2})\.(csv|json)$/.exec(file) ?? [];
    const { bytes, contentType, fileName } = await this.opened.file(
      month ?? file,
      format === 'json' ? 'json' : 'csv',
    );
    void reply
      .header('content-disposition', `attachment; filename="${fileName}"`)
      .header('cache-control', 'public, max-age=300')
      .type(contentType)
      .send(bytes);
  }
}
