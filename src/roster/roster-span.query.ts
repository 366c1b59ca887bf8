import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';

/** The days a roster speaks for: from its day to that of the next roster already known. */
export interface RosterSpan {
  /** Day of the roster before, null for the first. */
  readonly previous: IsoDate | null;
  readonly asOf: IsoDate;
  /** Exclusive; `infinity` when no later roster is known. */
  readonly until: IsoDate;
}

/** Among rosters of the whole organisation and of the same scope; those of other scopes are in `roster_reach`. */
export async function findSpan(
  em: EntityManager,
  asOf: IsoDate,
  scopeCode: string | null,
): Promise<RosterSpan> {
  const [span]: { previous: IsoDate | null; until: IsoDate }[] = await em.query(
    `SELECT max(day) FILTER (WHERE day < $1) AS previous, coalesce(min(day) FILTER (WHERE day > $1), 'infinity') AS until
     FROM (${APPLIED_ROSTERS}) AS roster WHERE scope IS NULL OR scope = $2`,
    [asOf, scopeCode],
  );
  return { asOf, ...span! };
}

/**
 * Creates `roster_reach`: the units that the nearest rosters of other scopes, before and after the day, spoke for.
 * Whoever stood in one of them that day was told of by that roster, as were the units themselves. `unit_stage` must be
 * there: its new units belong to the scope they hang below.
 */
export async function findReach(
  em: EntityManager,
  { asOf }: RosterSpan,
  scopeCode: string | null,
): Promise<void> {
  await em.query(ROSTER_REACH, [asOf, scopeCode]);
}

/**
 * SQL for the day on which the days that this import speaks for end, for one unit. What an applied reorganisation says
 * about it from a later day on is not for a list of today to undo.
 */
export function unitUntil(unitId: string, asOf: string, until: string): string {
  return `least(${until}, (SELECT min(r.day) FROM roster_reach r WHERE r.unit_id = ${unitId} AND r.day > ${asOf}),
    (SELECT min(c.on_day) FROM unit_change c WHERE c.unit_id = ${unitId} AND c.on_day > ${asOf} AND c.superseded_at IS NULL))`;
}

const APPLIED_ROSTERS = /* sql */ `
SELECT (options ->> 'asOf')::date AS day, options ->> 'scopeCode' AS scope
FROM import_batch WHERE kind = 'roster' AND state = 'applied'`;

/** $1 day, $2 own scope or NULL */
const ROSTER_REACH = /* sql */ `
CREATE TEMP TABLE roster_reach ON COMMIT DROP AS
WITH RECURSIVE other AS (
  SELECT * FROM (${APPLIED_ROSTERS}) AS roster WHERE scope IS NOT NULL AND scope IS DISTINCT FROM $2
),
nearest AS (
  SELECT scope, max(day) AS day FROM other WHERE day < $1 GROUP BY scope
  UNION ALL
  SELECT scope, min(day) FROM other WHERE day > $1 GROUP BY scope
),
reach AS (
  SELECT n.day, u.id AS unit_id FROM nearest n JOIN unit u ON u.code = n.scope
  UNION
  SELECT r.day, below.unit_id FROM reach r CROSS JOIN LATERAL (
    SELECT p.unit_id FROM unit_period p
    WHERE p.parent_id = r.unit_id AND p.superseded_at IS NULL AND p.valid_from <= r.day AND r.day < p.valid_to
    UNION ALL
    SELECT u.id FROM unit_stage s JOIN unit u USING (code) JOIN unit parent ON parent.code = s.parent_code
    WHERE parent.id = r.unit_id
  ) AS below
)
SELECT * FROM reach`;
