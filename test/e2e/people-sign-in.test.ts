import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeBrowser, november, visit, visitAs, type Visitor } from './support/browser.js';
import { removeFolder, startProgram, temporaryFolder } from './support/services.js';
import { expectSound } from './support/sound.js';

afterAll(closeBrowser);

describe('signing in and out', () => {
  test('a wrong password says so, keeps the name, and does not say which of the two was wrong', async () => {
    const visitor = await visit(november);
    await visitor.open('/sign-in');
    await expectSound(visitor);
    await visitor.signIn('jinji', 'chigau-kotoba');
    expect(await visitor.text()).toContain('アカウント名またはパスワードが正しくありません');
    expect(await visitor.page.getByLabel('アカウント名').inputValue()).toBe('jinji');
    await expectSound(visitor);
  });

  test('a link from a mail leads through the sign-in to the page it names', async () => {
    const visitor = await visit(november);
    await visitor.open('/units/030103?asOf=2022-09-30');
    expect(await visitor.heading()).toBe('ログイン');
    await visitor.page.getByLabel('アカウント名').fill('jinji');
    await visitor.page.getByLabel('パスワード').fill(november.signIns.jinji!);
    await visitor.follow(visitor.page.getByRole('button', { name: 'ログインする' }));
    expect(new URL(visitor.page.url()).pathname).toBe('/units/030103');
    expect(await visitor.text()).toContain('2022年9月30日時点');
  });

  test('when a session has ended, the next click asks to sign in and comes back', async () => {
    const visitor = await visitAs(november, 'jinji');
    await visitor.open('/reports');
    await visitor.context.clearCookies();
    await visitor.follow(visitor.page.getByRole('link', { name: 'リマインド' }));
    expect(await visitor.heading()).toBe('ログイン');
    await visitor.page.getByLabel('アカウント名').fill('jinji');
    await visitor.page.getByLabel('パスワード').fill(november.signIns.jinji!);
    await visitor.follow(visitor.page.getByRole('button', { name: 'ログインする' }));
    expect(new URL(visitor.page.url()).pathname).toBe('/waves');
  });

  test('a form sent after the end of the session does nothing, and the way back leads to a page', async () => {
    const visitor = await visitAs(november, 'jinji');
    await visitor.open('/password');
    await visitor.context.clearCookies();
    for (const label of ['今のパスワード', '新しいパスワード', '新しいパスワード(確認のためもう一度)'])
      await visitor.page.getByLabel(label, { exact: true }).fill('kaze-to-umi-7');
    await visitor.follow(visitor.page.getByRole('button', { name: '変更する' }));
    await visitor.signIn('jinji', november.signIns.jinji!);
    expect(await visitor.heading()).toContain('職員の保有率');
  });

  test('after signing out, the pages are closed', async () => {
    const visitor = await visitAs(november, 'jinji');
    await visitor.follow(visitor.page.getByRole('button', { name: 'ログアウト' }));
    expect(await visitor.heading()).toBe('ログイン');
    await visitor.open('/units/030103');
    expect(await visitor.heading()).toBe('ログイン');
  });

  test('a page that does not exist says so in plain words, with a number to ask about', async () => {
    const visitor = await visitAs(november, 'jinji');
    await visitor.open('/sonna-peeji');
    expect(await visitor.heading()).toBe('お探しのページまたは記録が見つかりません');
    expect(await visitor.text()).toContain('照会番号');
    await expectSound(visitor);
    await visitor.open('/?asOf=kinou');
    expect(await visitor.text()).toContain('日付は 2022-10-31 のように');
    await visitor.follow(visitor.page.getByRole('link', { name: '最初の画面へ' }));
    expect(await visitor.heading()).toContain('82.0%');
  });
});

describe('a new installation', () => {
  let dataDir: string;
  let service: Awaited<ReturnType<typeof startProgram>>;
  let admin: Visitor;

  beforeAll(async () => {
    dataDir = await temporaryFolder();
    service = await startProgram('main', dataDir, { NOW: '2022-12-05T09:00:00+09:00' });
    admin = await visit(service);
  });
  afterAll(async () => {
    await service?.stop();
    await removeFolder(dataDir);
  });

  test('the printed password opens nothing but the page for choosing an own one', async () => {
    const [, name, password] = /最初の管理者 (\S+) の一度だけ使えるパスワード: (\S+)/.exec(service.output)!;
    await admin.signIn(name!, password!);
    expect(await admin.heading()).toBe('パスワードの変更');
    expect(await admin.text()).toContain('今のパスワードは一度だけ使うものです');
    await expectSound(admin);
    await admin.open('/imports');
    expect(await admin.heading()).toBe('パスワードの変更');

    await admin.page.getByLabel('今のパスワード').fill(password!);
    await admin.page.getByLabel('新しいパスワード', { exact: true }).fill('kaze-to-umi-7');
    await admin.page.getByLabel('新しいパスワード(確認のためもう一度)').fill('kaze-to-umi-8');
    await admin.follow(admin.page.getByRole('button', { name: '変更する' }));
    expect(await admin.text()).toContain('2つの新しいパスワードが一致しません');
    await expectSound(admin);

    await admin.page.getByLabel('今のパスワード').fill(password!);
    await admin.page.getByLabel('新しいパスワード', { exact: true }).fill('kaze-to-umi-7');
    await admin.page.getByLabel('新しいパスワード(確認のためもう一度)').fill('kaze-to-umi-7');
    await admin.follow(admin.page.getByRole('button', { name: '変更する' }));
    expect(new URL(admin.page.url()).pathname).toBe('/');
  });

  test('the first page says what comes first, and leads there', async () => {
    expect(await admin.heading()).toBe('名簿を取り込むと、保有率を表示します');
    await expectSound(admin);
    await admin.follow(admin.page.getByRole('link', { name: '名簿を取り込む' }));
    expect(await admin.heading()).toBe('名簿を取り込む');
  });

  test.each([
    ['/units', '見られる所属がありません'],
    ['/imports', '名簿を取り込む'],
    ['/waves', '案内を届ける'],
    ['/reports', '締めた月はまだありません'],
  ])('%s is a whole page without any data', async (path, heading) => {
    await admin.open(path);
    expect(await admin.heading()).toBe(heading);
    await expectSound(admin);
  });
});
