import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { PolicyService } from '../reminders/policy.service.js';
import type { QuietPeriod } from '../reminders/sending-times.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { toPolicyPageView, type RefusedRules } from './views/policy.view.js';

const PAGE = '/settings/policies';
type Form = Record<string, unknown> | undefined;

/** Which reminders are on, and when and how often they may speak. */
@ApiExcludeController()
@Controller('settings/policies')
@PermitForWhole('hr')
export class PolicyPagesController {
  constructor(
    private readonly policies: PolicyService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.type(HTML).send(await this.page({ scope, session }));
  }

  /** Whatever is proposed. */
  @Post('confirm')
  async confirm(@CurrentScope() scope: Scope, @Res() reply: FastifyReply): Promise<void> {
    await this.policies.confirm(scope);
    void reply.redirect(PAGE, 303);
  }

  /** Where it is refused, the page comes back with what was typed. */
  @Post('rules')
  async setRules(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() form: Form,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const typed = {
      minGapDays: textOf(form?.minGapDays) ?? '',
      maxPerYear: textOf(form?.maxPerYear) ?? '',
      officeHours: { from: textOf(form?.officeFrom) ?? '', to: textOf(form?.officeTo) ?? '' },
    };
    await this.change(reply, { scope, session }, { rules: typed }, () =>
      this.policies.changeRules(scope, {
        ...typed,
        minGapDays: toNumber(typed.minGapDays),
        maxPerYear: toNumber(typed.maxPerYear),
      }),
    );
  }

  @Post('quiet-periods')
  async addQuietPeriod(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body() form: Form,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const period = toPeriod(form);
    await this.change(reply, { scope, session }, { period }, () =>
      this.policies.addQuietPeriod(scope, period),
    );
  }

  @Post('quiet-periods/remove')
  async removeQuietPeriod(
    @CurrentScope() scope: Scope,
    @Body() form: Form,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.policies.removeQuietPeriod(scope, toPeriod(form));
    void reply.redirect(PAGE, 303);
  }

  @Post(':name/channel')
  async setChannel(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body('channel') channel: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.policies.setChannel(scope, name, textOf(channel) ?? '');
    void reply.redirect(PAGE, 303);
  }

  @Post(':name')
  async set(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body('on') on: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (on !== '1' && on !== '0')
      throw new AppError('bad_request', 'invalid', 'オンにするかオフにするかを選んでください。');
    await this.policies.set(scope, name, on === '1');
    void reply.redirect(PAGE, 303);
  }

  private async change(
    reply: FastifyReply,
    access: Access,
    typed: Omit<RefusedRules, 'message'>,
    make: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await make();
      void reply.redirect(PAGE, 303);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== 'invalid') throw error;
      const page = await this.page(access, { ...typed, message: error.message });
      void reply.status(ERROR_ANSWERS[error.kind].status).type(HTML).send(page);
    }
  }

  private async page(access: Access, refused?: RefusedRules): Promise<string> {
    const [standing, history] = await Promise.all([
      this.policies.standing(access.scope),
      this.policies.history(access.scope),
    ]);
    const title = {
      title: 'リマインド方針',
      current: 'settings' as const,
      crumbs: [{ label: '設定', href: '/settings' }, { label: 'リマインド方針' }],
    };
    return this.pages.render('policies', toPolicyPageView(standing, history, refused), access, title);
  }
}

/** Nothing typed is no number; `Number` would read a zero. */
function toNumber(text: string): number {
  return text === '' ? NaN : Number(text);
}

function toPeriod(form: Form): QuietPeriod {
  return { from: textOf(form?.from) ?? '', to: textOf(form?.to) ?? '', name: textOf(form?.name) ?? '' };
}
