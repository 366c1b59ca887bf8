import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { MESSAGES_FOLDER, MessageParts } from './message-parts.js';
import {
  compileTemplate,
  translateTemplate,
  type MessageTemplate,
  type TemplateSource,
  type TranslatedTemplate,
} from './message-template.js';
import { templateKind } from './template-kind.js';
import { normalTemplate, readTemplateFile, type TemplateText } from './template-markup.js';
import { refusedTemplate } from './template-problem.js';
import {
  addVersion,
  chosenText,
  lockTemplates,
  sourceOf,
  versionOf,
  type TemplateVersion,
} from './template.query.js';

/** So many versions stay compiled; a wave needs one. */
const MOST_COMPILED = 50;

/** The texts come with the program or are chosen by HR; each that was ever used is kept as a numbered version. */
@Injectable()
export class MessageTemplateService {
  private readonly parts = new MessageParts();
  private readonly compiled = new Map<number, MessageTemplate>();

  constructor(private readonly clock: Clock) {}

  /** The text that comes with the program. Throws `template_not_found`. */
  async shipped(name: string): Promise<TemplateText> {
    const file = await readFile(join(MESSAGES_FOLDER, `${templateKind(name).name}.txt`), 'utf8');
    const text = readTemplateFile(file);
    if (!text) throw new Error(`the first line of the template ${name} is no subject`);
    return text;
  }

  /** What the next wave says. Throws `template_not_found`. */
  async inUse(em: EntityManager, name: string): Promise<TemplateText> {
    return (await chosenText(em, templateKind(name).name)) ?? this.shipped(name);
  }

  /** True where the text that ships is only a proposal, and HR has not saved one of its own. */
  async isDraft(em: EntityManager, name: string): Promise<boolean> {
    return templateKind(name).draft === true && (await chosenText(em, name)) === undefined;
  }

  /** Throws `template_is_draft`. */
  async refuseDraft(em: EntityManager, name: string): Promise<void> {
    if (!(await this.isDraft(em, name))) return;
    throw new AppError(
      'template_is_draft',
      'conflict',
      'この案内の文面は下書きです。「設定」の「案内の文面を開く」から書き換えて保存すると、配信できます。',
    );
  }

  translate(name: string, written: TemplateText): TranslatedTemplate {
    // One order of the fields as well: equal texts have equal hashes.
    return translateTemplate(templateKind(name), this.parts, normalTemplate(written));
  }

  /** The text in use, checked by today's rules and in today's look. Throws `template_refused`. */
  async source(em: EntityManager, name: string): Promise<TemplateSource> {
    const { source, problems } = this.translate(name, await this.inUse(em, name));
    if (source) return source;
    throw refusedTemplate(problems);
  }

  /** The version of what is in use, recorded when it is new. `em` is the transaction that pins it. */
  async current(em: EntityManager, name: string): Promise<TemplateVersion> {
    return this.record(em, name, await this.source(em, name));
  }

  async record(em: EntityManager, name: string, source: TemplateSource): Promise<TemplateVersion> {
    const sha256 = hashOf(source);
    const known = await versionOf(em, name, sha256);
    if (known) return known;
    await lockTemplates(em);
    await addVersion(em, name, sha256, source, this.clock.now());
    return (await versionOf(em, name, sha256))!;
  }

  /** The version a wave is pinned to, ready to render. Versions never change, so each is compiled once. */
  async pinned(em: EntityManager, id: number): Promise<MessageTemplate> {
    const known = this.compiled.get(id);
    if (known) return known;
    const source = await sourceOf(em, id);
    if (!source)
      throw new AppError('template_not_found', 'not_found', 'この配信回の文面が見つかりません。', { id });
    const template = compileTemplate(source);
    const [oldest] = this.compiled.keys();
    if (oldest !== undefined && this.compiled.size >= MOST_COMPILED) this.compiled.delete(oldest);
    this.compiled.set(id, template);
    return template;
  }
}

function hashOf(source: TemplateSource): string {
  return createHash('sha256').update(JSON.stringify(source)).digest('hex');
}
