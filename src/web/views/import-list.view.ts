import type { ImportKind } from '../../platform/imports/import-report.js';
import type { RunSubject } from '../../platform/imports/import-runs.service.js';
import { formatCount } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';
import { formatMoment } from '../template-helpers.js';
import {
  beginsOf,
  fileNames,
  IMPORT_KIND_LABELS,
  STATE_ICONS,
  STATE_LABELS,
  summaryOf,
  type ImportRecord,
} from './import-record.view.js';

/** An import that is under way. */
export interface RunLink {
  readonly id: string;
  readonly subject: RunSubject;
}

export interface ImportListView {
  readonly kinds: readonly { readonly label: string; readonly href: string; readonly current: boolean }[];
  readonly kind: ImportKind;
  readonly kindLabel: string;
  readonly isRoster: boolean;
  readonly isReorganisation: boolean;
  readonly isCitizens: boolean;
  readonly columns: string;
  readonly today: IsoDate;
  readonly scopes: readonly { readonly code: string; readonly label: string }[];
  readonly history: readonly ImportHistoryRow[];
  readonly underWay: readonly { readonly label: string; readonly href: string }[];
  readonly wasStopped: boolean;
  readonly hasNote: boolean;
}

interface ImportHistoryRow {
  readonly href: string;
  readonly kindLabel: string;
  readonly files: string;
  readonly stateLabel: string;
  readonly stateIcon: string;
  readonly stateClass: string;
  /** `2027年4月1日から` for a reorganisation whose day is still to come. */
  readonly begins: string | null;
  readonly summary: string;
  readonly when: string;
  readonly who: string;
}

const REQUIRED_COLUMNS: Record<ImportKind, string> = {
  roster: '職員番号、氏名、所属コード(または局・部・課・係)の列が必要です。CSVとExcel(.xlsx)を読み取れます。',
  reorganisation:
    '区分(新設・名称変更・移管・統合・分割・廃止・異動)、所属コード、新所属コード、新所属名、上位所属コードの列を、内容に応じて入力します。CSVとExcel(.xlsx)を読み取れます。',
  status: '職員番号、取得状況の列が必要です。CSVとExcel(.xlsx)を読み取れます。',
  citizens: '総務省またはデジタル庁が公表した表をそのまま選んでください。複数のファイルを一度に選べます。',
};

export function toImportListView(
  kind: ImportKind,
  records: readonly ImportRecord[],
  scopes: ImportListView['scopes'],
  today: IsoDate,
  { underWay, wasStopped }: { readonly underWay: readonly RunLink[]; readonly wasStopped: boolean },
): ImportListView {
  return {
    kinds: (Object.keys(IMPORT_KIND_LABELS) as ImportKind[]).map((candidate) => ({
      label: IMPORT_KIND_LABELS[candidate],
      href: `/imports?kind=${candidate}`,
      current: candidate === kind,
    })),
    kind,
    kindLabel: IMPORT_KIND_LABELS[kind],
    isRoster: kind === 'roster',
    isReorganisation: kind === 'reorganisation',
    isCitizens: kind === 'citizens',
    columns: REQUIRED_COLUMNS[kind],
    today,
    scopes,
    underWay: underWay.map(({ id, subject }) => ({
      label: `${IMPORT_KIND_LABELS[subject.kind]} ${subject.fileNames.join('、')}`,
      href: `/imports/runs/${id}`,
    })),
    wasStopped,
    hasNote: wasStopped || underWay.length > 0,
    history: records.map((record) => ({
      href: `/imports/${record.id}`,
      kindLabel: IMPORT_KIND_LABELS[record.kind],
      files: fileNames(record),
      stateLabel: STATE_LABELS[record.state],
      stateIcon: STATE_ICONS[record.state],
      stateClass: record.state === 'applied' ? 'st--ok' : '',
      begins: beginsOf(record, today),
      summary:
        record.report.problemCount > 0
          ? `直してほしいところ ${formatCount(record.report.problemCount)}件`
          : summaryOf(record),
      when: formatMoment(record.createdAt.toISOString()),
      who: record.createdBy,
    })),
  };
}
