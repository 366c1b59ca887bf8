/** What may be told of the units below one, so that no subtraction tells about a few people: docs/decisions/0009. */
import type { WholeUnitLine } from '../adoption/adoption.types.js';
import { percentage, remaining } from '../adoption/rate.js';
import {
  directKey,
  LEADERSHIP,
  suppress,
  toUnitFigures,
  type PublishedGroup,
  type UnitFigure,
} from '../adoption/suppression.js';
import { formatCount } from '../platform/japanese-format.js';
import { figures, type RemainingFigures } from './unit-message.js';

const NOTHING_EARLIER = { hidden: new Set<string>(), hiddenBefore: new Set<string>(), told: new Map() };

/** The units right below in the organisation's order, the small ones as one line at the end; empty where that would say nothing more. */
export function tableBelow(
  history: readonly (readonly WholeUnitLine[])[],
  code: string,
  goalRate: number,
): RemainingFigures[] {
  const groups = groupsBelow(history, code, 1);
  if (groups.length < 2) return [];
  const names = new Map(history[0]!.map(({ unit }) => [unit.code, unit.name]));
  names.set(directKey(code), `${names.get(code)!}に直接在籍`);
  return groups.map(({ keys, staff, held }) => {
    const counts = { staff, held };
    const name = keys.length === 1 ? names.get(keys[0]!)! : `ほか${formatCount(keys.length)}所属の合計`;
    return {
      ...figures({ ...counts, rate: percentage(held, staff) }, name),
      remaining: formatCount(remaining(counts, { rate: goalRate, by: null })),
    };
  });
}

/** Codes of the units, at whatever depth, that may be named with their figures to whoever leads the one above. */
export function namedBelow(history: readonly (readonly WholeUnitLine[])[], code: string): Set<string> {
  return new Set(groupsBelow(history, code, Infinity).flatMap(({ keys }) => (keys.length === 1 ? keys : [])));
}

function groupsBelow(
  history: readonly (readonly WholeUnitLine[])[],
  code: string,
  levels: number,
): readonly PublishedGroup[] {
  const months = history.map((lines) => subtree(toUnitFigures(lines), code));
  return suppress(months, { ...LEADERSHIP, levels }, NOTHING_EARLIER).groups.slice(1);
}

/** Parents come before their children. */
function subtree(units: readonly UnitFigure[], code: string): UnitFigure[] {
  const inside = new Set([code]);
  return units.flatMap((unit) => {
    if (unit.code === code) return [{ ...unit, parentCode: null }];
    if (unit.parentCode === null || !inside.has(unit.parentCode)) return [];
    inside.add(unit.code);
    return [unit];
  });
}
