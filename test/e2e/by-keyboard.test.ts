import { afterAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, november, visit, visitAs, type Visitor } from './support/browser.js';

afterAll(closeBrowser);

/** What has the focus, as somebody who listens would know it. */
function focused({ page }: Visitor): Promise<string> {
  return page.evaluate<string>(
    `(document.activeElement?.labels?.[0]?.textContent ?? document.activeElement?.innerText ?? '').trim()`,
  );
}

async function tab(visitor: Visitor): Promise<string> {
  await visitor.page.keyboard.press('Tab');
  return focused(visitor);
}

describe('with the keyboard alone', () => {
  test('somebody signs in: the first stop skips to the form, Enter sends it', async () => {
    const visitor = await visit(november);
    await visitor.open('/sign-in');
    const { keyboard } = visitor.page;
    expect(await tab(visitor)).toBe('本文へ移動');
    await keyboard.press('Enter');
    expect(await tab(visitor)).toBe('アカウント名');
    await keyboard.type('jinji');
    expect(await tab(visitor)).toBe('パスワード');
    await keyboard.type(november.signIns.jinji!);
    await Promise.all([visitor.page.waitForEvent('load'), keyboard.press('Enter')]);
    expect(await visitor.heading()).toContain('82.0%');
  });

  test('the focus goes as the eye does: skip link, name, own account, sign-out, menu, then the page', async () => {
    const visitor = await visitAs(november, 'jinji');
    const stops: string[] = [];
    for (let index = 0; index < 14; index += 1) stops.push((await tab(visitor)).split(/\s/)[0]!);
    expect(stops).toEqual([
      '本文へ移動',
      'マイナンバーカード職員取得状況',
      '人事課',
      'ログアウト',
      '全体',
      '所属',
      '取込',
      'リマインド',
      '例外',
      '月次締め・レポート',
      '操作の記録',
      '設定',
      '基準日',
      '表示',
    ]);
  });

  test('the skip link passes the menu, and wherever the focus is, it can be seen', async () => {
    const visitor = await visitAs(november, 'jinji');
    await tab(visitor);
    expect(await visitor.page.getByRole('link', { name: '本文へ移動' }).boundingBox()).toMatchObject({
      y: 8,
    });
    await visitor.page.keyboard.press('Enter');
    expect(await tab(visitor)).toBe('基準日');
    await tab(visitor);
    const outline = await visitor.page.evaluate('getComputedStyle(document.activeElement).outlineWidth');
    expect(outline).toBe('4px');
  });

  test('what is folded away opens with Enter', async () => {
    const visitor = await visitAs(november, 'jinji');
    const fold = visitor.page.getByText('グラフの数値を表で見る');
    await fold.focus();
    await visitor.page.keyboard.press('Enter');
    expect(await visitor.page.getByRole('table', { name: /保有率の推移/ }).isVisible()).toBe(true);
  });
});
