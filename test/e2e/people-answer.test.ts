import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/platform/database/data-source-options.js';
import { acquireEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { answerPathOf, enqueueAnswerWave, outboxOf } from '../support/answer-wave.js';
import { closeBrowser, december, visit, visitAs, type Visitor } from './support/browser.js';
import { expectSound } from './support/sound.js';

const TODAY = '2022-12-05';
/** Of another day than the waves that HR sends in other tests. */
const ON = '2022-12-02';

let person: Visitor;
let path: string;
let number: string;

beforeAll(async () => {
  const { url, release } = await acquireEmbeddedPostgres({ dataDir: december.dataDir });
  const db = await new DataSource(dataSourceOptions(url)).initialize();
  try {
    [{ number }] = await db.query(
      `SELECT s.number FROM timeline t JOIN staff s ON s.id = t.staff_id
       WHERE t.status = 'unanswered' AND t.counted AND NOT t.exempt AND t.valid_from <= $1 AND $1 < t.valid_to ORDER BY s.id LIMIT 1`,
      [TODAY],
    );
    // The service itself sends it.
    const id = await enqueueAnswerWave(db, {
      staffNumbers: [number],
      on: ON,
      startedOn: TODAY,
      baseUrl: december.url,
    });
    for (let left = 100; left > 0; left--) {
      const [{ sent }] = await db.query(
        `SELECT count(*)::int AS sent FROM delivery WHERE wave_id = $1 AND state = 'sent'`,
        [id],
      );
      if (sent === 1) break;
      await wait(100);
    }
  } finally {
    await db.destroy();
    await release();
  }
  path = answerPathOf([...(await outboxOf(december.dataDir, 'staff-monthly', ON)).values()][0]);
  person = await visit(december, { width: 375 });
});
afterAll(closeBrowser);

describe('somebody gets a message on the phone and answers', () => {
  test('the link of the mail opens a page that asks one thing', async () => {
    await person.open(path);
    expect(await person.heading()).toBe('マイナンバーカードの取得状況を教えてください');
    const text = await person.text();
    expect(text).toContain(`職員番号の末尾が「${number.slice(-2)}」の方`);
    expect(text).toContain('どれを選んでも、回答しなくても、不利益はありません');
    expect(await person.page.getByRole('radio').count()).toBe(4);
    expect(await person.page.getByRole('radio', { checked: true }).count()).toBe(0);
    await expectSound(person);
  });

  test('sent without a choice the page says what is missing, and the person chooses', async () => {
    await person.page.setViewportSize({ width: 375, height: 700 });
    // The browser itself would not send it; an old one does.
    await person.page
      .locator('form')
      .evaluate((form: { noValidate: boolean }) => void (form.noValidate = true));
    await person.follow(person.page.getByRole('button', { name: 'この内容で回答する' }));
    expect(await person.page.getByRole('alert').innerText()).toContain('4つのうち1つを選んでください');
    await expectSound(person);
    await person.page.setViewportSize({ width: 375, height: 700 });
    await person.page.getByText('申請して、受け取りを待っている').click();
    await person.follow(person.page.getByRole('button', { name: 'この内容で回答する' }));
    expect(await person.heading()).toBe('回答を受け取りました');
    expect(await person.text()).toContain('取得状況 申請中');
    await expectSound(person);
  });

  test('the receipt shows who has looked at the record, after HR has', async () => {
    const hr = await visitAs(december, 'jinji');
    await hr.open(`/staff/${number}`);
    expect(await hr.text()).toContain('本人(案内のリンク)');
    await person.open(path);
    await person.follow(person.page.getByRole('link', { name: '自分の記録と、それを見た人を確認する' }));
    const looks = person.page.getByRole('table', { name: /新しい順/ });
    expect(await looks.innerText()).toContain('個人の記録の閲覧');
    await expectSound(person);
  });

  test('changing to 「回答しない」 takes one choice and no reason', async () => {
    await person.follow(person.page.getByRole('link', { name: '回答を変える' }));
    expect(await person.text()).toContain('いまの記録: 申請中(2022年12月5日から、本人の記録)');
    await person.page.getByRole('radio', { name: /回答しない/ }).check();
    await person.follow(person.page.getByRole('button', { name: 'この内容で回答する' }));
    expect(await person.text()).toContain('個人あての案内は、届かなくなります');
    await person.page.goBack();
    await person.page.getByRole('radio', { name: /回答しない/ }).check();
    await person.follow(person.page.getByRole('button', { name: 'この内容で回答する' }));
    expect(await person.heading()).toBe('同じ内容で、すでに記録されています');
  });

  test('whoever cannot be written to for a time finds the form for it behind the same link, and by keyboard', async () => {
    await person.open(path);
    await person.follow(person.page.getByRole('link', { name: /例外の申請/ }));
    expect(await person.heading()).toBe('案内を受けない期間(例外)の申請');
    expect(await person.text()).toContain('人事課が決定するまで、案内はこれまでどおり届きます');
    await expectSound(person);
    const note = person.page.getByLabel(/^説明/);
    await note.fill('朝だけの勤務');
    // The browser itself would not send it without a category; a robot does.
    await person.page
      .locator('form')
      .evaluate((form: { noValidate: boolean }) => void (form.noValidate = true));
    await note.press('Tab');
    await Promise.all([person.page.waitForNavigation(), person.page.keyboard.press('Enter')]);
    expect(await person.page.getByRole('alert').innerText()).toContain('種類を選んでください');
    expect(await note.inputValue()).toBe('朝だけの勤務');
    await expectSound(person);
  });

  test('a link that was cut off is told apart by nobody, and leads to somebody to ask', async () => {
    await person.open(path.slice(0, -3));
    expect(await person.heading()).toBe('このリンクは使えません');
    expect(await person.text()).toContain('問い合わせ');
    await expectSound(person);
  });
});
