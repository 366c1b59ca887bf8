/**
 * How many of those who were reminded got a card, against those who were not: with intervals, and with no more said
 * than the figures bear. Nothing is known of opens or clicks, because nothing asks.
 */

/** How waves are put together: each by itself, those of one version of a text, or all of a policy. */
export const OUTCOME_GROUPS = ['wave', 'template', 'policy'] as const;
export type OutcomeGroup = (typeof OUTCOME_GROUPS)[number];

/** People without a card on the day of a wave, and how many of them held one 30 days later. */
export interface Group {
  readonly people: number;
  readonly got: number;
}

/** Shares between 0 and 1. */
export interface Interval {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

export type Verdict =
  'too_early' | 'nobody_reached' | 'nobody_to_compare' | 'too_few' | 'no_difference' | 'higher' | 'lower';

/** What can be said, in plain words. */
export const OUTCOME_VERDICTS: Record<Verdict, string> = {
  too_early: 'まだ30日たっていないため、結果は途中です。',
  nobody_reached: '案内が届いた相手のなかに、保有を比べる職員はいませんでした。',
  nobody_to_compare: '案内しなかった職員がいないため、比べられません。',
  too_few: '人数が少ない(30人未満)ため、比べられません。',
  no_difference: '案内した職員としなかった職員に、違いがあるとは言えません。',
  higher: '案内した職員のほうが、30日以内に保有した割合が高くなりました。',
  lower: '案内した職員のほうが、30日以内に保有した割合が低くなりました。',
};

export interface Comparison {
  readonly reached: Interval | null;
  readonly others: Interval | null;
  /** reached − others */
  readonly difference: Interval | null;
  readonly verdict: Verdict;
}

export const DAYS_TO_CARD = 30;
/** 95 % of a normal distribution lie within so many standard deviations. */
const Z = 1.959964;
/** Below that an interval is so wide that a sentence about it would mislead. */
const LEAST_PEOPLE = 30;

/** Wilson's score interval (1927) of a share, 95 %. Null where there is nobody. */
export function shareOf({ people, got }: Group): Interval | null {
  if (people === 0) return null;
  const share = got / people;
  const z2 = Z ** 2;
  const middle = (got + z2 / 2) / (people + z2);
  const half = (Z / (people + z2)) * Math.sqrt((got * (people - got)) / people + z2 / 4);
  // Of nobody and of everybody exactly, whatever the digits of the sum.
  return { share, low: got === 0 ? 0 : middle - half, high: got === people ? 1 : middle + half };
}

/** The difference of two independent shares by Newcombe's hybrid score method (1998, method 10), 95 %. */
export function differenceOf(a: Interval, b: Interval): Interval {
  const share = a.share - b.share;
  return {
    share,
    low: share - Math.hypot(a.share - a.low, b.high - b.share),
    high: share + Math.hypot(a.high - a.share, b.share - b.low),
  };
}

/** `isOver`: the 30 days have passed. */
export function compare(reached: Group, others: Group, isOver: boolean): Comparison {
  const [a, b] = [shareOf(reached), shareOf(others)];
  const difference = a && b && differenceOf(a, b);
  return { reached: a, others: b, difference, verdict: verdictOf(reached, others, difference, isOver) };
}

function verdictOf(reached: Group, others: Group, difference: Interval | null, isOver: boolean): Verdict {
  if (reached.people === 0) return 'nobody_reached';
  if (!isOver) return 'too_early';
  if (others.people === 0 || difference === null) return 'nobody_to_compare';
  if (Math.min(reached.people, others.people) < LEAST_PEOPLE) return 'too_few';
  if (difference.low > 0) return 'higher';
  return difference.high < 0 ? 'lower' : 'no_difference';
}
