import { ENDING_DAYS } from '../../ledger/exception.types.js';
import type { IsoDate } from '../../platform/month.js';
import type { AnswerPage } from '../../reminders/answer.service.js';
import { answerHref, exceptionHref, frameOf } from './answer.view.js';
import { toOwnForm, type TypedRequest } from './exception.view.js';

/** What the reader has just done. It changes what the page says and nothing else. */
export type AskOutcome = 'asked' | 'waiting';

export interface AnswerExceptionState {
  readonly outcome?: AskOutcome;
  readonly error?: { readonly code: string; readonly text: string };
  readonly typed?: TypedRequest;
}

const HEADINGS: Record<AskOutcome, string> = {
  asked: '申請を受け付けました',
  waiting: '申請は、すでに受け付けています',
};

/** The field that a refusal is about. */
const FIELDS: Record<string, string> = {
  bad_request: 'o-category',
  bad_date: 'o-from',
  past_day: 'o-from',
  staff_not_found: 'o-from',
  bad_period: 'o-to',
  exception_too_long: 'o-to',
  text_too_long: 'o-note',
};

export function askedHref(token: string, outcome: AskOutcome): string {
  return `${exceptionHref(token)}?result=${outcome}`;
}

export function readAsked(text: string | undefined): AskOutcome | undefined {
  return text === 'asked' || text === 'waiting' ? text : undefined;
}

/** Nothing of what was asked for before: the link may lie open on a table. */
export function toAnswerExceptionView(
  page: AnswerPage,
  token: string,
  today: IsoDate,
  { outcome, error, typed }: AnswerExceptionState,
) {
  const { whose, contact, open } = frameOf(page);
  const form = toOwnForm(today, today, typed);
  return {
    heading: outcome ? HEADINGS[outcome] : '案内を受けない期間(例外)の申請',
    whose,
    contact,
    open,
    asked: outcome !== undefined,
    waiting: outcome === 'waiting',
    error: error === undefined ? null : { text: error.text, field: (open && FIELDS[error.code]) || null },
    action: exceptionHref(token),
    answerHref: answerHref(token),
    endingDays: ENDING_DAYS,
    // A robot that presses the button has chosen nothing.
    form: {
      ...form,
      categories: [{ value: '', label: '選んでください', chosen: false }, ...form.categories],
    },
  };
}
