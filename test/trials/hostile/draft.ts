import type { Dice } from '../dice.js';
import { disguised, individualNumber } from './numbers.js';
import { hostileText, nearText } from './texts.js';

/** Of a request that is being put together. */
export interface Draft {
  readonly numbers: string[];
  mustRefuse: boolean;
  readonly parts: string[];
}

/** A value for a name: what the product would take, what it must refuse, or an individual number. */
export function valueFor(dice: Dice, name: string, draft: Draft, isRead: boolean): string {
  switch (dice.weighted({ near: 5, hostile: 3.2, number: 0.8 })) {
    case 'near':
      return nearText(dice, name);
    case 'number':
      return numberIn(dice, draft, isRead);
    default:
      draft.parts.push('hostile text');
      // More than a header takes would be all that is tried of the longest.
      return hostileText(dice).slice(0, isRead && dice.chance(0.95) ? 700 : undefined);
  }
}

export function numberIn(dice: Dice, draft: Draft, isRead: boolean): string {
  const number = individualNumber(dice);
  draft.numbers.push(number);
  draft.mustRefuse ||= isRead;
  draft.parts.push('individual number');
  return disguised(dice, number);
}

export function isPassword(name: string): boolean {
  return ['password', 'currentPassword', 'newPassword', 'newPasswordAgain'].includes(name);
}

/** UTF-8, lone surrogates as the replacement character. */
export function percent(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
}
