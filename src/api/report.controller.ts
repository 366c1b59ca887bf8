import { Controller, Get, HttpCode, Param, Post, Body, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentScope, PermitForWhole, Public } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import { MonthCloseService } from '../reports/month-close.service.js';
import { isReportFormat } from '../reports/report-files.js';
import { CloseBody, ClosedMonthDto, toClosedMonth } from './report.dto.js';

@ApiTags('reports')
@Controller()
export class ReportController {
  constructor(private readonly months: MonthCloseService) {}

  /** Freezes the figures of a month that is over. */
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

  /** `2022-10.pdf`, `.xlsx`, `.csv` or `.json` of a closed month. */
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

  /** Open data, with small groups protected: not in this version. */
  @Get('opendata/:file')
  @Public()
  openData(): never {
    throw new AppError(
      'not_available',
      'not_available',
      'オープンデータはまだ公開していません(not available yet)。',
    );
  }
}
