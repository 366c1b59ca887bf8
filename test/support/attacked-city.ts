import { addMonths, type IsoMonth } from '../../src/platform/month.js';
import type { UnitFigure } from '../../src/adoption/suppression.js';

/** Repeatable random numbers (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below;
  };
}

interface Person {
  /** Unit code of each month; null while not employed. */
  readonly unit: (string | null)[];
  readonly holds: boolean[];
}

/** A city of invented people: tiny and large units, full and empty ones, transfers every April, and a life of months. */
export class AttackedCity {
  readonly months: IsoMonth[];
  readonly parents = new Map<string, string | null>();
  private readonly people: Person[] = [];
  private readonly random: (below: number) => number;

  constructor(seed: number, count = 12) {
    this.random = randomOf(seed);
    const first = addMonths('2021-04', Math.floor(this.random(12)));
    this.months = Array.from({ length: count }, (_, index) => addMonths(first, index));
    this.makeUnits();
    this.makePeople();
    for (let month = 1; month < count; month++) this.live(month);
  }

  /** Every unit as the counting rule sees it, the root first. */
  figures(month: number): UnitFigure[] {
    const total = new Map([...this.parents.keys()].map((code) => [code, { staff: 0, held: 0 }]));
    const direct = new Map([...this.parents.keys()].map((code) => [code, { staff: 0, held: 0 }]));
    for (const { unit, holds } of this.people) {
      const own = unit[month];
      if (own === null || own === undefined) continue;
      const add = (cell: { staff: number; held: number }) => {
        cell.staff += 1;
        cell.held += holds[month] ? 1 : 0;
      };
      add(direct.get(own)!);
      for (let code: string | null = own; code !== null; code = this.parents.get(code)!)
        add(total.get(code)!);
    }
    return [...this.parents].map(([code, parentCode]) => ({
      code,
      parentCode,
      total: total.get(code)!,
      direct: direct.get(code)!,
    }));
  }

  /** A status that was entered late: changes the month and those after it, for a few people. */
  correct(month: number): void {
    for (let count = 1 + this.random(4); count > 0; count--) {
      const person = this.people[Math.floor(this.random(this.people.length))]!;
      const value = this.random(1) < 0.7;
      for (let later = month; later < this.months.length; later++) person.holds[later] = value;
    }
  }

  chance(share: number): boolean {
    return this.random(1) < share;
  }

  private makeUnits(): void {
    this.parents.set('0', null);
    for (let department = 1; department <= 3 + this.random(9); department++) {
      const code = String(department);
      this.parents.set(code, '0');
      const divisions = this.chance(0.3) ? 0 : 1 + this.random(6);
      for (let division = 1; division <= divisions; division++) {
        this.parents.set(`${code}.${division}`, code);
        const sections = this.chance(0.6) ? 0 : 1 + this.random(3);
        for (let section = 1; section <= sections; section++)
          this.parents.set(`${code}.${division}.${section}`, `${code}.${division}`);
      }
    }
  }

  private makePeople(): void {
    const start = this.random(0.9);
    const parentsOnly = new Set(this.parents.values());
    for (const code of this.parents.keys()) {
      const kind = this.random(1);
      const size = kind < 0.3 ? 1 + this.random(4) : kind < 0.8 ? 4 + this.random(20) : 20 + this.random(80);
      // Few people are assigned to a unit that has others below it.
      const people = parentsOnly.has(code) ? (this.chance(0.5) ? 0 : this.random(8)) : size;
      const share = this.chance(0.15) ? 1 : this.chance(0.1) ? 0 : Math.min(1, start + this.random(0.3));
      for (let person = 1; person <= people; person++) {
        this.people.push({ unit: [code], holds: [this.random(1) < share] });
      }
    }
  }

  private live(month: number): void {
    const april = this.months[month]!.endsWith('-04');
    const codes = [...this.parents.keys()].slice(1);
    const pace = this.random(0.15);
    for (const person of this.people) {
      const before = person.unit[month - 1] ?? null;
      const holds = person.holds[month - 1]!;
      const leaves = before !== null && this.chance(april ? 0.05 : 0.004);
      const moves = before !== null && this.chance(april ? 0.2 : 0.006);
      person.unit.push(leaves ? null : moves ? codes[Math.floor(this.random(codes.length))]! : before);
      person.holds.push(holds ? !this.chance(0.003) : this.chance(pace));
    }
    for (let joiner = 0; joiner < this.random(april ? this.people.length * 0.05 : 2); joiner++) {
      const unit: (string | null)[] = Array.from({ length: month }, () => null);
      const holds = Array.from({ length: month }, () => false);
      unit.push(codes[Math.floor(this.random(codes.length))]!);
      this.people.push({ unit, holds: [...holds, this.chance(0.6)] });
    }
  }
}
