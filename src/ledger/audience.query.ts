import type { EntityManager } from 'typeorm';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import type { CardStatus } from './card-status.js';

export interface AudienceMember {
  readonly staffId: number;
  readonly unitId: number;
  readonly status: CardStatus;
  readonly exempt: boolean;
}

/** The days on which somebody's first day here may lie: from `from` on, before `to`. */
export interface Joining {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/** Part of an audience in the order of staff ids: so many people after the last one of the part before. */
export interface StaffPage {
  readonly after: number;
  readonly size: number;
}

export interface AudienceQuestion {
  readonly asOf: IsoDate;
  readonly statuses: readonly CardStatus[];
  /** Only those who joined on these days. */
  readonly joined?: Joining;
}

/**
 * People of the whole organisation who are counted on the day and are in one of the statuses: who can be spoken to about
 * the card, unless they are in an exception. One page in the order of staff ids, or all in no order.
 */
export function findAudience(
  em: EntityManager,
  { asOf, statuses, joined }: AudienceQuestion,
  page?: StaffPage,
): Promise<AudienceMember[]> {
  const values: unknown[] = [asOf, statuses];
  let text = FOUND;
  if (joined !== undefined) {
    text += ` AND ${JOINED('$3', '$4')}`;
    values.push(joined.from, joined.to);
  }
  if (page !== undefined) {
    text += ` AND t.staff_id > $${values.length + 1} ORDER BY t.staff_id LIMIT $${values.length + 2}`;
    values.push(page.after, page.size);
  }
  return prepared<AudienceMember>(em, text, values);
}

export interface AudienceCount {
  readonly staff: number;
  readonly held: number;
}

/** Everybody who is counted on the day, or those of them who joined on the days. */
export async function countAudience(
  em: EntityManager,
  asOf: IsoDate,
  joined?: Joining,
): Promise<AudienceCount> {
  const rows: AudienceCount[] = await em.query(
    `SELECT count(*)::int AS staff, count(*) FILTER (WHERE t.status = 'held')::int AS held
     FROM timeline t WHERE ${ON_DAY} ${joined === undefined ? '' : `AND ${JOINED('$2', '$3')}`}`,
    joined === undefined ? [asOf] : [asOf, joined.from, joined.to],
  );
  return rows[0]!;
}

/** $1 day */
const ON_DAY = 't.valid_from <= $1::date AND $1::date < t.valid_to AND t.counted';

/** $1 day, $2 statuses */
const FOUND = /* sql */ `
SELECT t.staff_id AS "staffId", t.unit_id AS "unitId", t.status, t.exempt
FROM timeline t WHERE t.status = ANY ($2::text[]) AND ${ON_DAY}`;

/**
 * A first day is one without a day before it: whoever moved, or changed anything else, did not join. Where nobody who is
 * or was of the unit is known from before, it is the unit that is new here, with its first roster: its people had joined long ago.
 */
function JOINED(from: string, to: string): string {
  return /* sql */ `EXISTS (
    SELECT FROM timeline j WHERE j.staff_id = t.staff_id AND j.valid_from >= ${from}::date AND j.valid_from < ${to}::date
      AND NOT EXISTS (SELECT FROM timeline b WHERE b.staff_id = j.staff_id AND b.valid_to = j.valid_from)
      AND EXISTS (SELECT FROM timeline o JOIN timeline b ON b.staff_id = o.staff_id AND b.valid_from < j.valid_from
                  WHERE o.unit_id = j.unit_id AND o.valid_from <= j.valid_from))`;
}
