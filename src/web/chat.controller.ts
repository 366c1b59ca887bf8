import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { UnitWebhookService } from '../reminders/unit-webhook.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { toChatPageView } from './views/chat.view.js';

const PAGE = '/settings/chat';
type Form = Record<string, unknown> | undefined;

/** Which units have a chat room that messages go to. */
@ApiExcludeController()
@Controller('settings/chat')
@PermitForWhole('hr')
export class ChatPagesController {
  constructor(
    private readonly webhooks: UnitWebhookService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const title = {
      title: '所属のチャット',
      current: 'settings' as const,
      crumbs: [{ label: '設定', href: '/settings' }, { label: '所属のチャット' }],
    };
    const view = toChatPageView(await this.webhooks.list(scope), this.webhooks.hosts);
    void reply.type(HTML).send(await this.pages.render('chat', view, { scope, session }, title));
  }

  @Post()
  async set(@CurrentScope() scope: Scope, @Body() form: Form, @Res() reply: FastifyReply): Promise<void> {
    const unit = (textOf(form?.unit) ?? '').trim();
    await this.webhooks.set(scope, unit, textOf(form?.format) ?? '', textOf(form?.url) ?? '');
    void reply.redirect(PAGE, 303);
  }

  @Post('test')
  async tryOut(@CurrentScope() scope: Scope, @Body() form: Form, @Res() reply: FastifyReply): Promise<void> {
    await this.webhooks.tryOut(scope, textOf(form?.unit) ?? '');
    void reply.redirect(PAGE, 303);
  }

  @Post('remove')
  async remove(@CurrentScope() scope: Scope, @Body() form: Form, @Res() reply: FastifyReply): Promise<void> {
    await this.webhooks.remove(scope, textOf(form?.unit) ?? '');
    void reply.redirect(PAGE, 303);
  }
}
