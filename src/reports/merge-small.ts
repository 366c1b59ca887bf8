/** Groups so small that a count in them would speak of somebody. */

interface Group {
  readonly staff: number;
  readonly held: number;
  readonly remaining: number;
}

/**
 * True where the size, the holders or those without a card are fewer than the threshold, nobody at all excepted. What
 * remains for the goal does not matter: whoever sees staff and held sees how many have none.
 */
export function isSmall({ staff, held }: Pick<Group, 'staff' | 'held'>, threshold: number): boolean {
  const few = (count: number) => count > 0 && count < threshold;
  return staff < threshold || few(held) || few(staff - held);
}

/**
 * Splits groups into those that may be shown and those that are merged into one line. As the total is published, a
 * merged line must not stand for one group, nor be small itself: the next smallest groups join it until it is neither.
 */
export function mergeSmall<T extends Group>(
  groups: readonly T[],
  threshold: number,
): { shown: T[]; merged: T[] } {
  const bySize = groups.toSorted((a, b) => a.remaining - b.remaining || a.staff - b.staff);
  const merged = bySize.filter((group) => isSmall(group, threshold));
  const others = bySize.filter((group) => !isSmall(group, threshold));
  while (
    merged.length > 0 &&
    others.length > 0 &&
    (merged.length === 1 || isSmall(sumOf(merged), threshold))
  ) {
    merged.push(others.shift()!);
  }
  const hidden = new Set(merged);
  return { shown: groups.filter((group) => !hidden.has(group)), merged };
}

export function sumOf(groups: readonly Group[]): Group {
  const sum = (pick: (group: Group) => number) => groups.reduce((total, group) => total + pick(group), 0);
  return { staff: sum((g) => g.staff), held: sum((g) => g.held), remaining: sum((g) => g.remaining) };
}
