/** Reading waves and deliveries. */
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { reasonLabel } from './delivery-reason.js';
import type { Channel } from './message-sender.js';
import type { AudienceGroup, MessageContext } from './planned-wave.js';
import { POLICIES, speaksToPersons } from './policy.js';
import { recipientLabel } from './recipient-label.js';
import { deadlineOf } from './wave-dates.js';
import type {
  DeliveryCounts,
  DeliveryFilter,
  DeliveryState,
  DeliveryView,
  WaveState,
  WaveSummary,
} from './wave.types.js';

export interface WaveKey {
  readonly id?: number;
  readonly policy?: string;
  readonly on?: IsoDate;
  /** Those that come after this one in the list. */
  readonly after?: number;
}

/** Newest first, so many at most. */
export async function findWaves(
  em: EntityManager,
  { id, policy, on, after }: WaveKey,
  limit = 1,
): Promise<WaveSummary[]> {
  const rows: RawWave[] = await em.query(WAVES, [
    id ?? null,
    policy ?? null,
    on ?? null,
    after ?? null,
    limit,
  ]);
  return rows.map((row) => ({
    id: row.id,
    policy: row.policy,
    title: POLICIES.find((known) => known.name === row.policy)?.title ?? row.policy,
    on: row.on_date,
    asOf: row.as_of,
    deadline: deadlineOf(row.on_date),
    state: row.state,
    note: reasonLabel(row.note),
    template: { name: row.template_name, version: row.template_version },
    considered: row.audience.considered,
    outside: row.audience.outside,
    counts: toCounts(row.groups),
    reasons: row.groups
      .filter((group) => group.reason !== '' && group.state !== 'sending' && group.state !== 'sent')
      .map((group) => ({ ...group, code: group.reason, reason: reasonLabel(group.reason) })),
    plannedAt: row.planned_at.toISOString(),
    plannedBy: row.planned_by,
    finishedAt: row.finished_at?.toISOString() ?? null,
  }));
}

/** How many stand still until somebody decides. */
export async function countWaiting(em: EntityManager): Promise<number> {
  const rows: { waiting: number }[] = await em.query(
    `SELECT count(*)::int AS waiting FROM wave WHERE state IN ('awaiting', 'paused')`,
  );
  return rows[0]!.waiting;
}

export interface DeliveryRow extends DeliveryView {
  readonly waveId: number;
  /** The kind of message. */
  readonly template: string;
  readonly templateId: number;
  /** Null where it goes to a unit's mailbox. */
  readonly staffId: number | null;
  /** True where it goes to somebody as a person, not as the head of a unit. */
  readonly toPerson: boolean;
  readonly messageId: string;
  readonly address: string | null;
  readonly context: MessageContext;
}

/** One delivery with what it was rendered from. */
export async function findDelivery(em: EntityManager, id: number): Promise<DeliveryRow | undefined> {
  const rows: RawDelivery[] = await em.query(`${DELIVERIES} WHERE d.id = $1`, [id]);
  return rows.map(toDelivery)[0];
}

/** In planning order, after the delivery `after`. */
export async function deliveriesAfter(
  em: EntityManager,
  waveId: number,
  after: number,
  limit: number,
  { state, reason }: DeliveryFilter = {},
): Promise<DeliveryRow[]> {
  const rows: RawDelivery[] = await em.query(
    `${DELIVERIES} WHERE d.wave_id = $1 AND d.id > $2 AND ($4::text IS NULL OR d.state = $4) AND ($5::text IS NULL OR d.reason = $5)
     ORDER BY d.id LIMIT $3`,
    [waveId, after, limit, state ?? null, reason ?? null],
  );
  return rows.map(toDelivery);
}

interface RawWave {
  id: number;
  policy: string;
  on_date: IsoDate;
  as_of: IsoDate;
  state: WaveState;
  note: string;
  template_name: string;
  template_version: number;
  audience: { considered: AudienceGroup[]; outside: AudienceGroup[] };
  planned_at: Date;
  planned_by: string;
  finished_at: Date | null;
  groups: { state: DeliveryState; reason: string; count: number }[];
}

interface RawDelivery {
  id: number;
  wave_id: number;
  policy: string;
  template: string;
  template_id: number;
  staff_id: number | null;
  unit_code: string;
  unit_name: string;
  recipient: string;
  channel: Channel;
  state: DeliveryState;
  reason: string;
  address: string | null;
  context: MessageContext;
  message_id: string;
  attempted_at: Date | null;
  settled_at: Date | null;
}

function toDelivery(row: RawDelivery): DeliveryRow {
  const policy = POLICIES.find(({ name }) => name === row.policy);
  return {
    id: row.id,
    waveId: row.wave_id,
    template: row.template,
    templateId: row.template_id,
    staffId: row.staff_id,
    unitCode: row.unit_code,
    unitName: row.unit_name,
    recipient: recipientLabel(row.recipient, policy, row.channel),
    toPerson: row.staff_id !== null && (policy === undefined || speaksToPersons(policy)),
    channel: row.channel,
    state: row.state,
    reason: reasonLabel(row.reason),
    attemptedAt: row.attempted_at?.toISOString() ?? null,
    settledAt: row.settled_at?.toISOString() ?? null,
    messageId: row.message_id,
    // A chat room's is a reference of ours.
    address: row.channel === 'chat' ? null : row.address,
    context: row.context,
  };
}

function toCounts(groups: RawWave['groups']): DeliveryCounts {
  const counts: Record<DeliveryState, number> = {
    queued: 0,
    sending: 0,
    sent: 0,
    failed: 0,
    bounced: 0,
    unknown: 0,
    suppressed: 0,
  };
  for (const { state, count } of groups) counts[state] += count;
  return { ...counts, planned: groups.reduce((sum, { count }) => sum + count, 0) };
}

/** $1 id, $2 policy, $3 day, $4 the wave before them; NULL means any; $5 how many */
const WAVES = /* sql */ `
SELECT w.id::int, w.policy, w.on_date::text, w.as_of::text, w.state, w.note, w.audience, w.planned_at, w.planned_by, w.finished_at,
       t.name AS template_name, t.version AS template_version, coalesce(g.groups, '[]') AS groups
FROM (
  SELECT * FROM wave
  WHERE ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR policy = $2) AND ($3::date IS NULL OR on_date = $3)
    AND ($4::bigint IS NULL OR (on_date, id) < (SELECT on_date, id FROM wave WHERE id = $4))
  ORDER BY on_date DESC, id DESC LIMIT $5
) w
JOIN message_template t ON t.id = w.template_id
LEFT JOIN LATERAL (
  SELECT json_agg(json_build_object('state', state, 'reason', reason, 'count', count) ORDER BY count DESC, reason) AS groups
  FROM (SELECT state, reason, count(*)::int FROM delivery WHERE wave_id = w.id GROUP BY state, reason) d
) g ON true
ORDER BY w.on_date DESC, w.id DESC`;

const DELIVERIES = /* sql */ `
SELECT d.id::int, d.wave_id::int, w.policy, m.name AS template, w.template_id, d.staff_id, u.code AS unit_code, coalesce(p.name, u.code) AS unit_name, d.recipient, d.channel, d.state, d.reason, d.address,
       d.context, d.message_id, d.attempted_at, d.settled_at
FROM delivery d JOIN wave w ON w.id = d.wave_id JOIN message_template m ON m.id = w.template_id JOIN unit u ON u.id = d.unit_id
LEFT JOIN unit_period p ON p.unit_id = u.id AND p.superseded_at IS NULL AND p.valid_from <= w.as_of AND w.as_of < p.valid_to`;
