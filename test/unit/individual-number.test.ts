import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { containsIndividualNumber, hasValidCheckDigit } from '../../src/platform/individual-number.js';

/** The check digit by the formula of the ordinance, written out term by term. */
function withCheckDigit(eleven: string): string {
  const p = [...eleven].toReversed().map(Number);
  const q = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6];
  const remainder = p.reduce((sum, digit, n) => sum + digit * q[n], 0) % 11;
  return eleven + (remainder <= 1 ? 0 : 11 - remainder);
}

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));
const valid = digits(11).map(withCheckDigit);
const japanese = fc
  .array(fc.constantFrom('番', '号', 'は', 'です', 'カード', '（', '）', '、', ' '), { maxLength: 5 })
  .map((parts) => parts.join(''));
const widths = fc.constantFrom(
  (digit: string) => digit,
  (digit: string) => String.fromCharCode(0xff10 + Number(digit)),
  (digit: string) => String.fromCodePoint(0x1d7d8 + Number(digit)),
  (digit: string) => String.fromCharCode(0x0660 + Number(digit)),
);
const separators = fc.constantFrom(
  '',
  '-',
  ' ',
  '　',
  '\u200b',
  '\u2060',
  '\t',
  '・',
  '－',
  '.',
  '\u00ad',
  '/',
  '_',
  ' - ',
);

describe('an individual number', () => {
  it('has the check digit of the published example', () => {
    expect(hasValidCheckDigit('123456789018')).toBe(true);
    for (const last of '012345679') expect(hasValidCheckDigit(`12345678901${last}`)).toBe(false);
  });

  it('is recognised in any width, with any separator, inside any text', () => {
    fc.assert(
      fc.property(
        valid,
        widths,
        separators,
        separators,
        japanese,
        japanese,
        (number, wide, a, b, before, after) => {
          const written = [...number].map(wide);
          const text =
            written.slice(0, 4).join('') + a + written.slice(4, 8).join('') + b + written.slice(8).join('');
          expect(containsIndividualNumber(before + text + after)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is recognised with something between all of its digits', () => {
    fc.assert(
      fc.property(valid, separators, (number, between) =>
        containsIndividualNumber([...number].join(between)),
      ),
    );
  });

  it('is recognised where one character stands for two digits', () => {
    const circled: Record<string, string> = { '12': '⑫', '34': '㉞', '10': '⑩', '20': '⑳' };
    fc.assert(
      fc.property(
        fc
          .constantFrom('12', '34', '10', '20')
          .chain((pair) => digits(9).map((rest) => [pair, withCheckDigit(pair + rest)] as const)),
        ([pair, number]) => containsIndividualNumber(circled[pair] + number.slice(2)),
      ),
    );
  });

  it('is not seen in numbers with another check digit', () => {
    fc.assert(
      fc.property(valid, fc.integer({ min: 1, max: 9 }), (number, off) => {
        const wrong = number.slice(0, 11) + ((Number(number[11]) + off) % 10);
        expect(containsIndividualNumber(`番号は${wrong}です`)).toBe(false);
      }),
    );
  });

  it('is not seen in longer or shorter unbroken numbers', () => {
    fc.assert(
      fc.property(valid, fc.integer({ min: 0, max: 9 }), (number, more) => {
        expect(containsIndividualNumber(number + more)).toBe(false);
        expect(containsIndividualNumber(number.slice(1))).toBe(false);
      }),
    );
  });

  it('is not seen in moments, dates and phone numbers', () => {
    const moment = fc.date({ min: new Date('1950-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (date) => {
        const text = date.toISOString().slice(0, 16).replace('T', ' ');
        expect(containsIndividualNumber(`${text}現在`)).toBe(false);
        expect(containsIndividualNumber(text.replaceAll('-', '/'))).toBe(false);
      }),
    );
    expect(containsIndividualNumber('電話 076-000-0000(内線 12)')).toBe(false);
  });
});
