import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { Costly, CurrentScope, CurrentSession, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { EVIDENCES, isCardStatus, type Evidence } from '../ledger/card-status.js';
import { CardEventService } from '../ledger/card-event.service.js';
import { ExceptionService } from '../ledger/exception.service.js';
import { PersonExportService } from '../ledger/person-export.service.js';
import { StaffRecordService } from '../ledger/staff-record.service.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { staffHref, TAKE_BACK, toStaffView } from './views/staff.view.js';

/** One person's record, for HR. */
@ApiExcludeController()
@Controller('staff')
@Permit('hr')
export class StaffPagesController {
  constructor(
    private readonly records: StaffRecordService,
    private readonly events: CardEventService,
    private readonly exceptions: ExceptionService,
    private readonly exports: PersonExportService,
    private readonly clock: Clock,
    private readonly pages: FramedPages,
  ) {}

  @Get(':number')
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('number') number: string,
    @Query('correct') correct: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const record = await this.records.open(scope, number);
    const view = toStaffView(record, this.clock.today(), numberOf(correct));
    const crumbs = [
      { label: '所属', href: '/units' },
      ...(view.unitHref === null
        ? []
        : [{ label: record.person.unitName ?? '所属なし', href: view.unitHref }]),
      { label: record.person.name },
    ];
    const title = { title: view.heading, current: 'units' as const, crumbs };
    void reply.type(HTML).send(await this.pages.render('staff', view, { scope, session }, title));
  }

  @Post(':number/card-events')
  async record(
    @CurrentScope() scope: Scope,
    @Param('number') number: string,
    @Body() body: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const status = textOf(body?.status);
    if (status === undefined || !(isCardStatus(status) || status === TAKE_BACK)) {
      throw new AppError('bad_status', 'invalid', '取得状況を選んでください。');
    }
    await this.events.record(scope, number, {
      status: isCardStatus(status) ? status : null,
      on: textOf(body?.on),
      evidence: EVIDENCES.find((known): known is Evidence => known === textOf(body?.evidence)),
      corrects: numberOf(body?.corrects),
      // Emptied where a record is corrected, there is none; left empty in a new one, what is known stays.
      expiresOn:
        status === 'held' ? (textOf(body?.expiresOn) ?? (body?.corrects ? null : undefined)) : undefined,
    });
    void reply.redirect(staffHref(number), 303);
  }

  @Post(':number/exceptions/:id/withdraw')
  async withdraw(
    @CurrentScope() scope: Scope,
    @Param('number') number: string,
    @Param('id') id: string,
    @Body('on') on: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.exceptions.withdraw(scope, numberOf(id) ?? Number.NaN, textOf(on));
    void reply.redirect(`${staffHref(number)}#p-ex`, 303);
  }

  /** All that is kept of one person, as one file that opens in a browser anywhere. */
  @Costly()
  @Get(':number/disclosure.html')
  async disclosure(
    @CurrentScope() scope: Scope,
    @Param('number') number: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { bytes, fileName } = await this.exports.write(scope, number);
    void reply.header('content-disposition', `attachment; filename="${fileName}"`).type(HTML).send(bytes);
  }
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
