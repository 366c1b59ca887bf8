import type { EntityManager } from 'typeorm';
import { visibleRoots, type Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import {
  HIDDEN_CATEGORY,
  type ExceptionCategory,
  type ExceptionDays,
  type ExceptionState,
  type ExceptionView,
} from './exception.types.js';

export interface ExceptionRow extends ExceptionView {
  readonly staffId: number;
  readonly name: string;
  readonly unitCode: string | null;
  readonly unitName: string | null;
  /** What was asked for, where the approval says other days. */
  readonly askedFrom: IsoDate;
  readonly askedTo: IsoDate;
  readonly requestedBy: string;
  readonly decidedBy: string | null;
  /** Who decided first, where that was no. */
  readonly rejectedBy: string | null;
}

/** What a door may show of it. */
export function toView(row: ExceptionRow): ExceptionView {
  const { id, number, category, from, to, state, ended, withdrawnOn, requestedAt } = row;
  const { decidedAt, appealedAt, note, reason, appeal } = row;
  return {
    id,
    number,
    category,
    from,
    to,
    state,
    ended,
    withdrawnOn,
    requestedAt,
    decidedAt,
    appealedAt,
    note,
    reason,
    appeal,
  };
}

/**
 * Who reads: HR in a scope; whoever may open the person's record, by its id; or the person. The category that is hidden
 * shows to HR of the whole organisation alone.
 */
export type ExceptionReader =
  | { readonly scope: Scope }
  | { readonly staffId: number; readonly as: 'hr of all' | 'hr of a part' | 'export' | 'self' };

export interface ExceptionFilter {
  readonly id?: number;
  readonly number?: string;
  readonly states?: readonly ExceptionState[];
  readonly category?: ExceptionCategory;
  readonly oldestFirst?: boolean;
  readonly limit?: number;
}

/** Newest first unless asked otherwise. What is elsewhere takes the same statement as what does not exist. */
export function findExceptions(
  em: EntityManager,
  reader: ExceptionReader,
  today: IsoDate,
  { id, number, states, category, oldestFirst = false, limit }: ExceptionFilter = {},
): Promise<ExceptionRow[]> {
  const roots = 'scope' in reader ? visibleRoots(reader.scope) : null;
  const all = 'scope' in reader ? seesHidden(reader.scope) : reader.as === 'hr of all';
  return em.query(`${EXCEPTIONS} ORDER BY id ${oldestFirst ? 'ASC' : 'DESC'} LIMIT $10`, [
    today,
    roots,
    all,
    all || ('as' in reader && reader.as === 'self'),
    'staffId' in reader ? reader.staffId : null,
    id ?? null,
    number ?? null,
    states ?? null,
    category ?? null,
    limit ?? null,
  ]);
}

/** With an account: what the command line prints stays on screens and in logs, and its operator is not HR. */
export function seesHidden(scope: Scope): boolean {
  return scope.userId !== null && isWholeHr(scope);
}

/** Asked of the scope of HR alone: another role of the same person opens nothing. */
export function isWholeHr(scope: Scope): boolean {
  return scope.grants.some(({ role, unitId }) => role === 'hr' && unitId === null);
}

/** In or below the units of $2 on the day; somebody whose unit is not in the tree counts for the root. */
const VISIBLE = (unit: string, day: string) => /* sql */ `($2::int[] IS NULL OR EXISTS (
  SELECT FROM org_closure c WHERE c.descendant_id = ${unit} AND c.ancestor_id = ANY ($2) AND c.valid_from <= ${day} AND ${day} < c.valid_to))`;

/**
 * $1 today, $2 visible roots, $3 whether the hidden category shows, $4 whether its reasons do, $5 staff id, $6 id,
 * $7 number, $8 states, $9 category, $10 limit. Whoever is responsible today reads: of what is to come, on its first day; of what is over, on its last.
 */
const EXCEPTIONS = /* sql */ `
WITH exception AS (
  SELECT x.id, x.staff_id, x.category = '${HIDDEN_CATEGORY}' AND NOT $3::boolean AS hidden, x.category, x.note,
         coalesce(a.valid_from, x.valid_from) AS valid_from, coalesce(a.valid_to, x.valid_to) - 1 AS last,
         x.valid_from AS asked_from, x.valid_to - 1 AS asked_last, x.requested_at, x.requested_by,
         CASE WHEN d.decision IS NULL THEN 'requested'
              WHEN p.id > d.id THEN 'appealed'
              ELSE d.decision END AS state,
         d.effective_on, d.decided_at, d.decided_by, d.reason, p.decided_at AS appealed_at, p.reason AS appeal, r.decided_by AS rejected_by
  FROM card_exception x
  LEFT JOIN LATERAL (SELECT * FROM card_exception_decision d WHERE d.exception_id = x.id AND d.decision <> 'appealed'
                     ORDER BY d.id DESC LIMIT 1) d ON true
  LEFT JOIN card_exception_decision a ON a.exception_id = x.id AND a.decision = 'approved'
  LEFT JOIN card_exception_decision p ON p.exception_id = x.id AND p.decision = 'appealed'
  LEFT JOIN card_exception_decision r ON r.exception_id = x.id AND r.decision = 'rejected' AND NOT r.on_appeal
  WHERE ($5::int IS NULL OR x.staff_id = $5) AND ($6::bigint IS NULL OR x.id = $6)
),
dated AS (
  SELECT *, greatest(valid_from, least($1::date, last)) AS on_day FROM exception WHERE $8::text[] IS NULL OR state = ANY ($8)
),
shown AS (
  SELECT x.*, CASE WHEN x.hidden THEN 'other' ELSE x.category END AS shown_category, st.number, f.name, u.code AS unit_code, place.name AS unit_name
  FROM dated x
  JOIN staff st ON st.id = x.staff_id
  LEFT JOIN staff_profile f ON f.staff_id = x.staff_id AND f.superseded_at IS NULL
  LEFT JOIN assignment b ON b.staff_id = x.staff_id AND b.is_primary AND b.superseded_at IS NULL AND b.valid_from <= x.on_day AND x.on_day < b.valid_to
  LEFT JOIN unit u ON u.id = b.unit_id
  LEFT JOIN unit_period place ON place.unit_id = b.unit_id AND place.superseded_at IS NULL AND place.valid_from <= x.on_day AND x.on_day < place.valid_to
  WHERE ${VISIBLE('b.unit_id', 'x.on_day')} AND ($7::text IS NULL OR st.number = $7)
)
SELECT id, staff_id AS "staffId", number, coalesce(name, '') AS name, unit_code AS "unitCode", unit_name AS "unitName",
       shown_category AS category, valid_from AS "from", last AS "to", asked_from AS "askedFrom", asked_last AS "askedTo", state,
       state = 'approved' AND last < $1::date AS ended,
       CASE WHEN state = 'withdrawn' THEN effective_on END AS "withdrawnOn", requested_at AS "requestedAt", requested_by AS "requestedBy",
       decided_at AS "decidedAt", decided_by AS "decidedBy", rejected_by AS "rejectedBy", appealed_at AS "appealedAt",
       CASE WHEN hidden THEN '' ELSE note END AS note,
       CASE WHEN hidden AND NOT $4::boolean THEN '' ELSE coalesce(reason, '') END AS reason,
       CASE WHEN hidden THEN '' ELSE coalesce(appeal, '') END AS appeal
FROM shown
WHERE $9::text IS NULL OR shown_category = $9`;

/** The one whose decision is to be written: whoever else decides about it waits. Answers whose it is. */
export async function lockException(em: EntityManager, id: number): Promise<number | null> {
  const [row]: { staff_id: number }[] = Number.isSafeInteger(id)
    ? await em.query('SELECT staff_id FROM card_exception WHERE id = $1 FOR UPDATE', [id])
    : [];
  return row?.staff_id ?? null;
}

/** Of two requests for one person the second sees the first. Until the end of the transaction. */
export async function lockRequestsOf(em: EntityManager, staffId: number): Promise<void> {
  await em.query('SELECT FROM staff WHERE id = $1 FOR NO KEY UPDATE', [staffId]);
}

export interface NewException extends ExceptionDays {
  readonly staffId: number;
  readonly category: ExceptionCategory;
  readonly note: string;
  readonly at: Date;
  readonly by: string;
}

export async function insertException(em: EntityManager, exception: NewException): Promise<number> {
  const { staffId, category, from, to, note, at, by } = exception;
  const [row]: { id: number }[] = await em.query(
    `INSERT INTO card_exception (staff_id, category, valid_from, valid_to, note, requested_at, requested_by)
     VALUES ($1, $2, $3, $4::date + 1, $5, $6, $7) RETURNING id`,
    [staffId, category, from, to, note, at, by],
  );
  return row!.id;
}

export interface NewDecision {
  readonly exceptionId: number;
  readonly decision: 'approved' | 'rejected' | 'withdrawn' | 'appealed';
  readonly onAppeal?: boolean;
  /** Of an approval: the days it is for. */
  readonly days?: ExceptionDays;
  /** Of a withdrawal: the first day on which it no longer holds. */
  readonly on?: IsoDate;
  readonly reason?: string;
  readonly at: Date;
  readonly by: string;
}

export async function insertDecision(em: EntityManager, decision: NewDecision): Promise<void> {
  const { exceptionId, days, on, reason, at, by, onAppeal } = decision;
  await em.query(
    `INSERT INTO card_exception_decision
       (exception_id, decision, on_appeal, valid_from, valid_to, effective_on, reason, decided_at, decided_by)
     VALUES ($1, $2, $3, $4, $5::date + 1, $6, $7, $8, $9)`,
    [
      exceptionId,
      decision.decision,
      onAppeal ?? false,
      days?.from ?? null,
      days?.to ?? null,
      on ?? null,
      reason ?? '',
      at,
      by,
    ],
  );
}

export interface AccountPerson {
  readonly staffId: number;
  readonly number: string;
  readonly name: string;
}

/** The person on the roster whose account this is; null where the account is nobody's there. */
export async function personOfAccount(
  em: EntityManager,
  userId: number | null,
): Promise<AccountPerson | null> {
  const [person]: AccountPerson[] = await em.query(
    `SELECT st.id AS "staffId", st.number, p.name FROM app_user u
     JOIN staff st ON st.number = u.staff_number
     JOIN staff_profile p ON p.staff_id = st.id AND p.superseded_at IS NULL
     WHERE u.id = $1 AND NOT EXISTS (SELECT FROM staff_erasure e WHERE e.staff_id = st.id)`,
    [userId],
  );
  return person ?? null;
}

/** Whether somebody else could decide about the person: an account with the right, in use, neither named nor the person's. */
export async function hasOtherDecider(
  em: EntityManager,
  staffId: number,
  notBy: readonly string[],
  today: IsoDate,
): Promise<boolean> {
  const [row]: { found: boolean }[] = await em.query(
    `SELECT EXISTS (
       SELECT FROM app_user u
       JOIN app_grant g ON g.user_id = u.id AND g.role = 'hr' AND g.revoked_at IS NULL AND g.valid_from <= $3 AND $3 < g.valid_to
       JOIN staff st ON st.id = $1
       WHERE u.disabled_at IS NULL AND u.name <> ALL ($2) AND u.staff_number IS DISTINCT FROM st.number
         AND (g.unit_id IS NULL OR EXISTS (
           SELECT FROM timeline t JOIN org_closure c ON c.descendant_id = t.unit_id
           WHERE t.staff_id = $1 AND t.valid_from <= $3 AND $3 < t.valid_to
             AND c.ancestor_id = g.unit_id AND c.valid_from <= $3 AND $3 < c.valid_to))) AS found`,
    [staffId, notBy, today],
  );
  return row!.found;
}
