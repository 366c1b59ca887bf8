import type { FileReading, InputFile } from '../platform/imports/import-report.js';
import type { IsoDate } from '../platform/month.js';
import {
  optionalDate,
  optionalEmail,
  optionalLastDay,
  optionalText,
  refuseReversed,
  requiredText,
} from '../platform/tabular/cell-rules.js';
import { outsideCp932 } from '../platform/tabular/cp932.js';
import { readTable } from '../platform/tabular/table-reader.js';
import { shown } from '../platform/tabular/table-record.js';
import type { OpenTableOptions, TableRecord } from '../platform/tabular/table.types.js';
import { ROSTER_LEVELS, ROSTER_TABLE, type RosterKey } from './roster-columns.js';
import { formerNumberOf, staffNumberOf, StaffNumberWidths } from './staff-number.js';

/** One line of a roster: a person in a unit. Blank optional cells are null. */
export interface RosterRow {
  readonly row: number;
  readonly number: string;
  /** Where the person has got another number. */
  readonly formerNumber: string | null;
  readonly name: string;
  readonly kana: string | null;
  readonly email: string | null;
  /** Null where the file names the unit by its levels only. */
  readonly unitCode: string | null;
  /** Names of the unit's levels that are filled, from the top down, and the kind of each (局, 部, 課, 係). */
  readonly levels: readonly string[];
  readonly levelKinds: readonly string[];
  /** False for 兼務. True where the file does not say. */
  readonly isPrimary: boolean;
  readonly isManager: boolean;
  readonly employment: string | null;
  /** 休職, 育休, 派遣 … as the file says. */
  readonly leave: string | null;
  readonly hiredOn: IsoDate | null;
  /** The last day in office. */
  readonly leftOn: IsoDate | null;
  readonly effectiveOn: IsoDate | null;
}

export interface RosterFileOptions {
  readonly sheet?: string;
  /** On record for a city whose staff numbers have 12 digits: that column is not searched for individual numbers. */
  readonly exemptStaffNumbers?: boolean;
  /** Told once which columns the file has: one it lacks says nothing about anybody. */
  readonly onColumns?: (keys: ReadonlySet<RosterKey>) => void;
  readonly onRead?: OpenTableOptions['onRead'];
}

const PRIMARY = new Set(['', '本務', '主', '本', '本職', '主務', '正', '主たる', '1']);
const CONCURRENT = new Set(['兼務', '兼', '併任', '併', '兼任', '兼職', '副', '兼務あり', '事務取扱', '2']);
const YES = new Set([
  '○',
  '〇',
  '◯',
  '◎',
  '●',
  '1',
  '有',
  'あり',
  'はい',
  '該当',
  'yes',
  'y',
  'true',
  '所属長',
]);
const NO = new Set([
  '',
  '0',
  '無',
  'なし',
  'いいえ',
  '非該当',
  'no',
  'n',
  'false',
  '×',
  '✕',
  'x',
  '-',
  '―',
  'ー',
]);

/**
 * Reads a roster (名簿). Rows with problems are not handed over. Whether a number appears twice, and whether units exist,
 * is for the database to say: nothing of a row is kept here.
 */
export async function readRosterFile(
  file: InputFile,
  options: RosterFileOptions,
  onRow: (row: RosterRow) => void | Promise<void>,
): Promise<FileReading> {
  const widths = new StaffNumberWidths();
  return readTable(
    file,
    { ...ROSTER_TABLE, exemptFromNumberCheck: options.exemptStaffNumbers ? 'number' : undefined },
    (record, problems) => {
      const before = problems.problemCount;
      const row = rosterRow(record, widths);
      if (problems.problemCount === before && row) return onRow(row);
    },
    {
      sheet: options.sheet,
      onRead: options.onRead,
      onHeader: ({ keys }) => options.onColumns?.(keys),
      onEnd: (problems) => widths.report(problems),
    },
  );
}

/** Null when the number was refused before: as an individual number, or as bytes that mean nothing. */
function rosterRow(record: TableRecord<RosterKey>, widths: StaffNumberWidths): RosterRow | null {
  const number = staffNumberOf(record);
  if (number !== '') widths.add(record, number);
  const name = requiredText(record, 'name', 'raw');
  warnOfRareCharacters(record, 'name');
  const hiredOn = optionalDate(record, 'hiredOn');
  const leftOn = optionalLastDay(record, 'leftOn');
  refuseReversed(record, hiredOn, leftOn, 'leftOn', 'hiredOn');
  const { unitCode, levels, levelKinds } = placeOf(record);
  const row = {
    row: record.row,
    number,
    formerNumber: formerNumberOf(record),
    name: singleSpaced(name),
    kana: singleSpaced(optionalText(record, 'kana')),
    email: optionalEmail(record, 'email'),
    unitCode,
    levels,
    levelKinds,
    isPrimary: isPrimary(record),
    isManager: isManager(record),
    employment: optionalText(record, 'employment'),
    leave: optionalText(record, 'leave'),
    hiredOn,
    leftOn,
    effectiveOn: optionalDate(record, 'effectiveOn'),
  };
  return number === '' || name === '' ? null : row;
}

/** The space inside a name is written in every width and number from file to file; it is no change of the name. */
function singleSpaced<T extends string | null>(text: T): T {
  return (text && /[^\S ]|  /.test(text) ? text.replace(/\s+/g, ' ') : text) as T;
}

function placeOf(record: TableRecord<RosterKey>): Pick<RosterRow, 'unitCode' | 'levels' | 'levelKinds'> {
  const levels: string[] = [];
  const levelKinds: string[] = [];
  for (const [key, kind] of ROSTER_LEVELS) {
    if (record.get(key) === '') continue;
    levelKinds.push(kind);
    const name = optionalText(record, key);
    if (name !== null) levels.push(name);
  }
  if (record.has('unitCode'))
    return { unitCode: requiredText(record, 'unitCode') || null, levels, levelKinds };
  if (levelKinds.length === 0) {
    const present = ROSTER_LEVELS.filter(([key]) => record.has(key));
    record.problem(present.at(-1)![0], {
      code: 'missing_value',
      expected: `${present.map(([, kind]) => kind).join('・')}のいずれかの名前`,
      fix: '所属がわかるように、少なくとも1つの列を入力してください。',
    });
  }
  return { unitCode: null, levels, levelKinds };
}

function isPrimary(record: TableRecord<RosterKey>): boolean {
  const text = record.get('duty');
  if (PRIMARY.has(text)) return true;
  const word = text.replace(/\s/g, '');
  if (PRIMARY.has(word)) return true;
  if (!CONCURRENT.has(word)) {
    record.problem('duty', {
      code: 'bad_duty',
      expected: '本務 または 兼務',
      fix: '「本務」か「兼務」に直してください。空欄は本務として扱います。',
    });
  }
  return false;
}

function isManager(record: TableRecord<RosterKey>): boolean {
  const text = record.get('manager');
  if (text === '') return false;
  const word = text.toLowerCase();
  if (YES.has(word)) return true;
  if (!NO.has(word)) {
    record.problem('manager', {
      code: 'bad_manager',
      expected: '所属長は ○、それ以外は空欄',
      fix: '「○」を入力するか、空欄にしてください。',
    });
  }
  return false;
}

function warnOfRareCharacters(record: TableRecord<RosterKey>, key: 'name'): void {
  const text = record.raw(key);
  if (/\p{Co}/u.test(text)) {
    record.warn(
      key,
      'user_defined_character',
      `${record.header(key)}「${shown(text)}」は外字を含みます。そのまま保存しますが、ほかの機器では表示されないことがあります。`,
    );
    return;
  }
  const outside = outsideCp932(text);
  if (outside) {
    record.warn(
      key,
      'outside_cp932',
      `${record.header(key)}「${shown(text)}」はCP932にない文字を含みます。そのまま保存します。`,
    );
  }
}
