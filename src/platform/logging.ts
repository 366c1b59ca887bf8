import { destination, pino, type Logger } from 'pino';

export type { Logger };

/**
 * Structured logs on standard error. Log ids, counts, codes and file kinds – never names, addresses, staff numbers,
 * statuses, cell contents or query parameters.
 */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
}

export interface LoggableError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly constraint?: unknown;
  readonly stack: string;
}

/** What may be said of an error: the driver's message, detail and parameters may quote a row and stay out. */
export function loggable(error: unknown): LoggableError {
  if (!(error instanceof Error)) return { type: typeof error, message: '', stack: '' };
  const { code, constraint } = error as Error & { code?: unknown; constraint?: unknown };
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  const fromDatabase = 'query' in error || 'severity' in error;
  return {
    type: error.name,
    message: fromDatabase ? 'database error' : error.message,
    code,
    constraint,
    stack: frames.join('\n'),
  };
}
