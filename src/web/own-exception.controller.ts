import { Body, Controller, Get, Param, ParseIntPipe, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, SignedIn } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { EXCEPTION_CATEGORIES, type ExceptionRequest } from '../ledger/exception.types.js';
import { OwnExceptionService } from '../ledger/own-exception.service.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { isIsoDate } from '../platform/month.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { toOwnExceptionsView } from './views/exception.view.js';

const PAGE = '/account/exceptions';
type Form = Record<string, unknown> | undefined;

/** What the reader asks for about the own person. */
@ApiExcludeController()
@Controller('account/exceptions')
@SignedIn()
export class OwnExceptionPagesController {
  constructor(
    private readonly exceptions: OwnExceptionService,
    private readonly clock: Clock,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('from') asked: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const today = this.clock.today();
    const from = textOf(asked);
    const day = from !== undefined && isIsoDate(from) && from > today ? from : today;
    const view = toOwnExceptionsView(await this.exceptions.list(scope), today, day);
    const crumbs = [{ label: '自分のアカウント', href: '/account' }, { label: '例外の申請' }];
    const title = { title: '例外の申請', current: null, crumbs };
    void reply.type(HTML).send(await this.pages.render('own-exceptions', view, { scope, session }, title));
  }

  @Post()
  async ask(@CurrentScope() scope: Scope, @Body() form: Form, @Res() reply: FastifyReply): Promise<void> {
    await this.exceptions.ask(scope, toRequest(form));
    void reply.redirect(PAGE, 303);
  }

  @Post(':id/withdraw')
  async withdraw(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.exceptions.withdraw(scope, id);
    void reply.redirect(PAGE, 303);
  }

  @Post(':id/appeal')
  async appeal(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Body('appeal') text: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.exceptions.appeal(scope, id, textOf(text));
    void reply.redirect(PAGE, 303);
  }
}

/** The fields that both forms have. */
export function toRequest(form: Form): Omit<ExceptionRequest, 'number'> {
  const category = EXCEPTION_CATEGORIES.find((known) => known === textOf(form?.category));
  if (category === undefined)
    throw new AppError(
      'bad_request',
      'invalid',
      '種類を選んでください。理由を書きたくないときは「その他」を選んでください。',
    );
  return {
    category,
    from: textOf(form?.from) ?? '',
    to: textOf(form?.to),
    note: textOf(form?.note),
  };
}
