import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readStatusFile, type StatusRow } from '../../../src/ledger/status-file.js';
import type { InputFile } from '../../../src/platform/imports/import-report.js';
import { importFixture } from '../../support/import-fixture.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'status-file-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(file: InputFile) {
  const rows: StatusRow[] = [];
  const reading = await readStatusFile(file, {}, (row) => {
    rows.push(row);
  });
  return { reading, rows };
}
async function statusOf(word: string) {
  const path = join(folder, 'status.csv');
  await writeFile(path, `職員番号,取得状況\n0000001,${word}\n`);
  return (await read({ name: 'status.csv', path })).rows[0]?.status;
}

describe('a list of statuses', () => {
  it('gives status, day and how it is known', async () => {
    const { rows } = await read(importFixture('ok/status-cp932-all-words.csv'));
    expect(
      rows.map(({ number, status, effectiveOn, evidence }) => [number, status, effectiveOn, evidence]),
    ).toEqual([
      ['0000001', 'held', '2022-10-31', 'self'],
      ['0000002', 'held', '2022-10-31', 'manager'],
      ['0000003', 'applied', null, 'hr'],
      ['0000004', 'not_applied', null, 'import'],
      ['0000005', 'undisclosed', null, 'self'],
      ['0000006', 'lapsed', null, 'import'],
      ['0000007', 'unanswered', null, 'import'],
    ]);
  });

  it('records nothing for a blank status, and counts it', async () => {
    const { reading, rows } = await read(importFixture('ok/status-cp932-all-words.csv'));
    expect(reading).toMatchObject({ rows: 8, blankStatuses: 1, problemCount: 0 });
    expect(rows.map(({ number }) => number)).not.toContain('0000008');
  });

  it('gives the last month of a card, of whoever holds one', async () => {
    const path = join(folder, 'expires.csv');
    const lines = ['保有,令和9年3月', '保有,2027-03-14', '保有,', '失効,2022-03', '保有,そのうち'];
    await writeFile(
      path,
      ['職員番号,取得状況,有効期限', ...lines.map((line, n) => `000000${n},${line}`)].join('\n'),
    );
    const { rows, reading } = await read({ name: 'expires.csv', path });
    expect(rows.map(({ expiresOn }) => expiresOn)).toEqual(['2027-03', '2027-03', null, null]);
    expect(reading.problems).toMatchObject([{ row: 6, column: '有効期限', code: 'bad_month' }]);
  });

  it.each([
    ['held', ['保有', '取得済', '取得済み', '交付済', '有', '○', '〇', '◯', 'はい', ' 取得 済 ']],
    ['applied', ['申請中', '申請済', '申請済み']],
    ['not_applied', ['未申請', '未取得', '無', '×', 'なし', 'Ｘ']],
    ['undisclosed', ['回答しない', '無回答希望']],
    ['lapsed', ['失効', '返納', '失効・返納', '失効/返納']],
    ['unanswered', ['未回答']],
    [undefined, ['そのうち', '保有予定', '有無']],
  ])('takes as %s the words %j', async (status, words) => {
    for (const word of words) expect([word, await statusOf(word)]).toEqual([word, status]);
  });
});
