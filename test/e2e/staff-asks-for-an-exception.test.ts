import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, december, visit, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

/** Of the demo's roster; without a card, and in no exception. */
const NUMBER = '0010511';
const PASSWORD = 'kaze-to-umi-no-oto-7';
let staff: Visitor;
let hr: Visitor;

/** An account that is the person's, as the operator makes one, and a password of the person's own. */
async function staffVisitor(): Promise<Visitor> {
  const operator = await visitAs(december, 'joho');
  await operator.open('/users');
  await operator.page.getByLabel('アカウント名').fill('shokuin');
  await operator.page.getByRole('radio', { name: '所属長' }).check();
  await operator.page.getByLabel('職員番号(任意)').fill(NUMBER);
  await operator.follow(operator.page.getByRole('button', { name: '加える', exact: true }));
  const [oneTime] = /(?:[a-z0-9]{4}-){3}[a-z0-9]{4}/.exec(await operator.text())!;
  const visitor = await visit(december);
  await visitor.signIn('shokuin', oneTime);
  await visitor.page.getByLabel('今のパスワード').fill(oneTime);
  for (const label of ['新しいパスワード', '新しいパスワード(確認のためもう一度)'])
    await visitor.page.getByLabel(label, { exact: true }).fill(PASSWORD);
  await visitor.follow(visitor.page.getByRole('button', { name: '変更する' }));
  return visitor;
}

const fillDays = async (visitor: Visitor, from: string, to: string) => {
  await visitor.page.getByLabel('開始日').last().fill(from);
  await visitor.page.getByLabel('終了日').last().fill(to);
};

beforeAll(async () => {
  staff = await staffVisitor();
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

describe('somebody who would rather not hear of it for a time', () => {
  test('asks on a page of their own, without saying why', async () => {
    await staff.open('/account');
    await staff.follow(staff.page.getByRole('link', { name: '例外の申請と、その状態' }));
    expect(await staff.heading()).toBe('案内を受けない期間(例外)の申請');
    await fillDays(staff, '2022-12-12', '2022-12-28');
    await staff.follow(staff.page.getByRole('button', { name: '申請する', exact: true }));
    expect(await staff.text()).toContain('2022年12月12日から2022年12月28日まで 申請中');
    expect(await staff.text()).toContain('人事課が決定するまで、案内はこれまでどおり届きます。');
    await expectSound(staff);
  });

  test('is rejected with a reason that the person reads, and says so', async () => {
    await hr.open('/');
    await hr.follow(hr.page.getByRole('link', { name: '例外', exact: true }));
    expect(await hr.heading()).toBe('1件の申請が決定を待っています');
    expect(await hr.text()).toContain('種類 その他 期間 2022年12月12日から2022年12月28日まで');
    await expectSound(hr);
    await hr.page.locator('summary', { hasText: '却下する' }).click();
    await hr.page.getByLabel('却下の理由').fill('12月19日までの期間で申請してください。');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('button', { name: /^却下する/ }));
    expect(await hr.heading()).toBe('決定を待つ申請はありません');

    await staff.open('/account/exceptions');
    expect(await staff.text()).toContain('決定の理由 12月19日までの期間で申請してください。');
    await expectSound(staff);
    await staff.page.getByLabel('不服の内容').fill('28日までに終わらない手続きがあります。');
    await staff.follow(staff.page.getByRole('button', { name: /^不服を申し出る/ }));
    expect(await staff.text()).toContain('不服の申し出中');
  });

  test('is approved for other days after the appeal, there being one officer only, and is out of the plan', async () => {
    await hr.open('/exceptions');
    expect(await hr.text()).toContain('28日までに終わらない手続きがあります。');
    await expectSound(hr);
    await hr.page.getByLabel('終了日').first().fill('2022-12-23');
    await hr.follow(hr.page.getByRole('button', { name: /^承認する/ }));
    expect(await hr.heading()).toBe('決定を待つ申請はありません');
    // The exception begins in a week: until then nothing changes.
    expect(await hr.text()).not.toContain(NUMBER);

    await staff.open('/account/exceptions');
    expect(await staff.text()).toContain('2022年12月12日から2022年12月23日まで 承認');
    expect(await staff.text()).toContain('2022年12月12日から、あなたあての案内は届きません。');
    await expectSound(staff);
  });

  test('comes back without asking anybody', async () => {
    await staff.follow(staff.page.getByRole('button', { name: /^例外を取りやめる/ }));
    expect(await staff.text()).toContain('取り下げ');
    expect(await staff.page.getByRole('button', { name: /^例外を取りやめる/ }).count()).toBe(0);
  });
});

describe('HR', () => {
  test('sees who is out of the plan, why and until when, and which exceptions end soon', async () => {
    await hr.open('/exceptions');
    const text = await hr.text();
    expect(text).toContain('30日以内に終わる例外 終わりの日の近い順');
    expect(text).toMatch(/回答しない \d+人/);
    await hr.follow(hr.page.getByRole('link', { name: /^回答しない/ }));
    expect(await hr.text()).toContain('本人が変えるまで');
    await expectSound(hr);
  });

  test('registers and approves with one click what is asked for by telephone', async () => {
    await hr.open('/exceptions');
    await hr.page.getByLabel('職員番号').fill(NUMBER);
    await fillDays(hr, '2022-12-01', '2022-12-20');
    await hr.follow(hr.page.getByRole('button', { name: '登録して承認する' }));
    expect(await hr.text()).toContain('2022年12月20日');
    await hr.follow(hr.page.getByRole('link', { name: '延長を登録' }).first());
    expect(await hr.page.getByLabel('職員番号').inputValue()).not.toBe('');
    await expectSound(hr);
  });
});
