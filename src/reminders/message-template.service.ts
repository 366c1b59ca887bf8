import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { projectRoot } from '../platform/project-root.js';
import {
  compileTemplate,
  templateProblems,
  type MessageTemplate,
  type TemplateSource,
} from './message-template.js';

export interface TemplateVersion {
  readonly id: number;
  readonly name: string;
  readonly version: number;
}

const FOLDER = join(projectRoot, 'templates', 'messages');

/** The texts come with the program; each text that was ever used is kept as a numbered version. */
@Injectable()
export class MessageTemplateService {
  constructor(private readonly clock: Clock) {}

  /** The text as it stands in the files, checked. Throws `template_refused`. */
  async source(name: string): Promise<TemplateSource> {
    const [subject, text, html, noticeText, noticeHtml] = await Promise.all([
      read(name, 'subject.hbs'),
      read(name, 'body.txt.hbs'),
      read(name, 'body.html.hbs'),
      read('locked', 'voluntary-notice.txt.hbs'),
      read('locked', 'voluntary-notice.html.hbs'),
    ]);
    const source = { subject, text, html, noticeText, noticeHtml };
    const problems = templateProblems(source);
    if (problems.length === 0) return source;
    throw new AppError(
      'template_refused',
      'refused',
      `テンプレート「${name}」は使えません。${problems.join('。')}。`,
      { problems },
    );
  }

  /** The version of the present text, recorded when it is new. `em` is the transaction that pins it. */
  async current(em: EntityManager, name: string): Promise<TemplateVersion> {
    const source = await this.source(name);
    const sha256 = createHash('sha256').update(JSON.stringify(source)).digest('hex');
    const found = async (): Promise<TemplateVersion | undefined> => {
      const rows: TemplateVersion[] = await em.query(
        `SELECT id, name, version FROM message_template WHERE name = $1 AND sha256 = $2`,
        [name, sha256],
      );
      return rows[0];
    };
    const known = await found();
    if (known) return known;
    // Version numbers have no gaps and no doubles: one writer at a time.
    await em.query(`SELECT pg_advisory_xact_lock(hashtext('message_template'))`);
    await em.query(
      `INSERT INTO message_template (name, version, sha256, source, recorded_at)
       SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM message_template WHERE name = $1
       ON CONFLICT (name, sha256) DO NOTHING`,
      [name, sha256, source, this.clock.now()],
    );
    return (await found())!;
  }

  /** The version a wave is pinned to, ready to render. */
  async pinned(em: EntityManager, id: number): Promise<MessageTemplate> {
    const rows: { source: TemplateSource }[] = await em.query(
      `SELECT source FROM message_template WHERE id = $1`,
      [id],
    );
    const [row] = rows;
    if (!row)
      throw new AppError('template_not_found', 'not_found', 'この配信回の文面が見つかりません。', { id });
    return compileTemplate(row.source);
  }
}

function read(...path: string[]): Promise<string> {
  return readFile(join(FOLDER, ...path), 'utf8');
}
