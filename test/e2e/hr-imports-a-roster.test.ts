import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, december, visitAs, type Visitor } from './support/browser.js';
import { firstPeople, newcomer, rosterFile, type Roster } from './support/city-roster.js';
import { expectSound } from './support/sound.js';

/** Has a valid check digit; belongs to nobody. */
const INDIVIDUAL_NUMBER = '123456789018';
const TODAY = '2022-12-05';

let hr: Visitor;

beforeAll(async () => {
  hr = await visitAs(december, 'jinji');
});
afterAll(closeBrowser);

async function choose(file: ReturnType<typeof rosterFile>): Promise<void> {
  await hr.open('/imports?kind=roster');
  await hr.page.getByLabel('名簿の日付').fill(TODAY);
  await hr.page.getByLabel('名簿のファイル').setInputFiles(file);
  await hr.follow(hr.page.getByRole('button', { name: '読み取って確認する' }));
}

const joiner = (roster: Roster, cells: Record<string, string> = {}) =>
  newcomer(roster, {
    職員番号: '0099901',
    '氏名(漢字)': '見本 花子',
    所属CD: '010101',
    任用区分: '正規',
    本務兼務: '本務',
    採用年月日: '令和4年12月1日',
    ...cells,
  });

describe('HR imports a roster', () => {
  test('the page says what a roster needs and that the individual number stays out', async () => {
    await hr.open('/imports?kind=roster');
    expect(await hr.text()).toContain('反映するまで何も変更しません');
    expect(await hr.text()).toContain('個人番号(12桁の番号)は取り込めません');
    await expectSound(hr);
  });

  test('a file with faults names row, column, what was read and what to do, and cannot be applied', async () => {
    await choose(
      rosterFile('名簿_誤り.csv', (roster) => [
        ...roster.people,
        joiner(roster, { 採用年月日: '令和4年13月1日' }),
        joiner(roster, { 職員番号: '0099902', 所属CD: '999999' }),
        joiner(roster, { 職員番号: '0099903', '氏名(漢字)': '' }),
      ]),
    );
    expect(await hr.heading()).toBe('3件を直すと取り込めます。まだ何も変更していません');
    const problems = hr.page.getByRole('table', { name: /行番号はExcelで見える行です/ });
    expect(await problems.getByRole('row').count()).toBe(4);
    expect(await problems.innerText()).toMatch(/\d+行[\s\S]*採用年月日[\s\S]*令和4年13月1日/);
    expect(await problems.innerText()).toContain('999999');
    const button = hr.page.getByRole('button', { name: /名簿を反映する/ });
    expect(await button.isDisabled()).toBe(true);
    expect(await hr.text()).toContain('残り3件を直すと押せます');
    await expectSound(hr);
  });

  test('it can be left, and the record says that nothing was changed', async () => {
    await hr.follow(hr.page.getByRole('button', { name: '取込をやめる' }));
    expect(await hr.heading()).toBe('この取込は取りやめました。何も変更していません');
    await expectSound(hr);
  });

  test('an individual number is refused with its place, and is shown nowhere', async () => {
    await choose(
      rosterFile('名簿_備考.csv', (roster) => [
        ...roster.people,
        joiner(roster, { 備考: `番号 ${INDIVIDUAL_NUMBER}` }),
      ]),
    );
    expect(await hr.heading()).toBe('1件を直すと取り込めます。まだ何も変更していません');
    expect(await hr.text()).toContain('(表示しません)');
    expect(await hr.text()).toContain('備考');
    expect(await hr.page.content()).not.toContain(INDIVIDUAL_NUMBER);
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('button', { name: '取込をやめる' }));
  });

  test('a roster that would lose a fifth of the staff asks for the number of those who leave', async () => {
    await choose(rosterFile('名簿_一部.csv', (roster) => firstPeople(roster, 2000)));
    expect(await hr.heading()).toMatch(/^退職[\d,]+人を確かめると反映できます。まだ何も変更していません$/);
    expect(await hr.text()).toContain('一部の所属だけの名簿であれば、範囲を選んで取り込み直してください');
    await expectSound(hr);
    await hr.page.getByLabel('退職として記録する人数').fill('1');
    await hr.follow(hr.page.getByRole('button', { name: /名簿を反映する/ }));
    expect(await hr.page.getByRole('alert').innerText()).toContain('上に表示した人数と一致しません');
    expect(await hr.heading()).toContain('まだ何も変更していません');
    await expectSound(hr);
    await hr.follow(hr.page.getByRole('button', { name: '取込をやめる' }));
  });

  test('the right file is looked at first, then applied, and the figures follow', async () => {
    await hr.open(`/?asOf=${TODAY}`);
    expect(await hr.text()).toContain('2,706 / 3,300人');

    await choose(rosterFile('名簿_12月.csv', (roster) => [...roster.people, joiner(roster)]));
    expect(await hr.heading()).toBe('直すところはありません。まだ何も変更していません');
    expect(await hr.text()).toContain('採用 1人 退職 0人 異動 0人');
    expect(await hr.text()).toContain('CP932(Shift_JIS)');
    await expectSound(hr);
    await hr.open(`/?asOf=${TODAY}`);
    expect(await hr.text()).toContain('2,706 / 3,300人');

    await hr.page.goBack();
    await hr.follow(hr.page.getByRole('button', { name: '3,301人の名簿を反映する' }));
    expect(await hr.heading()).toBe('名簿を反映しました');
    expect(await hr.page.getByRole('status').innerText()).toContain('採用1人、変更なし3,300人');
    await expectSound(hr);

    await hr.follow(hr.page.getByRole('link', { name: '変わった保有率を見る' }));
    expect(await hr.text()).toContain('2,706 / 3,301人');
    await hr.open('/units/010101?asOf=2022-12-05');
    expect(await hr.text()).toContain('見本 花子');
  });

  test('every import stays on record with its file, its state and who did it', async () => {
    await hr.open('/imports');
    const row = hr.page.getByRole('row', { name: /名簿_12月\.csv/ });
    expect(await row.innerText()).toMatch(/反映済み[\s\S]*jinji[\s\S]*採用1人/);
    expect(await hr.page.getByRole('row', { name: /名簿_誤り\.csv/ }).innerText()).toContain('取りやめ');
    await expectSound(hr);
  });
});
