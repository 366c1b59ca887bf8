/** What a request or a decision may say, whoever says it. */
import { AppError } from '../platform/errors.js';
import { addDays, addMonths, isIsoDate, lastDay, monthOf, type IsoDate } from '../platform/month.js';
import { refuseIn } from '../platform/request-text.js';
import { assertDate } from '../platform/request-date.js';
import {
  LONGEST_NOTE,
  MOST_MONTHS,
  WAITING_STATES,
  type ExceptionDays,
  type ExceptionView,
} from './exception.types.js';

/** The last day of the longest exception that begins on the day. */
export function longestUntil(from: IsoDate): IsoDate {
  const month = addMonths(monthOf(from), MOST_MONTHS);
  const sameDay = `${month}-${from.slice(8)}`;
  // A year after 29 February there is none: the end of the month stands for the day before it.
  return isIsoDate(sameDay) ? addDays(sameDay, -1) : lastDay(month);
}

/** Throws `bad_date`, `bad_period`, `exception_too_long`. */
export function checkedDays({ from, to }: { from: string; to?: string }): ExceptionDays {
  assertDate(from);
  const longest = longestUntil(from);
  const last = to ?? longest;
  assertDate(last);
  if (last < from) throw new AppError('bad_period', 'refused', '終了日は開始日以後にしてください。');
  if (last > longest) {
    throw new AppError(
      'exception_too_long',
      'refused',
      `例外は一度に${MOST_MONTHS}か月までです。終了日を${longest}以前にしてください。続ける必要があるときは、終わる前に延長を申請できます。`,
      { longest },
    );
  }
  return { from, to: last };
}

/** Trimmed. Throws `text_too_long`, `individual_number`. */
export function checkedText(text: string | undefined, field: string): string {
  const trimmed = text?.trim() ?? '';
  if (trimmed.length > LONGEST_NOTE)
    throw new AppError('text_too_long', 'invalid', `${LONGEST_NOTE}文字までで入力してください。`, { field });
  refuseIn(trimmed, field);
  return trimmed;
}

/** The person reads it, and can answer it only when it says something. Throws `reason_required`. */
export function checkedRejection(reason: string | undefined): string {
  const text = checkedText(reason, 'reason');
  if (text !== '') return text;
  throw new AppError(
    'reason_required',
    'refused',
    '却下の理由を入力してください。理由は、申請した本人に示します。',
  );
}

/**
 * A form that is sent twice asks once: a second approval would be told to the person as another decision. Throws
 * `exception_exists`.
 */
export function refuseTwice(
  known: readonly Pick<ExceptionView, 'from' | 'to' | 'state'>[],
  { from, to }: ExceptionDays,
): void {
  const same = known.some(
    (one) =>
      one.from === from && one.to === to && (one.state === 'approved' || WAITING_STATES.includes(one.state)),
  );
  if (!same) return;
  throw new AppError(
    'exception_exists',
    'conflict',
    '同じ期間の例外が、すでに申請または承認されています。もう一度申請する必要はありません。',
    { from, to },
  );
}
