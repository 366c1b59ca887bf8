import type { INestApplicationContext } from '@nestjs/common';
import { ConfigError, readConfig, type Config } from './platform/config.js';
import { openDatabase } from './platform/database/open-database.js';
import { AppError, ERROR_ANSWERS } from './platform/errors.js';
import { createLogger, type Logger } from './platform/logging.js';
import type { AppOptions } from './app.module.js';

/** What every program of this project shares: configuration, log, database, and an orderly end. */
export interface Running<App extends INestApplicationContext> {
  readonly app: App;
  readonly config: Config;
  readonly logger: Logger;
  /** Ends the application, then gives the database back. Safe to call twice. */
  stop(): Promise<void>;
}

/** Starts an application on the configured database; whatever was started is stopped again when something fails. */
export async function run<App extends INestApplicationContext>(
  create: (options: AppOptions) => Promise<App>,
  overrides: Partial<Config> = {},
  logLevel?: string,
): Promise<Running<App>> {
  const config: Config = Object.freeze({ ...readConfig(), ...overrides });
  const logger = createLogger(logLevel ?? config.logLevel);
  const database = await openDatabase(config, (message) => logger.info({ part: 'database' }, message));
  try {
    const app = await create({ config, logger, databaseUrl: database.url });
    let stopping: Promise<void> | undefined;
    const stop = () => (stopping ??= app.close().finally(() => database.release()));
    return { app, config, logger, stop };
  } catch (error) {
    await database.release();
    throw error;
  }
}

/** One sentence for the person at the terminal, and the exit code of its kind. */
export function explainFailure(error: unknown): { message: string; exitCode: number } {
  if (error instanceof ConfigError) return { message: error.message, exitCode: 1 };
  if (error instanceof AppError)
    return { message: error.message, exitCode: ERROR_ANSWERS[error.kind].exitCode };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
}

/** Stops in order on the signals a service manager or a terminal sends; a second one does not wait. */
export function stopOnSignals(stop: () => Promise<void>): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
