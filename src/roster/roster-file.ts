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
import type { TableRecord, TableSpec } from '../platform/tabular/table.types.js';
import { STAFF_NUMBER_COLUMN, staffNumberOf, StaffNumberWidths } from './staff-number.js';

export type RosterKey =
  | 'number'
  | 'name'
  | 'kana'
  | 'email'
  | 'unitCode'
  | 'bureau'
  | 'department'
  | 'section'
  | 'subsection'
  | 'employment'
  | 'manager'
  | 'duty'
  | 'hiredOn'
  | 'leftOn'
  | 'effectiveOn';

/** One line of a roster: a person in a unit. Blank optional cells are null. */
export interface RosterRow {
  readonly row: number;
  readonly number: string;
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
}

const LEVELS = [
  ['bureau', '局'],
  ['department', '部'],
  ['section', '課'],
  ['subsection', '係'],
] as const;

const SPEC: TableSpec<RosterKey> = {
  columns: [
    STAFF_NUMBER_COLUMN,
    {
      key: 'name',
      label: '氏名',
      synonyms: ['氏名(漢字)', '漢字氏名', '職員氏名', '職員名', '名前', '氏名漢字', 'name', '姓名'],
    },
    {
      key: 'kana',
      label: 'フリガナ',
      synonyms: [
        'カナ',
        'ふりがな',
        'かな',
        'カナ氏名',
        '氏名(カナ)',
        '氏名(かな)',
        '氏名(フリガナ)',
        '氏名(ふりがな)',
        '職員氏名(カナ)',
        'カナ名',
        '読み',
        'ヨミガナ',
        'よみがな',
        'kana',
      ],
    },
    {
      key: 'email',
      label: 'メールアドレス',
      synonyms: [
        'メール',
        'E-mail',
        'Eメール',
        'Eメールアドレス',
        'mail',
        'mail address',
        '電子メール',
        'アドレス',
        '職員メール',
      ],
    },
    {
      key: 'unitCode',
      label: '所属コード',
      synonyms: [
        '所属CD',
        '所属番号',
        '所属NO',
        '組織コード',
        '組織CD',
        '部署コード',
        '部署CD',
        '課コード',
        '課CD',
        'unit code',
      ],
    },
    { key: 'bureau', label: '局', synonyms: ['局名', '局区', '任命権者'] },
    { key: 'department', label: '部', synonyms: ['部名', '部局', '部局名', '部等'] },
    {
      key: 'section',
      label: '課',
      synonyms: ['課名', '課室', '課室名', '課等', '所属', '所属名', '所属名称', '所属課', '部署', '部署名'],
    },
    { key: 'subsection', label: '係', synonyms: ['係名', '班', '班名', 'グループ', '担当', '担当名'] },
    {
      key: 'employment',
      label: '雇用区分',
      synonyms: ['任用区分', '職員区分', '雇用形態', '任用形態', '採用区分', '身分', '身分区分'],
    },
    {
      key: 'manager',
      label: '所属長',
      synonyms: ['所属長(○)', '所属長フラグ', '所属長区分', '管理者', '課長', '長'],
    },
    {
      key: 'duty',
      label: '本務兼務',
      synonyms: [
        '本務兼務区分',
        '本務・兼務',
        '本兼',
        '本兼区分',
        '兼務区分',
        '本務区分',
        '兼務',
        '発令区分',
        '主務兼務',
      ],
    },
    {
      key: 'hiredOn',
      label: '採用年月日',
      synonyms: ['採用日', '採用', '入庁年月日', '入庁日', '任用開始日', '雇用開始日'],
    },
    {
      key: 'leftOn',
      label: '退職年月日',
      synonyms: ['退職日', '退職', '離職日', '任用終了日', '雇用終了日', '退職予定日'],
    },
    {
      key: 'effectiveOn',
      label: '発令年月日',
      synonyms: ['発令日', '異動日', '異動年月日', '配属日', '配属年月日', '現所属発令日', '所属年月日'],
    },
  ],
  required: [['number', 'name', 'unitCode'], ...LEVELS.map(([key]): RosterKey[] => ['number', 'name', key])],
  keyColumn: 'number',
};

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
    { ...SPEC, exemptFromNumberCheck: options.exemptStaffNumbers ? 'number' : undefined },
    (record, problems) => {
      const before = problems.problemCount;
      const row = rosterRow(record, widths);
      if (problems.problemCount === before && row) return onRow(row);
    },
    {
      sheet: options.sheet,
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
  const row = {
    row: record.row,
    number,
    name: singleSpaced(name),
    kana: singleSpaced(optionalText(record, 'kana')),
    email: optionalEmail(record, 'email'),
    ...placeOf(record),
    isPrimary: isPrimary(record),
    isManager: isManager(record),
    employment: optionalText(record, 'employment'),
    hiredOn,
    leftOn,
    effectiveOn: optionalDate(record, 'effectiveOn'),
  };
  return number === '' || name === '' ? null : row;
}

/** The space inside a name is written in every width and number from file to file; it is no change of the name. */
function singleSpaced<T extends string | null>(text: T): T {
  return (text && text.replace(/[\s\u3000]+/gu, ' ')) as T;
}

function placeOf(record: TableRecord<RosterKey>): Pick<RosterRow, 'unitCode' | 'levels' | 'levelKinds'> {
  const filled = LEVELS.filter(([key]) => record.get(key) !== '');
  const levels = filled.flatMap(([key]) => optionalText(record, key) ?? []);
  const levelKinds = filled.map(([, kind]) => kind);
  if (record.has('unitCode'))
    return { unitCode: requiredText(record, 'unitCode') || null, levels, levelKinds };
  if (filled.length === 0) {
    const present = LEVELS.filter(([key]) => record.has(key));
    record.problem(present.at(-1)![0], {
      code: 'missing_value',
      expected: `${present.map(([, kind]) => kind).join('・')}のいずれかの名前`,
      fix: '所属がわかるように、少なくとも1つの列を入力してください。',
    });
  }
  return { unitCode: null, levels, levelKinds };
}

function isPrimary(record: TableRecord<RosterKey>): boolean {
  const word = record.get('duty').replace(/\s/g, '');
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
  const word = record.get('manager').toLowerCase();
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
      `${record.header(key)}「${text}」は外字を含みます。そのまま保存しますが、ほかの機器では表示されないことがあります。`,
    );
    return;
  }
  const outside = outsideCp932(text);
  if (outside) {
    record.warn(
      key,
      'outside_cp932',
      `${record.header(key)}「${text}」はCP932にない文字を含みます。そのまま保存します。`,
    );
  }
}
