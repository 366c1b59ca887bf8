import type { FileReading, InputFile } from '../platform/imports/import-report.js';
import { optionalEmail, optionalText } from '../platform/tabular/cell-rules.js';
import { readTable } from '../platform/tabular/table-reader.js';
import type { TableRecord, TableSpec } from '../platform/tabular/table.types.js';
import { STAFF_NUMBER_COLUMN, staffNumberOf } from './staff-number.js';

export type ReorganisationKey =
  'kind' | 'code' | 'newCode' | 'name' | 'parent' | 'unitKind' | 'manager' | 'email' | 'number';

export type ReorganisationKind = 'create' | 'rename' | 'move' | 'merge' | 'split' | 'abolish' | 'transfer';

/** One line of a reorganisation. Blank cells are null. */
export interface ReorganisationRow {
  readonly row: number;
  readonly kind: ReorganisationKind;
  /** The unit as it is before the day; null for one that is founded, and where a person is named alone. */
  readonly code: string | null;
  /** The unit from the day on: founded, gone into, or the same one. Null for one that is abolished. */
  readonly newCode: string | null;
  readonly name: string | null;
  readonly parentCode: string | null;
  /** 局, 部, 課, 係 … */
  readonly unitKind: string | null;
  readonly managerNumber: string | null;
  readonly email: string | null;
  /** Whoever goes to `newCode`, where it is said of single people. */
  readonly staffNumber: string | null;
}

const KINDS: ReadonlyMap<string, ReorganisationKind> = new Map([
  ...['新設', '設置', '新規', '創設'].map((word) => [word, 'create'] as const),
  ...['名称変更', '改称', '名称の変更', '名称'].map((word) => [word, 'rename'] as const),
  ...['移管', '所管替', '所管替え', '組替', '移動', '所管変更'].map((word) => [word, 'move'] as const),
  ...['統合', '統廃合', '合併', '編入'].map((word) => [word, 'merge'] as const),
  ...['分割', '分離', '分課'].map((word) => [word, 'split'] as const),
  ...['廃止', '閉鎖', '廃所'].map((word) => [word, 'abolish'] as const),
  ...['異動', '配属', '配置換', '配置換え'].map((word) => [word, 'transfer'] as const),
]);

/** What a row of each kind must fill in, besides 区分. */
const REQUIRED: Record<ReorganisationKind, readonly ReorganisationKey[]> = {
  create: ['newCode', 'name', 'parent'],
  rename: ['code', 'name'],
  move: ['code', 'parent'],
  merge: ['code', 'newCode'],
  split: ['code', 'newCode'],
  abolish: ['code'],
  transfer: ['newCode', 'number'],
};

const NAMES_PEOPLE: readonly ReorganisationKind[] = ['split', 'transfer'];

const SPEC: TableSpec<ReorganisationKey> = {
  columns: [
    {
      key: 'kind',
      label: '区分',
      synonyms: ['改正区分', '変更区分', '異動区分', '改正内容', '変更内容', '組織改正区分', '種類'],
    },
    {
      key: 'code',
      label: '所属コード',
      synonyms: ['所属CD', '現所属コード', '旧所属コード', '改正前所属コード', '組織コード', '部署コード'],
    },
    {
      key: 'newCode',
      label: '新所属コード',
      synonyms: [
        '新所属CD',
        '新コード',
        '改正後所属コード',
        '統合先',
        '統合先所属コード',
        '移行先所属コード',
        '新組織コード',
        '新部署コード',
      ],
    },
    {
      key: 'name',
      label: '新所属名',
      synonyms: ['新所属名称', '新名称', '新組織名', '新部署名', '改正後所属名', '改正後名称'],
    },
    {
      key: 'parent',
      label: '上位所属コード',
      synonyms: [
        '上位所属CD',
        '新上位所属コード',
        '上位コード',
        '親所属コード',
        '上位組織コード',
        '上位所属',
      ],
    },
    { key: 'unitKind', label: '種別', synonyms: ['所属種別', '組織種別', '所属区分', '階層'] },
    {
      key: 'manager',
      label: '所属長職員番号',
      synonyms: ['所属長番号', '所属長NO', '所属長職員NO', '所属長', '所属長職番'],
    },
    {
      key: 'email',
      label: '所属メール',
      synonyms: ['所属メールアドレス', 'メールアドレス', 'メール', 'E-mail', '代表メール'],
    },
    STAFF_NUMBER_COLUMN,
  ],
  required: [
    ['kind', 'code'],
    ['kind', 'newCode'],
  ],
  keyColumn: 'kind',
};

/**
 * Reads a reorganisation. Whether units and people exist, and rows agree, is for the database to find. `onRefused` gets
 * the codes that a row with problems speaks about, or null where they cannot be told.
 */
export async function readReorganisationFile(
  file: InputFile,
  onRow: (row: ReorganisationRow) => void | Promise<void>,
  onRefused: (codes: readonly string[] | null) => void = () => undefined,
): Promise<FileReading> {
  return readTable(file, SPEC, (record, problems) => {
    const before = problems.problemCount;
    const row = reorganisationRow(record);
    if (problems.problemCount === before && row) return onRow(row);
    onRefused(codesOf(record));
  });
}

function codesOf(record: TableRecord<ReorganisationKey>): string[] | null {
  const codes = [record.get('code'), record.get('newCode')].filter((code) => code !== '');
  // Somebody is to go somewhere, perhaps from a unit that is not named.
  return codes.length === 0 || record.get('number') !== '' ? null : codes;
}

function reorganisationRow(record: TableRecord<ReorganisationKey>): ReorganisationRow | null {
  const kind = kindOf(record);
  if (!kind) return null;
  const code = optionalText(record, 'code');
  const newCode = optionalText(record, 'newCode');
  const founded = kind === 'create';
  for (const key of REQUIRED[kind]) {
    // A new unit's code may stand in either column.
    if (record.get(key) === '' && !(founded && key === 'newCode' && code !== null)) missing(record, key);
  }
  if (founded && code !== null && newCode !== null && code !== newCode) {
    record.problem('newCode', {
      code: 'unexpected_value',
      expected: '新設する所属のコード1つ',
      fix: '新設する所属のコードは、所属コードと新所属コードのどちらか一方に入力してください。',
    });
  }
  refuseCode(record, kind, code, newCode);
  refuseOwnParent(record, founded ? (newCode ?? code) : code);
  if (record.get('number') !== '' && !NAMES_PEOPLE.includes(kind)) {
    record.problem('number', {
      code: 'unexpected_value',
      expected: '区分が「分割」か「異動」の行だけに職員番号',
      fix: '職員の行き先は、区分を「異動」とした別の行で示してください。',
    });
  }
  return {
    row: record.row,
    kind,
    code: founded ? null : code,
    newCode: founded ? (newCode ?? code) : kind === 'rename' || kind === 'move' ? code : newCode,
    name: optionalText(record, 'name', 'raw'),
    parentCode: optionalText(record, 'parent'),
    unitKind: optionalText(record, 'unitKind'),
    managerNumber: optionalText(record, 'manager'),
    email: optionalEmail(record, 'email'),
    staffNumber: record.get('number') === '' ? null : staffNumberOf(record),
  };
}

function kindOf(record: TableRecord<ReorganisationKey>): ReorganisationKind | undefined {
  const kind = KINDS.get(record.get('kind').replace(/\s/g, ''));
  if (!kind) {
    record.problem('kind', {
      code: 'bad_change',
      expected: '新設・名称変更・移管・統合・分割・廃止・異動のどれか',
      fix: '区分を、新設・名称変更・移管・統合・分割・廃止・異動のどれかに直してください。',
    });
  }
  return kind;
}

function refuseCode(
  record: TableRecord<ReorganisationKey>,
  kind: ReorganisationKind,
  code: string | null,
  newCode: string | null,
): void {
  if (newCode === null) return;
  if ((kind === 'rename' || kind === 'move') && newCode !== code) {
    record.problem('newCode', {
      code: 'unexpected_value',
      expected: '空欄、または所属コードと同じコード',
      fix: 'コードが変わるときは、区分を「統合」にして、新所属コードと新所属名を入力してください。',
    });
  }
  if (kind === 'abolish') {
    record.problem('newCode', {
      code: 'unexpected_value',
      expected: '廃止する所属は空欄',
      fix: '職員がほかの所属に移るときは、区分を「統合」にしてください。',
    });
  }
  if (kind === 'merge' && newCode === code) {
    record.problem('newCode', {
      code: 'own_successor',
      expected: '所属コードと違う、統合先のコード',
      fix: '統合したあとに残る所属の行は不要です。名称が変わるときは、区分を「名称変更」にしてください。',
    });
  }
}

function refuseOwnParent(record: TableRecord<ReorganisationKey>, code: string | null): void {
  if (code === null || record.get('parent') !== code) return;
  record.problem('parent', {
    code: 'own_parent',
    expected: '自分以外の所属コード',
    fix: '上位の所属のコードに直してください。',
  });
}

function missing(record: TableRecord<ReorganisationKey>, key: ReorganisationKey): void {
  record.problem(key, {
    code: 'missing_value',
    expected: `区分が「${record.get('kind')}」の行では、空欄でない${record.header(key)}`,
    fix: '値を入力してください。',
  });
}
