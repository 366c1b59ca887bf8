import { IsInt, IsOptional, IsString, MaxLength, Min, ValidateIf } from 'class-validator';
import type { TemplatePreview, TemplateSummary, TemplateView } from '../reminders/template.types.js';

/** What the rules of a template allow is less; this keeps absurd lengths from being looked at. */
const LONGEST = 20_000;

export class TemplateBody {
  /** @example 【{{期限の月日}}まで】{{所属の区分}}の全員への案内のお願い */
  @ValidateIf(({ version }: TemplateBody) => version === undefined)
  @IsString()
  @MaxLength(LONGEST)
  subject?: string;

  /** Plain text with the marks of docs/decisions/0019-templates-in-plain-text.md. */
  @ValidateIf(({ version }: TemplateBody) => version === undefined)
  @IsString()
  @MaxLength(LONGEST)
  body?: string;

  /** Instead of a text: the version to return to. */
  @IsOptional()
  @IsInt()
  @Min(1)
  version?: number;

  /** Why it changes; stays beside the version. */
  @IsString()
  @MaxLength(500)
  reason: string;

  /** The version in use when the author began; another one meanwhile answers 409. */
  @IsOptional()
  @IsInt()
  basedOn?: number;
}

export class TemplatePreviewBody {
  /** Without subject and body the text in use. */
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  subject?: string;

  @IsOptional()
  @IsString()
  @MaxLength(LONGEST)
  body?: string;

  /** Code of the unit whose figures are shown; the first that would be written to unless given. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  unit?: string;
}

export class TemplateChoiceDto {
  reason: string;
  at: Date;
  by: string;
}

export class TemplateSummaryDto {
  name: string;
  title: string;
  description: string;
  /** The version in use. */
  version: number;
  /** True where that is the text that comes with the program. */
  shipped: boolean;
  changed: TemplateChoiceDto | null;
}

export class TemplateListDto {
  templates: TemplateSummaryDto[];
}

export class TemplateNameDto {
  /** As it is written: `{{name}}`. */
  name: string;
  description: string;
  example: string;
  /** The condition it must stand under; null where it is always there. */
  only: string | null;
}

export class TemplatePartDto {
  name: string;
  description: string;
}

export class TemplateTextVersionDto {
  version: number;
  /** Null, like `body`, in versions from before one text made both mails. */
  subject: string | null;
  body: string | null;
  inUse: boolean;
  shipped: boolean;
  recordedAt: Date | null;
  /** Waves that are pinned to it. */
  waves: number;
  choices: TemplateChoiceDto[];
}

export class TemplateDto extends TemplateSummaryDto {
  subject: string;
  body: string;
  /** What may stand in braces. */
  names: TemplateNameDto[];
  /** What `{{#もし …}}` may ask. */
  conditions: TemplatePartDto[];
  /** What may stand in brackets, besides the button where the author has one. */
  parts: TemplatePartDto[];
  /** False where the action is one of the parts, or asked for in words. */
  ownButton: boolean;
  /** True as long as the text is a proposal that has to be rewritten before anything goes out. */
  draft: boolean;
  /** Newest first. */
  versions: TemplateTextVersionDto[];
}

export class TemplateProblemDto {
  /** Stable. @example unknown_name */
  code: string;
  part: 'subject' | 'body';
  /** Of the part, from 1; null where it is about the whole part. */
  line: number | null;
  reason: string;
}

export class TemplateMessageDto {
  subject: string;
  text: string;
  html: string;
}

export class PreviewUnitDto {
  code: string;
  name: string;
}

export class TemplatePreviewDto {
  /** Why it could not be saved; empty where it could. */
  problems: TemplateProblemDto[];
  /** Null where there are problems. */
  message: TemplateMessageDto | null;
  /** Whose figures it shows; null where they are invented, because nobody would be written to. */
  unit: PreviewUnitDto | null;
}

export function toTemplateList(templates: readonly TemplateSummary[]): TemplateListDto {
  return { templates: templates.map((template) => ({ ...template })) };
}

export function toTemplate({
  written,
  names,
  conditions,
  parts,
  versions,
  ...summary
}: TemplateView): TemplateDto {
  return {
    ...summary,
    ...written,
    names: names.map(({ path: _path, ...name }) => name),
    conditions: conditions.map(({ name, description }) => ({ name, description })),
    parts: parts.map((part) => ({ ...part })),
    versions: versions.map(({ written: text, ...version }) => ({
      ...version,
      subject: text?.subject ?? null,
      body: text?.body ?? null,
      choices: version.choices.map(({ reason, at, by }) => ({ reason, at, by })),
    })),
  };
}

export function toTemplatePreview({ problems, message, unit }: TemplatePreview): TemplatePreviewDto {
  return { problems: problems.map((problem) => ({ ...problem })), message, unit };
}
