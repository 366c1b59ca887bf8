import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../src/platform/project-root.js';
import { documentOf, openCommandCity, ROSTER, STATUS, type CommandCity } from '../support/command-city.js';
import { command } from '../support/commands.js';

let city: CommandCity;

beforeAll(async () => {
  city = await openCommandCity();
});
afterAll(() => city.close());

describe('import', () => {
  test('of statuses reports what was recorded', () => {
    expect(city.recorded.code).toBe(0);
    expect(documentOf(city.recorded)).toMatchObject({
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
    const path = city.file('unknown.csv', [...STATUS, '9999999,保有,2022-10-05']);
    const refused = await city.run('import', 'status', path, '--json');
    expect(refused.code).toBe(2);
    expect(documentOf(refused)).toMatchObject({
      unknownStaff: 1,
      problems: [{ row: 5, column: '職員番号' }],
    });
  });

  test('of citizens counts areas and names those it does not know', async () => {
    const day = join(projectRoot, 'seed', 'citizens', '20221031');
    const files = ['all_localgovs.csv', 'all_prefectures.csv', 'summary_by_types.csv'];
    const benchmarks = await city.run(
      'import',
      'citizens',
      ...files.map((name) => join(day, name)),
      '--json',
    );
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
      city.json('import', 'roster', join(city.folder, 'meibo.csv'), '--as-of', '2022-10-01', '--dry-run'),
      city.json('import', 'status', join(city.folder, 'shutoku.csv')),
    ]);
    expect(roster).toMatchObject({ dryRun: true, joined: 0, unchanged: 4 });
    expect(status).toMatchObject({ recorded: 0, unchanged: 3 });
  });

  test('of the bundled CP932 roster finds its encoding and its header', async () => {
    const roster = join(projectRoot, 'seed', 'demo', 'meibo_r031101.csv');
    const units = join(projectRoot, 'seed', 'demo', 'shozoku.csv');
    expect(await city.json('import', 'roster', roster, '--units', units, '--dry-run')).toMatchObject({
      encoding: 'CP932',
      headerRow: 4,
    });
  });

  test('refuses a file with problems: all of them at once, exit code 2, nothing written', async () => {
    const bad = city.file('bad.csv', [
      ...ROSTER,
      '0000005,見本 梅,99,,',
      '0000006,,11,,',
      '0000001,見本 花子,11,,',
    ]);
    const refused = await city.run('import', 'roster', bad, '--json');
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

    const text = await city.run('import', 'roster', bad);
    expect(text.code).toBe(2);
    expect(text.stdout).toContain('何も変更していません');
    expect(await city.json('rates', '--as-of', '2022-11-10')).toMatchObject({ staff: 4 });
  });

  test('asks for the exact number of departures', async () => {
    const few = city.file('few.csv', ROSTER.slice(0, 4));
    const args = ['import', 'roster', few, '--as-of', '2022-11-01', '--dry-run'];
    const asked = await city.run(...args, '--json');
    expect(asked.code).toBe(2);
    expect(documentOf(asked)).toMatchObject({ problems: [{ code: 'confirm_departures' }] });
    expect((await city.run(...args, '--confirm-departures', '2')).code).toBe(2);
    expect(await city.json(...args, '--confirm-departures', '1')).toMatchObject({ left: 1, problems: [] });
  });

  test('of a reorganisation begins on its day, and is taken back before', async () => {
    const changes = city.file('kaisei.csv', ['区分,所属コード,新所属コード', '統合,11,21']);
    const { figures } = await city.json(
      'import',
      'reorganisation',
      changes,
      '--as-of',
      '2023-04-01',
      '--dry-run',
    );
    const { after } = (figures as { code: string; after: object }[]).find(({ code }) => code === '21')!;
    const report = await city.run('import', 'reorganisation', changes, '--as-of', '2023-04-01');
    expect(report.code).toBe(0);
    expect(report.stdout).toContain('統合 1');
    // Nothing runs in between: the day comes, and the figures are those of the preview.
    const onItsDay = { ...city.env, NOW: '2023-04-01T00:00:00+09:00' };
    expect(documentOf(await command(onItsDay, 'rates', '--unit', '21', '--json'))).toMatchObject(after);
    expect(await command(onItsDay, 'rates', '--unit', '11')).toMatchObject({ code: 3 });
    const { reorganisations } = await city.json('reorganisation');
    expect(reorganisations).toMatchObject([{ state: 'applied', asOf: '2023-04-01', files: ['kaisei.csv'] }]);
    const id = String((reorganisations as { id: number }[])[0]!.id);
    expect(await city.run('reorganisation', 'withdraw', id)).toMatchObject({ code: 0 });
    expect((await city.run('reorganisation')).stdout).toContain('取り下げ済み');
    expect(await city.run('reorganisation', 'withdraw', id)).toMatchObject({ code: 3 });
  });

  test('of a file that is not there, or of a folder, says so', async () => {
    const [missing, directory] = await Promise.all([
      city.run('import', 'roster', join(city.folder, 'none.csv'), '--json'),
      city.run('import', 'status', city.folder),
    ]);
    expect(documentOf(missing)).toMatchObject({ code: 'file_not_readable' });
    expect([missing.code, directory.code]).toEqual([2, 2]);
    expect(directory.stderr).toMatch(/^ファイルを開けません[^\n]+\n$/);
  });
});
