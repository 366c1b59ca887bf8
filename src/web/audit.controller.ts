import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { AuditLogService } from '../access/audit-log.service.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { StaffRecordService } from '../ledger/staff-record.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { staffIn, toAuditView } from './views/audit.view.js';

/** The audit record, for HR and auditors; the staff's numbers and names for HR alone, and as they are called today. */
@ApiExcludeController()
@Controller('audit')
@PermitForWhole('hr', 'auditor')
export class AuditPagesController {
  constructor(
    private readonly log: AuditLogService,
    private readonly records: StaffRecordService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async search(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const target = textOf(query.target) ?? '';
    const staffId = /^[a-z]+(:|$)/.test(target) ? null : await this.records.idOf(scope, target);
    const search = {
      actor: textOf(query.actor),
      action: textOf(query.action),
      target: staffId === null ? target || undefined : `staff:${staffId}`,
      from: textOf(query.from),
      to: textOf(query.to),
      cursor: textOf(query.cursor),
    };
    const { events, nextCursor } = await this.log.search(scope, search);
    const labels = await this.records.labels(scope, staffIn(events));
    const seesNames = scope.roles.includes('hr');
    const view = toAuditView({ events, search, target, nextCursor, labels, seesNames });
    const title = { title: view.heading, current: 'audit' } as const;
    const html = await this.pages.render('audit', view, { scope, session }, title);
    void reply.type(HTML).send(html);
  }
}
