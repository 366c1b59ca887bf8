import { describe, expect, test } from '@jest/globals';
import { containsIndividualNumber } from '../../../src/platform/individual-number.js';
import { Clock } from '../../../src/platform/clock.js';
import { planManagerMessages } from '../../../src/reminders/manager-message.js';
import type { UnitMessageFacts } from '../../../src/reminders/unit-message.js';
import { compileTemplate } from '../../../src/reminders/message-template.js';
import { MessageTemplateService } from '../../../src/reminders/message-template.service.js';
import { toneFaults } from '../../../src/reminders/tone.js';
import { sampleLines } from '../../support/sample-units.js';

const templates = new MessageTemplateService(new Clock());
const shipped = await templates.shipped('manager-monthly');
const source = templates.translate('manager-monthly', shipped).source!;
const template = compileTemplate(source);

const lines = sampleLines([
  { code: '0', name: '金沢市', kind: '市', staff: 3300, held: 2706 },
  { code: '04', name: 'こども未来部', kind: '部', parent: '0', staff: 300, held: 240 },
  { code: '0412', name: '保育<幼稚園>課', parent: '04', staff: 28, held: 23 },
  { code: '0413', name: '小さな課', parent: '04', staff: 2, held: 1 },
]);
const contacts = lines.map(({ unitId }) => ({
  unitId,
  exists: true,
  unitEmail: unitId === 4 ? 'small@example.jp' : null,
  managers: unitId === 4 ? [] : [{ staffId: unitId === 3 ? 7 : 9, email: `m${unitId}@example.jp` }],
}));
const facts: UnitMessageFacts = {
  on: '2022-11-10',
  asOf: '2022-10-31',
  goalRate: 100,
  city: { name: '金沢市', areaCode: null, contact: '人事課 内線2345' },
  citizens: [],
  baseUrl: 'https://card.example.jp',
  lines,
  contacts,
  managersSeeNames: false,
};
const messages = planManagerMessages(facts).map(({ recipient, context }) => ({
  recipient,
  ...template(context),
}));
const toSection = messages.find(({ recipient }) => recipient === 'staff:7')!;

describe('the monthly message to managers', () => {
  test('asks for one thing by one day, in its subject', () => {
    expect(toSection.subject).toBe('【11/21まで】課の全員への案内のお願い(カード取得状況 10月末)');
  });

  test('says the same in its text and its HTML', () => {
    const html = toSection.html.replace(/<[^>]+>/g, '').replace(/\s+/g, '');
    for (const part of [
      '11月21日(月)までに、課の全員への案内をお願いします',
      '82.1%',
      '23 / 28人',
      '残り5人',
      '80.0%',
      '2,706 / 3,300人',
      'https://card.example.jp/units/0412',
    ]) {
      expect(toSection.text.replace(/\s+/g, '')).toContain(part.replace(/\s+/g, ''));
      expect(html).toContain(part.replace(/\s+/g, ''));
    }
  });

  test.each(messages)(
    'always says to $recipient that it is voluntary, who sees what, that nothing is held against anybody, and whom to ask',
    (message) => {
      for (const body of [message.text, message.html]) {
        expect(body).toContain('任意です');
        expect(body).toContain('人事課の担当者だけ');
        expect(body).toContain('不利益な取扱いをすることはありません');
        expect(body).toContain('問い合わせ: 人事課 内線2345');
      }
    },
  );

  test.each(messages)(
    'puts no pressure on $recipient, and holds nothing that reads as an individual number',
    (message) => {
      const faults = [message.subject, ...message.text.split('\n\n')].flatMap(toneFaults);
      // Figures and the one link come from the program.
      expect(faults.filter(({ code }) => code !== 'leaking' && code !== 'own_link')).toEqual([]);
      expect(containsIndividualNumber(message.text)).toBe(false);
    },
  );

  test('does not tell a shared mailbox the figures of two people', () => {
    const small = messages.find(({ recipient }) => recipient === 'unit:4')!;
    expect(small.text).not.toMatch(/50\.0%|1 \/ 2人|残り1人/);
    expect(small.html).not.toMatch(/50\.0%|1 \/ 2人|残り1人/);
  });

  test('escapes names in HTML and leaves them as they are in text', () => {
    expect(toSection.text).toContain('保育<幼稚園>課');
    expect(toSection.html).toContain('保育&lt;幼稚園&gt;課');
    expect(toSection.html).not.toContain('<幼稚園>');
  });

  test('loads nothing from anywhere and runs nothing', () => {
    expect(toSection.html).not.toMatch(/<(script|img|link|iframe|form)\b|url\(/i);
  });
});

describe('a message', () => {
  test('stays on one line in its subject, whatever a name holds', () => {
    const render = compileTemplate({ subject: '{{name}}\r\nBcc: x@example.jp', text: 'a', html: 'a' });
    expect(render({ name: '課\r\nX: y' }).subject).toBe('課 X: y Bcc: x@example.jp');
  });

  test('that lacks something its template names fails instead of leaving a gap', () => {
    expect(() => compileTemplate({ subject: '{{nobody}}', text: 'a', html: 'a' })({})).toThrow(/nobody/);
  });

  test('of a version from before text and HTML had one source still reads as it was sent', () => {
    const old = {
      subject: '{{city}}',
      text: '{{#if a}}\nx\n{{/if}}\n\n\n{{> voluntary-notice}}\n',
      html: '<p>{{> voluntary-notice}}</p>',
      noticeText: '任意です {{city}}\n',
      noticeHtml: '<b>任意です</b>',
    };
    expect(compileTemplate(old)({ a: '', city: '見本市' })).toEqual({
      subject: '見本市',
      text: '\n\n任意です 見本市\n',
      html: '<p><b>任意です</b></p>',
    });
  });
});
