import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client, Pool } from 'pg';
import { DataSource } from 'typeorm';
import { LedgerService } from '../../../src/adoption/ledger.service.js';
import { createApp } from '../../../src/app.setup.js';
import { readConfig } from '../../../src/platform/config.js';
import { dataSourceOptions, PG_TYPES } from '../../../src/platform/database/data-source-options.js';
import { createLogger } from '../../../src/platform/logging.js';
import { bringUpToDate } from '../../../src/context.setup.js';
import { makeCity, TODAY, type Size } from '../bench-city.js';
import { timeOf } from './stopwatch.js';

/** The whole service on a database with the facts of one size, and the ways past it that it is held against. */
export class BenchService {
  private readonly pools: Pool[] = [];

  private constructor(
    readonly size: Size,
    readonly app: NestFastifyApplication,
    readonly databaseUrl: string,
    private readonly dataDir: string,
    /** Seconds. */
    readonly made: Readonly<Record<string, number>>,
  ) {}

  /** `server` is the address of a server with the settings of the product: what is written is on the disk. */
  static async open(server: string, size: Size): Promise<BenchService> {
    const databaseUrl = await createDatabase(server, `bench_${size.toLowerCase()}`);
    await bringUpToDate({ databaseUrl });
    const db = await new DataSource(dataSourceOptions(databaseUrl)).initialize();
    const facts = await timeOf(() => makeCity(db, size));
    await db.destroy();
    const dataDir = mkdtempSync(join(tmpdir(), 'tracker-bench-'));
    const config = readConfig({
      NOW: `${TODAY}T09:00:00+09:00`,
      DATA_DIR: dataDir,
      LOG_LEVEL: 'silent',
      REQUESTS_PER_MINUTE: '100000000',
    });
    const app = await createApp({ config, logger: createLogger('silent'), databaseUrl });
    await app.listen(0, '127.0.0.1');
    const rebuild = await timeOf(() => app.get(LedgerService).rebuild());
    await app.get(DataSource).query('VACUUM ANALYZE');
    return new BenchService(size, app, databaseUrl, dataDir, {
      'facts (s)': facts / 1_000,
      'ledger (s)': rebuild / 1_000,
    });
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  get port(): number {
    return (this.app.getHttpServer().address() as AddressInfo).port;
  }

  /** Connections that are set as the service's own. */
  pool(max: number): Pool {
    const pool = new Pool({ connectionString: this.databaseUrl, max, types: PG_TYPES });
    this.pools.push(pool);
    return pool;
  }

  async close(): Promise<void> {
    for (const pool of this.pools) await pool.end();
    await this.app.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** An empty database; answers its address. */
export async function createDatabase(server: string, name: string): Promise<string> {
  const client = new Client(server);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  } finally {
    await client.end();
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
