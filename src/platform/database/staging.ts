import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { EntityManager } from 'typeorm';

/** Characters that are sent at once: large enough to be cheap, small enough to keep memory flat. */
const BATCH = 1 << 16;

type Cell = string | number | boolean | null | readonly string[];

/**
 * Creates a table for this transaction only and lets `read` fill it; set-based SQL works on it afterwards. `columns`
 * maps each row's property (camelCase, snake_case in SQL) to its SQL type.
 *
 * Rows go in by COPY, and only as what they have been read as: bytes of a file would come to stand in the server's log
 * where they do not fit. Until `read` has ended, the connection can do nothing else.
 */
export async function stage<Row extends object, Reading>(
  em: EntityManager,
  table: string,
  columns: Record<keyof Row & string, string>,
  read: (add: (row: Row) => void | Promise<void>) => Promise<Reading>,
): Promise<Reading> {
  const names = Object.keys(columns) as (keyof Row & string)[];
  await em.query(
    `CREATE TEMP TABLE ${table} (${names.map((name) => `${toSnakeCase(name)} ${columns[name]}`).join(', ')}) ON COMMIT DROP`,
  );
  const client = (await em.queryRunner!.connect()) as PoolClient;
  const copy = client.query(copyFrom(`COPY ${table} FROM STDIN`));
  const ended = finished(copy);
  // Whoever waits is told; where nobody waits yet, the next one is.
  ended.catch(() => undefined);
  let batch = '';
  const add = (row: Row): void | Promise<void> => {
    for (let i = 0; i < names.length; i++) {
      batch += (i === 0 ? '' : '\t') + toCopyText(row[names[i]!] as Cell);
    }
    batch += '\n';
    if (batch.length < BATCH) return;
    const full = batch;
    batch = '';
    if (!copy.write(full)) return Promise.race([once(copy, 'drain'), ended]).then(() => undefined);
  };
  try {
    const reading = await read(add);
    copy.end(batch);
    await ended;
    // The planner wants to know how many there are; three thousand rows tell that as well as thirty thousand.
    await em.query(`SET LOCAL default_statistics_target = 10`);
    await em.query(`ANALYZE ${table}`);
    await em.query(`SET LOCAL default_statistics_target TO DEFAULT`);
    return reading;
  } catch (error) {
    copy.destroy();
    await ended.catch(() => undefined);
    throw error;
  }
}

function toCopyText(cell: Cell): string {
  if (cell === null) return '\\N';
  if (typeof cell === 'string') return SPECIAL.test(cell) ? escaped(cell) : cell;
  if (typeof cell === 'boolean') return cell ? 't' : 'f';
  if (typeof cell === 'number') return String(cell);
  if (cell.length === 0) return '{}';
  let items = '';
  for (const item of cell) items += (items === '' ? '' : ',') + toArrayItem(item);
  return `{${items}}`;
}

const SPECIAL = /[\\\t\n\r]/;
const LETTERS: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(text: string): string {
  return text.replace(/[\\\t\n\r]/g, (character) => LETTERS[character]!);
}

/** Quoted as in an array, and that as in a row. */
function toArrayItem(item: string): string {
  return /["\\\t\n\r]/.test(item) ? escaped(`"${item.replace(/["\\]/g, '\\$&')}"`) : `"${item}"`;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
