import { AsyncLocalStorage } from 'node:async_hooks';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';

interface PooledClient {
  query(...args: unknown[]): unknown;
}

interface Pool {
  on(event: 'acquire', listener: (client: PooledClient) => void): void;
  off(event: 'acquire', listener: (client: PooledClient) => void): void;
}

/** A statement with its parameters. */
export interface AskedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Where the statements of a piece of work go; what the service does by itself meanwhile belongs to none. */
const current = new AsyncLocalStorage<AskedStatement[]>();

/** The statements, without their parameters, that the work asks the database; sorted, as some are asked side by side. */
export async function statementsOf(
  app: INestApplicationContext,
  work: () => Promise<unknown>,
): Promise<string[]> {
  return (await askedBy(app, work)).map(({ text }) => text).toSorted();
}

/** The same with their parameters, in the order in which they are asked. */
export async function askedBy(
  app: INestApplicationContext,
  work: () => Promise<unknown>,
): Promise<AskedStatement[]> {
  const pool = (app.get(DataSource).driver as unknown as { master: Pool }).master;
  const wrapped = new Map<PooledClient, PooledClient['query']>();
  const listen = (client: PooledClient) => {
    if (wrapped.has(client)) return;
    const query = client.query;
    wrapped.set(client, query);
    client.query = (...args) => {
      const [first, second] = args;
      const { text, values } =
        typeof first === 'string' ? { text: first, values: second } : (first as Partial<AskedStatement>);
      current.getStore()?.push({ text: text!, values: Array.isArray(values) ? values : [] });
      return query.apply(client, args);
    };
  };
  const statements: AskedStatement[] = [];
  pool.on('acquire', listen);
  try {
    await current.run(statements, work);
  } finally {
    pool.off('acquire', listen);
    for (const [client, query] of wrapped) client.query = query;
  }
  return statements;
}
