import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import iconv from 'iconv-lite';
import { closeBrowser, december, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

const DAY = '2023-04-01';
const CHANGES = [
  '区分,所属コード,新所属コード,新所属名,上位所属コード,種別,職員番号',
  '新設,,990000,デジタル局,000000,局,',
  '移管,010103,,,990000,,',
  '名称変更,020103,,財務課,,,',
  '統合,020104,020103,,,,',
  '分割,020102,020102,,,,',
  '分割,020102,990101,働き方改革課,990000,課,',
];

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

async function choose(lines: readonly string[]): Promise<void> {
  await hr.open('/imports?kind=reorganisation');
  await hr.page.getByLabel('組織改正の日').fill(DAY);
  await hr.page.getByLabel('組織改正のファイル').setInputFiles({
    name: '組織改正_R5.csv',
    mimeType: 'text/csv',
    buffer: iconv.encode(lines.join('\r\n'), 'CP932'),
  });
  await hr.follow(hr.page.getByRole('button', { name: '読み取って確認する' }));
}

describe('HR prepares a reorganisation', () => {
  test('faults are told with what is to be done about them', async () => {
    await choose([CHANGES[0]!, '廃止,020104', '縮小,010103', '統合,999999,020103']);
    expect(await hr.heading()).toBe('3件を直すと取り込めます。まだ何も変更していません');
    expect(await hr.text()).toContain('区分を「統合」にして移る先を示すか');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('button', { name: '取込をやめる' }));
  });

  test('the preview says who goes where and what the figures become', async () => {
    await choose(CHANGES);
    expect(await hr.heading()).toBe('直すところはありません。まだ何も変更していません');
    expect(await hr.text()).toContain('2023年4月1日から変わる所属と職員');
    const moves = hr.page.getByRole('table', { name: /移る職員の人数/ });
    expect(await moves.innerText()).toMatch(/監理課\(020104\)\s+財務課\(020103\)\s+\d+人/);
    const figures = hr.page.getByRole('table', { name: /在籍/ });
    expect(await figures.innerText()).toContain('デジタル局(990000)');
    await expectSound(hr);
  });

  test('applied, it changes nothing before its day', async () => {
    await hr.follow(hr.page.getByRole('button', { name: 'この組織改正を反映する' }));
    expect(await hr.heading()).toBe('組織改正を反映しました');
    expect(await hr.text()).toContain('この組織改正を取り下げる');
    await expectSound(hr);
    await hr.open('/units/020103');
    expect(await hr.text()).toContain('財政課');
  });

  test('the list says when it begins', async () => {
    await hr.open('/imports?kind=reorganisation');
    const row = hr.page.getByRole('row', { name: /組織改正_R5\.csv/ }).first();
    expect(await row.innerText()).toMatch(/反映済み\s+2023年4月1日から/);
    await expectSound(hr);
  });

  test('while its day has not come it is taken back, and stays on record', async () => {
    await hr.follow(hr.page.getByRole('link', { name: '組織改正_R5.csv' }).first());
    await hr.page.getByText('この組織改正を取り下げる').click();
    await hr.follow(hr.page.getByRole('button', { name: '取り下げる' }));
    expect(await hr.heading()).toBe('組織改正を取り下げました。この組織改正による変更は残っていません');
    expect(await hr.page.getByRole('status').innerText()).toContain('jinji');
    await expectSound(hr);
    await hr.open('/imports');
    const row = hr.page.getByRole('row', { name: /組織改正_R5\.csv/ }).first();
    expect(await row.innerText()).toContain('取り下げ済み');
    expect(await row.innerText()).not.toContain('2023年4月1日から');
    await expectSound(hr);
  });
});
