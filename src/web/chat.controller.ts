import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { UnitWebhookService } from '../reminders/unit-webhook.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { toChatPageView, type ChatPageAbout } from './views/chat.view.js';

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
    @Query('tested') tested: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = await this.page({ scope, session }, { tested: textOf(tested) === '1' });
    void reply.type(HTML).send(page);
  }

  /** Where it is refused, the page comes back with what was typed, but for the address, which is a secret. */
  @Post()
  async set(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() form: Form,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const unit = textOf(form?.unit) ?? '';
    const format = textOf(form?.format) ?? '';
    try {
      await this.webhooks.set(scope, unit, format, textOf(form?.url) ?? '');
      void reply.redirect(PAGE, 303);
    } catch (error) {
      const typed = { unit, format };
      await this.refuse(reply, { scope, session }, error, (refusedSetting) => ({ refusedSetting, typed }));
    }
  }

  @Post('test')
  async tryOut(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() form: Form,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      await this.webhooks.tryOut(scope, textOf(form?.unit) ?? '');
      void reply.redirect(`${PAGE}?tested=1`, 303);
    } catch (error) {
      await this.refuse(reply, { scope, session }, error, (refusedTest) => ({ refusedTest }));
    }
  }

  @Post('remove')
  async remove(@CurrentScope() scope: Scope, @Body() form: Form, @Res() reply: FastifyReply): Promise<void> {
    await this.webhooks.remove(scope, textOf(form?.unit) ?? '');
    void reply.redirect(PAGE, 303);
  }

  private async refuse(
    reply: FastifyReply,
    access: Access,
    error: unknown,
    about: (message: string) => ChatPageAbout,
  ): Promise<void> {
    if (!(error instanceof AppError)) throw error;
    const page = await this.page(access, about(error.message));
    void reply.status(ERROR_ANSWERS[error.kind].status).type(HTML).send(page);
  }

  private async page(access: Access, about: ChatPageAbout): Promise<string> {
    const title = {
      title: '所属のチャット',
      current: 'settings' as const,
      crumbs: [{ label: '設定', href: '/settings' }, { label: '所属のチャット' }],
    };
    const view = toChatPageView(await this.webhooks.list(access.scope), this.webhooks.hosts, about);
    return this.pages.render('chat', view, access, title);
  }
}
