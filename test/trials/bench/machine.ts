import { availableParallelism, cpus, totalmem } from 'node:os';
import type { DataSource } from 'typeorm';

/** What the absolute times depend on, and the ratios much less. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
}

export async function describeMachine(db: DataSource): Promise<Machine> {
  const [server]: { version: string }[] = await db.query(
    `SELECT current_setting('server_version') AS version`,
  );
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    postgres: server!.version,
  };
}
