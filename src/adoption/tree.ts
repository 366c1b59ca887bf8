import { formatCount, formatDate } from '../platform/japanese-format.js';
import type { IsoDate } from '../platform/month.js';

/** In which organisation a figure is counted: that of its own day, or today's. */
export const TREES = ['then', 'now'] as const;
export type Tree = (typeof TREES)[number];

/** Stands beside every figure. */
export interface Placed {
  readonly tree: Tree;
  /** The day whose organisation it is; null where each figure stands in that of its own day. */
  readonly treeAsOf: IsoDate | null;
}

/** Beside figures in today's organisation. */
export interface Elsewhere {
  /**
   * People who stood below the unit on the day, in a unit that does not exist any more: they count for the whole
   * organisation alone. Absent from figures in the organisation of their own day.
   */
  readonly elsewhere?: number;
}

export function isTree(text: string): text is Tree {
  return (TREES as readonly string[]).includes(text);
}

/** Which organisation the figures stand in, for people. */
export function treeWords({ tree = 'then', treeAsOf }: Partial<Placed>): string {
  return tree === 'now' ? `現在の組織(${formatDate(treeAsOf!)})に組み替え` : '当時の組織';
}

/** How many people today's organisation has no unit for; null where there are none. */
export function elsewhereWords({ elsewhere = 0 }: Elsewhere): string | null {
  return elsewhere === 0
    ? null
    : `当時この下にあって現在はない所属にいた${formatCount(elsewhere)}人は、全体の数字だけに含みます。`;
}
