import type { FileReading, InputFile } from '../platform/imports/import-report.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { isPlain, optionalDate, optionalMonth } from '../platform/tabular/cell-rules.js';
import { readTable } from '../platform/tabular/table-reader.js';
import type { OpenTableOptions, TableRecord, TableSpec } from '../platform/tabular/table.types.js';
import { STAFF_NUMBER_COLUMN, staffNumberOf, StaffNumberWidths } from '../roster/staff-number.js';
import type { CardStatus, Evidence } from './card-status.js';

type StatusKey = 'number' | 'status' | 'effectiveOn' | 'evidence' | 'expiresOn';

export interface StatusRow {
  readonly row: number;
  readonly number: string;
  readonly status: CardStatus;
  /** Null where the file does not say: the day of the import is meant. */
  readonly effectiveOn: IsoDate | null;
  readonly evidence: Evidence;
  /** Last month of the card, of whoever holds one; null where the file does not say. */
  readonly expiresOn: IsoMonth | null;
}

export interface StatusFileOptions {
  readonly sheet?: string;
  /** As in the roster. */
  readonly exemptStaffNumbers?: boolean;
  readonly onRead?: OpenTableOptions['onRead'];
}

export interface StatusReading extends FileReading {
  /** Rows whose status is blank: no answer is reported there, so nothing is recorded and nothing is taken back. */
  readonly blankStatuses: number;
}

const SPEC: TableSpec<StatusKey> = {
  columns: [
    STAFF_NUMBER_COLUMN,
    {
      key: 'status',
      label: '取得状況',
      synonyms: [
        'マイナンバーカード取得状況',
        'カード取得状況',
        'マイナンバーカード',
        'マイナカード',
        'カードの有無',
        'カード有無',
        '取得の有無',
        '取得有無',
        '取得',
        '保有状況',
        '保有',
        '保有有無',
        '交付状況',
        '申請状況',
        '回答',
        '状況',
        'status',
      ],
    },
    {
      key: 'effectiveOn',
      label: '基準日',
      synonyms: ['取得日', '取得年月日', '交付日', '申請日', '回答日', '確認日', '時点', '基準年月日'],
    },
    { key: 'evidence', label: '確認方法', synonyms: ['確認区分', '確認者', '回答方法', '情報源', '根拠'] },
    {
      key: 'expiresOn',
      label: '有効期限',
      synonyms: [
        'カード有効期限',
        'カードの有効期限',
        '有効期限年月',
        '有効期限(年月)',
        '有効期間満了',
        '有効年月',
        'expires',
      ],
    },
  ],
  required: [['number', 'status']],
  keyColumn: 'number',
};

const STATUS_WORDS: Record<CardStatus, readonly string[]> = {
  held: [
    '保有',
    '保有済',
    '保有済み',
    '保有している',
    '取得',
    '取得済',
    '取得済み',
    '取得している',
    '交付',
    '交付済',
    '交付済み',
    '受取済',
    '受取済み',
    '受領済',
    '受領済み',
    '所持',
    '有',
    '有り',
    'あり',
    '済',
    '済み',
    '○',
    '〇',
    '◯',
    '◎',
    'はい',
    '持っている',
    'held',
  ],
  applied: [
    '申請中',
    '申請済',
    '申請済み',
    '申請',
    '手続中',
    '手続き中',
    '交付待ち',
    '受取待ち',
    '△',
    'applied',
  ],
  not_applied: [
    '未申請',
    '未取得',
    '未交付',
    '未保有',
    '未',
    '無',
    '無し',
    'なし',
    '×',
    '✕',
    '✖',
    'x',
    'いいえ',
    '持っていない',
    '取得していない',
    'not_applied',
  ],
  undisclosed: [
    '回答しない',
    '回答を希望しない',
    '無回答希望',
    '回答拒否',
    '回答辞退',
    '答えない',
    'undisclosed',
  ],
  unanswered: ['未回答', '無回答', '回答なし', '未確認', '不明', 'unanswered'],
  lapsed: [
    '失効',
    '返納',
    '失効・返納',
    '失効返納',
    '失効・返納済',
    '失効済',
    '返納済',
    '返納済み',
    '有効期限切れ',
    '期限切れ',
    'lapsed',
  ],
};
const STATUSES = byWord(STATUS_WORDS);

const EVIDENCE_WORDS: Record<Evidence, readonly string[]> = {
  self: ['本人', '本人回答', '本人申告', '自己申告', '職員本人', 'self'],
  manager: ['所属長', '所属長確認', '所属', '所属確認', '課長', 'manager'],
  hr: ['人事', '人事課', '人事課確認', '人事確認', 'hr'],
  import: ['', '取込', '取り込み', '一括', '一括取込', 'システム', 'import'],
};
const EVIDENCES = byWord(EVIDENCE_WORDS);

/** Reads a list of statuses (取得状況). Rows with problems, and rows with a blank status, are not handed over. */
export async function readStatusFile(
  file: InputFile,
  options: StatusFileOptions,
  onRow: (row: StatusRow) => void | Promise<void>,
): Promise<StatusReading> {
  const widths = new StaffNumberWidths();
  let blankStatuses = 0;
  const reading = await readTable(
    file,
    { ...SPEC, exemptFromNumberCheck: options.exemptStaffNumbers ? 'number' : undefined },
    (record, problems) => {
      const before = problems.problemCount;
      const number = staffNumberOf(record);
      if (number !== '') widths.add(record, number);
      const effectiveOn = optionalDate(record, 'effectiveOn');
      const evidence = wordOf(record, 'evidence', EVIDENCES, BAD_EVIDENCE);
      const expiresOn = optionalMonth(record, 'expiresOn');
      const isBlank = record.get('status') === '';
      const status = isBlank ? null : wordOf(record, 'status', STATUSES, BAD_STATUS);
      if (isBlank) blankStatuses++;
      if (problems.problemCount !== before || number === '' || !status || !evidence) return;
      return onRow({
        row: record.row,
        number,
        status,
        effectiveOn,
        evidence,
        expiresOn: status === 'held' ? expiresOn : null,
      });
    },
    { sheet: options.sheet, onRead: options.onRead, onEnd: (problems) => widths.report(problems) },
  );
  return { ...reading, blankStatuses };
}

const BAD_STATUS = {
  code: 'bad_status',
  expected: '保有・申請中・未申請・回答しない・失効・返納・未回答 のいずれか',
  fix: '決まった言葉に直してください。まだ回答がないときは空欄にしてください。',
};
const BAD_EVIDENCE = {
  code: 'bad_evidence',
  expected: '本人・所属長・人事・取込 のいずれか',
  fix: '決まった言葉に直すか、空欄にしてください。空欄は取込として扱います。',
};

function wordOf<Meaning>(
  record: TableRecord<StatusKey>,
  key: StatusKey,
  meanings: ReadonlyMap<string, Meaning>,
  problem: typeof BAD_STATUS,
): Meaning | null {
  if (!isPlain(record, key)) return null;
  const meaning = meanings.get(normaliseWord(record.raw(key)));
  if (meaning === undefined) record.problem(key, problem);
  return meaning ?? null;
}

function byWord<Meaning extends string>(
  words: Record<Meaning, readonly string[]>,
): ReadonlyMap<string, Meaning> {
  return new Map(
    (Object.keys(words) as Meaning[]).flatMap((meaning) =>
      words[meaning].map((word) => [normaliseWord(word), meaning] as const),
    ),
  );
}

function normaliseWord(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s。、,・/]/g, '');
}
