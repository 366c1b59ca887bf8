/**
 * Somebody who has every published file and solves it: unknown counts between known limits, and every published number as
 * an equation between them. Knows nothing of how the figures were chosen.
 */
export class LinearAttack {
  private readonly index = new Map<string, number>();
  private readonly names: string[] = [];
  private readonly low: number[] = [];
  private readonly high: number[] = [];
  private readonly known = new Set<string>();
  private readonly equations: { terms: Map<number, number>; sum: number }[] = [];
  private readonly atMost: [smaller: number, larger: number][] = [];

  /** A count that is known to lie between two limits. */
  unknown(name: string, low: number, high: number): void {
    const at = this.indexOf(name);
    this.low[at] = Math.max(this.low[at]!, low);
    this.high[at] = Math.min(this.high[at]!, high);
  }

  /** The counts add up to the sum. */
  know(names: readonly string[], sum: number): void {
    const told = `${names.toSorted().join()}=${sum}`;
    // Told in several places; also by a page that stands again for every close.
    if (this.known.has(told)) return;
    this.known.add(told);
    this.equations.push({ terms: new Map(names.map((name) => [this.indexOf(name), 1])), sum });
  }

  /** The counts add up to another count. */
  partsOf(whole: string, parts: readonly string[]): void {
    const terms = new Map(parts.map((name) => [this.indexOf(name), 1]));
    terms.set(this.indexOf(whole), -1);
    this.equations.push({ terms, sum: 0 });
  }

  /** One count is never larger than another. */
  neverMore(smaller: string, larger: string): void {
    this.atMost.push([this.indexOf(smaller), this.indexOf(larger)]);
  }

  /**
   * What the counts can be: Gaussian elimination finds every number that follows from sums and differences, then the limits
   * of each count are narrowed by every equation, the published and the derived ones, until nothing moves.
   */
  solve(): Map<string, { low: number; high: number }> {
    const rows = [...this.equations, ...this.eliminated()];
    for (let round = 0, moved = true; moved && round < 200; round++) {
      moved = false;
      for (const { terms, sum } of rows) moved = this.narrow(terms, sum) || moved;
      for (const [smaller, larger] of this.atMost) {
        moved = this.limit(smaller, this.low[smaller]!, this.high[larger]!) || moved;
        moved = this.limit(larger, this.low[smaller]!, this.high[larger]!) || moved;
      }
    }
    return new Map(this.names.map((name, at) => [name, { low: this.low[at]!, high: this.high[at]! }]));
  }

  private indexOf(name: string): number {
    let at = this.index.get(name);
    if (at === undefined) {
      at = this.names.length;
      this.index.set(name, at);
      this.names.push(name);
      this.low.push(Number.NEGATIVE_INFINITY);
      this.high.push(Number.POSITIVE_INFINITY);
    }
    return at;
  }

  /** `Σ coefficient × count = sum`: each count is what the others leave. */
  private narrow(terms: ReadonlyMap<number, number>, sum: number): boolean {
    let [least, most] = [0, 0];
    for (const [at, factor] of terms) {
      least += factor > 0 ? factor * this.low[at]! : factor * this.high[at]!;
      most += factor > 0 ? factor * this.high[at]! : factor * this.low[at]!;
    }
    let moved = false;
    for (const [at, factor] of terms) {
      const [low, high] = [this.low[at]!, this.high[at]!];
      const othersLeast = least - (factor > 0 ? factor * low : factor * high);
      const othersMost = most - (factor > 0 ? factor * high : factor * low);
      const limits = [(sum - othersMost) / factor, (sum - othersLeast) / factor];
      const [newLow, newHigh] = factor > 0 ? limits : limits.toReversed();
      if (this.limit(at, newLow!, newHigh!)) {
        moved = true;
        least = factor > 0 ? othersLeast + factor * this.low[at]! : othersLeast + factor * this.high[at]!;
        most = factor > 0 ? othersMost + factor * this.high[at]! : othersMost + factor * this.low[at]!;
      }
    }
    return moved;
  }

  /** Counts are whole numbers. */
  private limit(at: number, low: number, high: number): boolean {
    const [newLow, newHigh] = [Math.ceil(low - 1e-6), Math.floor(high + 1e-6)];
    const moved = newLow > this.low[at]! || newHigh < this.high[at]!;
    if (newLow > this.low[at]!) this.low[at] = newLow;
    if (newHigh < this.high[at]!) this.high[at] = newHigh;
    if (this.low[at]! > this.high[at]!) throw new Error(`${this.names[at]} has no possible value`);
    return moved;
  }

  /** Reduced row echelon form. */
  private eliminated(): { terms: Map<number, number>; sum: number }[] {
    const done: { pivot: number; terms: Map<number, number>; sum: number }[] = [];
    const users = new Map<number, Set<number>>();
    const note = (row: number, terms: ReadonlyMap<number, number>) => {
      for (const at of terms.keys()) users.set(at, (users.get(at) ?? new Set()).add(row));
    };
    const byPivot = new Map<number, number>();
    for (const equation of this.equations) {
      const row = { terms: new Map(equation.terms), sum: equation.sum };
      for (const at of equation.terms.keys()) {
        const other = byPivot.get(at);
        if (other !== undefined && row.terms.has(at)) subtract(row, done[other]!, row.terms.get(at)!);
      }
      const [first] = row.terms;
      if (!first) continue;
      const [pivot, factor] = first;
      for (const [at, value] of row.terms) row.terms.set(at, value / factor);
      row.sum /= factor;
      const place = done.length;
      for (const user of users.get(pivot) ?? []) {
        const target = done[user]!;
        const by = target.terms.get(pivot);
        if (by !== undefined) {
          subtract(target, row, by);
          note(user, target.terms);
        }
      }
      done.push({ pivot, ...row });
      byPivot.set(pivot, place);
      note(place, row.terms);
    }
    return done;
  }
}

function subtract(
  row: { terms: Map<number, number>; sum: number },
  other: { terms: ReadonlyMap<number, number>; sum: number },
  times: number,
): void {
  for (const [at, value] of other.terms) {
    const rest = (row.terms.get(at) ?? 0) - times * value;
    if (Math.abs(rest) < 1e-9) row.terms.delete(at);
    else row.terms.set(at, rest);
  }
  row.sum -= times * other.sum;
}
