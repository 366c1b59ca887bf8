import { setTimeout as sleep } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigError, readConfig, type Config } from './platform/config.js';
import { openDatabase, type OpenDatabase } from './platform/database/open-database.js';
import { AppError, ERROR_ANSWERS } from './platform/errors.js';
import { keepHeapSmall } from './platform/heap.js';
import { createLogger, loggable, type Logger } from './platform/logging.js';
import type { AppOptions } from './rooms.module.js';

/**
 * What Node prints of an error that nobody caught is all of it: the statement, its parameters and the row of a database
 * error, too. Its crash reports hold the environment with its passwords.
 */
export function crashQuietly(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: loggable(error) }, 'the program ends: nobody caught this error');
    process.exit(1);
  });
  if (process.report) {
    process.report.reportOnUncaughtException = false;
    process.report.reportOnFatalError = false;
    process.report.reportOnSignal = false;
  }
}

/** What every program of this project shares: configuration, log, database, and an orderly end. */
export interface Running<App extends INestApplicationContext> {
  readonly app: App;
  readonly config: Config;
  readonly logger: Logger;
  /** Ends the application, then gives the database back. Safe to call twice. */
  stop(): Promise<void>;
  /** What a command does before a signal cuts it off; it gets as long as requests do. */
  onInterrupt(leave: () => Promise<void>): void;
}

export interface RunOptions {
  readonly overrides?: Partial<Config>;
  readonly logLevel?: string;
  /**
   * What a signal does. `finish`: requests get a moment to end, exit code 0. `abandon`: for a single command, which is
   * cut off and rolled back, exit code 128 + number of the signal.
   */
  readonly onSignal: 'finish' | 'abandon';
}

/** Set by a signal: what then fails in the middle is its consequence, and no news. */
let interrupted = false;

/** Below the ten seconds that container engines wait before they kill. */
const STOP_PATIENCE_MS = 8_000;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Starts an application on the configured database; whatever was started is stopped again when something fails, and
 * from the first moment on when a signal asks for it. A second signal does not wait.
 */
export async function run<App extends INestApplicationContext>(
  create: (options: AppOptions) => Promise<App>,
  { overrides = {}, logLevel, onSignal }: RunOptions,
): Promise<Running<App>> {
  keepHeapSmall();
  const config: Config = Object.freeze({ ...readConfig(), ...overrides });
  const logger = createLogger(logLevel ?? config.logLevel);
  crashQuietly(logger);
  let database: OpenDatabase | undefined;
  let app: App | undefined;
  let stopping: Promise<void> | undefined;
  let asked: keyof typeof SIGNALS | undefined;
  const leaves: (() => Promise<void>)[] = [];

  const stop = () => (stopping ??= end());
  const end = async () => {
    // Work that does not end in time is rolled back with the connections.
    const isCutOff = asked !== undefined && onSignal === 'abandon';
    await Promise.race([
      isCutOff ? Promise.allSettled(leaves.map((leave) => leave())) : app?.close(),
      sleep(STOP_PATIENCE_MS, undefined, { ref: false }),
    ]);
    await database?.release();
  };
  const stopAndExit = (signal: keyof typeof SIGNALS) => {
    const code = onSignal === 'finish' ? 0 : 128 + SIGNALS[signal];
    return stop().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) {
    process.on(signal, () => {
      if (interrupted) process.exit(1);
      interrupted = true;
      asked = signal;
      if (app !== undefined) void stopAndExit(signal);
    });
  }

  try {
    database = await openDatabase(config, (message) => logger.info({ part: 'database' }, message));
    if (asked === undefined) app = await create({ config, logger, databaseUrl: database.url });
  } catch (error) {
    await stop();
    throw error;
  }
  // The signal came while this was starting: only now there is something that can be stopped as a whole.
  if (asked !== undefined) await stopAndExit(asked);
  return { app: app!, config, logger, stop, onInterrupt: (leave) => leaves.push(leave) };
}

/** Opens the door at HOST and PORT, and answers the port, which the system chooses for PORT=0. */
export async function listen(app: NestFastifyApplication, { host, port }: Config): Promise<number> {
  try {
    await app.init();
    // The framework's own listen() logs a failure besides throwing it.
    await app.getHttpAdapter().getInstance().listen({ port, host });
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EADDRINUSE')
      throw new ConfigError(
        `PORT: ${port} はほかのプログラムが使っています。そのプログラムを止めるか、別の番号を指定してください`,
      );
    if (code === 'EACCES')
      throw new ConfigError(`PORT: ${port} を使う権限がありません。1024以上の番号を指定してください`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EINVAL')
      throw new ConfigError(
        'HOST: この機器のアドレスではありません。127.0.0.1 や 0.0.0.0 を指定してください',
      );
    throw error;
  }
  const address = app.getHttpServer().address() as { port: number } | null;
  return address?.port ?? port;
}

/** Says what went wrong and ends the process, unless a signal is already ending it. */
export async function fail(error: unknown, tell: (failure: Failure) => void = () => {}): Promise<void> {
  if (interrupted) return new Promise(() => {});
  const failure = explainFailure(error);
  tell(failure);
  process.stderr.write(`${failure.message}\n`);
  process.exitCode = failure.exitCode;
}

export interface Failure {
  readonly code: string;
  /** One sentence for the person at the terminal; several lines only where nobody foresaw it. */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly exitCode: number;
}

function explainFailure(error: unknown): Failure {
  if (error instanceof ConfigError)
    return { code: 'bad_configuration', message: error.message, details: {}, exitCode: 1 };
  if (error instanceof AppError) {
    const { code, message, details, kind } = error;
    const reason = typeof details.reason === 'string' ? ` (${details.reason})` : '';
    return { code, message: message + reason, details, exitCode: ERROR_ANSWERS[kind].exitCode };
  }
  const { type, message, code, stack } = loggable(error);
  return {
    code: 'unexpected',
    message: `予期しない問題が起きました。次の行を添えて情報システム課に知らせてください。\n${[type, message, code].filter(Boolean).join(' ')}\n${stack}`,
    details: {},
    exitCode: 1,
  };
}
