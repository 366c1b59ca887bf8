import type { EntityManager } from 'typeorm';

/** Rows a statement carries: keeps memory flat and the number of round trips small. */
const BATCH = 2_000;

/**
 * A table for this transaction only, filled while a file is read and worked on by set-based SQL afterwards.
 * `columns` maps each row's property (camelCase, snake_case in SQL) to its SQL type.
 */
export class Staging<Row extends object> {
  private batch: Row[] = [];

  private constructor(
    private readonly em: EntityManager,
    private readonly insert: string,
  ) {}

  static async create<Row extends object>(
    em: EntityManager,
    table: string,
    columns: Record<keyof Row & string, string>,
  ): Promise<Staging<Row>> {
    const names = Object.keys(columns) as (keyof Row & string)[];
    const sqlColumns = names.map((name) => `${toSnakeCase(name)} ${columns[name]}`).join(', ');
    await em.query(`CREATE TEMP TABLE ${table} (${sqlColumns}) ON COMMIT DROP`);
    const record = names.map((name) => `"${name}" ${columns[name]}`).join(', ');
    return new Staging(
      em,
      `INSERT INTO ${table} SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(${record})`,
    );
  }

  async add(row: Row): Promise<void> {
    this.batch.push(row);
    if (this.batch.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.batch.length === 0) return;
    await this.em.query(this.insert, [JSON.stringify(this.batch)]);
    this.batch = [];
  }
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
