import { performance } from 'node:perf_hooks';
import type { ClientBase } from 'pg';

/** A statement as it is sent to the server. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** Milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

let made = 0;

/**
 * A prepared statement executed inside the database, timed by its own clock: without the way through the driver, which
 * takes longer than a figure that is looked up. Answers milliseconds, one for each execution.
 */
export async function insideTimer(
  client: ClientBase,
  statement: Statement,
  mode: 'auto' | 'force_custom_plan' = 'auto',
): Promise<(times: number) => Promise<number[]>> {
  const name = `timed_${++made}`;
  await client.query(`PREPARE ${name} AS ${statement.text}`);
  const { rows } = await client.query(
    `SELECT parameter_types::text[] AS types FROM pg_prepared_statements WHERE name = $1`,
    [name],
  );
  await client.query(`DEALLOCATE ${name}`);
  const types = (rows[0] as { types: string[] }).types;
  const parameters = [...types, 'integer'].join(', ');
  await client.query(`
    CREATE FUNCTION pg_temp.${name}(${parameters}) RETURNS float8[] LANGUAGE plpgsql
    SET plan_cache_mode = ${mode} AS $timed$
    DECLARE
      started timestamptz;
      times float8[] := '{}';
    BEGIN
      FOR n IN 1..$${types.length + 1} LOOP
        started := clock_timestamp();
        PERFORM * FROM (${statement.text}) AS answer;
        times := times || extract(epoch FROM clock_timestamp() - started)::float8 * 1000;
      END LOOP;
      RETURN times;
    END $timed$`);
  const call = `SELECT pg_temp.${name}(${[...types, 'integer'].map((type, n) => `$${n + 1}::${type}`).join(', ')}) AS times`;
  return async (times) => {
    const answer = await client.query(call, [...statement.values, times]);
    return (answer.rows[0] as { times: number[] }).times;
  };
}

/** The same through the driver, as the service asks. */
export async function throughDriver(client: ClientBase, { text, values }: Statement): Promise<unknown[]> {
  const name = `driven_${text.length}_${text.slice(-40).replace(/\W/g, '')}`.slice(0, 60);
  return (await client.query({ name, text, values: [...values] })).rows as unknown[];
}
