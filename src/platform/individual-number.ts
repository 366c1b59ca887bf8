/**
 * The individual number (個人番号) must never get in. This is the one place that recognises it.
 * Check digit: numbering the 11 leading digits from the right as P1…P11, it is 11 − (Σ Pn·Qn mod 11)
 * with Qn = n + 1 for n ≤ 6 and n − 5 for n ≥ 7, and 0 where the remainder is 0 or 1
 * (総務省令第85号, 平成26年, 第5条).
 */
export function hasValidCheckDigit(twelveDigits: string): boolean {
  let sum = 0;
  for (let n = 1; n <= 11; n++) {
    const digit = twelveDigits.charCodeAt(11 - n) - 48;
    sum += digit * (n <= 6 ? n + 1 : n - 5);
  }
  const remainder = sum % 11;
  const expected = remainder <= 1 ? 0 : 11 - remainder;
  return twelveDigits.charCodeAt(11) - 48 === expected;
}

/** Characters that are not seen at all; they split nothing. */
const INVISIBLE = /[[\p{Cf}\p{Mn}\p{Cc}]--[\t\n\r]]/gv;
/** Digits with nothing but punctuation, symbols and spaces between them. */
const DIGIT_CHAIN = /\d(?:[\s\p{P}\p{S}\p{Zs}]*\d)+/gu;
/** A moment such as 2022/10/31 09:00 also has 12 digits; exports carry it in their title rows. */
const MOMENT =
  /(?:19|20)\d\d([-/.])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])\s+(?:[01]\d|2[0-3]):[0-5]\d(?!\d)/g;

/**
 * True when the text holds 12 digits with a valid check digit: in any width or script, alone or inside a sentence,
 * in one piece or split by anything that is not a letter. Pieces are joined only as wholes: a part of a longer
 * unbroken number (a 13-digit corporate number, say) is not an individual number.
 */
export function containsIndividualNumber(text: string): boolean {
  if (!mayHoldTwelveDigits(text)) return false;
  const normalised = text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(/\p{Nd}/gu, toAsciiDigit)
    .replace(MOMENT, ' 年 ');
  for (const [chain] of normalised.matchAll(DIGIT_CHAIN)) {
    if (somePiecesFormNumber(chain.match(/\d+/g)!)) return true;
  }
  return false;
}

/** A quick no for nearly every cell of a file. One character may stand for several digits: ㉑, ⒛, ⅒. */
export function mayHoldTwelveDigits(text: string): boolean {
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) digits += code >= 0x30 && code <= 0x39 ? 1 : 0;
    else if (code < 0x3041 || (code > 0x30ff && code < 0x4e00) || code > 0x9fff) digits += 4;
  }
  return digits >= 12;
}

function somePiecesFormNumber(pieces: string[]): boolean {
  for (let first = 0; first < pieces.length; first++) {
    let joined = '';
    for (let last = first; last < pieces.length && joined.length < 12; last++) joined += pieces[last];
    if (joined.length === 12 && hasValidCheckDigit(joined)) return true;
  }
  return false;
}

/** Digits of other scripts (Arabic-Indic, Devanagari …) stand in blocks of ten that start at their zero. */
function toAsciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!;
  if (code < 128) return digit;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}
