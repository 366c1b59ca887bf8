/** A message's template: three texts, and the voluntary notice that none of them can leave out or reword. */
import Handlebars from 'handlebars';
import { containsIndividualNumber } from '../platform/individual-number.js';

export interface TemplateSource {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The locked notice as it stood when this version was recorded. */
  readonly noticeText: string;
  readonly noticeHtml: string;
}

export interface RenderedMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type MessageTemplate = (context: object) => RenderedMessage;

export const NOTICE_PARTIAL = 'voluntary-notice';

/** Holding the card is voluntary in law: words that press people have no place in a message. */
const PRESSING_WORDS = ['義務', '必ず', '未達', 'ワースト', 'あなただけ', '人事評価', '強制', '命令'];

export function pressingWords(text: string): string[] {
  const normalised = text.normalize('NFKC').replace(/\s+/g, '');
  return PRESSING_WORDS.filter((word) => normalised.includes(word));
}

/** Why the template must not be used, in sentences for the person who wrote it; empty when it may. */
export function templateProblems(source: TemplateSource): string[] {
  const problems: string[] = [];
  for (const [part, label] of [
    ['subject', '件名'],
    ['text', '本文(テキスト)'],
    ['html', '本文(HTML)'],
  ] as const) {
    const words = pressingWords(source[part]);
    if (words.length > 0) problems.push(`${label}に使えない言葉があります: ${words.join('、')}`);
    if (containsIndividualNumber(source[part]))
      problems.push(`${label}に12桁の番号が入っている可能性があります`);
    if (part !== 'subject' && !alwaysIncludesNotice(source[part])) {
      problems.push(
        `${label}に任意であることのお知らせ({{> ${NOTICE_PARTIAL}}})を1か所、条件を付けずに入れてください`,
      );
    }
  }
  return problems;
}

/**
 * Compiles with a Handlebars of its own. `strict` throws where the context lacks a name, except in the condition of
 * #if and #each: contexts therefore always carry every name.
 */
export function compileTemplate(source: TemplateSource): MessageTemplate {
  const plain = compiler(source.noticeText, true);
  const subject = plain(source.subject);
  const text = plain(source.text);
  const html = compiler(source.noticeHtml, false)(source.html);
  return (context) => ({
    subject: subject(context).replace(/\s+/g, ' ').trim(),
    text: text(context),
    html: html(context),
  });
}

function compiler(notice: string, noEscape: boolean): (source: string) => HandlebarsTemplateDelegate {
  const handlebars = Handlebars.create();
  handlebars.registerPartial(NOTICE_PARTIAL, notice);
  return (source) => handlebars.compile(source, { strict: true, noEscape, knownHelpersOnly: true });
}

/** Once, at the top level: inside a condition it could be dropped. */
function alwaysIncludesNotice(source: string): boolean {
  const notices = Handlebars.parse(source).body.filter(
    (node) =>
      node.type === 'PartialStatement' && partialName(node as hbs.AST.PartialStatement) === NOTICE_PARTIAL,
  );
  return notices.length === 1;
}

function partialName(node: hbs.AST.PartialStatement): string {
  return node.name.type === 'PathExpression' ? (node.name as hbs.AST.PathExpression).original : '';
}
