import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { SettingService } from '../access/setting.service.js';
import { AppError } from '../platform/errors.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { formatMoment } from './template-helpers.js';

/** What the city decides about who sees what. */
@ApiExcludeController()
@Controller('settings')
@PermitForWhole('hr')
export class SettingPagesController {
  constructor(
    private readonly settings: SettingService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const history = await this.settings.namesForManagers();
    const view = {
      namesOn: history[0]?.value ?? false,
      history: history.map(({ value, changedAt, changedBy }) => ({
        change: value ? '表示する' : '表示しない',
        at: formatMoment(changedAt.toISOString()),
        by: changedBy,
      })),
    };
    const title = { title: '設定', current: 'settings' } as const;
    const html = await this.pages.render('settings', view, { scope, session }, title);
    void reply.type(HTML).send(html);
  }

  @Post('managers-see-names')
  async switchNames(
    @CurrentScope() scope: Scope,
    @Body('on') on: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (on !== '1' && on !== '0') {
      throw new AppError('bad_request', 'invalid', '表示するかどうかを選んでください。');
    }
    await this.settings.setManagersSeeNames(scope, on === '1');
    void reply.redirect('/settings', 303);
  }
}
