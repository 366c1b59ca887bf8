import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../../src/platform/clock.js';
import { MANAGER_MESSAGE_EXAMPLES } from '../../../src/reminders/manager-message-example.js';
import { MessageParts } from '../../../src/reminders/message-parts.js';
import { compileTemplate, translateTemplate } from '../../../src/reminders/message-template.js';
import { MessageTemplateService } from '../../../src/reminders/message-template.service.js';
import { masked, templateKind, TEMPLATE_KINDS, valueAt } from '../../../src/reminders/template-kind.js';
import { readTemplateFile, templateFile, type TemplateText } from '../../../src/reminders/template-markup.js';

const templates = new MessageTemplateService(new Clock());
const kind = templateKind('manager-monthly');
const parts = new MessageParts();
const [full, least] = MANAGER_MESSAGE_EXAMPLES as [object, object];

/** A sound template around the lines a test is about. */
function around(...lines: string[]): TemplateText {
  return {
    subject: '案内のお願い',
    body: ['{{期限}}までにお願いします。', '', ...lines, '', '[ボタン: 開く]', '', '[大切なお知らせ]'].join(
      '\n',
    ),
  };
}

function problemsOf(written: TemplateText) {
  return translateTemplate(kind, parts, written).problems;
}

function rendered(written: TemplateText, context: object = full) {
  const { source, problems } = translateTemplate(kind, parts, written);
  expect(problems).toEqual([]);
  return compileTemplate(source!)(context);
}

describe.each(TEMPLATE_KINDS)('the kind $name', ({ name, names, conditions, examples }) => {
  test('ships with a text that nothing is wrong with', async () => {
    const shipped = await templates.shipped(name);
    expect(templates.translate(name, shipped).problems).toEqual([]);
    expect(readTemplateFile(templateFile(shipped))).toEqual(shipped);
  });

  test('has an example of every name, and of every condition both ways', () => {
    for (const { path } of names)
      expect([path, typeof valueAt(examples[0]!, path)]).toEqual([path, 'string']);
    for (const { path } of conditions)
      expect(new Set(examples.map((example) => Boolean(valueAt(example, path)))).size).toBe(2);
  });
});

describe('one text', () => {
  const { text, html } = rendered(
    around(
      '# 大きな見出し',
      '■ 見出し',
      '一行目は**{{所属名}}**、',
      '二行目',
      '> 引用の「文」',
      '・ひとつ',
      '・ふたつ & 「みっつ」',
    ),
  );

  test('becomes plain text as people write it', () => {
    expect(text).toContain(
      [
        '大きな見出し',
        '',
        '■ 見出し',
        '一行目は見本課、',
        '二行目',
        '',
        '  引用の「文」',
        '',
        '・ひとつ',
        '・ふたつ & 「みっつ」',
        '',
      ].join('\n'),
    );
  });

  test('becomes HTML with the same words, escaped', () => {
    expect(html).toMatch(/<h1[^>]*>大きな見出し<\/h1>/);
    expect(html).toMatch(/<h2[^>]*>見出し<\/h2>/);
    expect(html).toContain('一行目は<b>見本課</b>、<br>二行目');
    expect(html).toMatch(/<li[^>]*>ひとつ<\/li><li[^>]*>ふたつ &#38; 「みっつ」<\/li>/);
  });

  test('has one link that leads anywhere, written in both', () => {
    const addresses = new Set([...html.matchAll(/href="([^"]*)"/g)].map((match) => match[1]));
    expect([...addresses]).toEqual(['https://card.example.jp/units/0101']);
    expect(text).toContain('開く:\nhttps://card.example.jp/units/0101\n(開くだけでは何も送信されません)');
  });

  test('breaks long lines of its text between words', () => {
    const long = rendered(around('お願いは、'.repeat(30)))
      .text.split('\n')
      .filter((line) => line.startsWith('お願いは'));
    expect(long.length).toBeGreaterThan(3);
    for (const line of long) expect(line).toMatch(/^(お願いは、){1,7}$/);
  });

  test('says under a condition what not everybody may read', () => {
    const written = around(
      '{{#もし 率を載せる}}',
      '率は{{保有率}}です。',
      '{{そうでなければ}}',
      '率は載せません。',
      '{{/もし}}',
    );
    expect(rendered(written).text).toContain('率は82.1%です。');
    expect(rendered(written, least).text).toContain('率は載せません。');
    expect(rendered(written, least).html).not.toContain('82.1%');
  });

  test('may be typed with full-width marks', () => {
    const { text: wide } = rendered(
      around('＞　引用', '［ 状況の表 ］', '｛｛所属名｝｝の皆さん', '{{ 所属名 }}'),
    );
    expect(wide).toContain('  引用');
    expect(wide).toContain('見本課の皆さん\n見本課\n');
  });
});

describe('what is not a name of this message is refused, with its line', () => {
  test.each([
    ['{{誰か}}', 'unknown_name'],
    ['{{own.rate}}', 'unknown_name'],
    ['{{{所属名}}}', 'template_forbidden'],
    ['{{&所属名}}', 'template_forbidden'],
    ['{{> voluntary-notice}}', 'template_forbidden'],
    ['{{>(lookup . "x")}}', 'template_forbidden'],
    ['{{constructor}}', 'template_forbidden'],
    ['{{constructor.constructor}}', 'template_forbidden'],
    ['{{__proto__}}', 'template_forbidden'],
    ['{{所属名.__proto__.x}}', 'template_forbidden'],
    ['{{ｃonstructor}}', 'template_forbidden'],
    ['{{this}}', 'template_forbidden'],
    ['{{@root.url}}', 'template_forbidden'],
    ['{{../url}}', 'template_forbidden'],
    ['{{lookup this "url"}}', 'template_forbidden'],
    ['{{log 所属名}}', 'template_forbidden'],
    ['{{所属名 所属名}}', 'template_forbidden'],
    ['{{"所属名"}}', 'template_forbidden'],
    ['{{#each 所属名}}', 'template_forbidden'],
    ['{{#if 所属名}}x{{/if}}', 'template_forbidden'],
    ['{{else}}', 'template_forbidden'],
    ['{{!-- 覚え書き --}}', 'template_forbidden'],
    ['{{toString}}', 'unknown_name'],
    ['{{hasOwnProperty}}', 'unknown_name'],
    ['{{url}}', 'unknown_name'],
    ['{{}}', 'template_syntax'],
    ['{{所属名', 'template_syntax'],
    ['所属名}}', 'template_syntax'],
    ['\\{{所属名}}', 'template_syntax'],
    ['{**{{所属名}}**}', 'template_syntax'],
    ['**強調', 'template_syntax'],
    ['[状況の票]', 'unknown_part'],
    ['[../../etc/passwd]', 'unknown_part'],
    ['{{#もし 何か}}', 'unknown_condition'],
    ['{{そうでなければ}}', 'template_syntax'],
    ['{{/もし}}', 'template_syntax'],
  ])('%s', (line, code) => {
    const problems = problemsOf(around('ここは3行目', line));
    expect(problems.map((problem) => problem.code)).toContain(code);
    expect(problems.find((problem) => problem.code === code)).toMatchObject({ part: 'body', line: 4 });
    for (const { reason } of problems) expect(reason).toMatch(/。|一覧|使える/);
    if (!line.startsWith('['))
      expect(problemsOf({ ...around(), subject: line })[0]).toMatchObject({ part: 'subject', line: 1 });
  });

  test('a condition that is not closed, or one inside another', () => {
    expect(problemsOf(around('{{#もし 率を載せる}}', 'あ'))).toContainEqual(
      expect.objectContaining({ code: 'template_syntax', line: 3 }),
    );
    const nested = around('{{#もし 率を載せる}}', '{{#もし 率を載せる}}', '{{/もし}}');
    expect(problemsOf(nested)).toContainEqual(expect.objectContaining({ code: 'template_syntax', line: 4 }));
  });

  test('what may be missing stands in its condition, and neither outside nor in the opposite', () => {
    for (const lines of [
      ['{{保有率}}'],
      ['{{#もし 率を載せる}}', '{{そうでなければ}}', '{{保有率}}', '{{/もし}}'],
      ['・{{残り人数}}'],
    ])
      expect(problemsOf(around(...lines)).map(({ code }) => code)).toEqual(['unguarded_name']);
    expect(problemsOf({ ...around(), subject: '{{保有率}}' })).toMatchObject([
      { code: 'unguarded_name', part: 'subject' },
    ]);
  });
});

describe('what every message has', () => {
  const conditional = (line: string) => `{{#もし 率を載せる}}\n${line}\n{{/もし}}`;

  test.each([
    ['[大切なお知らせ]', 'missing_notice'],
    ['[ボタン: 開く]', 'one_action'],
    ['{{期限}}までにお願いします。', 'missing_deadline'],
  ])('%s cannot be left out or made to depend on anything', (line, code) => {
    const { subject, body } = around();
    for (const changed of [body.replace(line, ''), body.replace(line, conditional(line))])
      expect(problemsOf({ subject, body: changed }).map((problem) => problem.code)).toEqual([code]);
  });

  test('the notice and the action stand there once', () => {
    expect(problemsOf(around('[大切なお知らせ]')).map(({ code }) => code)).toEqual(['missing_notice']);
    expect(problemsOf(around('[ボタン: もう1つ]')).map(({ code }) => code)).toEqual(['one_action']);
  });

  test.each([
    ['a subject', { ...around(), subject: '' }, 'missing_subject'],
    ['a subject of one line', { ...around(), subject: 'あ\nい' }, 'template_syntax'],
    ['a subject that fits', { ...around(), subject: 'あ'.repeat(201) }, 'too_long'],
    ['a text of some pages at most', around('あ'.repeat(10_001)), 'too_long'],
    ['a subject without marks', { ...around(), subject: '**強調**' }, 'template_syntax'],
    ['one main heading', around('# 一', '# 二'), 'one_title'],
    ['no HTML', around('<b>太字</b>'), 'html'],
    ['no full-width HTML', around('＜script＞'), 'html'],
    ['only what can be seen', around('申\u200b請'), 'invisible_character'],
    ['its direction of writing', around('\u202e申請'), 'invisible_character'],
  ])('%s', (_, written, code) => {
    expect(problemsOf(written).map((problem) => problem.code)).toContain(code);
  });

  test('every problem is told at once', () => {
    expect(problemsOf({ subject: '{{誰か}}', body: '{{だれか}}\n必ず' }).map(({ code }) => code)).toEqual([
      'unknown_name',
      'unknown_name',
      'pressing',
      'missing_notice',
      'one_action',
      'missing_deadline',
    ]);
  });
});

test('previews mask what is somebody’s own', () => {
  const personal = {
    ...kind,
    names: [
      { name: '氏名', path: 'own.name', description: '', personal: true },
      { name: '団体名', path: 'city', description: '' },
    ],
  };
  const context = { city: '見本市', own: { name: '見本 花子', rate: '1%' } };
  expect(masked(personal, context)).toEqual({ city: '見本市', own: { name: '●●●', rate: '1%' } });
  expect(context.own.name).toBe('見本 花子');
});
