import { randomInt } from 'node:crypto';
import { AppError } from '../platform/errors.js';
import { isCommonPassword } from './common-password.js';
import { containsIndividualNumber } from '../platform/individual-number.js';

export const MIN_PASSWORD_LENGTH = 12;
/** Bounds the work of hashing; far above any passphrase. */
export const MAX_PASSWORD_LENGTH = 200;

/** The same password typed in full width or by another keyboard is the same password. */
export function normalisePassword(password: string): string {
  return password.normalize('NFKC');
}

/** Throws AppError (kind `refused`) that says which rule the password breaks; never echoes it. */
export function assertAcceptablePassword(password: string, accountName: string): void {
  const text = normalisePassword(password);
  const length = [...text].length;
  const folded = text.toLowerCase();

  if (length < MIN_PASSWORD_LENGTH) {
    throw refuse('password_too_short', `パスワードは${MIN_PASSWORD_LENGTH}文字以上で入力してください。`);
  }
  if (length > MAX_PASSWORD_LENGTH) {
    throw refuse('password_too_long', `パスワードは${MAX_PASSWORD_LENGTH}文字以内で入力してください。`);
  }
  if (containsIndividualNumber(text)) {
    throw refuse(
      'individual_number',
      '個人番号(12桁)はパスワードに使えません。別のパスワードにしてください。',
    );
  }
  if (isAccountName(folded, accountName)) {
    throw refuse(
      'password_is_account_name',
      'アカウント名や、アカウント名に数字・記号を足しただけのパスワードは使えません。別のパスワードにしてください。',
    );
  }
  if (isCommonPassword(folded)) {
    throw refuse(
      'password_too_common',
      'このパスワードは推測されやすいため使えません。別のパスワードにしてください。',
    );
  }
}

function isAccountName(folded: string, accountName: string): boolean {
  return (
    folded === accountName ||
    (folded.includes(accountName) && lettersOnly(folded) === lettersOnly(accountName))
  );
}

function refuse(code: string, message: string): AppError {
  return new AppError(code, 'refused', message);
}

function lettersOnly(text: string): string {
  return text.replace(/[^\p{L}]/gu, '');
}

/** No characters that look alike in print (0 o, 1 l i). */
const READABLE = 'abcdefghjkmnpqrstuvwxyz23456789';

/** To be read from a screen or a slip of paper and typed once: four groups of four, 79 bits. */
export function randomOneTimePassword(): string {
  return Array.from({ length: 4 }, randomGroup).join('-');
}

function randomGroup(): string {
  return Array.from({ length: 4 }, () => READABLE[randomInt(READABLE.length)]).join('');
}
