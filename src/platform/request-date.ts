import { AppError } from './errors.js';
import { isIsoDate } from './month.js';

/** Throws `bad_date` for what is no day that exists, written `YYYY-MM-DD`. */
export function assertDate(text: string): void {
  if (isIsoDate(text)) return;
  throw new AppError('bad_date', 'invalid', '日付は 2022-10-31 のように実在する日を指定してください。');
}
