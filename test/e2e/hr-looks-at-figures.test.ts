import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, november, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(november, 'jinji');
});
afterAll(closeBrowser);

describe('HR looks at the figures', () => {
  test('the first page says where the city stands, against the goal and against its citizens', async () => {
    await hr.open('/');
    expect(await hr.heading()).toBe('職員の保有率は82.0%、目標まで残り594人');
    const text = await hr.text();
    expect(text).toContain('全職員 2022年10月31日時点');
    expect(text).toContain('2,706 / 3,300人');
    expect(text).toContain('金沢市民の交付率より35.5ポイント高い');
    expect(text).toMatch(/金沢市\(交付\) 46\.5%/);
    expect(text).toMatch(/全国\(交付\) 51\.1%/);
    expect(text).toContain('定義が異なるため差は目安です');
    await expectSound(hr);
  });

  test('numerator, denominator and day stand beside the rate', async () => {
    const text = await hr.text();
    expect(text).toContain('分子 カードを保有する職員');
    expect(text).toContain('分母 在籍職員');
    expect(text).toContain('時点 2022年10月31日');
  });

  test('another day can be chosen, and the page says that it is not settled yet', async () => {
    await hr.page.getByLabel('基準日', { exact: true }).selectOption('2022-11-10');
    await hr.follow(hr.page.getByRole('button', { name: '表示' }));
    expect(new URL(hr.page.url()).search).toBe('?asOf=2022-11-10');
    expect(await hr.text()).toContain('2022年11月10日(本日・速報)');
    expect(await hr.text()).toContain('時点が異なります');
    await expectSound(hr);
  });

  test('the chart has its figures in a table for those who do not see it', async () => {
    await hr.open('/');
    await hr.page.getByText('グラフの数値を表で見る').click();
    const table = hr.page.getByRole('table', { name: '保有率の推移(各月末時点、当時の組織)' });
    expect(await table.getByRole('row', { name: /2022年10月/ }).innerText()).toMatch(/2,706\s+3,300\s+82\.0/);
    await expectSound(hr);
  });

  test('HR goes down from the whole to a section and to its people, on the same day', async () => {
    await hr.open('/');
    await hr.follow(hr.page.getByRole('link', { name: 'こども未来局' }));
    expect(await hr.text()).toContain('こども未来局 2022年10月31日時点');
    await expectSound(hr);
    await hr.follow(hr.page.locator('main').getByRole('link', { name: '保育幼稚園課' }));
    expect(await hr.heading()).toBe('保有率82.1%、残り5人');
    expect(await hr.text()).toContain('職員 28人');
    expect(await hr.text()).toContain('この一覧を開いたことは記録されます');
    await expectSound(hr);
  });

  test('why the figures changed is a sum that leads from one day to another', async () => {
    const section = hr.page.url();
    await hr.open('/');
    await hr.follow(hr.page.getByRole('link', { name: '増減の内訳' }));
    expect(await hr.heading()).toMatch(/^保有率は[\d.]+%から82\.0%へ/);
    await expectSound(hr);
    await hr.page.getByText('すべての取得状況の内訳を見る').click();
    await expectSound(hr);
    await hr.open(new URL(section).pathname);
  });

  test('a past day can be seen in the organisation of today, and the page says so', async () => {
    const section = hr.page.url();
    await hr.follow(hr.page.getByRole('link', { name: '現在の組織に組み替え' }));
    expect(await hr.text()).toContain('現在の組織(2022年11月10日)に組み替え');
    await expectSound(hr);
    await hr.open(new URL(section).pathname);
  });

  test('the list of people can be filtered by status and by name or number', async () => {
    await hr.page.getByLabel('取得状況', { exact: true }).selectOption({ label: '申請中' });
    await hr.follow(hr.page.getByRole('button', { name: '絞り込む' }));
    expect(await hr.page.getByRole('heading', { name: '職員 2人が該当' }).count()).toBe(1);
    expect(await hr.page.locator('main .st', { hasText: '申請中' }).count()).toBe(2);
    await hr.page.getByLabel('取得状況', { exact: true }).selectOption({ label: 'すべて' });
    await hr.page.getByLabel('氏名・職員番号').fill('そのような人はいません');
    await Promise.all([hr.page.waitForEvent('load'), hr.page.getByLabel('氏名・職員番号').press('Enter')]);
    expect(await hr.text()).toContain('条件に合う職員はいません');
    await expectSound(hr);
  });

  test('a unit opened from the menu or from a mail shows the same day as the first page', async () => {
    await hr.open('/units/030103');
    expect(await hr.text()).toContain('2022年10月31日時点');
    expect(await hr.page.getByLabel('基準日', { exact: true }).inputValue()).toBe('2022-10-31');
    await hr.follow(hr.page.getByRole('link', { name: '所属', exact: true }));
    expect(await hr.heading()).toBe('所属の一覧(283所属)');
    expect(await hr.text()).toContain('所属 2022年10月31日時点');
    await expectSound(hr);
  });

  test('the table of a page can be saved for Excel', async () => {
    await hr.open('/');
    const [download] = await Promise.all([
      hr.page.waitForEvent('download'),
      hr.page.getByRole('link', { name: 'CSVで保存' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('units-2022-10-31.csv');
  });

  test('before the first roster there is nobody to count, and the page says so', async () => {
    await hr.open('/?asOf=2020-01-01');
    expect(await hr.heading()).toBe('在籍している職員はいません');
    await expectSound(hr);
  });
});
