import { AppError } from './errors.js';

/** The id that a page ended with, as its successor is asked for. Throws `bad_cursor`. */
export function readCursor(text: string): number {
  const id = Number(text);
  if (/^\d{1,15}$/.test(text) && Number.isSafeInteger(id)) return id;
  throw badCursor();
}

export function badCursor(): AppError {
  return new AppError(
    'bad_cursor',
    'invalid',
    'ページの指定が正しくありません。最初のページから開き直してください。',
  );
}
