import { Body, Controller, Get, Param, ParseIntPipe, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import { ROLES, type Role, type Scope } from '../access/scope.js';
import { UserAdminService } from '../access/user-admin.service.js';
import { UserService } from '../access/user.service.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { toUserListView, toUserPageView, userHref } from './views/user.view.js';

interface Fields {
  readonly name?: unknown;
  readonly displayName?: unknown;
  readonly role?: unknown;
  readonly unit?: unknown;
  readonly from?: unknown;
  readonly until?: unknown;
  readonly staffNumber?: unknown;
}

/** Accounts and their rights. What they are rights to, this door never shows. */
@ApiExcludeController()
@Controller('users')
@PermitForWhole('admin')
export class UserPagesController {
  constructor(
    private readonly admin: UserAdminService,
    private readonly users: UserService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.sendList(reply, 200, { scope, session }, toUserListView(await this.admin.list(scope)));
  }

  /** Answers the page with the one-time password: it is shown once, so there is no address to come back to. */
  @Post()
  async add(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() fields: Fields | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const typed = {
      name: textOf(fields?.name) ?? '',
      displayName: textOf(fields?.displayName) ?? '',
      unit: textOf(fields?.unit) ?? '',
      staff: textOf(fields?.staffNumber) ?? '',
    };
    try {
      const { user, oneTimePassword } = await this.users.add(
        {
          name: typed.name,
          displayName: typed.displayName || undefined,
          role: readRole(fields?.role),
          unitCode: typed.unit || undefined,
          staffNumber: typed.staff || undefined,
        },
        scope.actor,
      );
      await this.sendUser(reply, 200, { scope, session }, user.name, {
        oneTimePassword: oneTimePassword ?? undefined,
      });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const view = toUserListView(await this.admin.list(scope), error.message, typed);
      await this.sendList(reply, ERROR_ANSWERS[error.kind].status, { scope, session }, view);
    }
  }

  @Get(':name')
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Query('done') done: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.sendUser(reply, 200, { scope, session }, name, { done: textOf(done) });
  }

  @Post(':name/grants')
  grant(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Body() fields: Fields | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(reply, { scope, session }, name, 'granted', () =>
      this.admin.grant(scope, name, {
        role: readRole(fields?.role),
        unitCode: textOf(fields?.unit),
        from: textOf(fields?.from),
        until: textOf(fields?.until),
      }),
    );
  }

  @Post(':name/grants/:id/revoke')
  revoke(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Param('id', ParseIntPipe) id: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(reply, { scope, session }, name, 'revoked', () => this.admin.revoke(scope, name, id));
  }

  @Post(':name/staff-number')
  link(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Body() fields: Fields | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(reply, { scope, session }, name, 'linked', () =>
      this.admin.linkStaff(scope, name, textOf(fields?.staffNumber)),
    );
  }

  @Post(':name/disable')
  disable(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(reply, { scope, session }, name, 'disabled', () => this.admin.disable(scope, name));
  }

  @Post(':name/enable')
  enable(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(reply, { scope, session }, name, 'enabled', () => this.admin.enable(scope, name));
  }

  @Post(':name/end-sessions')
  endSessions(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.change(reply, { scope, session }, name, 'ended', () => this.admin.endSessions(scope, name));
  }

  @Post(':name/reset-password')
  async resetPassword(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const oneTimePassword = await this.admin.resetPassword(scope, name);
      await this.sendUser(reply, 200, { scope, session }, name, { oneTimePassword });
    } catch (error) {
      await this.sendFailure(reply, { scope, session }, name, error);
    }
  }

  private async change(
    reply: FastifyReply,
    access: { scope: Scope; session: SignedInSession },
    name: string,
    done: string,
    act: () => Promise<void>,
  ): Promise<void> {
    try {
      await act();
      void reply.redirect(`${userHref(name)}?done=${done}`, 303);
    } catch (error) {
      await this.sendFailure(reply, access, name, error);
    }
  }

  private async sendFailure(
    reply: FastifyReply,
    access: { scope: Scope; session: SignedInSession },
    name: string,
    error: unknown,
  ): Promise<void> {
    if (!(error instanceof AppError) || error.code === 'user_not_found') throw error;
    await this.sendUser(reply, ERROR_ANSWERS[error.kind].status, access, name, { error: error.message });
  }

  private async sendList(
    reply: FastifyReply,
    status: number,
    access: { scope: Scope; session: SignedInSession },
    view: object,
  ): Promise<void> {
    const title = { title: '利用者', current: 'users' } as const;
    void reply
      .status(status)
      .type(HTML)
      .send(await this.pages.render('users', view, access, title));
  }

  private async sendUser(
    reply: FastifyReply,
    status: number,
    access: { scope: Scope; session: SignedInSession },
    name: string,
    about: { done?: string; error?: string; oneTimePassword?: string },
  ): Promise<void> {
    const account = await this.admin.get(access.scope, name);
    const view = toUserPageView(account, { ...about, isOwn: account.id === access.session.userId });
    const crumbs = [{ label: '利用者', href: '/users' }, { label: account.displayName }];
    const title = { title: account.displayName, current: 'users' as const, crumbs };
    void reply
      .status(status)
      .type(HTML)
      .send(await this.pages.render('user', view, access, title));
  }
}

function readRole(value: unknown): Role {
  const role = ROLES.find((known) => known === value);
  if (role) return role;
  throw new AppError('bad_role', 'invalid', '権限を1つ選んでください。');
}
