import * as fc from 'fast-check';

/** Choices of one input. The same seed and number always throw the same. */
export class Dice {
  private readonly choose: fc.GeneratorValue;

  constructor(seed: number, number: number) {
    // fast-check takes 32 bits: neighbouring inputs must not be neighbours there.
    const mixed = Math.imul(seed ^ Math.imul(number + 1, 0x9e3779b1), 0x85ebca6b) ^ number;
    // Without bias: weights and lists are to be taken as they are written.
    this.choose = fc.sample(fc.noBias(fc.gen()), { seed: mixed, numRuns: 1 })[0]!;
  }

  below(limit: number): number {
    return this.choose(fc.nat, limit - 1);
  }

  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  chance(share: number): boolean {
    return this.below(1000) < share * 1000;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** By weight: `{ often: 9, seldom: 1 }`. */
  weighted<Name extends string>(weights: Record<Name, number>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let left = this.below(Math.round(1000 * entries.reduce((sum, [, weight]) => sum + weight, 0)));
    for (const [name, weight] of entries) {
      left -= weight * 1000;
      if (left < 0) return name;
    }
    return entries.at(-1)![0];
  }

  times<T>(min: number, max: number, make: () => T): T[] {
    return Array.from({ length: this.between(min, max) }, make);
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.below(10)).join('');
  }

  /** Any characters, lone surrogates and U+0000 included. */
  anyText(maxLength: number): string {
    return this.choose(fc.string, { unit: 'binary', maxLength });
  }

  anyJson(): unknown {
    return this.choose(fc.jsonValue, { maxDepth: 4, stringUnit: 'binary' });
  }

  bytes(maxLength: number): Buffer {
    return Buffer.from(this.choose(fc.uint8Array, { maxLength }));
  }
}
