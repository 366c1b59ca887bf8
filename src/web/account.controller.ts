import { Body, Controller, Get, Param, ParseIntPipe, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, SignedIn } from '../access/permission.decorator.js';
import { ROLES, type Scope } from '../access/scope.js';
import { MAX_TOKEN_DAYS, TokenService } from '../access/token.service.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { toAccountPageView } from './views/user.view.js';

interface Fields {
  readonly name?: unknown;
  readonly access?: unknown;
  readonly role?: unknown;
  readonly unit?: unknown;
  readonly days?: unknown;
}

/** One's own account and the tokens made for it. */
@ApiExcludeController()
@Controller('account')
@SignedIn()
export class AccountController {
  constructor(
    private readonly tokens: TokenService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.send(reply, 200, { scope, session });
  }

  /** Answers the page with the token: it is shown once, so there is no address to come back to. */
  @Post('tokens')
  async addToken(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() fields: Fields | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const { token } = await this.tokens.add(scope, session.userId, {
        name: textOf(fields?.name) ?? '',
        access: fields?.access === 'write' ? 'write' : 'read',
        role: ROLES.find((role) => role === fields?.role),
        unitCode: textOf(fields?.unit),
        days: Number(textOf(fields?.days)?.normalize('NFKC') ?? Number.NaN),
      });
      await this.send(reply, 200, { scope, session }, { newToken: token });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { status } = ERROR_ANSWERS[error.kind];
      await this.send(reply, status, { scope, session }, { error: error.message });
    }
  }

  @Post('tokens/:id/revoke')
  async revokeToken(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('id', ParseIntPipe) id: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.tokens.revoke(scope.actor, session.userId, id);
    void reply.redirect('/account', 303);
  }

  private async send(
    reply: FastifyReply,
    status: number,
    access: Access,
    about: { newToken?: string; error?: string } = {},
  ): Promise<void> {
    const { userId, name, displayName, hasPassword, rights } = access.session;
    const tokens = await this.tokens.list(userId);
    const view = toAccountPageView({
      name,
      displayName,
      hasPassword,
      roles: rights.roles,
      tokens,
      maxDays: MAX_TOKEN_DAYS,
      ...about,
    });
    const title = { title: '自分のアカウント', current: null };
    const html = await this.pages.render('account', view, access, title);
    void reply.status(status).type(HTML).send(html);
  }
}
