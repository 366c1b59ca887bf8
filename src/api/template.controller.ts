import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Costly, CurrentScope, PermitForWhole } from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { TemplateEditorService } from '../reminders/template-editor.service.js';
import {
  TemplateBody,
  TemplateDto,
  TemplateListDto,
  TemplatePreviewBody,
  TemplatePreviewDto,
  toTemplate,
  toTemplateList,
  toTemplatePreview,
} from './template.dto.js';

/** What messages say, in versions. */
@ApiTags('reminders')
@Controller('api/v1/templates')
@PermitForWhole('hr')
export class TemplateController {
  constructor(private readonly editor: TemplateEditorService) {}

  @Get()
  async list(@CurrentScope() scope: Scope): Promise<TemplateListDto> {
    return toTemplateList(await this.editor.list(scope));
  }

  @Get(':name')
  async show(@CurrentScope() scope: Scope, @Param('name') name: string): Promise<TemplateDto> {
    return toTemplate(await this.editor.show(scope, name));
  }

  /** Puts a text into use from the next wave on; refuses it with every problem, by part and line. */
  @Put(':name')
  async save(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body() { version, subject = '', body = '', reason, basedOn }: TemplateBody,
  ): Promise<TemplateDto> {
    if (version === undefined) await this.editor.save(scope, name, { subject, body, reason, basedOn });
    else await this.editor.restore(scope, name, version, reason);
    return toTemplate(await this.editor.show(scope, name));
  }

  /** How a text reads, with the figures of a unit; writes nothing. */
  @Costly()
  @Post(':name/preview')
  @HttpCode(200)
  async preview(
    @CurrentScope() scope: Scope,
    @Param('name') name: string,
    @Body() { subject, body, unit }: TemplatePreviewBody,
  ): Promise<TemplatePreviewDto> {
    const given = subject !== undefined || body !== undefined;
    const draft = given ? { subject: subject ?? '', body: body ?? '' } : undefined;
    return toTemplatePreview(await this.editor.preview(scope, name, draft, unit || undefined));
  }
}
