import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import type { ExceptionRecipient } from './exception-message.js';

export interface ExceptionDecided extends ExceptionRecipient {
  /** Of the decision. */
  readonly id: number;
  readonly approved: boolean;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** Who is on the roster, and what was decided about their requests on the day or up to so many days before; nothing that was appealed or taken back since. */
export function findDecided(em: EntityManager, on: IsoDate, days: number): Promise<ExceptionDecided[]> {
  return em.query(
    `SELECT DISTINCT ON (x.staff_id) d.id, d.decision = 'approved' AS approved, coalesce(d.valid_from, x.valid_from) AS "from",
            coalesce(d.valid_to, x.valid_to) - 1 AS "to", x.staff_id AS "staffId", a.unit_id AS "unitId", u.code AS "unitCode",
            place.name AS "unitName", f.email
     FROM card_exception_decision d
     JOIN card_exception x ON x.id = d.exception_id
     JOIN staff_profile f ON f.staff_id = x.staff_id AND f.superseded_at IS NULL
     JOIN assignment a ON a.staff_id = x.staff_id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1::date AND $1::date < a.valid_to
     JOIN unit u ON u.id = a.unit_id
     LEFT JOIN unit_period place ON place.unit_id = a.unit_id AND place.superseded_at IS NULL AND place.valid_from <= $1::date AND $1::date < place.valid_to
     WHERE d.decision IN ('approved', 'rejected') AND (d.decided_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN $1::date - $2::int AND $1::date
       AND NOT EXISTS (SELECT FROM card_exception_decision later WHERE later.exception_id = d.exception_id AND later.id > d.id)
       AND (d.decision = 'rejected' OR coalesce(d.valid_to, x.valid_to) > $1::date)
       AND NOT ${TOLD('$3', `'decision:' || d.id`)}
     ORDER BY x.staff_id, d.id`,
    [on, days, 'exception-decided'],
  );
}

/** Of what is to be said by the policy, what was said or planned already: one message is not planned twice. */
export async function alreadyTold(
  em: EntityManager,
  policy: string,
  abouts: readonly string[],
): Promise<Set<string>> {
  const rows: { about: string }[] = await em.query(
    `SELECT about FROM unnest($2::text[]) AS asked (about) WHERE ${TOLD('$1', 'asked.about')}`,
    [policy, abouts],
  );
  return new Set(rows.map(({ about }) => about));
}

function TOLD(policy: string, about: string): string {
  return /* sql */ `EXISTS (SELECT FROM wave w JOIN delivery told ON told.wave_id = w.id
    WHERE w.policy = ${policy} AND told.context ->> 'about' = ${about})`;
}
