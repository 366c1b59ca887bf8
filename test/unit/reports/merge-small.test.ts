import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isSmall, mergeSmall, sumOf } from '../../../src/reports/merge-small.js';

const group = (staff: number, held: number, remaining = staff - held) => ({ staff, held, remaining });

const groups = fc.array(
  fc
    .integer({ min: 1, max: 60 })
    .chain((staff) => fc.integer({ min: 0, max: staff }).map((held) => group(staff, held))),
  { maxLength: 20 },
);
const threshold = fc.constantFrom(5, 10);

describe('a small group', () => {
  it.each([
    [group(4, 4), true],
    [group(5, 5), false],
    [group(5, 0), false],
    [group(20, 4), true],
    [group(20, 16), true],
    [group(20, 15), false],
  ])('%j: %s', (given, expected) => {
    expect(isSmall(given, 5)).toBe(expected);
  });

  it('is small for the few without a card also when the goal leaves nobody remaining', () => {
    expect(isSmall(group(20, 18, 0), 5)).toBe(true);
  });
});

describe('small groups', () => {
  it('are merged: no line, shown or merged, is small, unless all are one line', () => {
    fc.assert(
      fc.property(groups, threshold, (given, limit) => {
        const { shown, merged } = mergeSmall(given, limit);
        expect(shown.filter((line) => isSmall(line, limit))).toEqual([]);
        if (merged.length > 0 && shown.length > 0) expect(isSmall(sumOf(merged), limit)).toBe(false);
      }),
    );
  });

  it('cannot be found by taking the lines shown from the total', () => {
    fc.assert(
      fc.property(groups, threshold, (given, limit) => {
        const { shown, merged } = mergeSmall(given, limit);
        if (shown.length > 0) expect(merged).not.toHaveLength(1);
      }),
    );
  });

  it('are neither lost nor counted twice, and the others keep their order', () => {
    fc.assert(
      fc.property(groups, threshold, (given, limit) => {
        const { shown, merged } = mergeSmall(given, limit);
        expect(sumOf([...shown, ...merged])).toEqual(sumOf(given));
        expect(shown).toEqual(given.filter((line) => shown.includes(line)));
      }),
    );
  });

  it('that are not there change nothing', () => {
    const large = [group(50, 20), group(30, 20), group(10, 0)];
    expect(mergeSmall(large, 5)).toEqual({ shown: large, merged: [] });
  });
});
