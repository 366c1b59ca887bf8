/**
 * What HR writes: plain text with a few marks. Docs: docs/decisions/0019-templates-in-plain-text.md.
 * Reading it knows nothing of any kind of message; faults are found all at once and named by their line.
 */
export interface TemplateText {
  readonly subject: string;
  readonly body: string;
}

/** A piece of a line: literal text or a name. */
export type Inline =
  { readonly text: string; readonly strong: boolean } | { readonly name: string; readonly strong: boolean };

interface Placed {
  readonly line: number;
}

export type Block = Placed &
  (
    | { readonly kind: 'paragraph' | 'quote' | 'list'; readonly lines: readonly (readonly Inline[])[] }
    | { readonly kind: 'title' | 'heading' | 'button'; readonly words: readonly Inline[] }
    | { readonly kind: 'part'; readonly name: string }
    | {
        readonly kind: 'choice';
        readonly condition: string;
        readonly met: readonly Block[];
        readonly unmet: readonly Block[];
      }
  );

export interface TemplateProblem {
  /** Stable, for programs. */
  readonly code: string;
  readonly part: 'subject' | 'body';
  /** Of the part, from 1; null where it is about the whole part. */
  readonly line: number | null;
  /** A sentence for the author: what is wrong and what to write instead. */
  readonly reason: string;
}

export interface ParsedTemplate {
  readonly subject: readonly Inline[];
  readonly blocks: readonly Block[];
  readonly problems: readonly TemplateProblem[];
}

/** Lines of one kind in a row are one block. */
interface Running extends Placed {
  readonly kind: 'paragraph' | 'quote' | 'list';
  readonly lines: Inline[][];
}

type Report = (line: number, code: string, reason: string) => void;

export const SYNTAX = 'template_syntax';

export function parseTemplate({ subject, body }: TemplateText): ParsedTemplate {
  const problems: TemplateProblem[] = [];
  const report =
    (part: TemplateProblem['part']): Report =>
    (line, code, reason) =>
      problems.push({ part, line, code, reason });
  const words = parseInline(subject, 1, report('subject'));
  if (/[\r\n]/.test(subject)) report('subject')(1, SYNTAX, '件名は1行で書いてください。');
  if (words.some(({ strong }) => strong)) report('subject')(1, SYNTAX, '件名に強調の「**」は使えません。');
  const blocks = parseBlocks(body, report('body'));
  return { subject: words, blocks, problems };
}

const CHOICE = /^\{\{\s*#もし\s+([^{}]+?)\s*\}\}$/u;
const OTHERWISE = /^\{\{\s*そうでなければ\s*\}\}$/u;
const END = /^\{\{\s*\/もし\s*\}\}$/u;
const BRACKETS = /^[[［](.+)[\]］]$/u;
const BUTTON = /^ボタン\s*[:：]\s*(.+)$/u;
const MARKS: readonly (readonly [RegExp, 'title' | 'heading' | 'quote' | 'list'])[] = [
  [/^[#＃]\s*/u, 'title'],
  [/^■\s*/u, 'heading'],
  [/^[>＞]\s?/u, 'quote'],
  [/^・\s*/u, 'list'],
];

function parseBlocks(body: string, report: Report): Block[] {
  const reader = new BlockReader(report);
  for (const [index, raw] of body.split(/\r\n?|\n/).entries()) reader.read(index + 1, widened(raw).trim());
  return reader.end();
}

class BlockReader {
  private readonly top: Block[] = [];
  private into = this.top;
  private choice: (Placed & { condition: string; met: Block[]; unmet: Block[] }) | null = null;
  private running: Running | null = null;

  constructor(private readonly report: Report) {}

  read(line: number, text: string): void {
    const mark = MARKS.find(([pattern]) => pattern.test(text));
    const words = (): Inline[] => parseInline(mark ? text.replace(mark[0], '') : text, line, this.report);
    const kind = mark?.[1] ?? 'paragraph';
    if (text === '' || this.isControl(line, text)) this.running = null;
    else if (kind === 'title' || kind === 'heading') {
      this.running = null;
      this.into.push({ kind, line, words: words() });
    } else if (this.running?.kind === kind) this.running.lines.push(words());
    else this.into.push((this.running = { kind, line, lines: [words()] }));
  }

  end(): Block[] {
    if (this.choice) {
      this.report(this.choice.line, SYNTAX, '{{#もし …}}を閉じる{{/もし}}がありません。');
      this.close(this.choice.line);
    }
    return this.top;
  }

  /** A line that is a condition or a part, and so no text. */
  private isControl(line: number, text: string): boolean {
    const condition = CHOICE.exec(text)?.[1];
    const inside = BRACKETS.exec(text)?.[1]?.trim();
    if (condition !== undefined) this.open(line, condition);
    else if (OTHERWISE.test(text)) this.otherwise(line);
    else if (END.test(text)) this.close(line);
    else if (inside !== undefined) this.part(line, inside);
    else return false;
    return true;
  }

  private open(line: number, condition: string): void {
    if (this.choice) this.report(line, SYNTAX, '条件({{#もし …}})の中に、別の条件は書けません。');
    this.choice = { line, condition: normalName(condition), met: [], unmet: [] };
    this.into = this.choice.met;
  }

  private otherwise(line: number): void {
    if (this.choice && this.into === this.choice.met) this.into = this.choice.unmet;
    else this.report(line, SYNTAX, '{{そうでなければ}}に対応する{{#もし …}}がありません。');
  }

  private close(line: number): void {
    if (this.choice) this.top.push({ kind: 'choice', ...this.choice });
    else this.report(line, SYNTAX, '{{/もし}}に対応する{{#もし …}}がありません。');
    this.choice = null;
    this.into = this.top;
  }

  private part(line: number, inside: string): void {
    const label = BUTTON.exec(inside)?.[1];
    this.into.push(
      label === undefined
        ? { kind: 'part', line, name: normalName(inside) }
        : { kind: 'button', line, words: parseInline(label, line, this.report) },
    );
  }
}

const TOKENS = /\{\{(.*?)\}\}(?!\})|\*\*/gsu;

/** Names and strong words. Whatever else has braces is no part of the language and is refused by what it looks like. */
function parseInline(raw: string, line: number, report: Report): Inline[] {
  const text = widened(raw);
  const words: Inline[] = [];
  let strong = false;
  let end = 0;
  const literal = (until: number) => {
    const piece = text.slice(end, until);
    if (/[{}\\]/.test(piece))
      report(line, SYNTAX, '半角の「{」「}」「\\」は、{{名前}}のほかには使えません。全角にしてください。');
    if (piece !== '') words.push({ text: piece, strong });
  };
  for (const token of text.matchAll(TOKENS)) {
    literal(token.index);
    end = token.index + token[0].length;
    if (token[1] === undefined) {
      strong = !strong;
      continue;
    }
    const fault = faultOf(token[1]);
    if (fault) report(line, fault.code, fault.reason);
    else words.push({ name: normalName(token[1]), strong });
  }
  literal(text.length);
  if (strong) report(line, SYNTAX, '強調の「**」は、同じ行の中で2つ1組にしてください。');
  return words;
}

/** Why the inside of a pair of braces cannot be a name. */
function faultOf(inside: string): { code: string; reason: string } | null {
  const name = normalName(inside);
  if (inside.startsWith('{')) return forbidden('{{{…}}}のように波括弧を3つ重ねることはできません。');
  if (name.startsWith('&')) return forbidden('{{&…}}は使えません。');
  if (name.startsWith('>')) return forbidden('{{> …}}は使えません。部品は[大切なお知らせ]のように書きます。');
  if (name.startsWith('!'))
    return forbidden('{{! …}}は使えません。文面に残さない覚え書きは、版の理由に書きます。');
  if (/^(#|\/|\^|else\b|そうでなければ$)/u.test(name))
    return forbidden(
      '条件は{{#もし 条件の名前}}、{{そうでなければ}}、{{/もし}}だけを、それぞれ1行に1つ書きます。',
    );
  if (/constructor|prototype|__|^(this|@|\.)/iu.test(name))
    return forbidden('文面の外に届く書き方は使えません。{{名前}}には一覧の名前だけを書きます。');
  if (/[\s()=|"'`[\]{}]/u.test(name))
    return forbidden('{{ }}の中に書けるのは名前1つだけです。計算や呼び出しはできません。');
  return name === '' ? { code: SYNTAX, reason: '{{ }}の中に名前がありません。' } : null;
}

function forbidden(reason: string): { code: string; reason: string } {
  return { code: 'template_forbidden', reason };
}

/** Braces as an input method writes them. */
function widened(text: string): string {
  return text.replaceAll('｛｛', '{{').replaceAll('｝｝', '}}');
}

function normalName(name: string): string {
  return name.normalize('NFKC').trim();
}

const SUBJECT = /^件名\s*[:：]\s*(.*)$/u;

/** A file of one template: its first line is the subject. Null where it is not. */
export function readTemplateFile(text: string): TemplateText | null {
  const [first = '', ...rest] = text.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
  const subject = SUBJECT.exec(first.trim())?.[1];
  return subject === undefined ? null : normalTemplate({ subject, body: rest.join('\n') });
}

export function templateFile({ subject, body }: TemplateText): string {
  return `件名: ${subject}\n\n${body}\n`;
}

/** One spelling of the same text: what forms, files and programs add or drop at its ends is no difference. */
export function normalTemplate({ subject, body }: TemplateText): TemplateText {
  const lines = body.split(/\r\n?|\n/).map((line) => line.trimEnd());
  return { subject: subject.trim(), body: lines.join('\n').replace(/^\n+|\n+$/g, '') };
}
