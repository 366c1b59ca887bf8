import { isDeepStrictEqual } from 'node:util';
import type { UnitCountRow } from './counts.query.js';
import { percentage } from './rate.js';

export interface UnitFigures {
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
}

/** What becomes of a unit's figures on the day: as without the reorganisation, and with it. Null where it is not there. */
export interface FigureChange {
  readonly code: string;
  readonly name: string;
  readonly depth: number;
  readonly before: UnitFigures | null;
  readonly after: UnitFigures | null;
}

/** Units that come, go, are called or placed differently, or whose figures change; in the order of the organisation. */
export function changesOf(before: readonly UnitCountRow[], after: readonly UnitCountRow[]): FigureChange[] {
  const was = new Map(before.map((row) => [row.code, row]));
  const will = new Map(after.map((row) => [row.code, row]));
  const gone = before.filter((row) => !will.has(row.code));
  return [...after, ...gone]
    .filter(({ code }) => !same(was.get(code), will.get(code)))
    .map(({ code, name, depth, codePath }) => ({
      order: placeOf(codePath, will, was),
      change: { code, name, depth, before: figures(was.get(code)), after: figures(will.get(code)) },
    }))
    .toSorted((a, b) => compare(a.order, b.order))
    .map(({ change }) => change);
}

function same(a: UnitCountRow | undefined, b: UnitCountRow | undefined): boolean {
  return a !== undefined && b !== undefined && isDeepStrictEqual(told(a), told(b));
}

function told({ name, parentId, total }: UnitCountRow) {
  return { name, parentId, total };
}

function figures(row: UnitCountRow | undefined): UnitFigures | null {
  if (!row) return null;
  const { staff, held } = row.total;
  return { staff, held, rate: percentage(held, staff) };
}

/** Along the way down from the root: position, then code, as everywhere. */
function placeOf(
  codePath: readonly string[],
  ...known: readonly ReadonlyMap<string, UnitCountRow>[]
): string[] {
  return codePath.flatMap((code) => {
    const position = known.map((rows) => rows.get(code)?.position).find((found) => found !== undefined) ?? 0;
    return [String(position).padStart(10, '0'), code];
  });
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return a.length - b.length;
}
