import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { Costly, CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import {
  DefinitionService,
  type DefinitionChange,
  type DefinitionResult,
} from '../adoption/definition.service.js';
import { Clock } from '../platform/clock.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf, textsOf } from './request-text.js';
import { toDefinitionView } from './views/definition.view.js';

/** Who is counted: the versions, and a new one with what it would change. */
@ApiExcludeController()
@Controller('settings/definition')
@PermitForWhole('hr')
export class DefinitionPagesController {
  constructor(
    private readonly definitions: DefinitionService,
    private readonly clock: Clock,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.type(HTML).send(await this.page(scope, session));
  }

  @Costly()
  @Post('preview')
  @HttpCode(200)
  async preview(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() body: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const result = await this.definitions.set(scope, toChange(body), true);
    void reply.type(HTML).send(await this.page(scope, session, result));
  }

  @Costly()
  @Post()
  async set(
    @CurrentScope() scope: Scope,
    @Body() body: Record<string, unknown> | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.definitions.set(scope, toChange(body), false);
    void reply.redirect('/settings/definition', 303);
  }

  private async page(scope: Scope, session: SignedInSession, preview?: DefinitionResult): Promise<string> {
    const [versions, words] = await Promise.all([
      this.definitions.history(scope),
      this.definitions.knownWords(scope),
    ]);
    const view = toDefinitionView({ versions, words, today: this.clock.today(), preview });
    const title = {
      title: '集計定義',
      current: 'settings' as const,
      crumbs: [{ label: '設定', href: '/settings' }, { label: '集計定義' }],
    };
    return this.pages.render('definition', view, { scope, session }, title);
  }
}

function toChange(body: Record<string, unknown> | undefined): DefinitionChange {
  return {
    validFrom: textOf(body?.from) ?? '',
    leftOutEmployment: textsOf(body?.employment),
    leftOutLeave: textsOf(body?.leave),
    minDays: Number(textOf(body?.minDays) ?? '0'),
    reason: textOf(body?.reason) ?? '',
  };
}
