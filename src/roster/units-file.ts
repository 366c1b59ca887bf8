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
import { readTable } from '../platform/tabular/table-reader.js';
import type { OpenTableOptions, TableRecord, TableSpec } from '../platform/tabular/table.types.js';

export type UnitKey = 'code' | 'name' | 'parent' | 'kind' | 'from' | 'to' | 'manager' | 'email';

/** One line of the list of units. Blank optional cells are null. */
export interface UnitRow {
  readonly row: number;
  readonly code: string;
  readonly name: string;
  /** Null for the top. */
  readonly parentCode: string | null;
  /** 局, 部, 課, 係 … */
  readonly kind: string | null;
  readonly validFrom: IsoDate | null;
  /** The last day on which the unit is there, that day included; null for no end. */
  readonly lastDay: IsoDate | null;
  readonly managerNumber: string | null;
  readonly email: string | null;
}

export interface UnitsFileOptions {
  readonly sheet?: string;
  readonly onRead?: OpenTableOptions['onRead'];
}

const SPEC: TableSpec<UnitKey> = {
  columns: [
    {
      key: 'code',
      label: '所属コード',
      synonyms: ['所属CD', '所属番号', '組織コード', '組織CD', '部署コード', '部署CD', 'コード'],
    },
    {
      key: 'name',
      label: '所属名',
      synonyms: ['所属', '所属名称', '組織名', '組織名称', '部署名', '部署', '名称'],
    },
    {
      key: 'parent',
      label: '上位所属コード',
      synonyms: [
        '上位所属CD',
        '上位コード',
        '上位CD',
        '親所属コード',
        '親所属CD',
        '親コード',
        '上位組織コード',
        '上位組織CD',
        '親組織コード',
        '上位部署コード',
        '上位所属',
      ],
    },
    { key: 'kind', label: '種別', synonyms: ['所属種別', '組織種別', '区分', '所属区分', '階層'] },
    {
      key: 'from',
      label: '適用開始日',
      synonyms: ['開始日', '適用開始', '有効開始日', '適用開始年月日', '設置日'],
    },
    {
      key: 'to',
      label: '適用終了日',
      synonyms: ['終了日', '適用終了', '有効終了日', '適用終了年月日', '廃止日'],
    },
    {
      key: 'manager',
      label: '所属長職員番号',
      synonyms: ['所属長番号', '所属長NO', '所属長職員NO', '所属長', '所属長職番'],
    },
    {
      key: 'email',
      label: '所属メール',
      synonyms: ['所属メールアドレス', 'メールアドレス', 'メール', 'E-mail', '課メール', '代表メール'],
    },
  ],
  required: [['code', 'name', 'parent']],
  keyColumn: 'code',
};

/** Reads a list of units. Codes that appear twice, unknown parents and circles are for the database to find. */
export async function readUnitsFile(
  file: InputFile,
  options: UnitsFileOptions,
  onRow: (row: UnitRow) => void | Promise<void>,
): Promise<FileReading> {
  return readTable(
    file,
    SPEC,
    (record, problems) => {
      const before = problems.problemCount;
      const row = unitRow(record);
      if (problems.problemCount === before && row.code !== '' && row.name !== '') return onRow(row);
    },
    { sheet: options.sheet, onRead: options.onRead },
  );
}

function unitRow(record: TableRecord<UnitKey>): UnitRow {
  const code = requiredText(record, 'code');
  const parentCode = optionalText(record, 'parent');
  if (code !== '' && parentCode === code) {
    record.problem('parent', {
      code: 'own_parent',
      expected: '自分以外の所属コード。最上位は空欄',
      fix: '上位の所属のコードに直すか、最上位なら空欄にしてください。',
    });
  }
  const validFrom = optionalDate(record, 'from');
  const lastDay = optionalLastDay(record, 'to');
  refuseReversed(record, validFrom, lastDay, 'to', 'from');
  return {
    row: record.row,
    code,
    name: requiredText(record, 'name', 'raw'),
    parentCode,
    kind: optionalText(record, 'kind'),
    validFrom,
    lastDay,
    managerNumber: optionalText(record, 'manager'),
    email: optionalEmail(record, 'email'),
  };
}
