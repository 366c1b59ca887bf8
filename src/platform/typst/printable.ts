import { readFileSync } from 'node:fs';
import { coverageFonts } from './fonts.js';
import { codePointsOf } from './font-coverage.js';

/** 〓: what Japanese printers set where a character is missing. */
export const MISSING_CHARACTER = '〓';

/** Variation selectors and joiners draw nothing of their own: a font that lacks the variant shows the plain form. */
const INVISIBLE = /\p{Variation_Selector}|\p{Join_Control}/u;
const CONTROL = /\p{Cc}/u;

let covered: Set<number> | undefined;

/**
 * `value` with every text made printable: a character that neither font has becomes 〓 and is named in `missing`
 * (`U+E000`), control characters become spaces. Nothing turns into an empty box unnoticed.
 */
export function printable<T>(value: T): { value: T; missing: string[] } {
  const missing = new Set<string>();
  return { value: walk(value, missing) as T, missing: [...missing].toSorted() };
}

function walk(value: unknown, missing: Set<string>): unknown {
  if (typeof value === 'string') return printableText(value, missing);
  if (Array.isArray(value)) return value.map((inner) => walk(inner, missing));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, missing)]));
}

function printableText(text: string, missing: Set<string>): string {
  covered ??= new Set(coverageFonts().flatMap((path) => [...codePointsOf(readFileSync(path))]));
  let printed = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (covered.has(code) || INVISIBLE.test(character)) printed += character;
    else if (CONTROL.test(character)) printed += ' ';
    else {
      missing.add(`U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
      printed += MISSING_CHARACTER;
    }
  }
  return printed;
}
