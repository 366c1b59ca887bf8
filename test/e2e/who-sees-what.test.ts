import { afterAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, november, visitAs } from './support/browser.js';
import { expectSound } from './support/sound.js';

afterAll(closeBrowser);

/** 未回答 stands in the definition of the denominator, for everybody. */
const STATUS_WORDS = /申請中|未申請|失効・返納/;

describe('who sees what', () => {
  test('a manager sees the counts of the own unit: no names, no statuses, no other unit', async () => {
    const manager = await visitAs(november, 'kacho');
    expect(await manager.heading()).toBe('28人中23人が保有、残り5人');
    const text = await manager.text();
    expect(text).toContain('こども未来局 保育幼稚園課 2022年10月31日時点');
    expect(text).toContain('氏名と内訳は表示しません');
    expect(text).not.toMatch(STATUS_WORDS);
    expect(text).not.toContain('職員番号');
    expect(await manager.page.getByRole('navigation', { name: 'メインメニュー' }).innerText()).toBe(
      '自分の所属',
    );
    await expectSound(manager);
    await manager.follow(manager.page.getByRole('link', { name: '増減の内訳' }));
    expect(await manager.text()).toContain('保有の内訳は表示しません');
    expect(await manager.text()).not.toMatch(/新しく取得 /);
    await expectSound(manager);
    await manager.open('/units/030000');
    expect(await manager.heading()).toBe('お探しのページまたは記録が見つかりません');
    for (const path of ['/imports', '/waves', '/reports']) {
      await manager.open(path);
      expect(await manager.heading()).toBe('この操作の権限がありません');
    }
    await expectSound(manager);
  });

  test('the mayor sees the whole city, small groups merged, and takes the report', async () => {
    const mayor = await visitAs(november, 'shicho');
    expect(await mayor.heading()).toBe('職員の保有率は82.0%、目標まで残り594人');
    const text = await mayor.text();
    expect(text).toMatch(/ほか\d所属/);
    // Named below the table as one of those that are merged; no line of its own.
    expect(await mayor.page.getByRole('rowheader', { name: '危機管理課' }).count()).toBe(0);
    expect(text).not.toMatch(STATUS_WORDS);
    expect(text).toContain('少人数のため表示しません');
    await expectSound(mayor);
    await mayor.follow(mayor.page.locator('main').getByRole('link', { name: 'こども未来局' }));
    expect(await mayor.heading()).toMatch(/^職員の保有率は/);
    expect(await mayor.text()).toContain('こども未来局 2022年10月31日時点');
    expect(await mayor.text()).not.toMatch(STATUS_WORDS);
    await expectSound(mayor);
    await mayor.follow(mayor.page.getByRole('link', { name: '月次締め・レポート' }));
    const [download] = await Promise.all([
      mayor.page.waitForEvent('download'),
      mayor.page.getByRole('link', { name: 'PDF' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.pdf$/);
    expect(await mayor.page.getByText('締め直す', { exact: true }).count()).toBe(0);
    await expectSound(mayor);
  });

  test('the auditor reads waves and reports and changes nothing', async () => {
    const auditor = await visitAs(november, 'kansa');
    for (const path of ['/waves', '/waves/1', '/reports']) {
      await auditor.open(path);
      expect(await auditor.page.locator('main form[method=post]').count()).toBe(0);
      await expectSound(auditor);
    }
    await auditor.open('/units');
    expect(await auditor.heading()).toBe('この操作の権限がありません');
  });

  test('the operator sees nobody and no figure', async () => {
    const operator = await visitAs(november, 'joho');
    expect(await operator.heading()).toBe('運用のアカウントでは、職員の数値と氏名を表示しません');
    expect(await operator.text()).not.toMatch(/82\.0|594|2,706/);
    await expectSound(operator);
    for (const path of ['/units', '/units/030103', '/imports', '/waves', '/reports']) {
      await operator.open(path);
      expect(await operator.heading()).toBe('この操作の権限がありません');
    }
  });
});
