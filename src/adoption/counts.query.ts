import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import { unitsBelow } from '../roster/unit-tree.query.js';
import type { Counts } from './rate.js';

/** Counts of one unit's subtree, and of the people assigned to the unit itself, on one day. */
export interface UnitCountRow {
  readonly asOf: IsoDate;
  readonly unitId: number;
  readonly code: string;
  readonly name: string;
  readonly kind: string;
  readonly parentId: number | null;
  readonly parentCode: string | null;
  /** Names from below the root – or from below `under` – down to the unit itself. */
  readonly path: string[];
  /** Codes along the same way, the root's first. */
  readonly codePath: string[];
  /** 0 for the root of the organisation, or for `under`. */
  readonly depth: number;
  readonly position: number;
  readonly total: Counts;
  /** The people of the unit itself; null where the units below were not asked for. */
  readonly direct: Counts | null;
}

export interface CountOptions {
  readonly dates: readonly IsoDate[];
  /** Only this unit and what hangs below it. */
  readonly under?: string;
  /** Levels below `under` (or below the organisation's root) to return; all unless given. */
  readonly levels?: number;
}

/**
 * The counting rule of the ledger, looked up and for several days at once: a person counts for a unit on a day when the
 * primary assignment lies in the unit's subtree in that day's tree, in the status of that day. People whose unit is not
 * in that day's tree count for the root, so that nobody is lost from the total.
 */
export async function countUnits(
  em: EntityManager,
  scope: Scope,
  options: CountOptions,
): Promise<UnitCountRow[]> {
  const rows = await prepared<RawRow>(em, options.under === undefined ? COUNT_TOPS : COUNT_NAMED, [
    options.dates,
    visibleRoots(scope),
    options.under ?? null,
    options.levels ?? null,
  ]);
  return toRows(rows, options.levels);
}

/** The rows of a question about every unit down to a level, with the people of the units themselves. */
export function toRows(rows: readonly RawRow[], levels = Infinity): UnitCountRow[] {
  const below = new Map<string, Counts>();
  for (const row of rows) {
    const parent = keyOf(row.as_of, row.parent_id);
    below.set(parent, combine(below.get(parent) ?? NOBODY, toCounts(row.total), 1));
  }
  return rows.map((row) => ({
    asOf: row.as_of,
    unitId: row.unit_id,
    code: row.code,
    name: row.name,
    kind: row.kind,
    parentId: row.parent_id,
    parentCode: row.code_path.at(-2) ?? null,
    path: row.path,
    codePath: row.code_path,
    depth: row.depth,
    position: row.position,
    total: toCounts(row.total),
    direct:
      row.depth < levels
        ? combine(toCounts(row.total), below.get(keyOf(row.as_of, row.unit_id)) ?? NOBODY, -1)
        : null,
  }));
}

export interface RawRow {
  as_of: IsoDate;
  unit_id: number;
  code: string;
  name: string;
  kind: string;
  parent_id: number | null;
  path: string[];
  code_path: string[];
  depth: number;
  position: number;
  total: number[];
}

export const NOBODY: Counts = toCounts([]);

/** From the order of `COUNTERS`. */
export function toCounts(numbers: number[]): Counts {
  const [
    staff = 0,
    held = 0,
    applied = 0,
    notApplied = 0,
    undisclosed = 0,
    unanswered = 0,
    lapsed = 0,
    exempt = 0,
  ] = numbers;
  return { staff, held, applied, notApplied, undisclosed, unanswered, lapsed, exempt };
}

const COUNTER_NAMES = Object.keys(NOBODY) as (keyof Counts)[];

function combine(a: Counts, b: Counts, sign: 1 | -1): Counts {
  return Object.fromEntries(
    COUNTER_NAMES.map((name) => [name, a[name] + sign * b[name]]),
  ) as unknown as Counts;
}

const keyOf = (asOf: IsoDate, unitId: number | null) => `${asOf} ${unitId}`;

/** The columns of the ledger. */
export const COUNTERS = [
  'staff',
  'held',
  'applied',
  'not_applied',
  'undisclosed',
  'unanswered',
  'lapsed',
  'exempt',
];
export const perCounter = (expression: (counter: string) => string) => COUNTERS.map(expression).join(', ');

/** What a person's row of the timeline, under this alias, adds to each counter. */
export const perPerson = (row: string) => (counter: string) => {
  if (counter === 'staff') return '1';
  return counter === 'exempt' ? `${row}.exempt::int` : `(${row}.status = '${counter}')::int`;
};

/**
 * To join to a table with a day `as_of`: `this` says from which day on nothing is summed up (`start`): the day after that
 * of roll_current where the day is its own or a later one (`is_current`), else the first of a month; the last day of a
 * month is in that month's row already.
 */
export const startOf = (table: string) => /* sql */ `
-- Looked up once, not wherever it is used.
CROSS JOIN (SELECT coalesce((SELECT on_day FROM roll_day), 'infinity') AS day OFFSET 0) AS current
CROSS JOIN LATERAL (
  SELECT ${table}.as_of >= current.day AS is_current,
         CASE WHEN ${table}.as_of >= current.day THEN current.day + 1
              ELSE date_trunc('month', (${table}.as_of + 1)::timestamp)::date END AS start
) AS this`;

/** Rows of `place(unit_id, as_of)`, which is aliased `t`, with the figures of the unit's subtree on that day, looked up. */
export const lookedUp = (place: string) => /* sql */ `
SELECT t.*, ${perCounter((c) => `coalesce(now.${c}, past.${c}, 0) + coalesce(rest.${c}, 0) AS ${c}`)}
FROM ${place} t
${startOf('t')}
LEFT JOIN roll_current AS now ON now.unit_id = t.unit_id AND this.is_current
LEFT JOIN LATERAL (
  SELECT ${COUNTERS.join(', ')} FROM roll_month m
  WHERE m.unit_id = t.unit_id AND m.month < this.start AND NOT this.is_current ORDER BY m.month DESC LIMIT 1
) AS past ON true
LEFT JOIN LATERAL (
  SELECT ${perCounter((c) => `sum(${c})::int AS ${c}`)}
  FROM (
    SELECT ${COUNTERS.join(', ')} FROM roll_delta d
    WHERE this.start <= t.as_of AND d.unit_id = t.unit_id AND d.on_date >= this.start AND d.on_date <= t.as_of
    UNION ALL
    SELECT ${COUNTERS.join(', ')} FROM roll_unfolded d
    WHERE d.unit_id = t.unit_id AND d.on_date <= t.as_of
  ) AS apart
) AS rest ON true`;

/** $1 days, $2 roots of the visible subtrees or NULL, $3 code of the top unit or NULL, $4 levels or NULL */
const countBelow = (start: 'named' | 'tops') => /* sql */ `
WITH RECURSIVE ${unitsBelow(start)},
counted AS (${lookedUp('below')})
SELECT as_of, unit_id, code, name, kind, parent_id, path, code_path, depth, position,
       ARRAY[${COUNTERS.join(', ')}] AS total
FROM counted ORDER BY as_of, depth, position, code`;

const COUNT_NAMED = countBelow('named');
const COUNT_TOPS = countBelow('tops');
