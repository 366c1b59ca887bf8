import type { AuditRow } from '../../access/audit-log.query.js';
import type { AuditSearch } from '../../access/audit-log.service.js';
import { AUDIT_ACTION_LABELS, AUDIT_ACTIONS } from '../../access/audit.types.js';
import type { StaffLabel } from '../../ledger/staff-record.query.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel, staffHref } from './staff.view.js';

const KINDS: Record<string, string> = {
  staff: '職員',
  user: '利用者',
  unit: '所属',
  import: '取込',
  exception: '例外',
  month: '月',
  wave: '配信回',
};

/** Of the details of an event; what is not listed shows as it is. */
const DETAILS: Record<string, string> = {
  asOf: '時点',
  decision: '決定',
  deliveries: '配信数',
  delivery: '配信番号',
  event: '記録番号',
  events: '件数',
  exception: '例外',
  filters: '条件',
  format: '形式',
  kind: '種類',
  linked: '結び付け',
  months: '保存月数',
  on: '日付',
  policy: '方針',
  roles: '権限',
  staff: '職員',
  templateVersion: 'ひな型の版',
  unit: '所属',
  version: '版',
  wave: '配信回',
};

const VALUES: Record<string, string> = {
  admin: '運用',
  approved: '承認',
  auditor: '監査',
  citizens: '市民の取得率',
  hr: '人事',
  leader: '市長・部局長',
  manager: '所属長',
  rejected: '却下',
  reorganisation: '組織改正',
  roster: '名簿',
  status: '取得状況',
  withdrawn: '取り下げ',
};

export interface AuditInput {
  readonly events: readonly AuditRow[];
  readonly search: AuditSearch;
  /** As it was typed: a staff number has become an internal id in `search`. */
  readonly target: string;
  readonly nextCursor: string | null;
  /** Empty for readers who see no names. */
  readonly labels: ReadonlyMap<number, StaffLabel>;
  readonly seesNames: boolean;
}

export interface AuditView {
  readonly heading: string;
  readonly actor: string;
  readonly target: string;
  readonly targetHint: string;
  readonly from: string;
  readonly to: string;
  readonly actions: readonly { readonly value: string; readonly label: string; readonly selected: boolean }[];
  readonly rows: readonly AuditRowView[];
  readonly firstHref: string | null;
  readonly nextHref: string | null;
}

export interface AuditRowView {
  readonly at: string;
  readonly who: string;
  readonly what: string;
  readonly target: string;
  readonly targetHref: string | null;
  readonly details: string;
}

export function toAuditView(input: AuditInput): AuditView {
  const { events, search, target, nextCursor, labels, seesNames } = input;
  const query = (extra: Record<string, string>) => {
    const { actor, action, from, to } = search;
    const chosen = Object.entries({ actor, action, target, from, to, ...extra }).filter(([, text]) => text);
    return `/audit?${new URLSearchParams(chosen as [string, string][]).toString()}`;
  };
  return {
    heading: '操作の記録',
    actor: search.actor ?? '',
    target,
    targetHint: seesNames
      ? '職員番号、または unit:0101 month:2022-10 の形'
      : 'staff:12 unit:0101 month:2022-10 の形',
    from: search.from ?? '',
    to: search.to ?? '',
    actions: [
      { value: '', label: 'すべて', selected: !search.action },
      ...AUDIT_ACTIONS.map((value) => ({
        value,
        label: AUDIT_ACTION_LABELS[value],
        selected: value === search.action,
      })),
    ],
    rows: events.map((event) => toRow(event, labels)),
    firstHref: search.cursor === undefined ? null : query({}),
    nextHref: nextCursor === null ? null : query({ cursor: nextCursor }),
  };
}

/** The people a page of the record speaks of, by internal id. */
export function staffIn(events: readonly AuditRow[]): number[] {
  return events.flatMap(({ target }) => {
    const [, id] = /^staff:(\d{1,9})$/.exec(target) ?? [];
    return id === undefined ? [] : [Number(id)];
  });
}

function toRow(event: AuditRow, labels: ReadonlyMap<number, StaffLabel>): AuditRowView {
  const [kind = '', id = ''] = event.target.split(/:(.*)/s);
  const label = kind === 'staff' ? labels.get(Number(id)) : undefined;
  return {
    at: formatMoment(event.at.toISOString()),
    who: actorLabel(event.actor, event.actorName),
    what: AUDIT_ACTION_LABELS[event.action] ?? event.action,
    target: label
      ? `${label.name}(${label.number})`
      : event.target === ''
        ? '-'
        : `${KINDS[kind] ?? kind} ${id}`,
    targetHref: label ? staffHref(label.number) : null,
    details: detailsOf(event),
  };
}

/** Ids, codes, counts and days, as they were written; of people seen together only how many. */
function detailsOf({ details }: AuditRow): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value]) => {
      if (key === 'staff' && Array.isArray(value)) return `${value.length}人`;
      const values = [value].flat().map((one) => VALUES[String(one)] ?? String(one));
      return `${DETAILS[key] ?? key} ${values.join('・')}`;
    })
    .join('、');
}
