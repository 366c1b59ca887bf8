import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, property, string, type Arbitrary } from 'fast-check';
import { MANAGER_MESSAGE_EXAMPLES } from '../../../src/reminders/manager-message-example.js';
import { MessageParts } from '../../../src/reminders/message-parts.js';
import { compileTemplate, translateTemplate } from '../../../src/reminders/message-template.js';
import { templateKind } from '../../../src/reminders/template-kind.js';

const kind = templateKind('manager-monthly');
const parts = new MessageParts();

/** Marks and the pieces they are made of, in any order. */
const PIECES = [
  '{{期限}}',
  '{{所属名}}',
  '{{保有率}}',
  '{{#もし 率を載せる}}',
  '{{そうでなければ}}',
  '{{/もし}}',
  '[ボタン: 開く]',
  '[大切なお知らせ]',
  '[状況の表]',
  '# ',
  '■ ',
  '> ',
  '・',
  '**',
  '\n',
  '\n\n',
  '{',
  '}',
  '{{',
  '}}',
  '\\',
  '[',
  ']',
  '<',
  '>',
  '&',
  '"',
  "'",
  '$&',
  '$1',
  '{{> body}}',
  '{{{url}}}',
  '{{constructor}}',
  '<script>',
  'お願いします。',
  '課',
  ' ',
  '　',
  '%s',
  '\u0000',
  '\u202e',
];
const text: Arbitrary<string> = array(constantFrom(...PIECES), { maxLength: 14 }).map((pieces) =>
  pieces.join(''),
);
const sound = '{{期限}}まで\n\n[ボタン: 開く]\n\n[大切なお知らせ]\n\n';
const TAGS =
  /^<\/?(?:!doctype|html|head|meta|title|body|div|table|caption|tr|td|th|span|p|a|b|h1|h2|ul|li|br)\b/i;

test('whatever is written is either refused with reasons or becomes a mail that holds no code', () => {
  let accepted = 0;
  const check = (subject: string, body: string) => {
    const { source, problems } = translateTemplate(kind, parts, { subject, body });
    if (!source) {
      for (const { reason } of problems) expect(reason).not.toBe('');
      return;
    }
    accepted++;
    for (const example of MANAGER_MESSAGE_EXAMPLES) {
      const mail = compileTemplate(source)(example);
      for (const [tag] of mail.html.matchAll(/<[^>]*>?/g)) expect(tag).toMatch(TAGS);
      expect(new Set([...mail.html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href))).toEqual(
        new Set([example.url]),
      );
      expect(mail.subject + mail.text + mail.html).not.toMatch(/\{\{|\}\}|undefined|\[object/);
      expect(mail.text).toContain('不利益な取扱いをすることはありません');
      if (!example.showOwn) expect(mail.text + mail.html).not.toContain(example.own.rate);
    }
  };
  assert(
    property(text, text, (subject, body) => check(subject || 'x', sound + body)),
    { numRuns: 250 },
  );
  assert(
    property(string({ unit: 'binary', maxLength: 40 }), (body) => check('x', sound + body)),
    { numRuns: 100 },
  );
  expect(accepted).toBeGreaterThan(5);
});
