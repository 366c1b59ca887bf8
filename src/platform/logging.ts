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
