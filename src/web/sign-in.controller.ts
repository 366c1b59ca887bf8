import { Body, Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IdentityProvider } from '../access/identity-provider.service.js';
import {
  Costly,
  BeforePasswordChange,
  CurrentSession,
  Public,
  SignedIn,
} from '../access/permission.decorator.js';
import { ProviderSignIn } from '../access/provider-sign-in.service.js';
import { MIN_PASSWORD_LENGTH } from '../access/password-policy.js';
import {
  clearSessionCookie,
  clearStateCookie,
  sessionToken,
  setSessionCookie,
  setStateCookie,
  stateCookie,
} from '../access/session-cookie.js';
import { SessionService } from '../access/session.service.js';
import { UserService } from '../access/user.service.js';
import type { SignedInSession } from '../access/access.types.js';
import type { Config } from '../platform/config.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';
import { CONFIG } from '../platform/tokens.js';
import { HTML } from './html.js';
import { localPath } from './local-path.js';
import { PageService } from './page.service.js';

type Fields = Record<string, unknown> | undefined;

@ApiExcludeController()
@Controller()
export class SignInController {
  constructor(
    private readonly sessions: SessionService,
    private readonly users: UserService,
    private readonly provider: IdentityProvider,
    private readonly providerSignIn: ProviderSignIn,
    private readonly pages: PageService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Public()
  @Get('sign-in')
  async form(
    @Query('next') next: unknown,
    @Query('signed-out') signedOut: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const token = sessionToken(request);
    const path = localPath(text(next));
    if (token && (await this.sessions.scopeOf(token))) return redirect(reply, path);
    send(reply, 200, this.signInPage({ next: path, name: '', error: null, signedOut: signedOut === '1' }));
  }

  @Public()
  @Post('sign-in')
  @Costly()
  async signIn(
    @Body() fields: Fields,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const name = text(fields?.name);
    const next = localPath(text(fields?.next));
    try {
      const { token, session } = await this.sessions.signIn(name, text(fields?.password), request.ip);
      const former = sessionToken(request);
      if (former) await this.sessions.signOut(former);
      setSessionCookie(reply, token, this.config);
      redirect(reply, session.mustChangePassword ? '/password' : next);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const shown = containsIndividualNumber(name) ? '' : name;
      send(
        reply,
        ERROR_ANSWERS[error.kind].status,
        this.signInPage({ next, name: shown, error: error.message }),
      );
    }
  }

  @SignedIn()
  @BeforePasswordChange()
  @Post('sign-out')
  async signOut(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const token = sessionToken(request);
    if (token) await this.sessions.signOut(token);
    clearSessionCookie(reply, this.config);
    redirect(reply, '/sign-in?signed-out=1');
  }

  /** A link, not a form: the policy of our pages lets no form lead to another site. */
  @Public()
  @Get('sign-in/oidc')
  @Costly()
  async leave(@Query('next') next: unknown, @Res() reply: FastifyReply): Promise<void> {
    const path = localPath(text(next));
    try {
      const { url, state } = await this.provider.leave(path);
      setStateCookie(reply, state, this.config);
      redirect(reply, url);
    } catch (error) {
      this.answer(reply, error, path);
    }
  }

  /** Here the identity provider sends the browser back to. */
  @Public()
  @Get('sign-in/oidc/callback')
  @Costly()
  async comeBack(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const state = stateCookie(request);
    clearStateCookie(reply, this.config);
    try {
      const { token, next } = await this.providerSignIn.finish(request.url, state);
      const former = sessionToken(request);
      if (former) await this.sessions.signOut(former);
      setSessionCookie(reply, token, this.config);
      redirect(reply, next);
    } catch (error) {
      this.answer(reply, error, '/');
    }
  }

  /** On to the provider's own sign-out, for those who leave the computer to somebody else. */
  @Public()
  @Get('sign-in/oidc/sign-out')
  async signOutThere(@Res() reply: FastifyReply): Promise<void> {
    try {
      redirect(reply, (await this.provider.signOutUrl()) ?? '/sign-in');
    } catch (error) {
      this.answer(reply, error, '/');
    }
  }

  @SignedIn()
  @BeforePasswordChange()
  @Get('password')
  password(
    @CurrentSession() session: SignedInSession,
    @Query('changed') changed: unknown,
    @Res() reply: FastifyReply,
  ): void {
    send(reply, 200, this.passwordPage(session, { changed: changed === '1' }));
  }

  @SignedIn()
  @BeforePasswordChange()
  @Post('password')
  async changePassword(
    @CurrentSession() session: SignedInSession,
    @Body() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const newPassword = text(fields?.newPassword);
      if (newPassword !== text(fields?.newPasswordAgain)) {
        throw new AppError(
          'passwords_differ',
          'refused',
          '2つの新しいパスワードが一致しません。同じものを入力してください。',
        );
      }
      await this.users.changePassword({
        userId: session.userId,
        currentPassword: text(fields?.currentPassword),
        newPassword,
        keepSession: session.id,
      });
      redirect(reply, session.mustChangePassword ? '/' : '/password?changed=1');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      send(reply, ERROR_ANSWERS[error.kind].status, this.passwordPage(session, { error }));
    }
  }

  private answer(reply: FastifyReply, error: unknown, next: string): void {
    if (!(error instanceof AppError)) throw error;
    const { status } = ERROR_ANSWERS[error.kind];
    send(reply, status, this.signInPage({ next, name: '', error: error.message, elsewhere: true }));
  }

  private signInPage(data: {
    next: string;
    name: string;
    error: string | null;
    /** The fault is not in the form. */
    elsewhere?: boolean;
    signedOut?: boolean;
  }): string {
    const view = {
      elsewhere: false,
      signedOut: false,
      ...data,
      formError: data.elsewhere ? null : data.error,
      providerHref: this.provider.configured ? `/sign-in/oidc?next=${encodeURIComponent(data.next)}` : null,
    };
    return this.pages.render('sign-in', view, {
      title: data.error ? 'エラー: ログイン' : 'ログイン',
      city: '',
      user: null,
      csrfToken: null,
      current: null,
      roles: [],
    });
  }

  private passwordPage(
    session: SignedInSession,
    { changed = false, error }: { changed?: boolean; error?: AppError },
  ) {
    const data = {
      minLength: MIN_PASSWORD_LENGTH,
      mustChange: session.mustChangePassword,
      changed,
      error: error?.message ?? null,
      errorField: error ? (FIELD_OF_ERROR[error.code] ?? 'newPassword') : null,
      atCurrent: error !== undefined && FIELD_OF_ERROR[error.code] === 'currentPassword',
      atAgain: error?.code === 'passwords_differ',
      atNew: error !== undefined && !(error.code in FIELD_OF_ERROR),
    };
    return this.pages.render('password', data, {
      title: error ? 'エラー: パスワードの変更' : 'パスワードの変更',
      city: '',
      user: session.displayName,
      csrfToken: session.csrfToken,
      current: null,
      roles: [],
    });
  }
}

/** Everything else that can be wrong is wrong with the new password. */
const FIELD_OF_ERROR: Record<string, string> = {
  wrong_password: 'currentPassword',
  too_many_attempts: 'currentPassword',
  passwords_differ: 'newPasswordAgain',
};

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function send(reply: FastifyReply, status: number, html: string): void {
  void reply.status(status).header('cache-control', 'no-store').type(HTML).send(html);
}

function redirect(reply: FastifyReply, path: string): void {
  void reply.redirect(path, 303);
}
