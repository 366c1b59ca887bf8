import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { documentOf, openCommandCity, ROSTER, STATUS, type CommandCity } from '../support/command-city.js';
import { cli, killStarted, start } from '../support/programs.js';

// Programs start, one after the other: a second each, several on a busy machine.
jest.setTimeout(120_000);

const INDIVIDUAL_NUMBER = '123456789018';

let city: CommandCity;

beforeAll(async () => {
  city = await openCommandCity(cli);
});
afterEach(killStarted);
afterAll(() => city.close());

describe('import', () => {
  test('of a roster reports what was read and what changed', () => {
    expect(city.imported).toMatchObject({ code: 0, stderr: '' });
    expect(documentOf(city.imported)).toMatchObject({
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
});

describe('an individual number', () => {
  test.each([
    ['as an argument', () => ['status', INDIVIDUAL_NUMBER, '--set', 'held']],
    ['in pieces', () => ['status', '1234', '5678', '9018', '--set', 'held']],
    ['as an option', () => ['rates', '--unit', '1234-5678-9018']],
    ['as an unknown command', () => [INDIVIDUAL_NUMBER]],
    ['as an unknown option', () => ['rates', `--${INDIVIDUAL_NUMBER}`]],
    ['in a file name', () => ['import', 'roster', city.file(`${INDIVIDUAL_NUMBER}.csv`, ROSTER)]],
    [
      'in a path',
      () => {
        mkdirSync(join(city.folder, INDIVIDUAL_NUMBER), { recursive: true });
        return ['import', 'status', city.file(join(INDIVIDUAL_NUMBER, 's.csv'), STATUS)];
      },
    ],
    ['as a name of an account', () => ['user', 'add', INDIVIDUAL_NUMBER, '--role', 'hr']],
  ])('%s is refused and not repeated', async (_, args) => {
    const { code, stdout, stderr } = await city.run(...args(), '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ code: 'individual_number' });
    expect(stdout + stderr).not.toMatch(/1234|5678|9018/);
  });

  test('in a cell is named by its place', async () => {
    const path = city.file('note.csv', [
      '職員番号,氏名,所属コード,備考',
      `0000001,見本 花子,11,${INDIVIDUAL_NUMBER}`,
    ]);
    const { code, stdout, stderr } = await city.run('import', 'roster', path, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      problems: [{ row: 2, column: '備考', read: '', code: 'individual_number' }],
    });
    expect(stdout + stderr).not.toContain(INDIVIDUAL_NUMBER);
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
    const { code, stdout, stderr } = await city.run(...args, '--json');
    expect(code).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(JSON.parse(stdout)).toEqual(
      expect.objectContaining({ code: expect.any(String), detail: stderr.trimEnd() }),
    );
  });

  test('a unit that is not there is exit code 3', async () => {
    const { code, stdout } = await city.run('rates', '--unit', '99', '--json');
    expect([code, (JSON.parse(stdout) as { code: string }).code]).toEqual([3, 'unit_not_found']);
  });

  test('a database that does not answer is exit code 1 in one line', async () => {
    const { code, stdout, stderr } = await cli(
      { ...city.env, DATABASE_URL: 'postgres://a:himitsu@127.0.0.1:1/x' },
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
      city.run('--help'),
      city.run('backup', 'x.tar', '--json'),
      city.run('restore', 'x.tar', '--json'),
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
  const program = start('cli', ['rates', '--as-of', '2022-10-31'], city.env);
  program.child.stdout!.destroy();
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' });
});
