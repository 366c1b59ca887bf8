import { ENDING_DAYS } from '../../ledger/exception.types.js';
import type { IsoDate } from '../../platform/month.js';
import type { AnswerPage } from '../../reminders/answer.service.js';
import { answerHref, frameOf } from './answer.view.js';
import { toOwnForm, type TypedRequest } from './exception.view.js';

/** Asked for, or still to be asked for; null where nothing is wrong yet. */
export interface AnswerExceptionState {
  readonly asked: boolean;
  readonly error: string | null;
  readonly typed?: TypedRequest;
}

const ASKED = '?result=asked';

export function exceptionHref(token: string): string {
  return `${answerHref(token)}/exception`;
}

export function askedHref(token: string): string {
  return exceptionHref(token) + ASKED;
}

/** Nothing of what was asked for before: the link may lie open on a table. */
export function toAnswerExceptionView(
  page: AnswerPage,
  token: string,
  today: IsoDate,
  { asked, error, typed }: AnswerExceptionState,
) {
  const { whose, contact, open } = frameOf(page);
  const form = toOwnForm(today, today, typed);
  return {
    heading: asked ? '申請を受け付けました' : '案内を受けない期間(例外)の申請',
    whose,
    contact,
    open,
    asked,
    error,
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
