import type { FastifyRequest } from 'fastify';
import { AppError } from './errors.js';
import { containsIndividualNumber } from './individual-number.js';

/**
 * In a body a password is hashed and never shown; refusing one would tell that its digits form a number. In an address,
 * which is repeated and kept, none has any business.
 */
const PASSWORDS = new Set(['password', 'currentPassword', 'newPassword', 'newPasswordAgain']);

/** Nothing that we ask for is deeper than three; what comes after us walks it by recursion. */
const MAX_DEPTH = 20;

/**
 * The one place where text that comes with a request is looked at before anything else is: path, query, JSON and form
 * bodies at any depth, names of fields as well as values. Files and the fields beside them are looked at while they
 * are read. Throws AppError `individual_number`, and `bad_request` for U+0000, which the database cannot hold; both
 * name the field and never repeat the value.
 */
export function refuseUnacceptableText({ params, query, body }: FastifyRequest): void {
  const open: { field: string; value: unknown; depth: number; inBody: boolean }[] = [
    { field: '', value: params, depth: 0, inBody: false },
    { field: '', value: query, depth: 0, inBody: false },
    { field: '', value: body, depth: 0, inBody: true },
  ];
  // Not by recursion: nesting is chosen by the sender.
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { field, value, depth, inBody } = next;
    if (typeof value === 'string' || typeof value === 'number') {
      refuseIn(String(value), field);
    } else if (depth > MAX_DEPTH) {
      throw new AppError('bad_request', 'invalid', '入力の入れ子が深すぎます。', { field });
    } else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
      for (const [name, inner] of Object.entries(value)) {
        // A list goes by the name of its field.
        const innerField = Array.isArray(value) ? field : name;
        if (innerField === name) refuseIn(name, field);
        if (inBody && PASSWORDS.has(name)) continue;
        open.push({ field: innerField, value: inner, depth: depth + 1, inBody });
      }
    }
  }
}

/** The same for a text that comes another way, such as a part of an upload. */
export function refuseIn(text: string, field: string): void {
  if (text.includes('\0')) {
    throw new AppError('bad_request', 'invalid', '入力に使えない文字(制御文字)が含まれています。', { field });
  }
  if (containsIndividualNumber(text)) {
    throw new AppError(
      'individual_number',
      'refused',
      '個人番号(マイナンバー)と読める12桁の数字が含まれているため、受け付けていません。',
      { field },
    );
  }
}
