import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { ChangesService } from '../adoption/changes.service.js';
import { addMonths, lastDay, monthOf } from '../platform/month.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { ReferenceDayService } from './reference-day.service.js';
import { textOf } from './request-text.js';
import { toChangesView } from './views/changes.view.js';
import { unitHref } from './views/unit-rows.view.js';

/** Why the figures of a unit differ between two days, for those who see figures of any day. */
@ApiExcludeController()
@Controller('units/:code/changes')
@Permit('hr', 'manager')
export class ChangesPageController {
  constructor(
    private readonly changes: ChangesService,
    private readonly days: ReferenceDayService,
    private readonly pages: FramedPages,
  ) {}

  /** Without days: since the end of the month before the day that the other pages speak about. */
  @Get()
  async page(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('code') code: string,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const to = (await this.days.of(textOf(query.to))).asOf;
    const from = textOf(query.from) ?? lastDay(addMonths(monthOf(to), -1));
    const found = await this.changes.between(scope, code, from, to);
    const { name } = found.unit;
    const crumbs = [{ label: name, href: unitHref(code, to) }, { label: '増減の内訳' }];
    const frame = { title: `${name} 増減の内訳`, current: 'units' as const, crumbs };
    const html = await this.pages.render('changes', toChangesView(found), { scope, session }, frame);
    void reply.type(HTML).send(html);
  }
}
