import { createHash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';

const names = new Map<string, string>();

/**
 * Runs a statement that each connection plans only once: for short questions, which would take longer to plan than to
 * answer. In the manager's transaction where it has one, else on any connection of the pool.
 */
export async function prepared<Row>(em: EntityManager, text: string, values: unknown[]): Promise<Row[]> {
  const client: Pool | PoolClient = em.queryRunner
    ? ((await em.queryRunner.connect()) as PoolClient)
    : (em.connection.driver as unknown as { master: Pool }).master;
  const { rows } = await client.query({ name: nameOf(text), text, values });
  return rows as Row[];
}

/** The same text has the same name in every place and process. */
function nameOf(text: string): string {
  let name = names.get(text);
  if (name === undefined) {
    name = createHash('sha256').update(text).digest('base64url').slice(0, 20);
    names.set(text, name);
  }
  return name;
}
