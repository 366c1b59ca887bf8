/** What a closed month tells readers outside HR, line by line: stored with the close, read by every writer and page. */
import { percentage, points, remaining, type Goal } from '../adoption/rate.js';
import type { ReportDepartment } from './report-document.js';
import { directKey, type Cell, type Publication, type Told } from '../adoption/suppression.js';

/** `unit`; `direct`: the people of a unit itself; `merged`: several of them that appear only together. */
export type LineKind = 'unit' | 'direct' | 'merged';

export interface PublishedLine extends Cell {
  readonly line: LineKind;
  /** Null for merged lines. */
  readonly unitId: number | null;
  /** Of the unit; empty for the other kinds. */
  readonly code: string;
  readonly name: string;
  /** 局, 部, 課, 係 … */
  readonly kind: string;
  readonly parentCode: string | null;
  /** How many units it stands for; the people of a unit itself count as one. */
  readonly units: number;
  /** What is merged, in the order of the organisation; empty for the other kinds. */
  readonly members: readonly { readonly code: string; readonly name: string }[];
  /** The month end before, where it may be told too. */
  readonly before: Cell | null;
}

/** A unit as the lines name it. */
interface NamedUnit {
  readonly unitId: number;
  readonly unit: { readonly code: string; readonly name: string; readonly kind: string };
}

/** The people of a unit itself: of the root they are in no department. */
const NO_DEPARTMENT = '所属なし';
const OWN_PEOPLE = 'この所属に直接在籍';

/** Parents before children, siblings in the order of the organisation, merged lines last. */
export function toPublishedLines(publication: Publication, units: readonly NamedUnit[]): PublishedLine[] {
  const names = new Map<
    string,
    { code: string; name: string; kind: string; unitId: number; line: LineKind }
  >();
  const root = publication.groups[0]?.keys[0];
  for (const { unit, unitId } of units) {
    names.set(unit.code, { ...unit, unitId, line: 'unit' });
    const name = unit.code === root ? NO_DEPARTMENT : OWN_PEOPLE;
    names.set(directKey(unit.code), { code: '', name, kind: '', unitId, line: 'direct' });
  }
  return publication.groups.map(({ parentCode, keys, staff, held, before }) => {
    const figures = { parentCode, staff, held, before, units: keys.length };
    const [only] = keys;
    if (keys.length === 1) return { ...names.get(only!)!, ...figures, members: [] };
    const members = keys.map((key) => names.get(key)!).map(({ code, name }) => ({ code, name }));
    return {
      line: 'merged',
      unitId: null,
      code: '',
      name: `ほか${keys.length}所属`,
      kind: '',
      ...figures,
      members,
    };
  });
}

/** The lines below a unit as the report shows them: most people remaining first, the merged one last. */
export function toDepartments(
  lines: readonly PublishedLine[],
  parentCode: string,
  goal: Goal,
): ReportDepartment[] {
  return lines
    .filter((line) => line.parentCode === parentCode)
    .map((line): ReportDepartment & { last: number } => ({
      code: line.code,
      name: line.name,
      staff: line.staff,
      held: line.held,
      // Of the sum: the sum of what remains in each unit would tell more than the counts do.
      remaining: remaining(line, goal),
      rate: percentage(line.held, line.staff),
      changePoints: line.before && points(rateOf(line), rateOf(line.before)),
      units: line.units,
      ...(line.line === 'merged' ? { members: line.members.map(({ name }) => name) } : {}),
      last: line.line === 'unit' ? 0 : line.line === 'direct' ? 1 : 2,
    }))
    .toSorted((a, b) => a.last - b.last || b.remaining - a.remaining)
    .map(({ last: _last, ...department }) => department);
}

function rateOf({ staff, held }: Cell): number | null {
  return percentage(held, staff);
}

/** What a stored publication has told, as later months have to know it. */
export function toldBy({
  lines,
  hidden,
}: {
  readonly lines: readonly PublishedLine[];
  readonly hidden: readonly string[];
}): Omit<Told, 'month'> {
  const shown = lines.flatMap(({ line, code, parentCode, staff, held }) => {
    if (line === 'merged') return [];
    return [{ key: line === 'unit' ? code : directKey(parentCode ?? ''), staff, held }];
  });
  return { hidden, shown };
}
