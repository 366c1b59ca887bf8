import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { OUTCOME_GROUPS } from '../reminders/outcome.js';
import { OutcomeService } from '../reminders/outcome.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { toOutcomePageView } from './views/outcome.view.js';

/** What came of reminding. */
@ApiExcludeController()
@Controller('outcomes')
@PermitForWhole('hr', 'auditor')
export class OutcomePagesController {
  constructor(
    private readonly outcomes: OutcomeService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('by') asked: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const by = OUTCOME_GROUPS.find((known) => known === asked) ?? 'wave';
    const view = toOutcomePageView(await this.outcomes.outcomes(scope, by), by);
    const title = {
      title: '案内の結果',
      current: 'waves' as const,
      crumbs: [{ label: 'リマインド', href: '/waves' }, { label: '案内の結果' }],
    };
    void reply.type(HTML).send(await this.pages.render('outcomes', view, { scope, session }, title));
  }
}
