import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { compare, differenceOf, shareOf, type Group } from '../../../src/reminders/outcome.js';

const group = fc
  .tuple(fc.nat(3_000), fc.nat(3_000))
  .map(([a, b]): Group => ({ people: Math.max(a, b), got: Math.min(a, b) }));
const somebody = group.filter(({ people }) => people > 0);

describe('the interval of a share', () => {
  test('is that of the published example', () => {
    // Newcombe 1998, Two-sided confidence intervals for the single proportion: 81 of 263.
    const { low, high } = shareOf({ people: 263, got: 81 })!;
    expect([low, high].map((share) => share.toFixed(4))).toEqual(['0.2553', '0.3662']);
  });

  test('holds the share, stays between nobody and everybody, and is never a point', () => {
    fc.assert(
      fc.property(somebody, (counts) => {
        const { share, low, high } = shareOf(counts)!;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low - 1e-12).toBeLessThanOrEqual(share);
        expect(share).toBeLessThanOrEqual(high + 1e-12);
        expect(high - low).toBeGreaterThan(0);
      }),
    );
  });

  test('begins at nothing where nobody has a card, and ends at all where everybody has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), (people) => {
        expect(shareOf({ people, got: 0 })!.low).toBe(0);
        expect(shareOf({ people, got: people })!.high).toBe(1);
      }),
    );
  });

  test('of nobody does not exist', () => expect(shareOf({ people: 0, got: 0 })).toBeNull());
});

describe('the difference of two groups', () => {
  test('is that of the published example', () => {
    // Newcombe 1998, Interval estimation for the difference between independent proportions: 56/70 against 48/80.
    const { share, low, high } = differenceOf(
      shareOf({ people: 70, got: 56 })!,
      shareOf({ people: 80, got: 48 })!,
    );
    expect([share, low, high].map((points) => points.toFixed(4))).toEqual(['0.2000', '0.0524', '0.3339']);
  });

  test('is the same the other way round, with the other sign', () => {
    fc.assert(
      fc.property(somebody, somebody, (a, b) => {
        const [one, other] = [differenceOf(shareOf(a)!, shareOf(b)!), differenceOf(shareOf(b)!, shareOf(a)!)];
        expect(one.low).toBeCloseTo(-other.high, 12);
        expect(one.high).toBeCloseTo(-other.low, 12);
      }),
    );
  });
});

describe('what is said', () => {
  const verdict = (reached: Group, others: Group, isOver = true) => compare(reached, others, isOver).verdict;

  test('is nothing but the reason where there is nobody, too few, or not yet time', () => {
    const many = { people: 400, got: 200 };
    expect(verdict({ people: 0, got: 0 }, many)).toBe('nobody_reached');
    expect(verdict(many, { people: 0, got: 0 })).toBe('nobody_to_compare');
    expect(verdict(many, { people: 29, got: 0 })).toBe('too_few');
    expect(verdict(many, { people: 400, got: 20 }, false)).toBe('too_early');
  });

  test('is no difference while one group could be as good as the other', () => {
    expect(verdict({ people: 100, got: 30 }, { people: 100, got: 24 })).toBe('no_difference');
    expect(verdict({ people: 100, got: 60 }, { people: 100, got: 24 })).toBe('higher');
    expect(verdict({ people: 100, got: 24 }, { people: 100, got: 60 })).toBe('lower');
  });
});
