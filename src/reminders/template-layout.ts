/**
 * From the author's text to the two texts a mail has. What comes out is Handlebars of our own making: of the author's
 * text it holds literal characters, and for each name the path its kind declares. Nothing the author writes is code.
 */
import type { MessageParts } from './message-parts.js';
import type { TemplateKind } from './template-kind.js';
import type { Block, Inline, ParsedTemplate } from './template-markup.js';

export interface LaidOut {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Of a template without problems: each name is declared, each part is there. */
export function layOut(
  kind: TemplateKind,
  parts: MessageParts,
  { subject, blocks }: ParsedTemplate,
): LaidOut {
  const paths = new Map([...kind.names, ...kind.conditions].map(({ name, path }) => [name, path]));
  const files = new Map(kind.parts.map(({ name, file }) => [name, file]));
  // A part's text is followed by an empty line, like every block.
  const text = new TextLayout(paths, files, (file) => `${parts.text(file)}\n`);
  const html = new HtmlLayout(paths, files, (file) => parts.html(file));
  return {
    subject: text.words(subject),
    text: filled(parts.text('frame'), { body: text.blocks(blocks) }),
    html: filled(parts.html('frame'), { subject: html.words(subject), body: html.blocks(blocks) }),
  };
}

/** `{{> name}}` in our own parts stands for what is put in here, before anything is compiled. */
function filled(part: string, values: Readonly<Record<string, string>>): string {
  return part.replace(/\{\{> (\w+)\}\}\n?/g, (_, name: string) => values[name]!);
}

abstract class Layout {
  constructor(
    private readonly paths: ReadonlyMap<string, string>,
    private readonly files: ReadonlyMap<string, string>,
    private readonly partOf: (file: string) => string,
  ) {}

  blocks(blocks: readonly Block[]): string {
    return blocks.map((block) => this.block(block)).join('');
  }

  words(words: readonly Inline[]): string {
    const runs: { strong: boolean; text: string }[] = [];
    for (const word of words) {
      const text = 'name' in word ? `{{${this.paths.get(word.name)}}}` : this.literal(word.text);
      const last = runs.at(-1);
      if (last?.strong === word.strong) last.text += text;
      else runs.push({ strong: word.strong, text });
    }
    return runs.map(({ strong, text }) => (strong ? this.strong(text) : text)).join('');
  }

  protected abstract literal(text: string): string;
  protected abstract strong(text: string): string;
  protected abstract lines(kind: 'paragraph' | 'quote' | 'list', lines: readonly string[]): string;
  protected abstract line(kind: 'title' | 'heading', words: string): string;

  private block(block: Block): string {
    switch (block.kind) {
      case 'choice':
        return (
          `{{#if ${this.paths.get(block.condition)}}}\n${this.blocks(block.met)}` +
          `{{else}}\n${this.blocks(block.unmet)}{{/if}}\n`
        );
      case 'part':
        return this.partOf(this.files.get(block.name)!);
      case 'button':
        return filled(this.partOf('button'), { label: this.words(block.words) });
      case 'title':
      case 'heading':
        return this.line(block.kind, this.words(block.words));
      default:
        return this.lines(
          block.kind,
          block.lines.map((line) => this.words(line)),
        );
    }
  }
}

/** Blocks end with an empty line; more than one in a row is made one when a message is rendered. */
class TextLayout extends Layout {
  protected literal(text: string): string {
    return text;
  }

  protected strong(text: string): string {
    return text;
  }

  protected lines(kind: 'paragraph' | 'quote' | 'list', lines: readonly string[]): string {
    const before = { paragraph: '', quote: '  ', list: '・' }[kind];
    return `${lines.map((line) => before + line).join('\n')}\n\n`;
  }

  protected line(kind: 'title' | 'heading', words: string): string {
    return kind === 'heading' ? `■ ${words}\n` : `${words}\n\n`;
  }
}

const ROW = (padding: string, inside: string): string =>
  `<tr><td style="padding:${padding};">${inside}</td></tr>\n`;

class HtmlLayout extends Layout {
  protected literal(text: string): string {
    return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  }

  protected strong(text: string): string {
    return `<b>${text}</b>`;
  }

  protected lines(kind: 'paragraph' | 'quote' | 'list', lines: readonly string[]): string {
    if (kind === 'list') {
      const items = lines.map((line) => `<li style="margin:0 0 4px;">${line}</li>`).join('');
      return ROW('0 0 16px', `<ul style="margin:0;padding:0 0 0 24px;">${items}</ul>`);
    }
    const text = lines.join('<br>');
    if (kind === 'paragraph') return ROW('0 0 16px', text);
    return ROW(
      '0 0 24px',
      '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse;">' +
        `<tr><td style="padding:12px 16px;background:#f2f2f2;border-left:4px solid #0017c1;">${text}</td></tr></table>`,
    );
  }

  protected line(kind: 'title' | 'heading', words: string): string {
    return kind === 'title'
      ? ROW('0 0 16px', `<h1 style="margin:0;font-size:24px;line-height:1.4;">${words}</h1>`)
      : ROW('16px 0 4px;border-top:1px solid #cccccc', `<h2 style="margin:0;font-size:16px;">${words}</h2>`);
  }
}
