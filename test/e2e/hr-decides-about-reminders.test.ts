import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { POLICIES } from '../../src/reminders/policy.js';
import { closeBrowser, december, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

describe('HR decides about reminders', () => {
  test('what is proposed is shown with its day, and confirmed with one click', async () => {
    await hr.open('/settings');
    await hr.follow(hr.page.getByRole('link', { name: 'リマインド方針を開く' }));
    expect(await hr.heading()).toBe(`${POLICIES.length}件の方針が確認を待っています`);
    expect(await hr.text()).toContain('毎月の第1営業日 次の予定日 2023年1月4日');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('button', { name: '確認待ちの方針をすべてオンにする' }));
    expect(await hr.heading()).toBe(`${POLICIES.length}件の方針のうち${POLICIES.length}件がオン`);
    await expectSound(hr);
  });

  test('a quiet period is added, moves the next wave, and is taken back', async () => {
    await hr.page.getByLabel('名前').fill('議会');
    await hr.page.getByLabel('はじめの日').fill('2023-01-04');
    await hr.page.getByLabel('終わりの日(この日を含む)').fill('2023-01-13');
    await hr.follow(hr.page.getByRole('button', { name: '休止期間を加える' }));
    expect(await hr.text()).toContain('2023年1月16日(休止期間のため2023年1月4日から延期)');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('button', { name: /^取り消す.*議会/ }));
    expect(await hr.text()).toContain('登録した休止期間はありません');
  });

  test('when and how often is one form, and each change is kept', async () => {
    await hr.page.getByLabel('始まり').fill('08:30');
    await hr.page.getByLabel('同じ職員への案内の間隔(日)').fill('21');
    await hr.follow(hr.page.getByRole('button', { name: '時期と回数を登録する' }));
    expect(await hr.text()).toContain('送ってよい時間帯 08:30から17:00まで、間隔 21日以上');
    await expectSound(hr);
  });
});
