import type { Look, StaffRecord } from '../../ledger/staff-record.service.js';
import {
  CARD_STATUS_LABELS,
  CARD_STATUSES,
  EVIDENCE_LABELS,
  type CardStatus,
  type Evidence,
} from '../../ledger/card-status.js';
import { EXPIRING_MONTHS } from '../../ledger/expiring.query.js';
import type { ExceptionRow } from '../../ledger/exception.query.js';
import { EXCEPTION_CATEGORY_LABELS, exceptionStateLabel } from '../../ledger/exception.types.js';
import type { CardEventRecord } from '../../ledger/staff-record.query.js';
import { AUDIT_ACTION_LABELS } from '../../access/audit.types.js';
import { formatDate, formatMonth } from '../../platform/japanese-format.js';
import { addDays, addMonths, monthOf, OPEN_END, type IsoDate, type IsoMonth } from '../../platform/month.js';
import { formatMoment } from '../template-helpers.js';
import { STATUS_ICONS } from './figure.view.js';
import { unitHref } from './unit-rows.view.js';

/** Who can have told; a file tells for itself. */
const TOLD_BY: readonly Evidence[] = ['self', 'manager', 'hr'];

/** What the form sends instead of a status to take a record back. */
export const TAKE_BACK = 'none';

export interface StatusView {
  readonly shape: string;
  readonly stateClass: string;
  readonly label: string;
}

export interface StaffView {
  readonly kicker: string;
  readonly heading: string;
  readonly state: StatusView;
  readonly record: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly unitHref: string | null;
  readonly exportHref: string;
  readonly form: RecordFormView | null;
  readonly events: readonly EventRowView[];
  readonly exceptions: readonly {
    readonly period: string;
    readonly category: string;
    readonly state: string;
    /** The form that withdraws it; null where there is nothing to withdraw. */
    readonly withdraw: {
      readonly action: string;
      readonly on: IsoDate;
      readonly last: IsoDate;
      readonly label: string;
    } | null;
    readonly decided: string;
    readonly reason: string;
    readonly note: string;
    readonly appeal: string;
  }[];
  /** The form with which HR asks for the person; null for whoever has left. */
  readonly askHref: string | null;
  readonly assignments: readonly {
    readonly from: string;
    readonly until: string;
    readonly unit: string;
    readonly kind: string;
    readonly employment: string;
  }[];
  readonly looks: readonly LookView[];
}

export interface RecordFormView {
  readonly heading: string;
  readonly action: string;
  readonly today: IsoDate;
  readonly on: IsoDate;
  /** Last month of the card; empty where it is not known. */
  readonly expiresOn: string;
  /** The event that is being corrected, in words; null for a new record. */
  readonly correcting: { readonly id: number; readonly text: string; readonly cancelHref: string } | null;
  readonly statuses: readonly Choice[];
  readonly evidences: readonly Choice[];
}

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly selected: boolean;
}

export interface EventRowView {
  readonly on: string;
  readonly state: StatusView;
  /** `有効期限 2027年3月`; empty where none is known. */
  readonly expires: string;
  readonly evidence: string;
  readonly recorded: string;
  /** `訂正済み`, `訂正した記録` … ; empty for an ordinary one. */
  readonly note: string;
  readonly correctHref: string | null;
}

export interface LookView {
  readonly at: string;
  readonly who: string;
  readonly what: string;
}

export function staffHref(number: string): string {
  return `/staff/${encodeURIComponent(number)}`;
}

export function toStaffView(record: StaffRecord, today: IsoDate, correct?: number): StaffView {
  const { person, status, since, evidence, events } = record;
  const href = staffHref(person.number);
  return {
    kicker: [...person.path, person.hasLeft ? '(退職)' : ''].filter(Boolean).join(' ') || '所属なし',
    heading: `${person.name}の記録`,
    state: toStatusView(status),
    record: evidence === null ? '' : `${EVIDENCE_LABELS[evidence]} ${formatDate(since!)}`,
    facts: [
      ...(record.expiresOn === null
        ? []
        : [{ term: 'カードの有効期限', text: expiryWords(record.expiresOn, today) }]),
      { term: '職員番号', text: person.number },
      { term: 'フリガナ', text: person.kana ?? '-' },
      { term: '雇用区分', text: [person.employment, person.leave].filter(Boolean).join('、') || '-' },
      ...(person.isCounted ? [] : [{ term: '集計', text: '集計対象外(数字に入れていません)' }]),
      { term: '役割', text: person.isManager ? '所属長' : '-' },
      { term: 'メールアドレス', text: person.email ?? '-' },
      { term: '採用年月日', text: person.hiredOn === null ? '-' : formatDate(person.hiredOn) },
    ],
    unitHref: person.unitCode === null ? null : unitHref(person.unitCode, person.asOf),
    exportHref: `${href}/disclosure.html`,
    form: person.hasLeft ? null : toForm(href, events, today, correct),
    events: events.map((event) => toEventRow(event, href)),
    exceptions: record.exceptions.map((exception) => ({
      period: `${formatDate(exception.from)}から${formatDate(exception.to)}まで${withdrawnWords(exception)}`,
      category: EXCEPTION_CATEGORY_LABELS[exception.category],
      state: exceptionStateLabel(exception),
      withdraw:
        exception.state === 'approved'
          ? {
              action: `${href}/exceptions/${exception.id}/withdraw`,
              on: exception.to < today ? exception.to : today,
              last: exception.to,
              label: `${formatDate(exception.from)}からの例外`,
            }
          : null,
      decided:
        exception.decidedAt === null
          ? '-'
          : `${formatMoment(exception.decidedAt.toISOString())}、${actorLabel(exception.decidedBy ?? '', null)}`,
      reason: exception.reason || '-',
      note: exception.note,
      appeal: exception.appeal,
    })),
    askHref: person.hasLeft ? null : `/exceptions?number=${encodeURIComponent(person.number)}#ask`,
    assignments: record.assignments.map((assignment) => ({
      from: formatDate(assignment.from),
      until: assignment.until === OPEN_END ? '' : formatDate(addDays(assignment.until, -1)),
      unit: assignment.unitName,
      kind: `${assignment.isPrimary ? '本務' : '兼務'}${assignment.isManager ? '・所属長' : ''}`,
      employment: [assignment.employment, assignment.leave].filter(Boolean).join('、') || '-',
    })),
    looks: record.looks.map(toLookView),
  };
}

function expiryWords(month: IsoMonth, today: IsoDate): string {
  if (month < monthOf(today)) return `${formatMonth(month)}(過ぎています)`;
  return formatMonth(month) + (month <= addMonths(monthOf(today), EXPIRING_MONTHS) ? '(まもなく)' : '');
}

function withdrawnWords({ from, withdrawnOn }: ExceptionRow): string {
  if (withdrawnOn === null) return '';
  return withdrawnOn <= from ? '(適用なし)' : `(${formatDate(addDays(withdrawnOn, -1))}で終了)`;
}

export function toLookView({ at, actor, actorName, action }: Look): LookView {
  return {
    at: formatMoment(at.toISOString()),
    who: actorLabel(actor, actorName),
    what: AUDIT_ACTION_LABELS[action],
  };
}

/** An account by its display name; the service and the command line by what they are. */
export function actorLabel(actor: string, name: string | null): string {
  if (name !== null) return name === actor ? actor : `${name}(${actor})`;
  if (actor.startsWith('cli')) return '運用担当(コマンド)';
  if (actor.startsWith('system')) return 'システム';
  if (actor === 'schedule') return '自動(リマインド方針)';
  if (actor.startsWith('self:')) return '本人(案内のリンク)';
  return actor === 'unknown' ? '不明' : actor;
}

function toForm(
  href: string,
  events: readonly CardEventRecord[],
  today: IsoDate,
  correct: number | undefined,
): RecordFormView {
  const old = events.find((event) => event.id === correct && isCorrectable(event));
  const chosen = old?.status ?? undefined;
  return {
    heading: old ? '記録を訂正する' : '取得状況を記録する',
    action: `${href}/card-events`,
    today,
    on: old?.effectiveOn ?? today,
    expiresOn: old?.expiresOn ?? '',
    correcting: old
      ? {
          id: old.id,
          text: `${formatDate(old.effectiveOn)}の「${CARD_STATUS_LABELS[old.status!]}」を訂正します。元の記録も残ります。`,
          cancelHref: href,
        }
      : null,
    statuses: [
      ...CARD_STATUSES.map((value) => ({
        value,
        label: CARD_STATUS_LABELS[value],
        selected: value === chosen,
      })),
      ...(old ? [{ value: TAKE_BACK, label: '取り消す(記録がなかったものとする)', selected: false }] : []),
    ],
    evidences: TOLD_BY.map((value) => ({
      value,
      label: EVIDENCE_LABELS[value],
      selected: value === (old?.evidence ?? 'hr'),
    })),
  };
}

function isCorrectable(event: CardEventRecord): boolean {
  return event.status !== null && event.correctedBy === null;
}

function toEventRow(event: CardEventRecord, href: string): EventRowView {
  const notes = [event.correctedBy === null ? '' : '訂正済み', event.corrects === null ? '' : '訂正した記録'];
  return {
    on: formatDate(event.effectiveOn),
    state: toStatusView(event.status),
    expires: event.expiresOn === null ? '' : `有効期限 ${formatMonth(event.expiresOn)}`,
    evidence: EVIDENCE_LABELS[event.evidence],
    recorded: `${formatMoment(event.recordedAt.toISOString())}、${actorLabel(event.recordedBy, null)}`,
    note: notes.filter(Boolean).join('、'),
    correctHref: isCorrectable(event) ? `${href}?correct=${event.id}#record` : null,
  };
}

function toStatusView(status: CardStatus | null): StatusView {
  if (status === null) return { shape: 'unanswered', stateClass: '', label: '取り消し' };
  return {
    shape: STATUS_ICONS[status],
    stateClass: status === 'held' ? 'st--held' : '',
    label: CARD_STATUS_LABELS[status],
  };
}
