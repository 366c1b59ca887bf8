import { hasValidCheckDigit } from '../../../src/platform/individual-number.js';
import type { Dice } from '../dice.js';

/** A valid individual number, made now and written nowhere but into what is sent. */
export function individualNumber(dice: Dice): string {
  for (;;) {
    const eleven = dice.digits(11);
    const check = [...'0123456789'].find((digit) => hasValidCheckDigit(eleven + digit));
    // The published example may stand in places of its own, and eleven equal digits are no number to look for.
    if (check !== undefined && !eleven.startsWith('12345678901') && new Set(eleven).size > 3)
      return eleven + check;
  }
}

const each = (number: string, change: (digit: string, at: number) => string) =>
  Array.from(number, change).join('');
const from = (zero: number) => (number: string) =>
  each(number, (digit) => String.fromCodePoint(zero + Number(digit)));
const groups =
  (separator: string, size = 4) =>
  (number: string) =>
    number.match(new RegExp(`\\d{1,${size}}`, 'g'))!.join(separator);
const apart = (separator: string) => (number: string) => [...number].join(separator);

/** What the product promises to recognise: every width and script, separated, split by what is not seen. */
const DISGUISES: readonly ((number: string) => string)[] = [
  (number) => number,
  from(0xff10), // full-width
  from(0x0660), // Arabic-Indic
  from(0x0966), // Devanagari
  from(0x1d7d8), // mathematical
  groups('-'),
  groups(' '),
  groups('　'),
  groups('・'),
  groups('.'),
  groups('_'),
  groups('/', 3),
  groups('－'),
  groups(' - ', 2),
  (number) => groups('ー')(number).replaceAll('ー', '‐'),
  (number) =>
    from(0xff10)(groups('')(number))
      .replace(/(.{4})/gu, '$1 ')
      .trimEnd(),
  apart('\u200b'),
  apart('\u00ad'),
  apart('\u2060'),
  apart(' '),
  apart('\u0301'),
  apart('\ufe0f'),
  apart('\u202e'),
  apart('-'),
  groups('\u200d'),
  groups('\ufeff', 6),
  groups('\t'),
];

const BEFORE = ['', '個人番号は', 'No.', '番号:', '（', '「', 'ID=', '氏名 見本 花子 ', '#', 'x'] as const;
const AFTER = ['', 'です。', '番', '）', '」', ' 以上', '、', ' x'] as const;

export function disguised(dice: Dice, number: string): string {
  const written = dice.pick(DISGUISES)(number);
  return dice.chance(0.4) ? written : dice.pick(BEFORE) + written + dice.pick(AFTER);
}

/**
 * Finds numbers that were sent, however they are written. Says nothing of others, so that a date or a sum is never
 * taken for one; and knows nothing of how the product recognises them.
 */
export class NumberFinder {
  constructor(private readonly sent: ReadonlySet<string>) {}

  isIn(text: string): boolean {
    if (this.sent.size === 0) return false;
    return [text, decoded(text)].some((written) => this.isWrittenIn(written));
  }

  private isWrittenIn(text: string): boolean {
    const plain = text
      .normalize('NFKC')
      .replace(/[\p{Cf}\p{Mn}\p{Cc}]/gu, '')
      .replace(/\p{Nd}/gu, toAscii);
    for (const [chain] of plain.matchAll(/\d(?:[\s\p{P}\p{S}]{0,3}\d){11,}/gu)) {
      const digits = chain.replace(/\D/g, '');
      for (let at = 0; at + 12 <= digits.length; at++)
        if (this.sent.has(digits.slice(at, at + 12))) return true;
    }
    return false;
  }
}

/** As an address, in JSON and in HTML the same characters may be written otherwise. */
function decoded(text: string): string {
  return text
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(\d{1,6});/g, (_, code: string) => String.fromCodePoint(Number(code) % 0x110000))
    .replace(/&#x([0-9a-f]{1,5});/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}

const ZEROS = [0x0660, 0x06f0, 0x0966, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6];

function toAscii(digit: string): string {
  const code = digit.codePointAt(0)!;
  const zero = ZEROS.find((start) => start <= code && code < start + 10);
  return zero === undefined ? digit : String(code - zero);
}
