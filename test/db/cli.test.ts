import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/project-root.js';
import { cli, killStarted, start, type Outcome } from '../support/programs.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

// Programs start, one after the other: a second each, several on a busy machine.
jest.setTimeout(120_000);

const INDIVIDUAL_NUMBER = '123456789018';
const UNITS = [
  '所属コード,所属名,上位所属コード,種別',
  '00,見本市,,市',
  '10,総務局,00,局',
  '11,人事課,10,課',
  '20,市民局,00,局',
  '21,市民課,20,課',
];
const ROSTER = [
  '職員番号,氏名,所属コード,メールアドレス,所属長',
  '0000001,見本 花子,11,hanako@example.jp,○',
  '0000002,見本 太郎,11,,',
  '0000003,見本 次郎,21,sakura@example.jp,○',
  '0000004,見本 桜,21,,',
];
const STATUS = [
  '職員番号,取得状況,基準日',
  '0000001,保有,2022-10-01',
  '0000002,申請中,2022-10-01',
  '0000003,回答しない,2022-10-05',
];

let database: TestDatabase;
let folder: string;
let imported: Outcome;
let recorded: Outcome;
let benchmarks: Outcome;

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'tracker-cli-'));
  imported = await run(
    'import',
    'roster',
    file('meibo.csv', ROSTER),
    '--units',
    file('shozoku.csv', UNITS),
    '--as-of',
    '2022-10-01',
    '--json',
  );
  recorded = await run('--json', 'import', 'status', file('shutoku.csv', STATUS));
  const day = join(projectRoot, 'seed', 'citizens', '20221031');
  const files = ['all_localgovs.csv', 'all_prefectures.csv', 'summary_by_types.csv'].map((name) =>
    join(day, name),
  );
  benchmarks = await run('import', 'citizens', ...files, '--json');
  await run(
    'city',
    '--name',
    '金沢市',
    '--code',
    '172014',
    '--compare',
    '172065,000000',
    '--contact',
    '人事課 内線2345',
  );
});
afterEach(killStarted);
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const env = () => ({ DATABASE_URL: database.url, DATA_DIR: folder, NOW: '2022-11-10T09:00:00+09:00' });
const run = (...args: string[]) => cli(env(), ...args);

/** With `--json`: the one document on standard output. */
async function json(...args: string[]): Promise<Record<string, unknown>> {
  return documentOf(await run(...args, '--json'));
}

function documentOf({ stdout }: Outcome): Record<string, unknown> {
  expect(stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(stdout) as Record<string, unknown>;
}

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.join('\r\n'));
  return path;
}

describe('import', () => {
  test('of a roster reports what was read and what changed', () => {
    expect(imported).toMatchObject({ code: 0, stderr: '' });
    expect(documentOf(imported)).toMatchObject({
      kind: 'roster',
      dryRun: false,
      file: 'meibo.csv',
      encoding: 'UTF-8',
      headerRow: 1,
      rows: 4,
      skippedRows: 0,
      joined: 4,
      left: 0,
      moved: 0,
      changed: 0,
      unchanged: 0,
      problems: [],
      warnings: [],
    });
  });

  test('of statuses reports what was recorded', () => {
    expect(recorded.code).toBe(0);
    expect(documentOf(recorded)).toMatchObject({
      kind: 'status',
      dryRun: false,
      rows: 3,
      recorded: 3,
      unchanged: 0,
      unknownStaff: 0,
      problems: [],
    });
  });

  test('of statuses of people who are not on the roster is refused, and counts them', async () => {
    const path = file('unknown.csv', [...STATUS, '9999999,保有,2022-10-05']);
    const refused = await run('import', 'status', path, '--json');
    expect(refused.code).toBe(2);
    expect(documentOf(refused)).toMatchObject({
      unknownStaff: 1,
      problems: [{ row: 5, column: '職員番号' }],
    });
  });

  test('of citizens counts areas and names those it does not know', () => {
    expect(benchmarks.code).toBe(0);
    expect(documentOf(benchmarks)).toMatchObject({
      kind: 'citizens',
      rows: expect.any(Number),
      areas: expect.any(Number),
      unmatched: [],
      problems: [],
    });
  });

  test('of what is known already changes nothing, dry or not', async () => {
    const [roster, status] = await Promise.all([
      json('import', 'roster', join(folder, 'meibo.csv'), '--as-of', '2022-10-01', '--dry-run'),
      json('import', 'status', join(folder, 'shutoku.csv')),
    ]);
    expect(roster).toMatchObject({ dryRun: true, joined: 0, unchanged: 4 });
    expect(status).toMatchObject({ recorded: 0, unchanged: 3 });
  });

  test('of the bundled CP932 roster finds its encoding and its header', async () => {
    const roster = join(projectRoot, 'seed', 'demo', 'meibo_r031101.csv');
    const units = join(projectRoot, 'seed', 'demo', 'shozoku.csv');
    expect(await json('import', 'roster', roster, '--units', units, '--dry-run')).toMatchObject({
      encoding: 'CP932',
      headerRow: 4,
    });
  });

  test('refuses a file with problems: all of them at once, exit code 2, nothing written', async () => {
    const bad = file('bad.csv', [
      ...ROSTER,
      '0000005,見本 梅,99,,',
      '0000006,,11,,',
      '0000001,見本 花子,11,,',
    ]);
    const refused = await run('import', 'roster', bad, '--json');
    expect(refused).toMatchObject({ code: 2, stderr: '' });
    const { problems } = documentOf(refused) as { problems: Record<string, unknown>[] };
    expect(problems.map(({ row, column, code }) => [row, column, code])).toEqual(
      expect.arrayContaining([
        [6, '所属コード', 'unknown_unit'],
        [7, '氏名', 'missing_value'],
        [8, '職員番号', 'duplicate_staff'],
      ]),
    );
    expect(problems[0]).toEqual({
      row: 6,
      column: '所属コード',
      read: '99',
      expected: expect.any(String),
      code: 'unknown_unit',
      fix: expect.any(String),
    });

    const text = await run('import', 'roster', bad);
    expect(text.code).toBe(2);
    expect(text.stdout).toContain('何も変更していません');
    expect(await json('rates', '--as-of', '2022-11-10')).toMatchObject({ staff: 4 });
  });

  test('asks for the exact number of departures', async () => {
    const few = file('few.csv', ROSTER.slice(0, 4));
    const args = ['import', 'roster', few, '--as-of', '2022-11-01', '--dry-run'];
    const asked = await run(...args, '--json');
    expect(asked.code).toBe(2);
    expect(documentOf(asked)).toMatchObject({ problems: [{ code: 'confirm_departures' }] });
    expect((await run(...args, '--confirm-departures', '2')).code).toBe(2);
    expect(await json(...args, '--confirm-departures', '1')).toMatchObject({ left: 1, problems: [] });
  });

  test('of a reorganisation begins on its day, and is taken back before', async () => {
    const changes = file('kaisei.csv', ['区分,所属コード,新所属コード', '統合,11,21']);
    const { figures } = await json('import', 'reorganisation', changes, '--as-of', '2023-04-01', '--dry-run');
    const { after } = (figures as { code: string; after: object }[]).find(({ code }) => code === '21')!;
    const report = await run('import', 'reorganisation', changes, '--as-of', '2023-04-01');
    expect(report.code).toBe(0);
    expect(report.stdout).toContain('統合 1');
    // Nothing runs in between: the day comes, and the figures are those of the preview.
    const onItsDay = { ...env(), NOW: '2023-04-01T00:00:00+09:00' };
    expect(documentOf(await cli(onItsDay, 'rates', '--unit', '21', '--json'))).toMatchObject(after);
    expect(await cli(onItsDay, 'rates', '--unit', '11')).toMatchObject({ code: 3 });
    const { reorganisations } = await json('reorganisation');
    expect(reorganisations).toMatchObject([{ state: 'applied', asOf: '2023-04-01', files: ['kaisei.csv'] }]);
    const id = String((reorganisations as { id: number }[])[0]!.id);
    expect(await run('reorganisation', 'withdraw', id)).toMatchObject({ code: 0 });
    expect((await run('reorganisation')).stdout).toContain('取り下げ済み');
    expect(await run('reorganisation', 'withdraw', id)).toMatchObject({ code: 3 });
  });

  test('of a file that is not there, or of a folder, says so', async () => {
    const [missing, directory] = await Promise.all([
      run('import', 'roster', join(folder, 'none.csv'), '--json'),
      run('import', 'status', folder),
    ]);
    expect(documentOf(missing)).toMatchObject({ code: 'file_not_readable' });
    expect([missing.code, directory.code]).toEqual([2, 2]);
    expect(directory.stderr).toMatch(/^ファイルを開けません[^\n]+\n$/);
  });
});

describe('an individual number', () => {
  test.each([
    ['as an argument', () => ['status', INDIVIDUAL_NUMBER, '--set', 'held']],
    ['in pieces', () => ['status', '1234', '5678', '9018', '--set', 'held']],
    ['as an option', () => ['rates', '--unit', '1234-5678-9018']],
    ['as an unknown command', () => [INDIVIDUAL_NUMBER]],
    ['as an unknown option', () => ['rates', `--${INDIVIDUAL_NUMBER}`]],
    ['in a file name', () => ['import', 'roster', file(`${INDIVIDUAL_NUMBER}.csv`, ROSTER)]],
    [
      'in a path',
      () => {
        mkdirSync(join(folder, INDIVIDUAL_NUMBER), { recursive: true });
        return ['import', 'status', file(join(INDIVIDUAL_NUMBER, 's.csv'), STATUS)];
      },
    ],
    ['as a name of an account', () => ['user', 'add', INDIVIDUAL_NUMBER, '--role', 'hr']],
  ])('%s is refused and not repeated', async (_, args) => {
    const { code, stdout, stderr } = await run(...args(), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'individual_number' });
    expect(stdout + stderr).not.toMatch(/1234|5678|9018/);
  });

  test('in a cell is named by its place', async () => {
    const path = file('note.csv', [
      '職員番号,氏名,所属コード,備考',
      `0000001,見本 花子,11,${INDIVIDUAL_NUMBER}`,
    ]);
    const { code, stdout, stderr } = await run('import', 'roster', path, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ row: 2, column: '備考', read: '', code: 'individual_number' }],
    });
    expect(stdout + stderr).not.toContain(INDIVIDUAL_NUMBER);
  });
});

describe('figures', () => {
  test('rates have the fields of the contract', async () => {
    const rates = await json('rates', '--as-of', '2022-10-31');
    const counts = {
      staff: 4,
      held: 1,
      applied: 1,
      notApplied: 0,
      undisclosed: 1,
      unanswered: 1,
      lapsed: 0,
      exempt: 0,
      rate: 25,
      rateWithApplied: 50,
      rateWithoutExempt: 25,
      remaining: 3,
    };
    expect(rates).toMatchObject({
      ...counts,
      unit: { code: '00', name: '見本市', kind: '市' },
      asOf: '2022-10-31',
      goal: { rate: 100, by: null },
    });
    expect((rates.citizens as object[])[0]).toEqual({
      area: '金沢市',
      code: '172014',
      metric: 'issued',
      asOf: '2022-10-31',
      cards: 208_794,
      population: 448_702,
      rate: 46.5,
      differencePoints: -21.5,
    });
    const children = rates.children as Record<string, unknown>[];
    expect(children.map(({ unit, staff }) => [(unit as { code: string }).code, staff])).toEqual([
      ['10', 2],
      ['20', 2],
    ]);
    expect(Object.keys(children[0]!)).toEqual(expect.arrayContaining(Object.keys(counts)));
  });

  test('rates go to a unit, and as deep as asked', async () => {
    const [unit, deep] = await Promise.all([
      json('rates', '--unit', '11', '--as-of', '2022-10-31'),
      json('rates', '--depth', '2', '--as-of', '2022-10-31'),
    ]);
    expect(unit).toMatchObject({ unit: { code: '11' }, staff: 2, held: 1, rate: 50, children: [] });
    expect(deep.children).toMatchObject([
      { unit: { code: '10' }, children: [{ unit: { code: '11' }, staff: 2 }] },
      { unit: { code: '20' }, children: [{ unit: { code: '21' }, staff: 2 }] },
    ]);
  });

  test('--json stands before or after the command', async () => {
    const [before, after] = await Promise.all([
      run('--json', 'rates', '--as-of', '2022-10-31'),
      run('rates', '--as-of', '2022-10-31', '--json'),
    ]);
    expect(before.stdout).toBe(after.stdout);
  });

  test('people read a table', async () => {
    const { code, stdout } = await run('rates', '--as-of', '2022-10-31');
    expect(code).toBe(0);
    expect(stdout).toMatch(/見本市 .*保有率 25\.0%\(保有 1人 ÷ 在籍 4人\)/);
    expect(stdout).toContain('総務局');
  });

  test('trend gives month ends', async () => {
    expect(await json('trend', '--from', '2022-10', '--to', '2022-11')).toMatchObject({
      points: [
        { month: '2022-10', asOf: '2022-10-31', staff: 4, held: 1 },
        { month: '2022-11', asOf: '2022-11-10', staff: 4, held: 1 },
      ],
    });
  });
});

describe('changes between two days', () => {
  test('are told as a sum', async () => {
    const days = ['--from', '2022-09-30', '--to', '2022-10-31'];
    const [found, text] = [await json('changes', ...days), await run('changes', '--unit', '11', ...days)];
    expect(found).toMatchObject({
      unit: { code: '00' },
      before: { staff: 0, held: 0, rate: null },
      after: { staff: 4, held: 1, rate: 25 },
    });
    const parts = found.parts as { part: string; people: number; staff: number; held: number }[];
    expect(parts.filter(({ people }) => people > 0)).toMatchObject([{ part: 'joined', staff: 4, held: 1 }]);
    expect(text.stdout).toMatch(/2022年9月30日 +0 +0 .*\n採用など +\+2 +\+1 .*\n2022年10月31日 +2 +1 /);
  });
});

describe('operation', () => {
  test('city and goal are set and shown', async () => {
    expect(await json('goal', '--rate', '95.5', '--by', '2023-03-31')).toEqual({
      rate: 95.5,
      by: '2023-03-31',
    });
    expect(await json('city')).toMatchObject({
      name: '金沢市',
      areaCode: '172014',
      compareCodes: ['172065', '000000'],
    });
    await run('goal', '--rate', '100');
  });

  test('user add shows the one-time password once', async () => {
    const added = await json('user', 'add', 'kacho', '--role', 'manager', '--unit', '11');
    expect(added).toEqual({
      name: 'kacho',
      role: 'manager',
      unit: '11',
      oneTimePassword: expect.stringMatching(/^\S{12,}$/),
    });
    const [again, unitless, elsewhere] = await Promise.all([
      run('user', 'add', 'kacho', '--role', 'hr', '--json'),
      run('user', 'add', 'bucho', '--role', 'manager', '--json'),
      run('user', 'add', 'bucho', '--role', 'manager', '--unit', '99', '--json'),
    ]);
    expect(
      [again, unitless, elsewhere].map(({ code, stdout }) => [
        code,
        (JSON.parse(stdout) as { code: string }).code,
      ]),
    ).toEqual([
      [3, 'user_exists'],
      [2, 'unit_required'],
      [3, 'unknown_unit'],
    ]);
  });

  test('status records one event; somebody unknown is exit code 3', async () => {
    expect(await json('status', '0000004', '--set', 'not_applied', '--on', '2022-11-01')).toMatchObject({
      number: '0000004',
      status: 'not_applied',
      effectiveOn: '2022-11-01',
    });
    const unknown = await run('status', '0009999', '--set', '保有', '--json');
    expect(unknown.code).toBe(3);
    expect(documentOf(unknown)).toMatchObject({ code: 'staff_not_found' });
  });

  test('remind only says what it would send with --dry-run, then sends it once', async () => {
    expect(await json('remind', 'manager-monthly', '--dry-run')).toMatchObject({
      dryRun: true,
      recipients: 2,
    });
    expect(await json('remind', 'manager-monthly')).toMatchObject({
      dryRun: false,
      sentNow: 2,
      counts: { sent: 2 },
    });
    expect(await json('remind', 'manager-monthly')).toMatchObject({ sentNow: 0, counts: { sent: 2 } });
    // Its number, for whoever has not begun it.
    expect(await json('wave')).toMatchObject({ waves: [{ id: 1, policy: 'manager-monthly' }] });
    expect((await run('wave')).stdout).toMatch(
      /^ +1 +2022-\d\d-\d\d +所属長への月次の案内 +終了 +2 +2 +0 +0$/m,
    );
    expect(
      readdirSync(join(folder, 'outbox'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        name.endsWith('.eml'),
      ),
    ).toHaveLength(2);
    expect((await run('remind', 'no-such-policy')).code).toBe(3);
  });

  test('the links by which people answer are retired with one command', async () => {
    expect(await json('answer-links', 'retire')).toEqual({ key: 1 });
    const again = await run('answer-links', 'retire');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('すべて使えなくなりました')]);
  });

  test('remind says who would hear about their own card, who would not and why, and names nobody', async () => {
    const { stdout, code } = await run('remind', 'staff-monthly', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/対象: 職員 \d+、うちカードの保有を確認できていない職員 \d+/);
    expect(stdout).toMatch(/対象でない人: カードの保有を確認しています \d+/);
    expect(stdout).toContain('名簿に本人のメールアドレスがありません');
    expect(stdout).not.toMatch(/見本|@/);
    const draft = await run('remind', 'top-message', '--json');
    expect([draft.code, documentOf(draft).code]).toEqual([3, 'template_is_draft']);
  });

  test('a month is closed once, and only then has reports', async () => {
    const out = join(folder, 'out');
    const early = await run('report', '2022-10', '--out', out, '--json');
    expect([early.code, documentOf(early).code]).toEqual([3, 'month_not_closed']);
    expect(await json('close', '2022-10')).toMatchObject({
      month: '2022-10',
      version: 1,
      staff: 4,
      held: 1,
      rate: 25,
    });
    const twice = await run('close', '2022-10', '--json');
    expect([twice.code, documentOf(twice).code]).toEqual([3, 'month_closed']);
    expect(await json('restatement', '2022-10')).toMatchObject({ version: 1, units: [] });
    expect((await run('restatement', '2022-10')).stdout).toContain('締めたあとの訂正はありません。');
    expect(await json('close', '2022-10', '--again')).toMatchObject({ version: 2 });
    const future = await run('close', '2022-11', '--json');
    expect([future.code, documentOf(future).code]).toEqual([3, 'month_not_over']);

    const taken = join(folder, 'taken');
    writeFileSync(taken, '');
    const inTheWay = await run('report', '2022-10', '--out', taken, '--format', 'csv', '--json');
    expect([inTheWay.code, documentOf(inTheWay).code]).toEqual([2, 'file_not_writable']);

    await json('report', '2022-10', '--out', out, '--format', 'csv, json');
    expect(readdirSync(out).toSorted()).toEqual(['mynumber-card-2022-10.csv', 'mynumber-card-2022-10.json']);
    const { files } = await json('report', '2022-10', '--out', out);
    expect(files).toHaveLength(4);
    expect(readFileSync(join(out, 'mynumber-card-2022-10.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
    expect(readFileSync(join(out, 'mynumber-card-2022-10.xlsx')).subarray(0, 2).toString()).toBe('PK');
    expect(JSON.parse(readFileSync(join(out, 'mynumber-card-2022-10.json'), 'utf8'))).toMatchObject({
      month: '2022-10',
    });
  });
});

describe('a command line nobody can follow', () => {
  test.each([
    ['an unknown command', ['ratez'], 'ratez というコマンドはありません。'],
    ['an unknown option', ['rates', '--units', '00'], '--units というオプションはありません。'],
    ['a missing argument', ['status', '--set', 'held'], '引数 number がありません。'],
    ['a missing option', ['trend', '--from', '2022-04'], 'オプション --to <month> を指定してください。'],
    ['a missing value', ['rates', '--unit'], 'オプション --unit <code> の値がありません。'],
    ['a bad value', ['status', '1', '--set', 'yes'], '--set <status> の値が正しくありません。held / applied'],
    ['a bad role', ['user', 'add', 'x', '--role', 'boss'], 'hr, manager, leader, auditor, admin のどれか'],
    [
      'a bad format',
      ['report', '2022-10', '--out', 'x', '--format', 'doc'],
      'pdf,xlsx,csv,json から選んでください。',
    ],
    ['too much', ['close', '2022-10', '2022-11'], '引数が多すぎます。'],
    ['a day that does not exist', ['rates', '--as-of', '2022-02-30'], '実在する日を指定してください'],
    ['a month that does not exist', ['close', '2022-13'], '月'],
  ])('%s: exit code 2, a Japanese sentence and a document', async (_, args, sentence) => {
    const { code, stdout, stderr } = await run(...args, '--json');
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual(
      expect.objectContaining({ code: expect.any(String), detail: stderr.trimEnd() }),
    );
  });

  test('a unit that is not there is exit code 3', async () => {
    const { code, stdout } = await run('rates', '--unit', '99', '--json');
    expect([code, (JSON.parse(stdout) as { code: string }).code]).toEqual([3, 'unit_not_found']);
  });

  test('a database that does not answer is exit code 1 in one line', async () => {
    const { code, stdout, stderr } = await cli(
      { ...env(), DATABASE_URL: 'postgres://a:himitsu@127.0.0.1:1/x' },
      'rates',
      '--json',
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'database_unreachable' });
    expect(stderr).toMatch(/^DATABASE_URL: [^\n]+\n$/);
    expect(stdout + stderr).not.toContain('himitsu');
  });

  test('what a later version brings says so and is not in the help', async () => {
    const [help, ...later] = await Promise.all([
      run('--help'),
      run('backup', 'x.tar', '--json'),
      run('restore', 'x.tar', '--json'),
    ]);
    expect(help!.code).toBe(0);
    expect(help!.stdout).toContain('使い方: cli');
    expect(help!.stdout).not.toMatch(/backup|restore|bench/);
    for (const { code, stdout, stderr } of later) {
      expect(code).toBe(3);
      expect(stderr).toContain('not available yet');
      expect(JSON.parse(stdout)).toMatchObject({ code: 'not_available' });
    }
  });
});

test('a reader that stops early, as head does, is no failure', async () => {
  const program = start('cli', ['rates', '--as-of', '2022-10-31'], env());
  program.child.stdout!.destroy();
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
});

describe('who is counted', () => {
  const rules = ['--from', '2022-11-01', '--min-days', '40', '--reason', '継続して在籍する職員に限る'];

  test('is previewed, set, and named beside the figures', async () => {
    const preview = await run('definition', 'set', ...rules, '--dry-run');
    expect(preview.stdout).toContain('何も変更していません');
    expect(preview.stdout).toContain('2022年11月1日 在籍 4人 → 0人');
    expect((await run('rates')).stdout).toContain('集計定義 第1版(全員)');
    const set = await run('definition', 'set', ...rules, '--json');
    expect(JSON.parse(set.stdout)).toMatchObject({
      dryRun: false,
      definition: { version: 2, validFrom: '2022-11-01', minDays: 40 },
      effects: [{ asOf: '2022-11-01' }, { asOf: '2022-11-10', after: { staff: 4 } }],
    });
    expect((await run('rates')).stdout).toContain('集計定義 第2版(2022年11月1日から)');
    const trend = await run('trend', '--from', '2022-10', '--to', '2022-11', '--json');
    expect(JSON.parse(trend.stdout).points).toMatchObject([
      { definition: { version: 1, validFrom: null } },
      { definition: { version: 2, validFrom: '2022-11-01' } },
    ]);
    expect((await run('definition')).stdout).toContain('在籍が継続して40日以上の職員');
  });

  test('needs a reason', async () => {
    expect((await run('definition', 'set', '--from', '2022-11-01')).code).toBe(2);
  });
});

test('a card is recorded with its last month', async () => {
  const recorded = await run(
    'status',
    '0000002',
    '--set',
    'held',
    '--on',
    '2022-11-05',
    '--expires',
    '2027-03',
  );
  expect(recorded.stdout).toContain('カードの有効期限は2027年3月です。');
  expect((await run('status', '0000002', '--set', 'held', '--expires', '2027年3月')).code).toBe(2);
});

describe('the chat room of a unit', () => {
  const inChat = (...args: string[]) =>
    cli({ ...env(), CHAT_WEBHOOK_HOSTS: 'hooks.example.jp' }, 'chat', ...args);

  test('is registered from a file, listed without its address, and taken back', async () => {
    const address = file('hook.txt', ['https://hooks.example.jp/s3cr3t']);
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
    const address = file('elsewhere.txt', ['https://10.0.0.1/s3cr3t']);
    const refused = await inChat('set', '11', address);
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).not.toContain('s3cr3t');
    expect((await run('chat', 'set', '11', address)).code).toBe(2);
  });

  test('is where HR may send a policy that speaks to a unit about itself', async () => {
    expect((await run('policy', 'channel', 'thanks', 'chat')).stdout).toContain(
      '届け方を所属のチャットにしました',
    );
    expect((await run('policy', 'channel', 'bureau-digest', 'chat')).code).toBe(2);
  });
});

describe('the reminder policies', () => {
  test('are proposed, switched on, and moved by a quiet period', async () => {
    expect((await run('policy')).stdout).toMatch(
      /manager-monthly .* 確認待ち .* 毎月の第1営業日 .* 2022年12月1日/,
    );
    expect((await run('policy', 'set', 'manager-monthly', 'on')).stdout).toContain('オンにしました');
    // Two such days side by side may read as an individual number; with the name between them they never do.
    const period = '2023-03-20/人事異動/2023-04-10';
    const changed = await run('policy', 'rules', '--quiet', '2022-12-01/議会/2022-12-09', '--quiet', period);
    expect(changed).toMatchObject({ code: 0, stderr: '' });
    const list = JSON.parse((await run('policy', 'list', '--json')).stdout);
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
    expect((await run('policy', 'rules', '--no-quiet')).stdout).not.toContain('休止期間');
  });

  test('that cannot be sent are not there, and nonsense is refused', async () => {
    expect((await run('policy', 'set', 'no-such-policy', 'on')).code).toBe(3);
    expect((await run('policy', 'set', 'manager-monthly', 'maybe')).code).toBe(2);
    expect((await run('policy', 'rules', '--office-hours', '17:00-09:00')).code).toBe(2);
    expect((await run('policy', 'rules', '--quiet', '2022-12-01/議会')).code).toBe(2);
  });
});

describe('exceptions', () => {
  test('are asked for, rejected, appealed, approved and withdrawn', async () => {
    const asked = await run(
      'exception',
      'ask',
      '0000004',
      '--from',
      '2022-11-14',
      '--to',
      '2022-12-09',
      '--json',
    );
    const { id } = JSON.parse(asked.stdout);
    expect((await run('exception')).stdout).toMatch(
      /0000004 +申請中 +その他 +2022年11月14日から2022年12月9日まで/,
    );
    expect((await run('exception', 'reject', String(id))).code).toBe(2);
    expect((await run('exception', 'reject', String(id), '--reason', '期間が長いため')).stdout).toContain(
      '却下',
    );
    expect((await run('exception', 'approve', String(id))).code).toBe(3);
    expect((await run('exception', 'appeal', String(id), '--text', '手続きが続きます')).code).toBe(0);
    const approved = await run('exception', 'approve', String(id), '--to', '2022-11-30', '--json');
    expect(JSON.parse(approved.stdout)).toMatchObject({ state: 'approved', to: '2022-11-30' });
    expect((await run('exception', 'withdraw', String(id), '--on', '2022-11-21')).stdout).toContain(
      '取り下げ',
    );
    const list = await run('exception', 'list', '--state', 'withdrawn', '--json');
    expect(JSON.parse(list.stdout).exceptions).toMatchObject([{ id, withdrawnOn: '2022-11-21' }]);
  });

  test('are refused where nobody is meant, or they last too long', async () => {
    expect((await run('exception', 'ask', '9999999', '--from', '2022-11-14')).code).toBe(3);
    const long = ['--from', '2022-11-14', '--to', '2024-11-14'];
    expect((await run('exception', 'ask', '0000004', ...long)).code).toBe(2);
    expect((await run('exception', 'list', '--state', 'maybe')).code).toBe(2);
  });
});

describe('what messages say', () => {
  test('is shown as a file, tried, set from a file, and set back', async () => {
    const shown = await run('template', 'show', 'manager-monthly');
    expect(shown.stdout).toMatch(/^件名: 【\{\{期限の月日\}\}まで】/);
    const changed = shown.stdout.replace('(1分ほど)', '(2分ほど)');
    const path = file('manager-monthly.txt', changed.split('\n'));
    const reason = ['--reason', '時間を合わせる'];
    const tried = await run('template', 'set', path, ...reason, '--dry-run');
    expect(tried.stdout).toContain('保存していません');
    expect(tried.stdout).toContain('(2分ほど)');
    expect(JSON.parse((await run('template', 'set', path, ...reason, '--json')).stdout)).toEqual({
      name: 'manager-monthly',
      version: 2,
      dryRun: false,
    });
    expect((await run('template')).stdout).toMatch(/manager-monthly .*第2版 .*時間を合わせる/);
    expect((await run('template', 'restore', 'manager-monthly', '1', '--reason', '戻す')).stdout).toContain(
      '第1版',
    );
    expect((await run('template', 'show', 'manager-monthly', '--version', '2')).stdout).toBe(changed);
  });

  test('is refused with every problem, and as a file of another kind', async () => {
    const bad = file('bad.txt', ['件名: 必ず', '', '{{誰か}}']);
    const refused = await run('template', 'set', bad, '--name', 'manager-monthly', '--reason', 'x');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('件名: 「必ず」');
    expect(refused.stderr).toContain('本文の1行目: {{誰か}}');
    expect((await run('template', 'set', bad, '--reason', 'x')).code).toBe(3);
    const other = await run('template', 'set', file('manager-monthly.txt', ['こんにちは']), '--reason', 'x');
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('件名: …')]);
  });
});
