import type { AuditRow } from '../access/audit-log.query.js';
import { AUDIT_ACTION_LABELS } from '../access/audit.types.js';
import { formatMonth } from '../platform/japanese-format.js';
import { addDays, OPEN_END } from '../platform/month.js';
import { CARD_STATUS_LABELS, EVIDENCE_LABELS } from './card-status.js';
import type { ExceptionRow } from './exception.query.js';
import { EXCEPTION_CATEGORY_LABELS, exceptionStateLabel } from './exception.types.js';
import type { ExportSection } from './personal-data.types.js';
import type { AssignmentRecord, CardEventRecord, ProfileRecord } from './staff-record.query.js';

export interface LedgerRecords {
  readonly profiles: readonly ProfileRecord[];
  readonly formerNumbers: readonly { number: string; changedAt: Date; changedBy: string }[];
  readonly assignments: readonly AssignmentRecord[];
  readonly events: readonly CardEventRecord[];
  readonly exceptions: readonly ExceptionRow[];
  readonly trail: readonly AuditRow[];
}

/** What roster, ledger and audit record keep about one person, as tables in plain words. */
export function toSections({
  profiles,
  formerNumbers,
  assignments,
  events,
  exceptions,
  trail,
}: LedgerRecords): ExportSection[] {
  return [
    section(
      'profiles',
      '氏名など',
      {
        name: '氏名',
        kana: 'フリガナ',
        email: 'メールアドレス',
        hiredOn: '採用年月日',
        recordedAt: '登録した日時',
        supersededAt: '置き換えた日時',
      },
      profiles.map((row) => ({ ...row })),
    ),
    section(
      'formerNumbers',
      '前の職員番号',
      { number: '職員番号', changedAt: '変わった日時', changedBy: '変えた人' },
      formerNumbers.map((row) => ({ ...row })),
    ),
    section(
      'assignments',
      '配属',
      {
        unit: '所属',
        code: '所属コード',
        kind: '本務・兼務',
        manager: '所属長',
        employment: '雇用区分',
        leave: '勤務状況',
        from: 'いつから',
        to: 'いつまで',
      },
      assignments.map((row) => ({
        unit: row.unitName,
        code: row.unitCode,
        kind: row.isPrimary ? '本務' : '兼務',
        manager: row.isManager,
        employment: row.employment,
        leave: row.leave,
        from: row.from,
        to: row.until === OPEN_END ? null : addDays(row.until, -1),
      })),
    ),
    section(
      'cardEvents',
      '取得状況の記録',
      {
        id: '記録番号',
        status: '取得状況',
        on: 'いつから',
        expiresOn: 'カードの有効期限',
        evidence: '元',
        recordedAt: '記録した日時',
        recordedBy: '記録した人',
        corrects: '訂正した記録番号',
      },
      events.map((row) => ({
        id: row.id,
        status: row.status === null ? '取り消し' : CARD_STATUS_LABELS[row.status],
        on: row.effectiveOn,
        expiresOn: row.expiresOn && formatMonth(row.expiresOn),
        evidence: EVIDENCE_LABELS[row.evidence],
        recordedAt: row.recordedAt,
        recordedBy: row.recordedBy,
        corrects: row.corrects,
      })),
    ),
    section(
      'exceptions',
      '例外',
      {
        category: '種類',
        from: 'いつから',
        to: 'いつまで',
        state: '状態',
        withdrawnOn: '取り下げた日',
        requestedAt: '申請した日時',
        requestedBy: '申請した人',
        note: '本人の説明',
        decidedAt: '決定した日時',
        decidedBy: '決定した人',
        reason: '決定の理由',
        appealedAt: '不服を申し出た日時',
        appeal: '不服の内容',
      },
      exceptions.map((row) => ({
        category: EXCEPTION_CATEGORY_LABELS[row.category],
        from: row.from,
        to: row.to,
        state: exceptionStateLabel(row),
        withdrawnOn: row.withdrawnOn,
        requestedAt: row.requestedAt,
        requestedBy: row.requestedBy,
        note: row.note,
        decidedAt: row.decidedAt,
        decidedBy: row.decidedBy,
        reason: row.reason,
        appealedAt: row.appealedAt,
        appeal: row.appeal,
      })),
    ),
    section(
      'trail',
      '閲覧・操作の記録',
      { at: '日時', actor: '人', action: '内容' },
      trail.map((row) => ({
        at: row.at,
        actor: row.actorName ?? row.actor,
        action: AUDIT_ACTION_LABELS[row.action] ?? row.action,
      })),
    ),
  ];
}

export function section(
  key: string,
  title: string,
  columns: Readonly<Record<string, string>>,
  rows: ExportSection['rows'],
): ExportSection {
  return { key, title, columns: Object.entries(columns).map(([key, label]) => ({ key, label })), rows };
}
