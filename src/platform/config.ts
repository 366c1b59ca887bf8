import { statSync } from 'node:fs';
import { isIP } from 'node:net';
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
  /** Addresses or networks of the proxies whose X-Forwarded-* headers are believed; empty: nobody's. */
  readonly trustProxy: readonly string[];
  /** Sign-in by the city's identity provider; undefined: by password only. */
  readonly oidc?: OidcConfig;
  /** Fixed clock for tests and demos. */
  readonly now?: Date;
  readonly logLevel: string;
  /** How long the personal data of leavers is kept after their last assignment's end. */
  readonly retentionMonths: number;
  /** What all processes together may send; undefined: as fast as the mail server takes it. */
  readonly mailLimits: { readonly perSecond?: number; readonly perDay?: number };
  /** Waves to more recipients than this wait until somebody has confirmed them. */
  readonly confirmAbove: number;
  /** Where chat webhooks may lead, as `host` or `host:port`; empty: no chat. */
  readonly chatWebhookHosts: readonly string[];
  /** How often one account may ask; the other limits are shares of it. */
  readonly requestsPerMinute: number;
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Claim of the ID token that names groups or roles; dots lead into objects. */
  readonly roleClaim?: string;
  /** What a value of that claim gives. */
  readonly roleMapping: readonly {
    readonly value: string;
    readonly role: string;
    readonly unitCode?: string;
  }[];
  /** Claim of the ID token that holds the staff number. */
  readonly staffNumberClaim?: string;
}

/** Names the variable at fault in one line; the start stops on it. */
export class ConfigError extends Error {}

const POSTGRES = ['postgres:', 'postgresql:'] as const;
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

  const requestsPerMinute = Number(read('REQUESTS_PER_MINUTE') ?? 600);
  if (!Number.isInteger(requestsPerMinute) || requestsPerMinute < 60)
    fail('REQUESTS_PER_MINUTE', '1つのアカウントが1分間に行える操作の数を、60以上の整数で指定してください');

  const mailLimit = (name: string, what: string) => {
    const value = read(name);
    if (value !== undefined && !/^[1-9]\d{0,8}$/.test(value))
      fail(name, `${what}を、1以上の整数で指定してください`);
    return value === undefined ? undefined : Number(value);
  };
  const mailLimits = {
    perSecond: mailLimit('MAIL_PER_SECOND', '1秒間に送るメールの上限'),
    perDay: mailLimit('MAIL_PER_DAY', '1日に送るメールの上限'),
  };
  const confirmAbove = mailLimit('MAIL_CONFIRM_ABOVE', '確認なしに送れる件数') ?? 1000;

  return Object.freeze({
    production,
    databaseUrl: url('DATABASE_URL', POSTGRES),
    dataDir,
    dataDirGiven: read('DATA_DIR') !== undefined,
    port,
    host,
    baseUrl: (url('BASE_URL', ['http:', 'https:']) ?? `http://localhost:${port}`).replace(/\/+$/, ''),
    smtpUrl,
    trustProxy: readTrustProxy(read('TRUST_PROXY')),
    oidc: readOidc(read),
    mailFrom: mailFrom ?? 'staff-card-tracker@localhost',
    now: now ? new Date(now) : undefined,
    logLevel,
    retentionMonths,
    requestsPerMinute,
    mailLimits,
    confirmAbove,
    chatWebhookHosts: readHosts('CHAT_WEBHOOK_HOSTS', read('CHAT_WEBHOOK_HOSTS')),
  });
}

const PROXY_WORDS = ['loopback', 'linklocal', 'uniquelocal'];

/** Never a mere `true`: whoever reaches the port could then claim any address. */
function readTrustProxy(text: string | undefined): string[] {
  const entries = (text ?? '').split(',').map((entry) => entry.trim());
  const proxies = entries.filter((entry) => entry !== '');
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address);
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
    if (!PROXY_WORDS.includes(proxy) && !(family && fits)) {
      fail('TRUST_PROXY', 'プロキシのアドレスをコンマで区切って指定してください(例: 127.0.0.1,10.1.2.0/24)');
    }
  }
  return proxies;
}

/** As a URL writes them: in small letters, without the port of HTTPS. */
function readHosts(name: string, text: string | undefined): string[] {
  const hosts = (text ?? '').split(',').map((host) => host.trim().toLowerCase());
  return hosts
    .filter((host) => host !== '')
    .map((host) => {
      if (!/^[a-z0-9.-]+(:\d{1,5})?$/.test(host) || !URL.canParse(`https://${host}`))
        fail(name, 'ホスト名をコンマで区切って指定してください(例: hooks.slack.com,chat.example.jp:8443)');
      return new URL(`https://${host}`).host;
    });
}

const OIDC_ROLES = ['hr', 'manager', 'leader', 'auditor', 'admin'];

function readOidc(read: (name: string) => string | undefined): OidcConfig | undefined {
  const names = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;
  const optional = ['OIDC_ROLE_CLAIM', 'OIDC_ROLE_MAPPING', 'OIDC_STAFF_NUMBER_CLAIM'] as const;
  const given = [...names, ...optional].find((name) => read(name) !== undefined);
  if (given === undefined) return undefined;
  const [issuer, clientId, clientSecret] = names.map(
    (name) => read(name) ?? fail(name, `${given} を使うときは指定してください`),
  ) as [string, string, string];
  const address = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const local = address !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(address.hostname);
  if (address?.protocol !== 'https:' && !(address?.protocol === 'http:' && local)) {
    fail('OIDC_ISSUER', 'https:// で始まるURLを指定してください');
  }
  const roleClaim = read('OIDC_ROLE_CLAIM');
  const mapping = read('OIDC_ROLE_MAPPING');
  if ((roleClaim === undefined) !== (mapping === undefined)) {
    fail(roleClaim === undefined ? 'OIDC_ROLE_CLAIM' : 'OIDC_ROLE_MAPPING', '2つを合わせて指定してください');
  }
  return {
    issuer,
    clientId,
    clientSecret,
    roleClaim,
    roleMapping: (mapping ?? '')
      .split(',')
      .filter((entry) => entry.trim() !== '')
      .map(readRoleMapping),
    staffNumberClaim: read('OIDC_STAFF_NUMBER_CLAIM'),
  };
}

/** `value=role` or `value=role@unit`. */
function readRoleMapping(entry: string): OidcConfig['roleMapping'][number] {
  const [, value, role, unitCode] = /^(.+)=([a-z]+)(?:@(.+))?$/.exec(entry.trim()) ?? [];
  if (value === undefined || role === undefined || !OIDC_ROLES.includes(role)) {
    fail(
      'OIDC_ROLE_MAPPING',
      `「値=権限」または「値=権限@所属コード」をコンマで区切って指定してください。権限は ${OIDC_ROLES.join(' / ')} です`,
    );
  }
  if (role === 'admin' && unitCode !== undefined)
    fail('OIDC_ROLE_MAPPING', 'admin に所属コードは付けられません');
  return { value: value.trim(), role, unitCode: unitCode?.trim() };
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
