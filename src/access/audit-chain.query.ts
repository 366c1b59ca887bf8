import type { EntityManager } from 'typeorm';
import type { ChainAnchor, ChainedEvent } from './audit-chain.js';

export interface ChainEnd extends ChainAnchor {
  readonly id: string;
}

interface EventRow extends Omit<ChainedEvent, 'seq'> {
  readonly seq: number | null;
  readonly hash: string | null;
}

const CHAIN_END = `SELECT id, rows, encode(head, 'hex') AS head FROM audit_chain`;

const EVENT = `
SELECT seq, id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, actor, action, target, details,
       encode(hash, 'hex') AS hash
FROM audit_event`;

export async function chainEnd(em: EntityManager): Promise<ChainEnd> {
  const [end] = await em.query<[ChainEnd]>(CHAIN_END);
  return end;
}

/** The same, held until the end of the transaction; undefined where somebody else holds it and `wait` is false. */
export async function lockChainEnd(em: EntityManager, wait: boolean): Promise<ChainEnd | undefined> {
  const rows = await em.query<ChainEnd[]>(`${CHAIN_END} FOR UPDATE ${wait ? '' : 'SKIP LOCKED'}`);
  return rows[0];
}

export async function hasPendingEvents(em: EntityManager): Promise<boolean> {
  const [{ pending }] = await em.query<[{ pending: boolean }]>(
    'SELECT EXISTS (SELECT FROM audit_event WHERE seq IS NULL) AS pending',
  );
  return pending;
}

/** Events that are committed and not chained, the oldest first. */
export function pendingEvents(em: EntityManager, limit: number): Promise<EventRow[]> {
  return em.query(`${EVENT} WHERE seq IS NULL ORDER BY id LIMIT $1`, [limit]);
}

export function chainedAfter(em: EntityManager, seq: number, limit: number): Promise<EventRow[]> {
  return em.query(`${EVENT} WHERE seq > $1 ORDER BY seq LIMIT $2`, [seq, limit]);
}

export async function hashAt(em: EntityManager, seq: number): Promise<string | undefined> {
  const [row] = await em.query<{ hash: string }[]>(
    `SELECT encode(hash, 'hex') AS hash FROM audit_event WHERE seq = $1`,
    [seq],
  );
  return row?.hash;
}

/** Under the lock of the chain's end. */
export async function appendToChain(
  em: EntityManager,
  links: readonly { readonly id: number; readonly seq: number; readonly hash: string }[],
): Promise<void> {
  const last = links.at(-1)!;
  await em.query(
    `UPDATE audit_event e SET seq = link.seq, hash = decode(link.hash, 'hex')
     FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS link (id, seq, hash)
     WHERE e.id = link.id`,
    [links.map(({ id }) => id), links.map(({ seq }) => seq), links.map(({ hash }) => hash)],
  );
  await em.query(`UPDATE audit_chain SET rows = $1, head = decode($2, 'hex')`, [last.seq, last.hash]);
}
