import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/permission.decorator.js';
import { CityService } from '../adoption/city.service.js';
import { Clock } from '../platform/clock.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { AnswerService } from '../reminders/answer.service.js';
import { HTML } from './html.js';
import { PageService } from './page.service.js';
import { toRequest } from './own-exception.controller.js';
import { textOf } from './request-text.js';
import {
  askedHref,
  readAsked,
  toAnswerExceptionView,
  type AnswerExceptionState,
} from './views/answer-exception.view.js';
import { outcomeHref, readOutcome, toAnswerReceiptView, toAnswerView } from './views/answer.view.js';

const CLOSED: Record<string, string> = {
  answer_link_invalid: 'このリンクは使えません',
  answer_link_expired: 'このリンクの期限は過ぎています',
};

/** What our forms send, and no other kind of body. */
function isForm(request: FastifyRequest): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '');
}

/** What the page says beside its form; a link that does not hold has no form. */
function isRefusal(error: unknown): error is AppError {
  return error instanceof AppError && CLOSED[error.code] === undefined;
}

/**
 * Where the link of a message leads. There is no session: the address itself is the right to answer, and a site that
 * does not know it can send no form to it. GET shows, POST changes; scanners that open every link change nothing.
 */
@ApiExcludeController()
@Controller('answer')
@Public()
export class AnswerPagesController {
  constructor(
    private readonly answers: AnswerService,
    private readonly city: CityService,
    private readonly clock: Clock,
    private readonly pages: PageService,
  ) {}

  @Get(':token')
  async show(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    await this.orClosed(reply, () => this.form(reply, 200, token, null));
  }

  @Post(':token')
  async answer(
    @Param('token') token: string,
    @Body('status') status: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.orClosed(reply, async () => {
      try {
        const recorded = await this.answers.answer(token, isForm(request) ? textOf(status) : undefined);
        void reply.redirect(outcomeHref(token, recorded ? 'recorded' : 'known'), 303);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await this.form(reply, ERROR_ANSWERS[error.kind].status, token, error.message);
      }
    });
  }

  @Get(':token/receipt')
  async receipt(
    @Param('token') token: string,
    @Query('result') result: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.orClosed(reply, async () => {
      const receipt = await this.answers.receipt(token);
      const view = toAnswerReceiptView(receipt, token, readOutcome(textOf(result)));
      this.send(reply, 200, receipt.city, 'answer-receipt', view, view.heading);
    });
  }

  @Get(':token/exception')
  async exceptionForm(
    @Param('token') token: string,
    @Query('result') result: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const state = { outcome: readAsked(textOf(result)) };
    await this.orClosed(reply, () => this.exception(reply, 200, token, state));
  }

  @Post(':token/exception')
  async askException(
    @Param('token') token: string,
    @Body() body: Record<string, unknown> | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const form = isForm(request) ? body : undefined;
    await this.orClosed(reply, async () => {
      try {
        const filed = await this.answers.askException(token, toRequest(form));
        void reply.redirect(askedHref(token, filed ? 'asked' : 'waiting'), 303);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        const typed = {
          category: textOf(form?.category),
          from: textOf(form?.from),
          to: textOf(form?.to),
          note: textOf(form?.note),
        };
        const state = { error: { code: error.code, text: error.message }, typed };
        await this.exception(reply, ERROR_ANSWERS[error.kind].status, token, state);
      }
    });
  }

  private async exception(
    reply: FastifyReply,
    status: number,
    token: string,
    state: AnswerExceptionState,
  ): Promise<void> {
    const page = await this.answers.page(token);
    const view = toAnswerExceptionView(page, token, this.clock.today(), state);
    const title = view.error === null ? view.heading : `エラー: ${view.heading}`;
    this.send(reply, status, page.city, 'answer-exception', view, title);
  }

  private async form(
    reply: FastifyReply,
    status: number,
    token: string,
    error: string | null,
  ): Promise<void> {
    const page = await this.answers.page(token);
    const title = error === null ? '取得状況の回答' : 'エラー: 取得状況の回答';
    this.send(reply, status, page.city, 'answer', toAnswerView(page, token, error), title);
  }

  /** One page for whatever is no link, so that trying tells nothing. */
  private async orClosed(reply: FastifyReply, open: () => Promise<void>): Promise<void> {
    try {
      await open();
    } catch (error) {
      const heading = error instanceof AppError ? CLOSED[error.code] : undefined;
      if (!(error instanceof AppError) || heading === undefined) throw error;
      const { name, contact } = await this.city.current();
      const view = { heading, detail: error.message, contact: contact || `${name} 人事課` };
      this.send(reply, ERROR_ANSWERS[error.kind].status, name, 'answer-closed', view, heading);
    }
  }

  private send(
    reply: FastifyReply,
    status: number,
    city: string,
    page: string,
    view: object,
    title: string,
  ): void {
    const frame = { title, city, alone: true, user: null, csrfToken: null, current: null, roles: [] };
    void reply
      .status(status)
      .headers({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow',
      })
      .type(HTML)
      .send(this.pages.render(page, view, frame));
  }
}
