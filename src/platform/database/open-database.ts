import type { Config } from '../config.js';

export interface OpenDatabase {
  readonly url: string;
  readonly embedded: boolean;
  /** Call it after the last connection is closed. */
  release(): Promise<void>;
}

/** The external PostgreSQL of DATABASE_URL, or else the embedded one under DATA_DIR, started when it does not run. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  log?: (message: string) => void,
): Promise<OpenDatabase> {
  if (config.databaseUrl) return { url: config.databaseUrl, embedded: false, release: async () => {} };
  const { acquireEmbeddedPostgres } = await import('./embedded-postgres.js');
  const { url, release } = await acquireEmbeddedPostgres({ dataDir: config.dataDir, log });
  return { url, embedded: true, release };
}
