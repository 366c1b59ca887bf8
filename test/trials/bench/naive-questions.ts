import type { Statement } from './stopwatch.js';

// oxlint-disable-next-line typescript/no-explicit-any -- whatever columns a statement answers
type Row = any;

export interface NaiveStatement extends Statement {
  readonly shaped: (row: Row) => unknown;
}

/** `tree(as_of, unit_id, …)`: the subtree of $1 on the days `day`, with what a question wants to know of the way. */
const tree = (atTop = '', below = '') => /* sql */ `
tree AS (
  SELECT day.as_of, p.unit_id ${atTop}
  FROM day JOIN unit u ON u.code = $1::text
  JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL AND p.valid_from <= day.as_of AND day.as_of < p.valid_to
  UNION ALL
  SELECT t.as_of, p.unit_id ${below}
  FROM tree t
  JOIN unit_period p ON p.parent_id = t.unit_id AND p.superseded_at IS NULL AND p.valid_from <= t.as_of AND t.as_of < p.valid_to
)`;

/** Everybody in the tree with the latest event that is not corrected, and whether an exception is in force. */
const person = (columns: string) => /* sql */ `
person AS (
  SELECT t.as_of, t.unit_id, a.staff_id, coalesce(e.status, 'unanswered') AS status,
         coalesce(e.status, '') <> 'held' AND EXISTS (
           SELECT FROM card_exception_approved x
           WHERE x.staff_id = a.staff_id AND x.valid_from <= t.as_of AND t.as_of < x.valid_to) AS exempt ${columns}
  FROM tree t
  JOIN assignment a ON a.unit_id = t.unit_id AND a.is_primary AND a.superseded_at IS NULL
    AND a.valid_from <= t.as_of AND t.as_of < a.valid_to
  LEFT JOIN LATERAL (
    SELECT e.status FROM card_event e
    WHERE e.staff_id = a.staff_id AND e.effective_on <= t.as_of AND e.status IS NOT NULL
      AND NOT EXISTS (SELECT FROM card_event c WHERE c.corrects = e.id)
    ORDER BY e.effective_on DESC, e.id DESC LIMIT 1
  ) AS e ON true
)`;

const of = (status: string) => `(count(*) FILTER (WHERE status = '${status}'))::int`;
const TOTAL = `ARRAY[count(*)::int, ${['held', 'applied', 'not_applied', 'undisclosed', 'unanswered', 'lapsed'].map(of).join(', ')},
  (count(*) FILTER (WHERE exempt))::int] AS total`;

const ON_DAYS = 'day AS (SELECT unnest($2::date[]) AS as_of)';
const ON_DAY = 'day AS (SELECT $2::date AS as_of)';

export function naiveTotals(code: string, days: readonly string[]): NaiveStatement {
  const text = `WITH RECURSIVE ${days.length === 1 ? ON_DAY : ON_DAYS}, ${tree()}, ${person('')}
    SELECT as_of, ${TOTAL} FROM person GROUP BY as_of ORDER BY as_of`;
  return {
    text,
    values: [code, days.length === 1 ? days[0] : days],
    shaped: (row) => [row.as_of, row.total],
  };
}

export function naiveChildren(code: string, day: string): NaiveStatement {
  const text = `WITH RECURSIVE ${ON_DAY}, ${tree(', NULL::int AS child', ', coalesce(t.child, p.unit_id)')}, ${person(', t.child')},
    counted AS (SELECT child, ${TOTAL} FROM person GROUP BY child)
    SELECT u.code, p.name, p.kind, c.total FROM counted c JOIN unit u ON u.id = c.child
    JOIN unit_period p ON p.unit_id = c.child AND p.superseded_at IS NULL AND p.valid_from <= $2 AND $2 < p.valid_to
    ORDER BY p.position, u.code`;
  return { text, values: [code, day], shaped: (row) => [row.code, row.total] };
}

/** With a goal of 100 %, so that whoever holds no card is missing. */
export function naiveRemaining(code: string, day: string, limit: number): NaiveStatement {
  const counters = Array.from({ length: 8 }, (_, n) => n + 1);
  const text = `WITH RECURSIVE ${ON_DAY}, ${tree(", '{}'::int[] AS line", ', t.line || p.unit_id')}, ${person(', t.line')},
    own AS (SELECT line, ${TOTAL} FROM person GROUP BY line),
    counted AS (
      SELECT unit_id, ARRAY[${counters.map((n) => `sum(total[${n}])::int`).join(', ')}] AS total
      FROM own CROSS JOIN LATERAL unnest(line) AS unit_id GROUP BY unit_id
    )
    SELECT u.code, p.name, p.kind, c.total FROM counted c JOIN unit u ON u.id = c.unit_id
    JOIN unit_period p ON p.unit_id = c.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $2 AND $2 < p.valid_to
    WHERE c.total[1] > c.total[2]
    ORDER BY c.total[1] - c.total[2] DESC, p.position, u.code COLLATE "C" LIMIT $3::int`;
  return { text, values: [code, day, limit], shaped: (row) => [row.code, row.total] };
}

export function naiveAudience(code: string, day: string, statuses: readonly string[]): NaiveStatement {
  const text = `WITH RECURSIVE ${ON_DAY}, ${tree()}, ${person('')}
    SELECT staff_id FROM person WHERE status = ANY ($3::text[]) AND NOT exempt ORDER BY staff_id`;
  return { text, values: [code, day, statuses], shaped: (row) => row.staff_id };
}
