import { join, resolve } from 'node:path';
import { projectRoot } from './project-root.js';

export interface Config {
  readonly production: boolean;
  /** External PostgreSQL; undefined means the embedded one under `dataDir`. */
  readonly databaseUrl?: string;
  readonly dataDir: string;
  /** Whether `dataDir` was chosen, rather than left at its default. */
  readonly dataDirGiven: boolean;
  readonly port: number;
  readonly host: string;
  readonly baseUrl: string;
  /** Undefined: messages are written to `dataDir/outbox`. */
  readonly smtpUrl?: string;
  readonly mailFrom: string;
  /** Fixed clock for tests and demos. */
  readonly now?: Date;
  readonly logLevel: string;
}

/** Names the variable at fault in one line; the start stops on it. */
export class ConfigError extends Error {}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** The only reader of `process.env`. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const read = (name: string) => env[name]?.trim() || undefined;
  const url = (name: string, protocols: string[]) => {
    const value = read(name);
    if (value === undefined) return undefined;
    if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
      fail(name, `${protocols.map((p) => `${p}//`).join(' または ')} で始まるURLを指定してください`);
    }
    return value;
  };

  const production = read('NODE_ENV') === 'production';
  const port = Number(read('PORT') ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) fail('PORT', '0から65535の整数を指定してください');
  const smtpUrl = url('SMTP_URL', ['smtp:', 'smtps:']);
  const mailFrom = read('MAIL_FROM');
  if (smtpUrl && !mailFrom) fail('MAIL_FROM', 'SMTP_URL を使うときは差出人のアドレスを指定してください');
  const now = read('NOW');
  if (now && production) fail('NOW', 'NODE_ENV=production では使えません');
  if (now && (!/T.*(Z|[+-]\d{2}:\d{2})$/.test(now) || Number.isNaN(Date.parse(now)))) {
    fail('NOW', '時差を付けた日時を指定してください(例: 2022-12-05T09:00:00+09:00)');
  }
  const logLevel = read('LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel))
    fail('LOG_LEVEL', `${LOG_LEVELS.join(' / ')} のどれかを指定してください`);

  return Object.freeze({
    production,
    databaseUrl: url('DATABASE_URL', ['postgres:', 'postgresql:']),
    dataDir: resolve(read('DATA_DIR') ?? join(projectRoot, 'data')),
    dataDirGiven: read('DATA_DIR') !== undefined,
    port,
    host: read('HOST') ?? '127.0.0.1',
    baseUrl: (url('BASE_URL', ['http:', 'https:']) ?? `http://localhost:${port}`).replace(/\/+$/, ''),
    smtpUrl,
    mailFrom: mailFrom ?? 'staff-card-tracker@localhost',
    now: now ? new Date(now) : undefined,
    logLevel,
  });
}

function fail(name: string, why: string): never {
  throw new ConfigError(`${name}: ${why}`);
}
