import { AppError } from '../platform/errors.js';
import { containsIndividualNumber } from '../platform/individual-number.js';

const ALLOWED = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._@-]{0,63}$/u;

/** The one form in which an account name is stored and compared: neither width nor case tells two accounts apart. */
export function normaliseAccountName(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

/** False for what no account can be called; PostgreSQL would not even take some of it. */
export function isAccountName(name: string): boolean {
  return ALLOWED.test(name);
}

/** The normalised name, or AppError `bad_account_name` / `individual_number`. */
export function accountName(text: string): string {
  const name = normaliseAccountName(text);
  if (containsIndividualNumber(name)) {
    throw new AppError('individual_number', 'refused', '個人番号(12桁)はアカウント名に使えません。');
  }
  if (!isAccountName(name)) {
    throw new AppError(
      'bad_account_name',
      'refused',
      'アカウント名は文字か数字で始め、文字・数字・「.」「_」「@」「-」の64文字以内で指定してください。',
    );
  }
  return name;
}

const MAX_DISPLAY_NAME = 100;

/** What pages call the account, or AppError `bad_display_name` / `individual_number`. */
export function displayName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (containsIndividualNumber(name)) {
    throw new AppError('individual_number', 'refused', '個人番号(12桁)は表示名に使えません。');
  }
  if (name === '' || [...name].length > MAX_DISPLAY_NAME || /\p{Cc}/u.test(name)) {
    throw new AppError(
      'bad_display_name',
      'refused',
      `表示名は1行、${MAX_DISPLAY_NAME}文字以内で指定してください。`,
    );
  }
  return name;
}

/** The staff number as the roster writes it, undefined for nothing; AppError `bad_staff_number` / `individual_number`. */
export function staffNumber(text: string | undefined): string | undefined {
  const number = text?.normalize('NFKC').trim();
  if (!number) return undefined;
  if (containsIndividualNumber(number)) {
    throw new AppError('individual_number', 'refused', '個人番号(12桁)は職員番号に使えません。');
  }
  if (!/^[\p{L}\p{N}._-]{1,32}$/u.test(number)) {
    throw new AppError('bad_staff_number', 'refused', '職員番号の形が正しくありません。確かめてください。');
  }
  return number;
}
