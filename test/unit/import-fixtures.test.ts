import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readStatusFile } from '../../src/ledger/status-file.js';
import type { FileReading } from '../../src/platform/imports/import-report.js';
import { projectRoot } from '../../src/platform/project-root.js';
import { readReorganisationFile } from '../../src/roster/reorganisation-file.js';
import { readRosterFile } from '../../src/roster/roster-file.js';
import { readUnitsFile } from '../../src/roster/units-file.js';
import { faults, importFixture } from '../support/import-fixture.js';

const folder = join(projectRoot, 'test/fixtures/import');
/** Kinds read elsewhere have their own tests. */
const fixtures = (path: string) =>
  readdirSync(join(folder, path)).filter((name) => !name.startsWith('citizens'));

function read(path: string): Promise<FileReading> {
  const file = importFixture(path);
  if (file.name.startsWith('units')) return readUnitsFile(file, {}, () => undefined);
  if (file.name.startsWith('reorganisation')) return readReorganisationFile(file, () => undefined);
  if (file.name.startsWith('status')) return readStatusFile(file, {}, () => undefined);
  return readRosterFile(file, {}, () => undefined);
}

/** What is wrong with each file: row as Excel shows it, column, code. */
const NOT_OK: Record<string, string[]> = {
  'roster-bad-date.csv': ['3 採用年月日 bad_date'],
  'roster-date-that-does-not-exist.csv': ['2 採用年月日 bad_date'],
  'roster-stripped-zeros.csv': ['5 職員番号 stripped_zeros'],
  'roster-exponent-number.csv': ['3 職員番号 bad_staff_number'],
  'roster-missing-name.csv': ['3 氏名 missing_value'],
  'roster-missing-number.csv': ['3 職員番号 missing_value'],
  'roster-missing-unit.csv': ['3 所属コード missing_value'],
  'roster-without-unit-column.csv': ['1 所属コード missing_column'],
  'roster-without-any-known-header.csv': [
    '1 職員番号 missing_column',
    '1 氏名 missing_column',
    '1 所属コード missing_column',
  ],
  'roster-same-column-twice.csv': ['1 所属コード duplicate_column'],
  'roster-two-addresses.csv': ['2 メールアドレス bad_email'],
  'roster-address-with-line-break.csv': ['2 メールアドレス control_character'],
  'roster-line-break-in-name.csv': ['2 氏名 control_character'],
  'roster-name-too-long.csv': ['2 氏名 too_long'],
  'roster-unknown-duty.csv': ['2 本務兼務 bad_duty'],
  'roster-unknown-manager-mark.csv': ['2 所属長 bad_manager'],
  'roster-left-before-hired.csv': ['2 退職日 dates_reversed'],
  'roster-value-beyond-the-header.csv': ['2 F列 extra_cell'],
  'roster-individual-number-in-note-column.csv': ['3 備考 individual_number'],
  'roster-individual-number-in-title.csv': ['1 A列 individual_number'],
  'roster-individual-number-in-note-below.csv': ['3 職員番号 individual_number'],
  'roster-individual-number-as-staff-number.csv': ['2 職員番号 individual_number'],
  'roster-individual-number-in-header.csv': ['1 F列 individual_number'],
  'roster-cp932-broken-byte.csv': ['3 氏名 bad_encoding'],
  'roster-utf8-broken-byte.csv': ['3 氏名 bad_encoding'],
  'roster-unclosed-quote.csv': ['3 - unclosed_quote'],
  'units-own-parent.csv': ['2 上位所属コード own_parent'],
  'units-missing-name.csv': ['2 所属名 missing_value'],
  'units-ends-before-it-begins.csv': ['2 適用終了日 dates_reversed'],
  'units-without-parent-column.csv': ['1 上位所属コード missing_column'],
  'units-bad-address.csv': ['2 所属メール bad_email'],
  'status-unknown-word.csv': ['3 取得状況 bad_status'],
  'status-unknown-evidence.csv': ['2 確認方法 bad_evidence'],
  'status-bad-date.csv': ['2 基準日 bad_date'],
  'status-without-status-column.csv': ['1 取得状況 missing_column'],
  'status-individual-number-as-status.csv': ['2 取得状況 individual_number'],
  'reorganisation-unknown-change.csv': ['3 区分 bad_change'],
  'reorganisation-new-unit-without-name-and-parent.csv': [
    '2 新所属名 missing_value',
    '2 上位所属コード missing_value',
  ],
  'reorganisation-merger-without-successor.csv': ['2 新所属コード missing_value'],
  'reorganisation-merger-into-itself.csv': ['2 新所属コード own_successor'],
  'reorganisation-renaming-with-another-code.csv': ['2 新所属コード unexpected_value'],
  'reorganisation-abolition-with-successor.csv': ['2 新所属コード unexpected_value'],
  'reorganisation-person-in-a-renaming.csv': ['2 職員番号 unexpected_value'],
  'reorganisation-transfer-without-person.csv': ['2 職員番号 missing_value'],
  'reorganisation-own-parent.csv': ['2 上位所属コード own_parent'],
  'reorganisation-without-change-column.csv': ['1 区分 missing_column'],
  'reorganisation-individual-number-as-staff-number.csv': ['2 職員番号 individual_number'],
  'empty.csv': ['- - empty_file'],
  'only-blank-lines.csv': ['- - empty_file'],
  'pdf-called-csv.csv': ['- - pdf_file'],
  'html-called-xls.xls': ['- - html_file'],
  'picture.csv': ['- - binary_file'],
  'old-excel.xls': ['- - old_excel'],
  'encrypted.xlsx': ['- - encrypted_xlsx'],
  'roster-numbers-without-zeros.xlsx': ['4 職員番号 stripped_zeros'],
  'individual-number-as-number.xlsx': ['2 備考 individual_number'],
  'individual-number-in-sheet-name.xlsx': ['- シート名 individual_number'],
  'cut-off.xlsx': ['- - broken_xlsx'],
  'document-that-is-no-workbook.docx': ['- - not_a_workbook'],
  'says-it-unpacks-to-300-megabytes.xlsx': ['- - too_large'],
  'unpacks-to-more-than-it-says.xlsx': ['- - too_large'],
  'password-protected-zip.xlsx': ['- - encrypted_xlsx'],
};

describe('a file with a fault', () => {
  it.each(Object.entries(NOT_OK))('%s: %j', async (name, expected) => {
    const reading = await read(`not-ok/${name}`);
    expect(faults(reading)).toEqual(expected);
    expect(reading.problemCount).toBe(expected.length);
  });

  it.each(Object.keys(NOT_OK))('%s says what to do, in a sentence', async (name) => {
    for (const { fix, expected } of (await read(`not-ok/${name}`)).problems) {
      expect(fix).toMatch(/。$/);
      expect(expected).not.toBe('');
    }
  });

  it('is in this list if it is in the folder', () => {
    expect(fixtures('not-ok').toSorted()).toEqual(Object.keys(NOT_OK).toSorted());
  });
});

describe('a file without a fault', () => {
  it.each(fixtures('ok'))('%s has no problem', async (name) => {
    const reading = await read(`ok/${name}`);
    expect(reading.problems).toEqual([]);
    expect(reading.rows).toBeGreaterThan(0);
  });
});

describe('an individual number', () => {
  it.each(Object.keys(NOT_OK).filter((name) => name.includes('individual-number')))(
    'of %s appears nowhere in the reading',
    async (name) => {
      const reading = JSON.stringify(await read(`not-ok/${name}`));
      expect(reading.normalize('NFKC').replace(/[-\s]/g, '')).not.toContain('123456789018');
    },
  );

  it('in the name of a file is refused and not shown', async () => {
    const file = { ...importFixture('ok/roster-utf8-lf.csv'), name: '名簿_123456789018.csv' };
    const reading = await readRosterFile(file, {}, () => undefined);
    expect(faults(reading)).toEqual(['- ファイル名 individual_number']);
    expect(JSON.stringify(reading)).not.toContain('123456789018');
  });

  it('leaves the row number and the column, so that it can be found', async () => {
    const reading = await read('not-ok/roster-individual-number-in-note-column.csv');
    expect(reading.problems[0]).toMatchObject({ row: 3, column: '備考', read: '' });
    expect(reading.problems[0].fix).toBe(
      '12桁の番号が入っている可能性があります。セルの内容を削除してください。',
    );
  });
});
