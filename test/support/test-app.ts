import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp, type Patience } from '../../src/app.setup.js';
import { createContext } from '../../src/context.setup.js';
import type { AppOptions } from '../../src/rooms.module.js';
import { readConfig } from '../../src/platform/config.js';
import { createLogger, type Logger } from '../../src/platform/logging.js';
import { createTestDatabase } from './test-database.js';

export interface TestApp<App extends INestApplicationContext> {
  readonly app: App;
  readonly dataDir: string;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/** The answer to "today" unless a test says otherwise. */
export const TEST_NOW = '2022-11-10T09:00:00+09:00';

/** The rooms without doors, on an empty database and data folder of their own. */
export function startRooms(env: Record<string, string> = {}): Promise<TestApp<INestApplicationContext>> {
  return start(createContext, env);
}

/** The whole service as `npm start` assembles it, ready for requests; nothing listens. */
export async function startService(
  env: Record<string, string> = {},
  { logger, patience }: { readonly logger?: Logger; readonly patience?: Partial<Patience> } = {},
): Promise<TestApp<NestFastifyApplication>> {
  const service = await start((options) => createApp({ ...options, patience }), env, logger);
  await service.app.init();
  await service.app.getHttpAdapter().getInstance().ready();
  return service;
}

async function start<App extends INestApplicationContext>(
  create: (options: AppOptions) => Promise<App>,
  env: Record<string, string>,
  logger?: Logger,
): Promise<TestApp<App>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tracker-data-'));
  const database = await createTestDatabase();
  const config = readConfig({
    NOW: TEST_NOW,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    REQUESTS_PER_MINUTE: '100000',
    ...env,
  });
  const app = await create({
    config,
    logger: logger ?? createLogger(config.logLevel),
    databaseUrl: database.url,
  });
  return {
    app,
    dataDir,
    databaseUrl: database.url,
    close: async () => {
      await app.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
