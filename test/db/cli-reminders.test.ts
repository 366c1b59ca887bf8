import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { documentOf, openCommandCity, type CommandCity } from '../support/command-city.js';
import { command } from '../support/commands.js';

let city: CommandCity;

beforeAll(async () => {
  city = await openCommandCity();
});
afterAll(() => city.close());

describe('reminders', () => {
  test('remind only says what it would send with --dry-run, then sends it once', async () => {
    expect(await city.json('remind', 'manager-monthly', '--dry-run')).toMatchObject({
      dryRun: true,
      recipients: 2,
    });
    expect(await city.json('remind', 'manager-monthly')).toMatchObject({
      dryRun: false,
      sentNow: 2,
      counts: { sent: 2 },
    });
    expect(await city.json('remind', 'manager-monthly')).toMatchObject({ sentNow: 0, counts: { sent: 2 } });
    // Its number, for whoever has not begun it.
    expect(await city.json('wave')).toMatchObject({ waves: [{ id: 1, policy: 'manager-monthly' }] });
    expect((await city.run('wave')).stdout).toMatch(
      /^ +1 +2022-\d\d-\d\d +所属長への月次の案内 +終了 +4 +2 +0 +0$/m,
    );
    expect(
      readdirSync(join(city.folder, 'outbox'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.eml'),
      ),
    ).toHaveLength(2);
    expect((await city.run('remind', 'no-such-policy')).code).toBe(3);
  });

  test('the links by which people answer are retired with one command', async () => {
    expect(await city.json('answer-links', 'retire')).toEqual({ key: 1 });
    const again = await city.run('answer-links', 'retire');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('すべて使えなくなりました')]);
  });

  test('remind says who would hear about their own card, who would not and why, and names nobody', async () => {
    const { stdout, code } = await city.run('remind', 'staff-monthly', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/対象: 職員 \d+、うちカードの保有を確認できていない職員 \d+/);
    expect(stdout).toMatch(/対象でない人: カードの保有を確認しています \d+/);
    expect(stdout).toContain('名簿に本人のメールアドレスがありません');
    expect(stdout).not.toMatch(/見本|@/);
    const draft = await city.run('remind', 'top-message', '--json');
    expect([draft.code, documentOf(draft).code]).toEqual([3, 'template_is_draft']);
  });
});

describe('the chat room of a unit', () => {
  const inChat = (...args: string[]) =>
    command({ ...city.env, CHAT_WEBHOOK_HOSTS: 'hooks.example.jp' }, 'chat', ...args);

  test('is registered from a file, listed without its address, and taken back', async () => {
    const address = city.file('hook.txt', ['https://hooks.example.jp/s3cr3t']);
    expect((await inChat('set', '11', address, '--format', 'teams')).stdout).toContain(
      'チャットを登録しました',
    );
    const listed = await inChat();
    expect(listed.stdout).toMatch(/11 .* Microsoft Teams.* hooks\.example\.jp/);
    expect(listed.stdout + listed.stderr).not.toContain('s3cr3t');
    expect((await inChat('remove', '11')).code).toBe(0);
    expect((await inChat('remove', '11')).code).toBe(3);
  });

  test('is refused where nobody has named its host, and the address is not repeated', async () => {
    const address = city.file('elsewhere.txt', ['https://10.0.0.1/s3cr3t']);
    const refused = await inChat('set', '11', address);
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).not.toContain('s3cr3t');
    expect((await city.run('chat', 'set', '11', address)).code).toBe(2);
  });

  test('is where HR may send a policy that speaks to a unit about itself', async () => {
    expect((await city.run('policy', 'channel', 'thanks', 'chat')).stdout).toContain(
      '届け方を所属のチャットにしました',
    );
    expect((await city.run('policy', 'channel', 'bureau-digest', 'chat')).code).toBe(2);
  });
});

describe('the reminder policies', () => {
  test('are proposed, switched on, and moved by a quiet period', async () => {
    expect((await city.run('policy')).stdout).toMatch(
      /manager-monthly .* 確認待ち .* 毎月の第1営業日 .* 2022年12月1日/,
    );
    expect((await city.run('policy', 'set', 'manager-monthly', 'on')).stdout).toContain('オンにしました');
    // Two such days side by side may read as an individual number; with the name between them they never do.
    const period = '2023-03-20/人事異動/2023-04-10';
    const changed = await city.run(
      'policy',
      'rules',
      '--quiet',
      '2022-12-01/議会/2022-12-09',
      '--quiet',
      period,
    );
    expect(changed).toMatchObject({ code: 0, stderr: '' });
    const list = JSON.parse((await city.run('policy', 'list', '--json')).stdout);
    expect(list).toMatchObject({
      policies: expect.arrayContaining([
        expect.objectContaining({
          name: 'manager-monthly',
          state: 'on',
          nextOn: '2022-12-12',
          changedBy: 'cli:operator',
        }),
        expect.objectContaining({ name: 'staff-monthly', state: 'proposed' }),
      ]),
      rules: {
        minGapDays: 14,
        quietPeriods: [
          { from: '2022-12-01', to: '2022-12-09', name: '議会' },
          { from: '2023-03-20', to: '2023-04-10', name: '人事異動' },
        ],
      },
    });
    expect((await city.run('policy', 'rules', '--no-quiet')).stdout).not.toContain('休止期間');
  });

  test('that cannot be sent are not there, and nonsense is refused', async () => {
    expect((await city.run('policy', 'set', 'no-such-policy', 'on')).code).toBe(3);
    expect((await city.run('policy', 'set', 'manager-monthly', 'maybe')).code).toBe(2);
    expect((await city.run('policy', 'rules', '--office-hours', '17:00-09:00')).code).toBe(2);
    expect((await city.run('policy', 'rules', '--quiet', '2022-12-01/議会')).code).toBe(2);
  });
});

describe('what messages say', () => {
  test('is shown as a file, tried, set from a file, and set back', async () => {
    const shown = await city.run('template', 'show', 'manager-monthly');
    expect(shown.stdout).toMatch(/^件名: 【\{\{期限の月日\}\}まで】/);
    const changed = shown.stdout.replace('(1分ほど)', '(2分ほど)');
    const path = city.file('manager-monthly.txt', changed.split('\n'));
    const reason = ['--reason', '時間を合わせる'];
    const tried = await city.run('template', 'set', path, ...reason, '--dry-run');
    expect(tried.stdout).toContain('保存していません');
    expect(tried.stdout).toContain('(2分ほど)');
    expect(JSON.parse((await city.run('template', 'set', path, ...reason, '--json')).stdout)).toEqual({
      name: 'manager-monthly',
      version: 2,
      dryRun: false,
    });
    expect((await city.run('template')).stdout).toMatch(/manager-monthly .*第2版 .*時間を合わせる/);
    expect(
      (await city.run('template', 'restore', 'manager-monthly', '1', '--reason', '戻す')).stdout,
    ).toContain('第1版');
    expect((await city.run('template', 'show', 'manager-monthly', '--version', '2')).stdout).toBe(changed);
  });

  test('is refused with every problem, and as a file of another kind', async () => {
    const bad = city.file('bad.txt', ['件名: 必ず', '', '{{誰か}}']);
    const refused = await city.run('template', 'set', bad, '--name', 'manager-monthly', '--reason', 'x');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('件名: 「必ず」');
    expect(refused.stderr).toContain('本文の1行目: {{誰か}}');
    expect((await city.run('template', 'set', bad, '--reason', 'x')).code).toBe(3);
    const other = await city.run(
      'template',
      'set',
      city.file('manager-monthly.txt', ['こんにちは']),
      '--reason',
      'x',
    );
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('件名: …')]);
  });
});
