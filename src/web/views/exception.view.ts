import type { EndingException, OutOfPlanReason, OutOfPlanRow } from '../../ledger/out-of-plan.query.js';
import type { OutOfPlan } from '../../ledger/out-of-plan.service.js';
import type { ExceptionRow } from '../../ledger/exception.query.js';
import { longestUntil } from '../../ledger/exception-check.js';
import {
  ENDING_DAYS,
  EXCEPTION_CATEGORIES,
  EXCEPTION_CATEGORY_LABELS,
  exceptionStateLabel,
  HIDDEN_CATEGORY,
  LONGEST_NOTE,
  MOST_MONTHS,
  WAITING_STATES,
  type ExceptionCategory,
} from '../../ledger/exception.types.js';
import type { OwnExceptions } from '../../ledger/own-exception.service.js';
import { formatCount, formatDate } from '../../platform/japanese-format.js';
import { addDays, type IsoDate } from '../../platform/month.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel, staffHref } from './staff.view.js';
import { unitHref } from './unit-rows.view.js';
import type { StateLook } from './wave-state.view.js';

const WHY_LABELS: Record<OutOfPlanReason, string> = {
  exception: '承認された例外',
  undisclosed: '回答しない',
  not_counted: '集計対象外',
};

/** Of one who is no exception: nobody ends it but whoever is named. */
const WITHOUT_END: Record<Exclude<OutOfPlanReason, 'exception'>, string> = {
  undisclosed: '本人が変えるまで',
  not_counted: '名簿・集計定義が変わるまで',
};

interface CategoryChoice {
  readonly value: ExceptionCategory;
  readonly label: string;
}

/** What is offered says nothing about anybody; only what somebody has chosen is kept from others. */
function categories(withHidden: boolean): CategoryChoice[] {
  return EXCEPTION_CATEGORIES.filter((value) => withHidden || value !== HIDDEN_CATEGORY).map((value) => ({
    value,
    label: EXCEPTION_CATEGORY_LABELS[value],
  }));
}

/** What was typed and has to be put right. */
export interface TypedRequest {
  readonly category?: string;
  readonly from?: string;
  readonly to?: string;
  readonly note?: string;
}

/** The fields in which people ask for themselves. */
export function toOwnForm(today: IsoDate, from: IsoDate, typed: TypedRequest = {}) {
  return {
    today,
    from: typed.from ?? from,
    to: typed.to ?? longestUntil(from),
    note: typed.note ?? '',
    categories: categories(true).map((choice) => ({ ...choice, chosen: choice.value === typed.category })),
    most: MOST_MONTHS,
    longestNote: LONGEST_NOTE,
  };
}

export interface WaitingView {
  readonly id: number;
  readonly who: string;
  readonly href: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
  readonly isAppeal: boolean;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

export interface ExceptionsInput {
  readonly waiting: readonly ExceptionRow[];
  /** More wait than are shown. */
  readonly moreWaiting: boolean;
  readonly plan: OutOfPlan;
  readonly today: IsoDate;
  readonly why?: OutOfPlanReason;
  readonly cursor?: string;
  /** For whom the form is opened, and from when on. */
  readonly number?: string;
  readonly from?: IsoDate;
  readonly seesHidden: boolean;
}

export function toExceptionsView(input: ExceptionsInput) {
  const { waiting, moreWaiting, plan, today, why, cursor, number, seesHidden } = input;
  const from = input.from ?? today;
  const { counts } = plan;
  const total = counts.exception + counts.undisclosed + counts.not_counted;
  const query = (extra: Record<string, string>) => {
    const chosen = { ...(why && { why }), ...extra };
    const text = new URLSearchParams(chosen).toString();
    return `/exceptions${text && `?${text}`}#out`;
  };
  return {
    heading:
      waiting.length === 0
        ? '決定を待つ申請はありません'
        : `${formatCount(waiting.length)}件${moreWaiting ? '以上' : ''}の申請が決定を待っています`,
    waiting: waiting.map(toWaiting),
    moreWaiting,
    most: MOST_MONTHS,
    longestNote: LONGEST_NOTE,
    endingDays: ENDING_DAYS,
    ending: plan.ending.map(toEnding),
    total: formatCount(total),
    reasons: [
      { label: 'すべて', href: '/exceptions#out', count: formatCount(total), current: why === undefined },
      ...(Object.keys(WHY_LABELS) as OutOfPlanReason[]).map((reason) => ({
        label: WHY_LABELS[reason],
        href: `/exceptions?why=${reason}#out`,
        count: formatCount(counts[reason]),
        current: why === reason,
      })),
    ],
    people: plan.people.map(toPerson),
    firstHref: cursor === undefined ? null : query({}),
    nextHref: plan.nextCursor === null ? null : query({ cursor: plan.nextCursor }),
    form: { number: number ?? '', from, to: longestUntil(from), categories: categories(seesHidden) },
  };
}

function toWaiting(row: ExceptionRow): WaitingView {
  const { id, name, number, unitName, category, from, to, state, note, reason, appeal } = row;
  const isAppeal = state === 'appealed';
  const asked = `${formatMoment(row.requestedAt.toISOString())}、${actorLabel(row.requestedBy, null)}`;
  return {
    id,
    who: `${name}(${number})`,
    href: staffHref(number),
    isAppeal,
    from,
    to,
    facts: [
      { term: '所属', text: unitName ?? '所属なし' },
      { term: '種類', text: EXCEPTION_CATEGORY_LABELS[category] },
      { term: '期間', text: periodWords(from, to) },
      { term: '申請した日時・人', text: asked },
      ...(note === '' ? [] : [{ term: '本人の説明', text: note }]),
      ...(isAppeal
        ? [
            {
              term: '前の決定',
              text: `却下、${formatMoment(row.decidedAt!.toISOString())}、${actorLabel(row.decidedBy!, null)}`,
            },
            { term: '却下の理由', text: reason || '-' },
            {
              term: '不服の申し出',
              text: [formatMoment(row.appealedAt!.toISOString()), appeal].filter(Boolean).join('、'),
            },
          ]
        : []),
    ],
  };
}

function toEnding({ name, number, unitCode, unitName, category, until }: EndingException) {
  return {
    name,
    number,
    href: staffHref(number),
    unit: unitName ?? unitCode,
    unitHref: unitHref(unitCode),
    category: EXCEPTION_CATEGORY_LABELS[category],
    until: formatDate(until),
    extendHref: `/exceptions?${new URLSearchParams({ number, from: addDays(until, 1) }).toString()}#ask`,
  };
}

function toPerson({ name, number, unitCode, unitName, why, category, until }: OutOfPlanRow) {
  return {
    name,
    number,
    href: staffHref(number),
    unit: unitName ?? unitCode,
    why: category === null ? WHY_LABELS[why] : `${WHY_LABELS[why]}(${EXCEPTION_CATEGORY_LABELS[category]})`,
    until: why === 'exception' ? `${formatDate(until!)}まで` : WITHOUT_END[why],
  };
}

function periodWords(from: IsoDate, to: IsoDate): string {
  return `${formatDate(from)}から${formatDate(to)}まで`;
}

const LOOKS: Record<ExceptionRow['state'], Omit<StateLook, 'label'>> = {
  requested: { shape: 'wait', stateClass: 'st--warn' },
  appealed: { shape: 'wait', stateClass: 'st--warn' },
  approved: { shape: 'ok', stateClass: 'st--ok' },
  rejected: { shape: 'undisclosed', stateClass: '' },
  withdrawn: { shape: 'undisclosed', stateClass: '' },
};

export function toOwnExceptionsView(own: OwnExceptions | null, today: IsoDate, from: IsoDate = today) {
  return {
    known: own !== null,
    who: own?.person.name ?? '',
    requests: own?.exceptions.map((row) => toOwn(row, today)) ?? [],
    longestNote: LONGEST_NOTE,
    endingDays: ENDING_DAYS,
    form: toOwnForm(today, from),
  };
}

/** No category: what was chosen is nobody's business who looks at the screen as well. */
function toOwn(row: ExceptionRow, today: IsoDate) {
  const { id, from, to, state, ended, withdrawnOn, reason, appealedAt } = row;
  const running = state === 'approved' && !ended;
  // HR may end it on a day to come: until then it holds.
  const endsEarly = withdrawnOn !== null && withdrawnOn > today && withdrawnOn > from;
  const until = endsEarly ? addDays(withdrawnOn, -1) : to;
  const isOpen = WAITING_STATES.includes(state);
  return {
    id,
    period: periodWords(from, to),
    state: { label: exceptionStateLabel(row), ...(ended ? LOOKS.withdrawn : LOOKS[state]) },
    facts: [
      { term: '申請した日時', text: formatMoment(row.requestedAt.toISOString()) },
      ...(row.askedFrom === from && row.askedTo === to
        ? []
        : [{ term: '申請した期間', text: periodWords(row.askedFrom, row.askedTo) }]),
      ...(row.decidedAt === null
        ? []
        : [{ term: '決定した日時', text: formatMoment(row.decidedAt.toISOString()) }]),
      ...(reason === '' ? [] : [{ term: '決定の理由', text: reason }]),
      ...(appealedAt === null
        ? []
        : [{ term: '不服を申し出た日時', text: formatMoment(appealedAt.toISOString()) }]),
      ...(withdrawnOn === null
        ? []
        : [{ term: endsEarly ? '例外でなくなる日' : '取り下げた日', text: formatDate(withdrawnOn) }]),
    ],
    what: isOpen
      ? '人事課が決定するまで、案内はこれまでどおり届きます。'
      : running && from > today
        ? `${formatDate(from)}から、あなたあての案内は届きません。`
        : running || endsEarly
          ? `${formatDate(until)}まで、あなたあての案内は届きません。終わると、ふつうの案内に戻ります。`
          : '',
    withdraw: isOpen
      ? '申請を取り下げる'
      : running
        ? from > today
          ? '例外を取りやめる'
          : '今日から案内の対象に戻る'
        : null,
    canAppeal: state === 'rejected' && appealedAt === null,
    extendHref: running ? `/account/exceptions?from=${addDays(to, 1)}#ask` : null,
  };
}
