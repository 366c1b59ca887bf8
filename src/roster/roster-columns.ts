import type { TableSpec } from '../platform/tabular/table.types.js';
import { STAFF_NUMBER_COLUMN } from './staff-number.js';

export type RosterKey =
  | 'number'
  | 'formerNumber'
  | 'name'
  | 'kana'
  | 'email'
  | 'unitCode'
  | 'bureau'
  | 'department'
  | 'section'
  | 'subsection'
  | 'employment'
  | 'leave'
  | 'manager'
  | 'duty'
  | 'hiredOn'
  | 'leftOn'
  | 'effectiveOn';

/** The columns that name a unit from the top down, and the kind each stands for. */
export const ROSTER_LEVELS = [
  ['bureau', '局'],
  ['department', '部'],
  ['section', '課'],
  ['subsection', '係'],
] as const;

/** What city halls call the columns of a roster. */
export const ROSTER_TABLE: TableSpec<RosterKey> = {
  columns: [
    STAFF_NUMBER_COLUMN,
    {
      key: 'formerNumber',
      label: '旧職員番号',
      synonyms: ['旧職員NO', '旧職員No.', '旧職員コード', '旧職番', '変更前職員番号', '前職員番号'],
    },
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
      key: 'leave',
      label: '勤務状況',
      synonyms: ['休職区分', '在職状況', '休業区分', '休職・休業', '勤務状態', '在職区分'],
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
  required: [
    ['number', 'name', 'unitCode'],
    ...ROSTER_LEVELS.map(([key]): RosterKey[] => ['number', 'name', key]),
  ],
  keyColumn: 'number',
};
