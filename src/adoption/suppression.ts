/**
 * Which groups of staff a reader outside HR may see, so that no published number, nor any sum or difference of published
 * numbers, tells how many of a few people hold a card. The rule and what it does not do: docs/decisions/0009.
 */

import { addMonths, type IsoMonth } from '../platform/month.js';
import type { WholeUnitLine } from './adoption.types.js';

/** Month ends that are looked at: what was small at any of them is not shown alone. */
export const MONTHS_LOOKED_AT = 12;

export interface Cell {
  readonly staff: number;
  readonly held: number;
}

/** A unit on a month end: its subtree, and the people assigned to the unit itself. */
export interface UnitFigure {
  readonly code: string;
  readonly parentCode: string | null;
  readonly total: Cell;
  readonly direct: Cell;
}

export function toUnitFigures(lines: readonly WholeUnitLine[]): UnitFigure[] {
  return lines.map(({ unit, parentCode, staff, held, direct }) => ({
    code: unit.code,
    parentCode,
    total: { staff, held },
    direct,
  }));
}

export interface Audience {
  /** No group of fewer people, and no count of holders or of people without a card from 1 to one less. */
  readonly threshold: number;
  /** A merged line stands for at least so many groups, where there are as many. */
  readonly fewestMerged: number;
  /** Levels below the root. */
  readonly levels: number;
}

/** Leaders come to the figures by signing in. */
export const LEADERSHIP: Audience = { threshold: 5, fewestMerged: 2, levels: Infinity };
/** Three: a manager, who knows the own unit, is not to subtract it from two. */
export const PUBLIC: Audience = { threshold: 10, fewestMerged: 3, levels: 1 };

/** What has been published of other months, other versions and other audiences. */
export interface Earlier {
  /** Keys of groups that must not appear alone, because a published file hides them. */
  readonly hidden: ReadonlySet<string>;
  /** Those of them that a file of the month before hides. */
  readonly hiddenBefore: ReadonlySet<string>;
  /** Groups as the newest file of an earlier month told them. */
  readonly told: ReadonlyMap<string, Cell>;
}

/** What a file of a month hides, and what it tells of single groups. */
export interface Told {
  readonly month: IsoMonth;
  readonly hidden: readonly string[];
  readonly shown: readonly (Cell & { readonly key: string })[];
}

export interface PublishedGroup extends Cell {
  /** Code of the unit the group is below; null for the root. */
  readonly parentCode: string | null;
  /** One key for a unit or for the people of a unit itself; several for a merged line. */
  readonly keys: readonly string[];
  /** The month end before, where it can be told as well. */
  readonly before: Cell | null;
}

export interface Publication {
  /** Parents before children. */
  readonly groups: readonly PublishedGroup[];
  /** Every group that counts only in a sum: to be given to `suppress` as `hidden` from now on. */
  readonly hidden: readonly string[];
}

/** The people of a unit itself, who are treated as one more unit below it. */
export function directKey(code: string): string {
  return `direct:${code}`;
}

/**
 * What a month has to be consistent with. What one file of a fiscal year hides stays hidden in every other of that
 * year, so that no later file splits a sum of an earlier one; in April, with its new organisation, groups that were
 * not small for a year may stand alone again. The month after counts too: its file tells changes against this month.
 */
export function earlierFor(month: IsoMonth, published: readonly Told[]): Earlier {
  const hiddenIn = (of: (other: IsoMonth) => boolean) =>
    new Set(published.filter((other) => of(other.month)).flatMap(({ hidden }) => hidden));
  const [before, after] = [addMonths(month, -1), addMonths(month, 1)];
  return {
    hidden: hiddenIn((other) => fiscalYear(other) === fiscalYear(month) || other === after),
    hiddenBefore: hiddenIn((other) => other === before),
    told: new Map(
      published
        .filter((other) => other.month < month)
        .toSorted((a, b) => (a.month < b.month ? -1 : 1))
        .flatMap(({ shown }) => shown.map(({ key, staff, held }) => [key, { staff, held }] as const)),
    ),
  };
}

/** It begins in April. */
function fiscalYear(month: IsoMonth): string {
  return addMonths(month, -3).slice(0, 4);
}

/** True where the size, the holders or those without a card are fewer than the threshold; nobody is not few. */
export function isSmall({ staff, held }: Cell, threshold: number): boolean {
  const few = (count: number) => count > 0 && count < threshold;
  return few(staff) || few(held) || few(staff - held);
}

/**
 * `months`: every unit on the month's last day, then on the ends of the months before. Below every unit that is shown
 * there is at most one merged line, so that what is published of a month is one tree of sums.
 */
export function suppress(
  months: readonly (readonly UnitFigure[])[],
  audience: Audience,
  earlier: Earlier,
): Publication {
  const tables = months.map(toTable);
  const [now, last] = tables;
  const root = months[0]?.find((unit) => unit.parentCode === null);
  if (!now || !root) return { groups: [], hidden: [] };

  const groups: PublishedGroup[] = [
    // The whole is shown in full, whatever its size.
    { parentCode: null, keys: [root.code], ...pick(root.total), before: last?.cells.get(root.code) ?? null },
  ];
  const hidden: string[] = [];
  const queue = [{ key: root.code, before: groups[0]!.before, level: 0 }];
  for (let parent = queue.shift(); parent; parent = queue.shift()) {
    if (parent.level >= audience.levels) continue;
    const parts = (now.parts.get(parent.key) ?? []).filter((key) => now.cells.get(key)!.staff > 0);
    const merged = mergedOf(parts, tables, audience, earlier);
    hidden.push(...merged);
    if (merged.length === parts.length) {
      // One line that says what the parent says: so that a table adds up and names what it does not tell.
      if (merged.length > 1)
        groups.push({ parentCode: parent.key, keys: merged, ...sumOf(merged, now), before: null });
      continue;
    }

    const shown = parts.filter((key) => !merged.includes(key));
    const befores = beforesOf(parent.key, parent.before, shown, last, audience, earlier.hiddenBefore);
    for (const key of shown) {
      const before = befores.get(key) ?? null;
      groups.push({ parentCode: parent.key, keys: [key], ...now.cells.get(key)!, before });
      if (now.parts.has(key)) queue.push({ key, before, level: parent.level + 1 });
    }
    if (merged.length > 0) {
      groups.push({ parentCode: parent.key, keys: merged, ...sumOf(merged, now), before: null });
    }
  }
  return { groups, hidden };
}

interface Table {
  readonly cells: ReadonlyMap<string, Cell>;
  /** Keys of what a unit consists of. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
}

function toTable(units: readonly UnitFigure[]): Table {
  const cells = new Map<string, Cell>();
  const parts = new Map<string, string[]>();
  for (const { code, total, direct } of units) {
    cells.set(code, pick(total));
    cells.set(directKey(code), pick(direct));
    parts.set(code, [directKey(code)]);
  }
  for (const { code, parentCode } of units) if (parentCode !== null) parts.get(parentCode)?.push(code);
  return { cells, parts };
}

/**
 * The parts that count only in a sum: those that are small now or were in any of the months before, those that another
 * file hides, and as many more, fewest people first, as it takes for the sum not to be small and not to stand for one.
 */
function mergedOf(
  parts: readonly string[],
  tables: readonly Table[],
  { threshold, fewestMerged }: Audience,
  { hidden: hiddenElsewhere, told }: Earlier,
): string[] {
  const now = tables[0]!;
  const wasSmall = (key: string) =>
    tables.some(({ cells }) => isSmall(cells.get(key) ?? { staff: 0, held: 0 }, threshold));
  const merged = parts.filter((key) => hiddenElsewhere.has(key) || wasSmall(key));
  const isSafe = (keys: readonly string[]) =>
    keys.length >= fewestMerged &&
    !isSmall(sumOf(keys, now), threshold) &&
    !isGivenAway(keys, now, told, threshold);
  const others = parts
    .filter((key) => !merged.includes(key))
    .toSorted((a, b) => now.cells.get(a)!.staff - now.cells.get(b)!.staff || (a < b ? -1 : 1));
  while (merged.length > 0 && others.length > 0 && !isSafe(merged)) {
    const enough = others.findIndex((key) => isSafe([...merged, key]));
    merged.push(...others.splice(Math.max(0, enough), 1));
  }
  // In the order of the organisation.
  return isSafe(merged) || merged.length === 0 ? parts.filter((key) => merged.includes(key)) : [...parts];
}

/**
 * Whoever takes it that nobody lost a card since a group was last told, while its staff is as many, knows how many hold
 * one at least. True where that, with the sum, leaves only a few holders or a few without a card in a merged group.
 */
function isGivenAway(
  keys: readonly string[],
  now: Table,
  told: ReadonlyMap<string, Cell>,
  threshold: number,
): boolean {
  const sum = sumOf(keys, now);
  const leastOf = (key: string) => {
    const last = told.get(key);
    return last?.staff === now.cells.get(key)!.staff ? last.held : 0;
  };
  const leastOfAll = keys.reduce((total, key) => total + leastOf(key), 0);
  return keys.some((key) => {
    const { staff } = now.cells.get(key)!;
    const low = Math.max(leastOf(key), sum.held - (sum.staff - staff));
    const high = Math.min(staff, sum.held - (leastOfAll - leastOf(key)));
    return (
      low <= high &&
      ((isFew(low, high, threshold) && low < staff) ||
        (isFew(staff - high, staff - low, threshold) && high > 0))
    );
  });
}

/** Some, but fewer than the threshold, whatever is left open. */
function isFew(low: number, high: number, threshold: number): boolean {
  return low >= 1 && high < threshold;
}

/**
 * The month before for the groups that are shown, all or none: none where a file of that month hides one of them, or
 * where the rest of the parent in that month would be small.
 */
function beforesOf(
  parentKey: string,
  parentBefore: Cell | null,
  shown: readonly string[],
  last: Table | undefined,
  { threshold }: Audience,
  hiddenBefore: ReadonlySet<string>,
): ReadonlyMap<string, Cell> {
  if (!last || !parentBefore || shown.some((key) => hiddenBefore.has(key))) return new Map();
  const befores = new Map<string, Cell>();
  // A group that came from elsewhere is no part of the parent's figure of that month.
  for (const key of last.parts.get(parentKey) ?? []) {
    if (shown.includes(key)) befores.set(key, last.cells.get(key)!);
  }
  const known = sumOf([...befores.keys()], last);
  const rest = { staff: parentBefore.staff - known.staff, held: parentBefore.held - known.held };
  return isSmall(rest, threshold) ? new Map() : befores;
}

function sumOf(keys: readonly string[], { cells }: Table): Cell {
  const sum = (of: (cell: Cell) => number) => keys.reduce((total, key) => total + of(cells.get(key)!), 0);
  return { staff: sum(({ staff }) => staff), held: sum(({ held }) => held) };
}

function pick({ staff, held }: Cell): Cell {
  return { staff, held };
}
