import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { percentage, points, rates, remaining, type Counts } from '../../../src/adoption/rate.js';

const NOBODY: Counts = {
  staff: 0,
  held: 0,
  applied: 0,
  notApplied: 0,
  undisclosed: 0,
  unanswered: 0,
  lapsed: 0,
  exempt: 0,
};

/** Part and whole, up to all the country's staff. */
const share = fc
  .integer({ min: 1, max: 3_000_000 })
  .chain((whole) => fc.tuple(fc.integer({ min: 0, max: whole }), fc.constant(whole)));

describe('a rate', () => {
  it.each([
    [2706, 3300, 82.0],
    [208_794, 448_702, 46.5],
    [1, 3, 33.3],
    [2, 3, 66.7],
    [1, 2000, 0.1],
    [1, 2001, 0.0],
    [1, 8, 12.5],
    [0, 7, 0],
  ])('of %i among %i is %d %%', (part, whole, expected) => {
    expect(percentage(part, whole)).toBe(expected);
  });

  it.each([
    [2499, 2500],
    [99_999, 100_000],
    [2_799_999, 2_800_000],
  ])('of %i among %i is 99.9 %%: it never shows as everybody', (part, whole) => {
    expect(percentage(part, whole)).toBe(99.9);
  });

  it('is unknown where there is nobody', () => {
    expect(rates(NOBODY)).toEqual({ rate: null, rateWithApplied: null, rateWithoutExempt: null });
  });

  it('reaches 100.0 only when everybody holds a card, and then always', () => {
    fc.assert(fc.property(share, ([part, whole]) => (percentage(part, whole) === 100) === (part === whole)));
  });

  it('is the nearest tenth, the upper one when two are as near', () => {
    fc.assert(
      fc.property(share, ([part, whole]) => {
        const tenths = Math.round(percentage(part, whole)! * 10);
        const isCut = part < whole && 2000 * part + whole >= 2 * 1000 * whole;
        // tenths − ½ ≤ 1000 · part ÷ whole < tenths + ½, in whole numbers
        const low = (2 * tenths - 1) * whole <= 2000 * part;
        const high = 2000 * part < (2 * tenths + 1) * whole;
        return low && (high || isCut);
      }),
    );
  });

  it('never falls when one more holds a card', () => {
    fc.assert(
      fc.property(
        share.filter(([part, whole]) => part < whole),
        ([part, whole]) => percentage(part + 1, whole)! >= percentage(part, whole)!,
      ),
    );
  });

  it('has one decimal, written exactly', () => {
    fc.assert(
      fc.property(share, ([part, whole]) => /^\d{1,3}(\.\d)?$/.test(String(percentage(part, whole)))),
    );
  });

  it('without those who are exempt leaves them out of the whole; with those who applied takes them in', () => {
    const counts = { ...NOBODY, staff: 10, held: 6, applied: 2, notApplied: 2, exempt: 2 };
    expect(rates(counts)).toEqual({ rate: 60, rateWithApplied: 80, rateWithoutExempt: 75 });
  });

  it('without those who are exempt is unknown where everybody is', () => {
    expect(rates({ ...NOBODY, staff: 3, unanswered: 3, exempt: 3 }).rateWithoutExempt).toBeNull();
  });
});

describe('the difference of two rates', () => {
  it('is that of the figures as they are shown', () => {
    expect(points(82.0, 46.5)).toBe(35.5);
    expect(points(0.3, 0.1)).toBe(0.2);
    expect(points(46.5, 77.7)).toBe(-31.2);
    expect(points(null, 46.5)).toBeNull();
  });
});

describe('what remains for the goal', () => {
  it('is everybody without a card when everybody shall have one', () => {
    fc.assert(
      fc.property(
        share,
        ([held, staff]) => remaining({ staff, held }, { rate: 100, by: null }) === staff - held,
      ),
    );
  });

  it('is enough to reach the goal, and one fewer would not be', () => {
    fc.assert(
      fc.property(share, fc.integer({ min: 1, max: 1000 }), ([held, staff], tenths) => {
        const more = remaining({ staff, held }, { rate: tenths / 10, by: null });
        const reaches = (holders: number) => holders * 1000 >= staff * tenths;
        return more === 0 ? reaches(held) : reaches(held + more) && !reaches(held + more - 1);
      }),
    );
  });

  it('is nobody where there is nobody', () => {
    expect(remaining(NOBODY, { rate: 100, by: null })).toBe(0);
  });
});
