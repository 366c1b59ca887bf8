import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../../src/platform/clock.js';
import { compileTemplate } from '../../../src/reminders/message-template.js';
import { MessageTemplateService } from '../../../src/reminders/message-template.service.js';
import { policyNamed } from '../../../src/reminders/policy.js';
import { PROPOSED_RULES } from '../../../src/reminders/reminder-rules.js';
import type { StaffCandidate } from '../../../src/reminders/staff-audience.query.js';
import { planStaffMessage } from '../../../src/reminders/staff-message.js';

const templates = new MessageTemplateService(new Clock());
const NURSE: StaffCandidate = {
  staffId: 7,
  unitId: 3,
  status: 'unanswered',
  cardExpires: null,
  name: '見本 花子',
  email: 'hanako@example.jp',
  unit: { code: '410', name: '看護部' },
  exemptUntil: null,
  received: { lastOfPolicy: null, lastPersonal: null, personalInYear: 0 },
};

function message(policy: string, person: Partial<StaffCandidate> = {}, managersSeeNames = false) {
  const facts = {
    policy: policyNamed(policy),
    on: '2022-11-15',
    rules: PROPOSED_RULES,
    city: { name: '見本市', contact: '人事課 内線2345' },
    managersSeeNames,
    baseUrl: 'https://card.example.jp',
    shared: new Set<string>(),
  };
  return planStaffMessage(facts, { ...NURSE, ...person });
}

async function read(...of: Parameters<typeof message>): Promise<string> {
  const { source } = templates.translate(of[0], await templates.shipped(of[0]));
  const { subject, text, html } = compileTemplate(source!)(message(...of).context);
  expect(html).toContain('<title>');
  // Notifications on a screen show it to whoever stands beside.
  expect(subject).not.toMatch(/花子|2023/);
  // Lines are broken for mail programs; people read sentences.
  return `${subject}\n${text}`.replace(/\n(?=[^\n■・])/g, '');
}

describe('read aloud', () => {
  test('by a nurse on night shift: one thing to do, until when, how long it takes', async () => {
    const text = await read('staff-monthly');
    expect(text).toContain('11月25日(金)までに、取得状況の回答をお願いします(1分ほど)');
    expect(text).toContain('https://card.example.jp/answer/●●●');
    expect([...text.matchAll(/https?:/g)]).toHaveLength(1);
  });

  test('by a driver who does not like screens: somebody else can write it down', async () => {
    for (const policy of ['staff-start', 'staff-monthly'])
      expect(await read(policy)).toContain('問い合わせ先に声をかけていただければ、代わりに記録します');
  });

  test('by somebody who does not want a card: it is up to me, and I can make this stop without a reason', async () => {
    for (const policy of ['staff-start', 'staff-monthly']) {
      const text = await read(policy);
      expect(text).toContain('カードを持つかどうかは、ご自身で決められます');
      expect(text).toContain(
        '「回答しない」を選ぶと、個人あての案内は届かなくなります。理由はお聞きしません',
      );
    }
    expect(await read('renewal', { cardExpires: '2023-01' })).toContain(
      '更新するかどうかは、ご自身で決められます',
    );
    expect(await read('top-message')).toContain('持たないと決めた方の考えも、私は尊重します');
  });

  test('by somebody who has applied: thanked, and not asked to apply', async () => {
    const text = await read('staff-monthly', { status: 'applied' });
    expect(text).toContain('カードを申請中と回答いただいています。ありがとうございます');
    expect(text).not.toContain('保有を確認できていない');
  });

  test('by anybody: voluntary, no disadvantage, who sees the answer, whom to ask', async () => {
    for (const policy of ['staff-start', 'staff-monthly', 'top-message', 'renewal']) {
      const text = await read(policy, policy === 'renewal' ? { cardExpires: '2023-01' } : {});
      expect(text).toContain('カードの取得も、取得状況の回答も任意です');
      expect(text).toContain('不利益な取扱いをすることはありません');
      expect(text).toContain(
        'あなたの回答を見るのは人事課の担当者だけです。所属長には人数だけをお伝えします',
      );
      expect(text).toContain('人事課 内線2345');
      expect(text).toContain('11月25日(金)');
    }
  });

  test('where managers see names, the notice says so', async () => {
    expect(await read('staff-monthly', {}, true)).toContain('所属長にも氏名と保有の有無を表示しています');
  });
});

test('the message from the top knows nothing of a person', () => {
  const { context, personal } = message('top-message', { status: 'undisclosed', exemptUntil: '2023-01-31' });
  expect(personal).toBe(false);
  expect(JSON.stringify(context)).not.toContain('見本 花子');
  expect(context).not.toHaveProperty('person');
});

describe('what HR may write', () => {
  const problems = (name: string, ...lines: string[]) =>
    templates
      .translate(name, {
        subject: 'ご案内',
        body: ['{{期限}}までにご覧ください。', '', ...lines, '', '[大切なお知らせ]'].join('\n'),
      })
      .problems.map(({ code }) => code);

  test('in messages about the own card the one action is the own page', () => {
    expect(problems('staff-monthly', '{{氏名}} 様', '', '[回答のボタン]')).toEqual([]);
    expect(problems('staff-monthly')).toEqual(['one_action']);
    expect(problems('staff-monthly', '[ボタン: 開く]')).toEqual(['one_action', 'one_action']);
    expect(problems('staff-monthly', '[回答のボタン]', '', '[回答のボタン]')).toEqual(['one_action']);
    expect(problems('staff-monthly', '{{#もし 申請中}}', '[回答のボタン]', '{{/もし}}')).toEqual([
      'one_action',
    ]);
  });

  test('nothing of a person stands in the subject, which others see beside the screen', () => {
    const body = '{{期限}}まで\n\n[大切なお知らせ]';
    expect(templates.translate('renewal', { subject: '{{氏名}} 様', body }).problems).toMatchObject([
      { code: 'personal_subject', part: 'subject' },
    ]);
  });

  test('where there is nothing to open, the action is asked for in words', () => {
    expect(problems('renewal', '{{有効期限}}')).toEqual([]);
    expect(problems('renewal', '[ボタン: 開く]')).toEqual(['one_action']);
    expect(problems('top-message', '[回答のボタン]')).toEqual(['unknown_part']);
    expect(problems('top-message', '{{氏名}} 様')).toEqual(['unknown_name']);
  });
});
