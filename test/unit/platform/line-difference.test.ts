import { expect, test } from '@jest/globals';
import { array, assert, constantFrom, property } from 'fast-check';
import { lineDifference } from '../../../src/platform/line-difference.js';

test('names what went and what came, in the order of reading', () => {
  expect(lineDifference('a\nb\nc', 'a\nx\nc\nd')).toEqual([
    { kind: 'same', text: 'a' },
    { kind: 'removed', text: 'b' },
    { kind: 'added', text: 'x' },
    { kind: 'same', text: 'c' },
    { kind: 'added', text: 'd' },
  ]);
});

test('holds both texts, whatever they are', () => {
  const text = array(constantFrom('a', 'b', '', 'c'), { minLength: 1, maxLength: 12 }).map((lines) =>
    lines.join('\n'),
  );
  assert(
    property(text, text, (before, after) => {
      const lines = lineDifference(before, after);
      const without = (kind: string) =>
        lines
          .filter((line) => line.kind !== kind)
          .map((line) => line.text)
          .join('\n');
      expect([without('added'), without('removed')]).toEqual([before, after]);
      if (before === after) expect(lines.every(({ kind }) => kind === 'same')).toBe(true);
    }),
  );
});
