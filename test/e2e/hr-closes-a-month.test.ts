import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, december, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

const month = (label: string) => hr.page.getByRole('row', { name: new RegExp(`^${label}`) });

describe('HR closes a month', () => {
  test('a month that is over can be closed, one that is not says from when', async () => {
    await hr.open('/reports');
    expect(await hr.heading()).toBe('2022年10月分まで締めています');
    expect(await month('2022年12月').innerText()).toContain('2022年12月31日から締められます');
    await expectSound(hr);
    await hr.follow(month('2022年11月').getByRole('button', { name: 'この月を締める' }));
    expect(await hr.heading()).toBe('2022年11月分まで締めています');
    expect(await month('2022年11月').innerText()).toContain('締め済み(第1版)');
    await expectSound(hr);
  });

  test('what was corrected since stands beside what was closed', async () => {
    await hr.follow(month('2022年10月').getByRole('link', { name: '締めたあとの訂正' }));
    expect(await hr.text()).toContain('レポートとオープンデータは、締めた数字のままです');
    await expectSound(hr);
    await hr.open('/reports');
  });

  test('closing again says what it would do before it does it, and adds a version', async () => {
    const row = month('2022年10月');
    expect(await row.getByRole('button').count()).toBe(0);
    await row.locator('summary', { hasText: '締め直す' }).click();
    expect(await row.innerText()).toContain('第1版の数値も残り');
    await expectSound(hr);
    await hr.follow(row.getByRole('button', { name: '第2版として締め直す' }));
    expect(await row.innerText()).toContain('締め済み(第2版)');
  });

  test.each([
    ['PDF', '%PDF-'],
    ['XLSX', 'PK\u0003\u0004'],
    ['CSV', '\u00EF\u00BB\u00BF'],
    ['JSON', '{'],
  ])('its report can be saved as %s', async (format, firstBytes) => {
    const [download] = await Promise.all([
      hr.page.waitForEvent('download'),
      month('2022年10月').getByRole('link', { name: format }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`2022-10\\.${format.toLowerCase()}$`));
    const bytes = await readFile(await download.path());
    expect(bytes.subarray(0, firstBytes.length).toString('latin1')).toBe(firstBytes);
    expect(bytes.length).toBeGreaterThan(500);
  });
});
