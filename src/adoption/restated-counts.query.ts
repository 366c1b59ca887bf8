import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import { holdsOn } from '../platform/database/period.js';
import { unitsBelow } from '../roster/unit-tree.query.js';
import {
  lookedUp,
  perCounter,
  perPerson,
  toRows,
  type CountOptions,
  type RawRow,
  type UnitCountRow,
} from './counts.query.js';
import type { Elsewhere } from './tree.js';

export type RestatedRow = UnitCountRow & Required<Elsewhere>;

/**
 * The figures of several days in the organisation of one day, `tree`: whoever stood in a unit on a day counts for the
 * units that are above it in that organisation. Names, order and what the caller may see are those of `tree`, too.
 * Facts do not say what became of a unit that is gone, so its people count for the root alone.
 *
 * The looked-up figure of a unit is the sum over the units below it on the day itself. Only where the two trees differ
 * are people counted one by one: what has come below since is added, what has gone is taken away. So it costs what the
 * organisation changed, not how large it is.
 */
export async function countRestated(
  em: EntityManager,
  scope: Scope,
  tree: IsoDate,
  options: CountOptions,
): Promise<RestatedRow[]> {
  const rows = await prepared<RawRow & { elsewhere: number }>(
    em,
    options.under === undefined ? RESTATE_TOPS : RESTATE_NAMED,
    [[tree], visibleRoots(scope), options.under ?? null, options.levels ?? null, options.dates],
  );
  return toRows(rows, options.levels).map((row, n) => ({ ...row, elsewhere: rows[n]!.elsewhere }));
}

/** Whether the unit stands in the organisation of $1. */
const stands = (unit: string) => /* sql */ `EXISTS (
  SELECT FROM org_closure self WHERE self.descendant_id = ${unit} AND self.ancestor_id = ${unit} AND ${holdsOn('self', '($1::date[])[1]')})`;

/** $1 the day of the tree, alone in an array, $2 visible roots or NULL, $3 code of the top or NULL, $4 levels or NULL, $5 days */
const restate = (start: 'named' | 'tops') => /* sql */ `
WITH RECURSIVE ${unitsBelow(start)},
past AS (SELECT DISTINCT unnest($5::date[]) AS on_day),
place AS (
  SELECT past.on_day AS as_of, b.unit_id, b.code, b.name, b.kind, b.parent_id, b.path, b.code_path, b.depth, b.position
  FROM below b CROSS JOIN past
),
-- Which units count for each in one of the two trees only: +1 in that of $1, -1 in that of the day.
moved AS MATERIALIZED (
  SELECT c.ancestor_id, c.descendant_id, past.on_day,
         sum((${holdsOn('c', '($1::date[])[1]')})::int - (${holdsOn('c', 'past.on_day')})::int) AS sign
  FROM below b
  JOIN org_closure c ON c.ancestor_id = b.unit_id
   AND NOT (c.valid_from <= (SELECT least(min(on_day), ($1::date[])[1]) FROM past)
            AND (SELECT greatest(max(on_day), ($1::date[])[1]) FROM past) < c.valid_to)
  JOIN past ON (${holdsOn('c', '($1::date[])[1]')}) <> (${holdsOn('c', 'past.on_day')})
  GROUP BY 1, 2, 3
  HAVING sum((${holdsOn('c', '($1::date[])[1]')})::int - (${holdsOn('c', 'past.on_day')})::int) <> 0
),
-- The root counts for every unit in every tree: those that are gone have to be looked for.
gone AS MATERIALIZED (
  SELECT u.id AS unit_id FROM unit u WHERE EXISTS (SELECT FROM below WHERE parent_id IS NULL) AND NOT ${stands('u.id')}
),
asked AS MATERIALIZED (
  SELECT descendant_id AS unit_id, on_day FROM moved
  UNION
  SELECT unit_id, on_day FROM gone CROSS JOIN past
),
own AS MATERIALIZED (
  SELECT a.unit_id, a.on_day, ${perCounter((c) => `sum(${perPerson('s')(c)})::int AS ${c}`)}
  FROM asked a JOIN timeline s ON s.unit_id = a.unit_id AND s.counted AND ${holdsOn('s', 'a.on_day')}
  GROUP BY 1, 2
),
difference AS (
  SELECT m.ancestor_id AS unit_id, m.on_day, ${perCounter((c) => `sum(m.sign * o.${c})::int AS ${c}`)},
         coalesce(sum(o.staff) FILTER (WHERE m.sign < 0 AND NOT ${stands('m.descendant_id')}), 0)::int AS elsewhere
  FROM moved m JOIN own o ON o.unit_id = m.descendant_id AND o.on_day = m.on_day
  GROUP BY 1, 2
),
lost AS (
  SELECT o.on_day, sum(o.staff)::int AS staff FROM own o JOIN gone g ON g.unit_id = o.unit_id GROUP BY 1
),
counted AS (${lookedUp('place')})
SELECT t.as_of, t.unit_id, t.code, t.name, t.kind, t.parent_id, t.path, t.code_path, t.depth, t.position,
       ARRAY[${perCounter((c) => `t.${c} + coalesce(d.${c}, 0)`)}] AS total,
       CASE WHEN t.parent_id IS NULL THEN coalesce(l.staff, 0) ELSE coalesce(d.elsewhere, 0) END AS elsewhere
FROM counted t
LEFT JOIN difference d ON d.unit_id = t.unit_id AND d.on_day = t.as_of
LEFT JOIN lost l ON l.on_day = t.as_of
ORDER BY t.as_of, t.depth, t.position, t.code`;

const RESTATE_NAMED = restate('named');
const RESTATE_TOPS = restate('tops');
