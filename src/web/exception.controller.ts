import { Body, Controller, Get, Param, ParseIntPipe, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, Permit } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { seesHidden } from '../ledger/exception.query.js';
import { ExceptionService } from '../ledger/exception.service.js';
import { WAITING_STATES } from '../ledger/exception.types.js';
import { OUT_OF_PLAN_REASONS } from '../ledger/out-of-plan.query.js';
import { OutOfPlanService } from '../ledger/out-of-plan.service.js';
import { Clock } from '../platform/clock.js';
import { isIsoDate } from '../platform/month.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { toRequest } from './own-exception.controller.js';
import { textOf } from './request-text.js';
import { toExceptionsView } from './views/exception.view.js';

const PAGE = '/exceptions';
/** Whoever has decided these sees the next. */
const SHOWN = 50;
type Form = Record<string, unknown> | undefined;

/** Who is out of the plan, why and until when; and what waits to be decided. */
@ApiExcludeController()
@Controller('exceptions')
@Permit('hr')
export class ExceptionPagesController {
  constructor(
    private readonly exceptions: ExceptionService,
    private readonly outOfPlan: OutOfPlanService,
    private readonly clock: Clock,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const why = OUT_OF_PLAN_REASONS.find((known) => known === textOf(query.why));
    const cursor = textOf(query.cursor);
    const from = textOf(query.from);
    const waiting = await this.exceptions.rows(scope, {
      states: WAITING_STATES,
      oldestFirst: true,
      limit: SHOWN + 1,
    });
    const view = toExceptionsView({
      waiting: waiting.slice(0, SHOWN),
      moreWaiting: waiting.length > SHOWN,
      plan: await this.outOfPlan.page(scope, { why, cursor }),
      today: this.clock.today(),
      why,
      cursor,
      number: textOf(query.number),
      from: from !== undefined && isIsoDate(from) ? from : undefined,
      seesHidden: seesHidden(scope),
    });
    const title = { title: '例外', current: 'exceptions' as const };
    void reply.type(HTML).send(await this.pages.render('exceptions', view, { scope, session }, title));
  }

  /** For somebody: the same request, decided at once where the second button is pressed. */
  @Post()
  async request(@CurrentScope() scope: Scope, @Body() form: Form, @Res() reply: FastifyReply): Promise<void> {
    const number = textOf(form?.number) ?? '';
    const approve = form?.approve === '1';
    await this.exceptions.request(scope, { number, ...toRequest(form) }, { approve, once: true });
    void reply.redirect(PAGE, 303);
  }

  @Post(':id/approve')
  async approve(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body() form: Form,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const days = { from: textOf(form?.from), to: textOf(form?.to) };
    await this.exceptions.decide(scope, id, 'approved', '', days);
    void reply.redirect(PAGE, 303);
  }

  @Post(':id/reject')
  async reject(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body('reason') reason: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.exceptions.decide(scope, id, 'rejected', textOf(reason));
    void reply.redirect(PAGE, 303);
  }
}
