import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, december, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

describe('HR sends the monthly wave, a month after the last one', () => {
  test('opening the preview sends nothing and shows the message, its day and its figures', async () => {
    await hr.open('/waves');
    expect(await hr.text()).toContain('開くだけでは何も送信されません');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('link', { name: /^所属長への月次の案内: 配信の内容を/ }));
    expect(await hr.heading()).toMatch(/^\d+件を送ります。まだ何も送っていません$/);
    const text = await hr.text();
    expect(text).toContain('配信日 2022年12月5日');
    expect(text).toContain('数値の時点 2022年11月30日');
    expect(text).toContain('カードの取得も、取得状況の回答も任意です');
    expect(text).toContain('配信回の画面に移ります');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('link', { name: 'リマインド' }).first());
    expect(await hr.page.getByRole('link', { name: '2022年12月5日' }).count()).toBe(0);
  });

  test('sending ends on the page of the wave, which says first what did not go well', async () => {
    await hr.open('/waves/new?policy=manager-monthly');
    await hr.follow(hr.page.getByRole('button', { name: 'いま配信する' }));
    // The page asks again by itself until the wave is over.
    await hr.page.getByRole('heading', { level: 1, name: /を送りました/ }).waitFor({ timeout: 60_000 });
    expect(await hr.heading()).toMatch(
      /^\d+件中\d+件を送りました、\d+件は届いたか分かりません、\d+件は送れませんでした$/,
    );
    expect(await hr.text()).toContain('二重に届かないよう、自動では送り直しません');
    await expectSound(hr);
  });

  test('the list can be narrowed to the deliveries that need somebody', async () => {
    const filters = hr.page.getByRole('navigation', { name: '一覧の絞り込み' });
    await hr.follow(filters.getByRole('link', { name: /送れなかった/ }));
    const list = hr.page.getByRole('table', { name: /所属の順/ });
    const rows = await list.getByRole('row').allInnerTexts();
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.slice(1).every((row) => row.includes('送れなかった') && row.includes('550'))).toBe(true);
    await expectSound(hr);
    await hr.follow(filters.getByRole('link', { name: /不明/ }));
    expect(await list.innerText()).not.toContain('送信済み');
  });

  test('a long list goes on over pages', async () => {
    await hr.open('/waves');
    await hr.follow(hr.page.getByRole('link', { name: '2022年12月5日', exact: true }));
    expect(await hr.text()).toContain('1〜100件目');
    await hr.follow(hr.page.getByRole('link', { name: '次へ' }));
    expect(await hr.text()).toContain('101〜200件目');
    await hr.follow(hr.page.getByRole('link', { name: '最初へ' }));
    expect(await hr.text()).toContain('1〜100件目');
  });

  test('every message can be read as it was sent, as HTML and as text, and names nobody', async () => {
    const list = hr.page.getByRole('table', { name: /所属の順/ });
    await hr.follow(list.getByRole('link', { name: 'こども未来局' }));
    expect(await hr.heading()).toContain('案内のお願い');
    expect(await hr.text()).toContain('こども未来局 所属長 様');
    const mail = hr.page.frameLocator('iframe').locator('body');
    expect(await mail.innerText()).toContain('局の全員への案内をお願いします');
    expect(await mail.getByRole('link').first().getAttribute('href')).toMatch(/\/units\/030000$/);
    await expectSound(hr);
  });

  test('the day is done: the preview leads to its wave instead of sending twice', async () => {
    await hr.open('/waves/new?policy=manager-monthly');
    expect(await hr.heading()).toBe('2022年12月5日の配信は終わっています');
    expect(await hr.page.getByRole('button', { name: 'いま配信する' }).isDisabled()).toBe(true);
    await expectSound(hr);
  });
});
