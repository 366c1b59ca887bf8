import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { seesHidden } from './exception.query.js';
import { HIDDEN_CATEGORY, type ExceptionCategory } from './exception.types.js';

export const OUT_OF_PLAN_REASONS = ['exception', 'undisclosed', 'not_counted'] as const;
/** Why somebody without a card gets nothing personal. */
export type OutOfPlanReason = (typeof OUT_OF_PLAN_REASONS)[number];

export interface OutOfPlanRow {
  readonly staffId: number;
  readonly number: string;
  readonly name: string;
  readonly unitCode: string;
  readonly unitName: string | null;
  readonly why: OutOfPlanReason;
  /** Of an exception. */
  readonly category: ExceptionCategory | null;
  /** Last day of an exception, with whatever follows it without a gap; null where it lasts until somebody changes it. */
  readonly until: IsoDate | null;
}

export type OutOfPlanCounts = Record<OutOfPlanReason, number>;

/** Everybody without a card is in the plan but these, whoever put them there. In the order of staff numbers. */
export function findOutOfPlan(
  em: EntityManager,
  scope: Scope,
  today: IsoDate,
  { why, after, limit }: { why?: OutOfPlanReason; after?: string; limit: number },
): Promise<OutOfPlanRow[]> {
  return em.query(
    `WITH ${OUT}
     SELECT o.staff_id AS "staffId", st.number, f.name, u.code AS "unitCode", place.name AS "unitName", o.why,
            CASE WHEN o.why = 'exception' THEN x.category END AS category, CASE WHEN o.why = 'exception' THEN x.until END AS until
     FROM out_of_plan o
     JOIN staff st ON st.id = o.staff_id
     JOIN staff_profile f ON f.staff_id = o.staff_id AND f.superseded_at IS NULL
     JOIN unit u ON u.id = o.unit_id
     LEFT JOIN unit_period place ON place.unit_id = o.unit_id AND place.superseded_at IS NULL
       AND place.valid_from <= $1::date AND $1::date < place.valid_to
     LEFT JOIN LATERAL (
       SELECT (array_agg(CASE WHEN e.category = '${HIDDEN_CATEGORY}' AND NOT $3::boolean THEN 'other' ELSE e.category END ORDER BY e.valid_to DESC)
                FILTER (WHERE e.valid_from <= $1::date AND $1::date < e.valid_to))[1] AS category,
              ${untilOf('$1::date')} AS until
       FROM card_exception_approved e WHERE e.staff_id = o.staff_id AND o.why = 'exception'
     ) AS x ON true
     WHERE ($4::text IS NULL OR o.why = $4) AND ($5::text IS NULL OR st.number > $5)
     ORDER BY st.number LIMIT $6`,
    [today, visibleRoots(scope), seesHidden(scope), why ?? null, after ?? null, limit],
  );
}

export async function countOutOfPlan(
  em: EntityManager,
  scope: Scope,
  today: IsoDate,
): Promise<OutOfPlanCounts> {
  const rows: { why: OutOfPlanReason; count: number }[] = await em.query(
    `WITH ${OUT} SELECT why, count(*)::int AS count FROM out_of_plan GROUP BY why`,
    [today, visibleRoots(scope)],
  );
  const counts = Object.fromEntries(rows.map(({ why, count }) => [why, count]));
  return {
    exception: counts.exception ?? 0,
    undisclosed: counts.undisclosed ?? 0,
    not_counted: counts.not_counted ?? 0,
  };
}

/** The last day of the days on end around $day, of rows `e` of one person. */
function untilOf(day: string): string {
  return /* sql */ `(SELECT upper(stretch) - 1 FROM unnest(range_agg(daterange(e.valid_from, e.valid_to))) AS stretch WHERE stretch @> ${day})`;
}

/** $1 day, $2 visible roots */
const OUT = /* sql */ `out_of_plan AS (
  SELECT t.staff_id, t.unit_id,
         CASE WHEN NOT t.counted THEN 'not_counted' WHEN t.exempt THEN 'exception' ELSE 'undisclosed' END AS why
  FROM timeline t
  WHERE t.valid_from <= $1::date AND $1::date < t.valid_to AND t.status <> 'held' AND (t.exempt OR t.status = 'undisclosed' OR NOT t.counted)
    AND ($2::int[] IS NULL OR EXISTS (
      SELECT FROM org_closure c WHERE c.descendant_id = t.unit_id AND c.ancestor_id = ANY ($2)
        AND c.valid_from <= $1::date AND $1::date < c.valid_to))
)`;

export interface EndingException {
  readonly exceptionId: number;
  readonly staffId: number;
  readonly number: string;
  readonly name: string;
  readonly email: string | null;
  readonly unitId: number;
  readonly unitCode: string;
  readonly unitName: string | null;
  readonly category: ExceptionCategory;
  /** Last day; nothing that is approved follows it. */
  readonly until: IsoDate;
  /** Chose not to answer: stays out of the plan after the end. */
  readonly undisclosed: boolean;
}

/**
 * People in an exception whose last day is at most so many days away, and who have no card: the nearest end first. An
 * exception that another one continues does not end.
 */
export function findEnding(
  em: EntityManager,
  scope: Scope,
  today: IsoDate,
  { days, limit }: { days: number; limit?: number },
): Promise<EndingException[]> {
  return em.query(
    `SELECT x.id AS "exceptionId", x.staff_id AS "staffId", st.number, f.name, f.email, t.unit_id AS "unitId", u.code AS "unitCode",
            place.name AS "unitName", CASE WHEN x.category = '${HIDDEN_CATEGORY}' AND NOT $3::boolean THEN 'other' ELSE x.category END AS category,
            x.valid_to - 1 AS until, t.status = 'undisclosed' AS undisclosed
     FROM (
       SELECT DISTINCT ON (a.staff_id) a.* FROM card_exception_approved a
       WHERE a.valid_from <= $1::date AND $1::date < a.valid_to AND a.valid_to - 1 <= $1::date + $4::int
       ORDER BY a.staff_id, a.valid_to DESC, a.id DESC
     ) AS x
     JOIN timeline t ON t.staff_id = x.staff_id AND t.valid_from <= $1::date AND $1::date < t.valid_to AND t.exempt AND t.counted
     JOIN staff st ON st.id = x.staff_id
     JOIN staff_profile f ON f.staff_id = x.staff_id AND f.superseded_at IS NULL
     JOIN unit u ON u.id = t.unit_id
     LEFT JOIN unit_period place ON place.unit_id = t.unit_id AND place.superseded_at IS NULL
       AND place.valid_from <= $1::date AND $1::date < place.valid_to
     WHERE NOT EXISTS (SELECT FROM card_exception_approved n WHERE n.staff_id = x.staff_id AND n.valid_from <= x.valid_to AND x.valid_to < n.valid_to)
       AND ($2::int[] IS NULL OR EXISTS (
         SELECT FROM org_closure c WHERE c.descendant_id = t.unit_id AND c.ancestor_id = ANY ($2)
           AND c.valid_from <= $1::date AND $1::date < c.valid_to))
     ORDER BY x.valid_to, st.number LIMIT $5`,
    [today, visibleRoots(scope), seesHidden(scope), days, limit ?? null],
  );
}
