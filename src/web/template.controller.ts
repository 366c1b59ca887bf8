import { join } from 'node:path';
import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { SignedInSession } from '../access/access.types.js';
import { Costly, CurrentScope, CurrentSession, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import { projectRoot } from '../platform/project-root.js';
import { createTemplateEngine } from '../platform/templates/template-engine.js';
import { TemplateEditorService } from '../reminders/template-editor.service.js';
import { normalTemplate, type TemplateProblem } from '../reminders/template-markup.js';
import type { TemplatePreview } from '../reminders/template.types.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { MAIL_POLICY } from './mail-policy.js';
import { textOf } from './request-text.js';
import {
  templateHref,
  toProblems,
  toTemplateListView,
  toTemplatePageView,
  toVersionPageView,
  type TypedTemplate,
} from './views/template.view.js';

const TOP = [
  { label: '設定', href: '/settings' },
  { label: '案内の文面', href: '/settings/templates' },
];

type Fields = Readonly<Record<string, unknown>> | undefined;

/** What messages say: reading, trying and changing it. */
@ApiExcludeController()
@Controller('settings/templates')
@PermitForWhole('hr')
export class TemplatePagesController {
  private readonly previews = createTemplateEngine({ root: join(projectRoot, 'templates', 'previews') });

  constructor(
    private readonly editor: TemplateEditorService,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const view = toTemplateListView(await this.editor.list(scope));
    const title = {
      title: '案内の文面',
      current: 'settings' as const,
      crumbs: [TOP[0]!, { label: '案内の文面' }],
    };
    void reply.type(HTML).send(await this.pages.render('templates', view, { scope, session }, title));
  }

  @Get(':name')
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.type(HTML).send(await this.page(scope, session, name));
  }

  /** Where it is refused, the page comes back with what was typed. */
  @Post(':name')
  async save(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Body() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const typed = typedIn(fields);
    const basedOn = Number(textOf(fields?.basedOn)) || undefined;
    try {
      await this.editor.save(scope, name, { ...typed, basedOn });
    } catch (error) {
      if (!(error instanceof AppError) || error.kind === 'not_found' || error.kind === 'forbidden')
        throw error;
      const problems = (error.details.problems ?? []) as TemplateProblem[];
      const refusal = problems.length > 0 ? `直すところが${problems.length}か所あります` : error.message;
      const html = await this.page(scope, session, name, { ...typed, basedOn, refusal, problems });
      void reply.status(ERROR_ANSWERS[error.kind].status).type(HTML).send(html);
      return;
    }
    void reply.redirect(templateHref(name), 303);
  }

  /** For the frame on the page, like the next. */
  @Costly()
  @Get(':name/preview')
  async current(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.sendPreview(reply, await this.editor.preview(scope, name), '');
  }

  /** A button of the form aims at the frame: the text stays in the form, and nothing is written. */
  @Costly()
  @Post(':name/preview')
  @HttpCode(200)
  async preview(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body() fields: Fields,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { unit, ...draft } = typedIn(fields);
    try {
      this.sendPreview(reply, await this.editor.preview(scope, name, draft, unit || undefined), draft.body);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'unit_without_message') throw error;
      // In the frame as well: a whole page with its menu would not fit there.
      this.sendFrame(reply.status(ERROR_ANSWERS[error.kind].status), { title: error.message });
    }
  }

  @Get(':name/versions/:version')
  async version(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('name') name: string,
    @Param('version', ParseIntPipe) version: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { title: of } = await this.editor.show(scope, name);
    const view = toVersionPageView(of, name, await this.editor.compare(scope, name, version));
    const crumbs = [...TOP, { label: of, href: templateHref(name) }, { label: `第${version}版` }];
    const title = { title: `${of} 第${version}版`, current: 'settings' as const, crumbs };
    void reply.type(HTML).send(await this.pages.render('template-version', view, { scope, session }, title));
  }

  @Post(':name/versions/:version/restore')
  async restore(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Param('version', ParseIntPipe) version: number,
    @Body('reason') reason: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.editor.restore(scope, name, version, textOf(reason) ?? '');
    void reply.redirect(templateHref(name), 303);
  }

  private async page(
    scope: Scope,
    session: SignedInSession,
    name: string,
    typed?: TypedTemplate,
  ): Promise<string> {
    const template = await this.editor.show(scope, name);
    const title = {
      title: template.title,
      current: 'settings' as const,
      crumbs: [...TOP, { label: template.title }],
    };
    return this.pages.render('template', toTemplatePageView(template, typed), { scope, session }, title);
  }

  private sendPreview(
    reply: FastifyReply,
    { problems, message, unit, toPersons }: TemplatePreview,
    body: string,
  ): void {
    this.sendFrame(reply, {
      title: message
        ? '届く文面'
        : `直すところが${problems.length}か所あります。このままでは保存できません。`,
      whose: unit
        ? `${unit.name}の${toPersons ? '職員' : '所属長'}に届く文面(今日の時点の内容)`
        : '見本の内容(いま送る先がないため)',
      message,
      mailHtml: message ? insideOf(message.html) : '',
      problems: toProblems(problems, body),
    });
  }

  private sendFrame(reply: FastifyReply, view: object): void {
    const html = this.previews.render('mail', { message: null, problems: [], ...view });
    void reply.header('content-security-policy', MAIL_POLICY).type(HTML).send(html);
  }
}

/** The frame shows more than the mail: of its document what a mail program shows. */
function insideOf(html: string): string {
  return /<body[^>]*>([\s\S]*)<\/body>/.exec(html)?.[1] ?? '';
}

function typedIn(fields: Fields) {
  const text = (name: string): string => (typeof fields?.[name] === 'string' ? fields[name] : '');
  return {
    ...normalTemplate({ subject: text('subject'), body: text('body') }),
    reason: text('reason').trim(),
    unit: text('unit').trim(),
  };
}
