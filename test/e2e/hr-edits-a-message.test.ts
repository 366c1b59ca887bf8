import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, december, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

const frame = () => hr.page.frameLocator('iframe').locator('body');
const body = () => hr.page.getByLabel('本文', { exact: true });
/** The button aims at the frame: the page itself stays. */
async function preview(): Promise<string> {
  const answered = hr.page.waitForResponse((answer) => answer.url().endsWith('/preview'));
  await hr.page.getByRole('button', { name: 'プレビュー' }).click();
  await answered;
  await frame().locator('.head').waitFor();
  return (await frame().innerText()).replace(/\s+/g, ' ');
}

describe('HR edits the monthly message', () => {
  test('comes to it from the settings and sees the mail as it comes', async () => {
    await hr.open('/settings');
    await hr.follow(hr.page.getByRole('link', { name: '案内の文面を開く' }));
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('link', { name: '所属長への月次の案内' }));
    expect(await hr.heading()).toBe('所属長への月次の案内');
    expect(await hr.text()).toContain('第1版(製品の文面)');
    expect(await frame().innerText()).toContain('の全員への案内をお願いします');
    await expectSound(hr);
  });

  test('tries a text beside the form, which keeps what was typed', async () => {
    const text = await body().inputValue();
    await body().fill(text.replace('朝礼や打ち合わせなどの場で', '**今月の**朝礼などの場で'));
    await hr.page.getByLabel('プレビューに使う所属の所属コード').fill('030000');
    const shown = await preview();
    expect(shown).toContain('こども未来局 所属長 様');
    expect(shown).toContain('今月の朝礼などの場で');
    expect(await body().inputValue()).toContain('**今月の**朝礼などの場で');
    await hr.page.getByLabel('件名').fill('必ず読んでください');
    expect(await preview()).toMatch(/直すところが1か所あります.*件名 「必ず」/);
    await expectSound(hr);
  });

  test('is told line by line what cannot be saved', async () => {
    await body().fill('{{所属名}} 様\n\n未取得者の一覧を出してください。\n\n{{誰か}}より');
    await hr.page.getByLabel('変える理由').fill('試し');
    await hr.follow(hr.page.getByRole('button', { name: '保存して次の配信から使う' }));
    const text = await hr.text();
    expect(text).toMatch(/保存していません。直すところが6か所あります/);
    expect(text).toContain('本文の3行目 個人を名指しする文');
    expect(text).toContain('本文の5行目 {{誰か}}は、この文面では使えません');
    expect(await body().inputValue()).toContain('{{誰か}}より');
    await expectSound(hr);
  });

  test('saves a text, reads the difference and returns to what ships', async () => {
    await hr.open('/settings/templates/manager-monthly');
    await body().fill((await body().inputValue()).replace('(1分ほど)', '(2分ほど)'));
    await hr.page.getByLabel('変える理由').fill('時間を実際に合わせる');
    await hr.follow(hr.page.getByRole('button', { name: '保存して次の配信から使う' }));
    expect(await hr.text()).toContain('いまの文面 第2版');
    await hr.follow(hr.page.getByRole('link', { name: '第2版' }));
    expect(await hr.text()).toMatch(/なくなった行: 朝礼.*1分ほど.*加わった行: 朝礼.*2分ほど/);
    await expectSound(hr);
    await hr.open('/settings/templates/manager-monthly/versions/1');
    await expectSound(hr);
    await hr.page.getByLabel('戻す理由').fill('元に戻す');
    await hr.follow(hr.page.getByRole('button', { name: 'この版の文面を次の配信から使う' }));
    expect(await hr.text()).toContain('いまの文面 第1版(製品の文面)');
    expect(await hr.text()).toContain('元に戻す');
    await expectSound(hr);
  });
});
