/** A version of a template as it is kept, and what renders messages from it. */
import Handlebars from 'handlebars';
import { wrapText } from '../platform/columns.js';
import type { MessageParts } from './message-parts.js';
import type { TemplateKind } from './template-kind.js';
import { layOut } from './template-layout.js';
import { lengthProblems, structureProblems } from './template-lint.js';
import { parseTemplate, type TemplateProblem, type TemplateText } from './template-markup.js';

/**
 * Everything a message needs besides its data, so that a wave reads the same for ever. Subject, text and HTML are
 * Handlebars that we have made from what was written.
 */
export interface TemplateSource {
  /** Missing in versions from before authors wrote one text for both. */
  readonly written?: TemplateText;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Where lines of the text are broken; they stay as they are without it. */
  readonly columns?: number;
  /** Of versions that name the notice as a partial. */
  readonly noticeText?: string;
  readonly noticeHtml?: string;
}

export interface RenderedMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type MessageTemplate = (context: object) => RenderedMessage;

/** 35 full-width characters, as business mail in Japan is written. */
const COLUMNS = 70;

export type TranslatedTemplate =
  | { readonly source: TemplateSource; readonly problems: readonly [] }
  | { readonly source: null; readonly problems: readonly TemplateProblem[] };

/** Checked and laid out. All problems at once; a template with problems is never rendered. */
export function translateTemplate(
  kind: TemplateKind,
  parts: MessageParts,
  written: TemplateText,
): TranslatedTemplate {
  const tooLong = lengthProblems(written);
  if (tooLong.length > 0) return { source: null, problems: tooLong };
  const parsed = parseTemplate(written);
  const all = [...parsed.problems, ...structureProblems(kind, parsed, written)];
  const problems = [...new Map(all.map((problem) => [JSON.stringify(problem), problem])).values()];
  if (problems.length > 0) return { source: null, problems };
  const source = { written, ...layOut(kind, parts, parsed), columns: COLUMNS };
  // What renders no example would fail in the middle of a wave.
  const render = compileTemplate(source);
  for (const example of kind.examples) render(example);
  return { source, problems: [] };
}

/**
 * Compiles with a Handlebars of its own. `strict` throws where the context lacks a name, except in the condition of
 * #if and #each: contexts therefore always carry every name.
 */
export function compileTemplate(source: TemplateSource): MessageTemplate {
  const { columns } = source;
  const plain = compiler(source.noticeText, true);
  const subject = plain(source.subject);
  const text = plain(source.text);
  const html = compiler(source.noticeHtml, false)(source.html);
  return (context) => {
    const body = text(context);
    return {
      subject: subject(context).replace(/\s+/g, ' ').trim(),
      text: columns === undefined ? body : wrapText(body.replace(/\n{3,}/g, '\n\n'), columns),
      html: html(context),
    };
  };
}

function compiler(
  notice: string | undefined,
  noEscape: boolean,
): (source: string) => HandlebarsTemplateDelegate {
  const handlebars = Handlebars.create();
  if (notice !== undefined) handlebars.registerPartial('voluntary-notice', notice);
  return (source) => handlebars.compile(source, { strict: true, noEscape, knownHelpersOnly: true });
}
