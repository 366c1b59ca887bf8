import { Body, Controller, Get, Param, ParseIntPipe, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { Costly, CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { formatDate } from '../platform/japanese-format.js';
import { PolicyService } from '../reminders/policy.service.js';
import { isWaveAction } from '../reminders/wave-action.js';
import { WaveControl } from '../reminders/wave-control.service.js';
import { WaveTestService } from '../reminders/wave-test.service.js';
import { WaveService } from '../reminders/wave.service.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { MAIL_POLICY } from './mail-policy.js';
import { textOf } from './request-text.js';
import { toWaveListView } from './views/wave-list.view.js';
import { readDeliveryFilter, toMessagePageView, toWavePageView } from './views/wave.view.js';
import { waveHref } from './views/wave-state.view.js';
import { toWavePreviewView } from './views/wave-preview.view.js';

/** A small wave is over when its page opens; of a large one the page shows how far it is. */
const PATIENCE_MS = 2_000;
const REFRESH_S = 5;
const TOP = { label: 'リマインド', href: '/waves' };

/** A link in the shown mail opens beside our page, as it would from a mail program, not inside the small frame. */
function framedMail(html: string): string {
  return html.replace('<head>', '<head><base target="_blank">');
}

/** From 1; the first where it is none. */
function readPosition(text: unknown): number {
  return Math.max(1, Number.parseInt(textOf(text) ?? '1', 10) || 1);
}

@ApiExcludeController()
@Controller('waves')
@PermitForWhole('hr', 'auditor')
export class WavePagesController {
  constructor(
    private readonly waves: WaveService,
    private readonly control: WaveControl,
    private readonly tests: WaveTestService,
    private readonly policies: PolicyService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('cursor') cursor: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const standing = scope.roles.includes('hr') ? await this.policies.standing(scope) : null;
    const isFirst = textOf(cursor) === undefined;
    const page = await this.waves.list(scope, textOf(cursor));
    const view = toWaveListView(page, isFirst, standing?.policies ?? null);
    const title = { title: 'リマインド', current: 'waves' } as const;
    void reply.type(HTML).send(await this.pages.render('waves', view, { scope, session }, title));
  }

  /** What a wave of today would send; opening it sends nothing. */
  @PermitForWhole('hr')
  @Get('new')
  async preview(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('policy') policy: unknown,
    @Query('tested') tested: unknown,
    @Query('position') position: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const about = { tested: textOf(tested) === '1', position: readPosition(position) };
    void reply.type(HTML).send(await this.previewPage({ scope, session }, policy, about));
  }

  @PermitForWhole('hr')
  @Costly()
  @Post()
  async start(
    @CurrentScope() scope: Scope,
    @Body('policy') policy: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { id } = await this.waves.start(scope, textOf(policy) ?? '', undefined, {
      patienceMs: PATIENCE_MS,
    });
    void reply.redirect(`/waves/${id}`, 303);
  }

  @PermitForWhole('hr')
  @Costly()
  @Post('test')
  async test(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Body('policy') policy: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    try {
      const { policy: name } = await this.tests.send(scope, textOf(policy) ?? '');
      void reply.redirect(`/waves/new?policy=${encodeURIComponent(name)}&tested=1`, 303);
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'policy_not_found') throw error;
      const page = await this.previewPage({ scope, session }, policy, { testRefused: error.message });
      void reply.status(ERROR_ANSWERS[error.kind].status).type(HTML).send(page);
    }
  }

  private async previewPage(
    access: Access,
    policy: unknown,
    {
      position = 1,
      ...about
    }: { readonly position?: number; readonly tested?: boolean; readonly testRefused?: string },
  ): Promise<string> {
    const preview = await this.waves.plan(access.scope, textOf(policy) ?? '', undefined, position);
    const label = '配信の確認';
    const title = {
      title: `${preview.title}の${label}`,
      current: 'waves' as const,
      crumbs: [TOP, { label }],
    };
    return this.pages.render('wave-preview', { ...toWavePreviewView(preview), ...about }, access, title);
  }

  @Get(':id')
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('id', ParseIntPipe) id: number,
    @Query() query: Record<string, unknown>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wave = await this.waves.summary(scope, id);
    const filter = readDeliveryFilter(wave, { state: textOf(query.state), reason: textOf(query.reason) });
    const from = readPosition(query.from);
    const page = await this.waves.deliveries(scope, id, textOf(query.cursor), filter);
    const label = `${formatDate(wave.on)}の配信回`;
    // Two policies may have a wave of one day.
    const title = {
      title: `${wave.title} ${label}`,
      current: 'waves' as const,
      crumbs: [TOP, { label }],
    };
    const view = toWavePageView(wave, { ...page, from, filter }, scope.roles.includes('hr'));
    // The page has no script: while a wave is being sent the browser asks again, unless somebody reads on.
    if (view.refreshHref && from === 1 && filter.state === undefined) void reply.header('refresh', REFRESH_S);
    void reply.type(HTML).send(await this.pages.render('wave', view, { scope, session }, title));
  }

  @PermitForWhole('hr')
  @Post(':id/:action')
  async act(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Param('action') action: string,
    @Body('delivery') delivery: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!isWaveAction(action)) throw new AppError('unknown_action', 'not_found', 'この操作はありません。');
    const one = textOf(delivery);
    await this.control.act(scope, id, action, one === undefined ? undefined : Number(one) || 0);
    void reply.redirect(waveHref(id), 303);
  }

  @Get(':id/deliveries/:deliveryId')
  async delivery(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('id', ParseIntPipe) id: number,
    @Param('deliveryId', ParseIntPipe) deliveryId: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const message = await this.waves.message(scope, id, deliveryId);
    const crumbs = [TOP, { label: '配信回', href: `/waves/${id}` }, { label: message.delivery.unitName }];
    const title = { title: `${message.delivery.unitName}への配信`, current: 'waves' as const, crumbs };
    const html = await this.pages.render(
      'delivery',
      toMessagePageView(message, scope.roles.includes('hr')),
      { scope, session },
      title,
    );
    void reply.type(HTML).send(html);
  }

  @Get(':id/deliveries/:deliveryId/message.html')
  async html(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Param('deliveryId', ParseIntPipe) deliveryId: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { html } = await this.waves.text(scope, id, deliveryId);
    void reply.header('content-security-policy', MAIL_POLICY).type(HTML).send(framedMail(html));
  }
}
