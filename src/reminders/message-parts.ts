/** The parts of messages that no author can change: they come with the program. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../platform/project-root.js';

export const MESSAGES_FOLDER = join(projectRoot, 'templates', 'messages');

export class MessageParts {
  private readonly files: ReadonlyMap<string, string>;

  constructor(folder = join(MESSAGES_FOLDER, 'locked')) {
    this.files = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  }

  text(name: string): string {
    return this.file(`${name}.txt.hbs`);
  }

  html(name: string): string {
    return this.file(`${name}.html.hbs`);
  }

  private file(name: string): string {
    const text = this.files.get(name);
    if (text === undefined) throw new Error(`no part ${name} of messages`);
    return text;
  }
}
