import { statSync } from 'node:fs';
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
  /** How long the personal data of leavers is kept after their last assignment's end. */
  readonly retentionMonths: number;
}

/** Names the variable at fault in one line; the start stops on it. */
export class ConfigError extends Error {}

const POSTGRES = ['postgres:', 'postgresql:'] as const;
const OIDC = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** The only reader of `process.env`. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const read = (name: string) => env[name]?.trim() || undefined;
  const assertUrl = (name: string, value: string, protocols: readonly string[]) => {
    if (URL.canParse(value)) {
      const { protocol, hostname } = new URL(value);
      // PostgreSQL's addresses may name a socket's folder instead of a host.
      if (protocols.includes(protocol) && (hostname !== '' || protocols === POSTGRES)) return;
    }
    fail(name, `${protocols.map((p) => `${p}//`).join(' または ')} で始まるURLを指定してください`);
  };
  const url = (name: string, protocols: readonly string[]) => {
    const value = read(name);
    if (value !== undefined) assertUrl(name, value, protocols);
    return value;
  };

  const production = read('NODE_ENV') === 'production';
  const givenPort = read('PORT') ?? '3000';
  const port = Number(givenPort);
  if (!/^\d{1,5}$/.test(givenPort) || port > 65535) fail('PORT', '0から65535の整数を指定してください');
  const host = read('HOST') ?? '127.0.0.1';
  if (!/^[\w.:%-]+$/.test(host)) fail('HOST', '127.0.0.1 や 0.0.0.0 のようなアドレスを指定してください');
  const dataDir = resolve(read('DATA_DIR') ?? join(projectRoot, 'data'));
  if (isFile(dataDir)) fail('DATA_DIR', 'フォルダーを指定してください。同じ名前のファイルがあります');
  for (const replica of read('DATABASE_REPLICA_URLS')?.split(',') ?? [])
    assertUrl('DATABASE_REPLICA_URLS', replica.trim(), POSTGRES);
  url('OIDC_ISSUER', ['http:', 'https:']);
  const missing = OIDC.filter((name) => read(name) === undefined);
  if (missing.length > 0 && missing.length < OIDC.length)
    fail(missing[0]!, `${OIDC.join('、')} は3つとも指定してください`);
  const smtpUrl = url('SMTP_URL', ['smtp:', 'smtps:']);
  const mailFrom = read('MAIL_FROM');
  if (mailFrom && !/^[^@\r\n]*[^\s@<>]@[^\s@<>]+>?$/.test(mailFrom))
    fail('MAIL_FROM', '差出人のアドレスを1つ指定してください(例: 人事課 <jinji@example.jp>)');
  if (smtpUrl && !mailFrom) fail('MAIL_FROM', 'SMTP_URL を使うときは差出人のアドレスを指定してください');
  const now = read('NOW');
  if (now && production) fail('NOW', 'NODE_ENV=production では使えません');
  if (now && (!/T.*(Z|[+-]\d{2}:\d{2})$/.test(now) || Number.isNaN(Date.parse(now)))) {
    fail('NOW', '時差を付けた日時を指定してください(例: 2022-12-05T09:00:00+09:00)');
  }
  const logLevel = read('LOG_LEVEL') ?? 'info';
  if (!LOG_LEVELS.includes(logLevel))
    fail('LOG_LEVEL', `${LOG_LEVELS.join(' / ')} のどれかを指定してください`);

  const retentionMonths = Number(read('RETENTION_MONTHS') ?? 12);
  if (!Number.isInteger(retentionMonths) || retentionMonths < 1 || retentionMonths > 1200)
    fail('RETENTION_MONTHS', '退職者の個人情報を残す月数を、1から1200の整数で指定してください');

  return Object.freeze({
    production,
    databaseUrl: url('DATABASE_URL', POSTGRES),
    dataDir,
    dataDirGiven: read('DATA_DIR') !== undefined,
    port,
    host,
    baseUrl: (url('BASE_URL', ['http:', 'https:']) ?? `http://localhost:${port}`).replace(/\/+$/, ''),
    smtpUrl,
    mailFrom: mailFrom ?? 'staff-card-tracker@localhost',
    now: now ? new Date(now) : undefined,
    logLevel,
    retentionMonths,
  });
}

function fail(name: string, why: string): never {
  throw new ConfigError(`${name}: ${why}`);
}

/** False where nothing can be seen yet: making the folder will tell. */
function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}
