/** What a template must have, may not have and may only say under a condition. How it speaks is in tone.ts. */
import { containsIndividualNumber } from '../platform/individual-number.js';
import { NOTICE, type TemplateKind } from './template-kind.js';
import {
  SYNTAX,
  type Block,
  type Inline,
  type ParsedTemplate,
  type TemplateProblem,
  type TemplateText,
} from './template-markup.js';
import { toneFaults, wordFaults } from './tone.js';

const LONGEST_SUBJECT = 200;
const LONGEST_BODY = 10_000;
/** As a whole: what names and parts bring is no matter of the author's. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029\u115f\u1160\u3164\uffa0]/u;

/** Looked at first: what is too long is not looked at any further. */
export function lengthProblems({ subject, body }: TemplateText): TemplateProblem[] {
  return [
    ...(subject.length > LONGEST_SUBJECT ? [tooLong('subject', '件名', LONGEST_SUBJECT)] : []),
    ...(body.length > LONGEST_BODY ? [tooLong('body', '本文', LONGEST_BODY)] : []),
  ];
}

function tooLong(part: TemplateProblem['part'], name: string, most: number): TemplateProblem {
  return { part, line: null, code: 'too_long', reason: `${name}は${most}字までで書いてください。` };
}

/** Besides what cannot be read at all, which parsing has reported. */
export function structureProblems(
  kind: TemplateKind,
  { subject, blocks }: ParsedTemplate,
  written: TemplateText,
): TemplateProblem[] {
  const check = new Check(kind);
  check.words(subject, 'subject', 1, null);
  check.tone('subject', 1, [subject]);
  if (written.subject === '') check.report('subject', 1, 'missing_subject', '件名を書いてください。');
  check.blocks(blocks, null);
  check.acrossBlocks();
  check.whole(written);
  check.completeness();
  return check.problems;
}

class Check {
  readonly problems: TemplateProblem[] = [];
  private readonly parts: { name: string; line: number; always: boolean }[] = [];
  private readonly buttons: { line: number; always: boolean }[] = [];
  private readonly titles: number[] = [];
  private readonly always = new Set<string>();
  private readonly texts: string[] = [];
  private readonly found = new Set<string>();

  constructor(private readonly kind: TemplateKind) {}

  report(part: TemplateProblem['part'], line: number | null, code: string, reason: string): void {
    this.problems.push({ part, line, code, reason });
  }

  blocks(blocks: readonly Block[], condition: string | null): void {
    for (const block of blocks) {
      const { line } = block;
      const always = condition === null;
      if (block.kind === 'choice') {
        this.condition(block.condition, line);
        this.blocks(block.met, block.condition);
        this.blocks(block.unmet, `not ${block.condition}`);
      } else if (block.kind === 'part') {
        if (!this.kind.parts.some(({ name }) => name === block.name)) this.unknownPart(line);
        this.parts.push({ name: block.name, line, always });
      } else {
        if (block.kind === 'button') this.buttons.push({ line, always });
        if (block.kind === 'title') this.titles.push(line);
        const lines = 'lines' in block ? block.lines : [block.words];
        for (const [index, words] of lines.entries()) this.words(words, 'body', line + index, condition);
        this.tone('body', line, lines);
      }
    }
  }

  words(
    words: readonly Inline[],
    part: TemplateProblem['part'],
    line: number,
    condition: string | null,
  ): void {
    for (const word of words) {
      if (!('name' in word)) continue;
      const known = this.kind.names.find(({ name }) => name === word.name);
      if (!known) this.unknownName(word.name, part, line);
      else if (known.personal && part === 'subject') {
        this.report(
          part,
          line,
          'personal_subject',
          `{{${known.name}}}は件名には使えません。件名は、通知の表示などで周りの人の目に触れます。`,
        );
      }
      if (known?.only !== undefined && known.only !== condition) {
        this.report(
          part,
          line,
          'unguarded_name',
          part === 'subject'
            ? `{{${known.name}}}は、ないことがあるため件名には使えません。`
            : `{{${known.name}}}は、ないことがあります。{{#もし ${known.only}}}と{{/もし}}の間に書いてください。`,
        );
      }
      if (known && condition === null && part === 'body') this.always.add(known.name);
    }
  }

  /** Lines one by one, to name the line; then together, so that a word broken over lines is found as well. */
  tone(part: TemplateProblem['part'], first: number, lines: readonly (readonly Inline[])[]): void {
    const texts = lines.map((words) => words.map((word) => ('name' in word ? 'X' : word.text)).join(''));
    const found = new Set<string>();
    for (const [index, text] of [...texts, texts.join('')].entries()) {
      const line = index < texts.length ? first + index : first;
      for (const { code, words, reason } of toneFaults(text)) {
        if (found.has(`${code} ${words}`)) continue;
        found.add(`${code} ${words}`);
        this.report(part, line, code, reason);
      }
    }
    if (part === 'body') this.texts.push(...texts);
    for (const one of found) this.found.add(one);
  }

  /** A word can be broken over paragraphs as well. */
  acrossBlocks(): void {
    for (const { code, words, reason } of wordFaults(this.texts.join('')))
      if (!this.found.has(`${code} ${words}`)) this.report('body', null, code, reason);
  }

  whole({ subject, body }: TemplateText): void {
    const lines = [
      ['subject', 1, subject],
      ...body.split('\n').map((text, index) => ['body', index + 1, text] as const),
    ] as const;
    for (const [part, line, text] of lines) {
      if (INVISIBLE.test(text.replaceAll('\t', '')))
        this.report(
          part,
          line,
          'invisible_character',
          '目に見えない文字が入っています。書き直してください。',
        );
      // Mail programs read what a code of RFC 2047 stands for, and not what was looked at here.
      if (part === 'subject' && text.normalize('NFKC').includes('=?'))
        this.report(part, line, SYNTAX, '件名に「=?」は使えません。');
      if (/<\/?[a-z!]/i.test(text.normalize('NFKC')))
        this.report(
          part,
          line,
          'html',
          'HTMLは書けません。見出しや強調は、文面の書き方の記号を使ってください。',
        );
    }
    if (containsIndividualNumber(`${subject}\n${body}`))
      this.report(
        'body',
        1 + Math.max(0, body.split('\n').findIndex(containsIndividualNumber)),
        'individual_number',
        '個人番号(マイナンバー)と読める12桁の番号が入っています。消してください。',
      );
  }

  /** The voluntary notice with whom to ask, the deadline, one action: none of them may depend on a condition. */
  completeness(): void {
    const notices = this.parts.filter(({ name }) => name === NOTICE.name);
    if (notices.length !== 1 || !notices[0]!.always)
      this.report(
        'body',
        notices.at(-1)?.line ?? null,
        'missing_notice',
        `[${NOTICE.name}](任意であること、不利益がないこと、問い合わせ先)を、条件の外に1か所だけ書いてください。`,
      );
    this.oneAction();
    for (const name of this.kind.required)
      if (!this.always.has(name))
        this.report(
          'body',
          null,
          'missing_deadline',
          `条件の外に{{${name}}}を書いてください。期限のない案内は後回しになります。`,
        );
    for (const line of this.titles.slice(1))
      this.report('body', line, 'one_title', '「# 」の大見出しは1つだけにしてください。');
  }

  private oneAction(): void {
    const { action } = this.kind;
    const last = this.buttons.at(-1)?.line ?? null;
    if (action !== undefined && last !== null) {
      const instead =
        action === null ? 'お願いは本文の言葉で書いてください。' : `[${action}]を使ってください。`;
      this.report('body', last, 'one_action', `この文面では[ボタン: …]を使えません。${instead}`);
    }
    if (action === null) return;
    const actions = action === undefined ? this.buttons : this.parts.filter(({ name }) => name === action);
    if (actions.length === 1 && actions[0]!.always) return;
    this.report(
      'body',
      actions.at(-1)?.line ?? null,
      'one_action',
      `お願いは1つにします。[${action ?? 'ボタン: …'}]を、条件の外に1つだけ書いてください。`,
    );
  }

  private condition(name: string, line: number): void {
    if (this.kind.conditions.some((known) => known.name === name)) return;
    const known = this.kind.conditions.map((one) => one.name).join('、');
    this.report(
      'body',
      line,
      'unknown_condition',
      known === ''
        ? 'この文面では、条件({{#もし …}})を使えません。'
        : `{{#もし …}}に書ける条件ではありません。使える条件: ${known}`,
    );
  }

  private unknownPart(line: number): void {
    const own = this.kind.action === undefined ? ['[ボタン: …]'] : [];
    const known = [...own, ...this.kind.parts.map(({ name }) => `[${name}]`)].join('、');
    this.report(
      'body',
      line,
      'unknown_part',
      `この名前の部品はありません。行の全体を[ ]で囲むと部品になります。使える部品: ${known}`,
    );
  }

  private unknownName(name: string, part: TemplateProblem['part'], line: number): void {
    const shown = name.length <= 30 && !containsIndividualNumber(name) ? `{{${name}}}` : 'この名前';
    this.report(
      part,
      line,
      'unknown_name',
      `${shown}は、この文面では使えません。使える名前の一覧から選んでください。`,
    );
  }
}
