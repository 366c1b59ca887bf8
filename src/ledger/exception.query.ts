import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { UNIT_TREE } from '../roster/unit-tree.query.js';
import type { ExceptionView } from './exception.types.js';

export interface ExceptionRow extends ExceptionView {
  readonly staffId: number;
}

/**
 * Exceptions of people who are in the scope on the first day, newest first; `id` null means all. What is elsewhere takes
 * the same two statements as what does not exist.
 */
export async function findExceptions(
  em: EntityManager,
  scope: Scope,
  id: number | null,
): Promise<ExceptionRow[]> {
  const days: { from: IsoDate }[] = await em.query(
    `SELECT DISTINCT valid_from AS "from" FROM card_exception WHERE $1::bigint IS NULL OR id = $1`,
    [id],
  );
  return em.query(EXCEPTIONS, [days.map(({ from }) => from), visibleRoots(scope), id]);
}

/** $1 first days, $2 visible roots, $3 id */
const EXCEPTIONS = /* sql */ `
WITH RECURSIVE ${UNIT_TREE}
SELECT x.id, x.staff_id AS "staffId", st.number, x.category, x.valid_from AS "from", x.valid_to - 1 AS "to",
       coalesce(d.decision, 'requested') AS state, d.effective_on AS "withdrawnOn", x.requested_at AS "requestedAt", d.decided_at AS "decidedAt"
FROM card_exception x
JOIN staff st ON st.id = x.staff_id
LEFT JOIN LATERAL (SELECT * FROM card_exception_decision d WHERE d.exception_id = x.id ORDER BY d.id DESC LIMIT 1) d ON true
WHERE ($3::bigint IS NULL OR x.id = $3)
  AND ($2::int[] IS NULL OR EXISTS (
    SELECT FROM assignment a
    LEFT JOIN tree t ON t.unit_id = a.unit_id AND t.as_of = x.valid_from
    WHERE a.staff_id = x.staff_id AND a.is_primary AND a.superseded_at IS NULL
      AND a.valid_from <= x.valid_from AND x.valid_from < a.valid_to
      AND coalesce(t.visible, (SELECT root.visible FROM tree root WHERE root.as_of = x.valid_from AND root.depth = 0), false)))
ORDER BY x.id DESC`;
