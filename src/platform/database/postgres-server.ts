import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPostmaster, type Postmaster } from './postgres-postmaster.js';
import type { Binaries } from './postgres-binaries.js';
import type { Placement } from './postgres-placement.js';
import { cannotRun, run, startFailed, surroundings } from './postgres-process.js';

/** The application's role and database. The role owns its database and is no superuser, as on an external server. */
export const APP_NAME = 'tracker';

/** Recovery after a crash replays up to max_wal_size; a slow disk takes minutes for it. */
const START_PATIENCE_MS = 300_000;
const STOP_PATIENCE_MS = 60_000;
const LOG_LIMIT_BYTES = 5_000_000;

export interface Server extends Placement {
  readonly binaries: Binaries;
  readonly unsafeFast: boolean;
  readonly log: (message: string) => void;
}

const passwordFile = (server: Placement) => join(server.control, 'password');
const logFile = (server: Placement) => join(server.control, 'postgres.log');

export function readPassword(server: Placement): string {
  if (!existsSync(passwordFile(server))) {
    throw startFailed(
      `データベースのパスワードのファイル ${passwordFile(server)} がありません。動いているサービスを止めてからやり直すと、作り直します。`,
    );
  }
  return readFileSync(passwordFile(server), 'utf8').trim();
}

/** Creates the cluster beside its place and moves it there when it is complete. Call it under the folder's lock. */
export async function createCluster(server: Server): Promise<void> {
  for (const name of readdirSync(server.around)) {
    if (name.startsWith('new-')) rmSync(join(server.around, name), { recursive: true, force: true });
  }
  const draft = join(server.around, `new-${randomBytes(6).toString('hex')}`);
  mkdirSync(draft, { mode: 0o700 });
  if (server.runAs) chownSync(draft, server.runAs.uid, server.runAs.gid);
  try {
    await initdb(server, draft);
    // Passwords from the first moment on: nothing has listened on a port until here.
    writeFileSync(join(draft, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
    await setPasswords(server, draft, `CREATE DATABASE ${APP_NAME} OWNER ${APP_NAME} STRATEGY file_copy;\n`);
    renameSync(draft, server.cluster);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/**
 * UTF-8 with the same order everywhere (code points; Japanese order is asked for with COLLATE "ja-x-icu"). The letter
 * classes come from the system's locale, because pg_trgm finds no letters in 日本語 under C.
 */
async function initdb(server: Server, draft: string): Promise<void> {
  const letterClasses: Record<string, string[]> = {
    darwin: ['en_US.UTF-8', 'ja_JP.UTF-8', 'C'],
    win32: ['en-US', 'ja-JP', 'C'],
  };
  let output = '';
  for (const ctype of letterClasses[process.platform] ?? ['C.UTF-8', 'en_US.UTF-8', 'ja_JP.UTF-8', 'C']) {
    const args = ['-D', draft, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-instructions'];
    args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', `--lc-ctype=${ctype}`);
    if (server.unsafeFast) args.push('--no-sync');
    const result = await run(server.binaries.program('initdb'), args, { runAs: server.runAs });
    if (result.code === 0) {
      if (ctype === 'C')
        server.log('この機器にはUTF-8のロケールがないため、氏名の部分一致検索が遅くなります。');
      return;
    }
    output = result.output;
    if (!/invalid locale/.test(output)) break;
  }
  throw startFailed(
    `データベースを ${server.around} に作成できませんでした。空き容量と書き込みの権限を確認してから、もう一度起動してください。`,
    { output: tail(output) },
  );
}

/** Needs a stopped server. The passwords go in by standard input, where no other user can see them. */
async function setPasswords(server: Server, cluster: string, andThen = ''): Promise<void> {
  const password = randomBytes(24).toString('base64url');
  const role = andThen ? 'CREATE' : 'ALTER';
  const input =
    `ALTER ROLE postgres PASSWORD '${password}';\n` +
    `${role} ROLE ${APP_NAME} LOGIN CREATEDB PASSWORD '${password}';\n${andThen}`;
  const args = ['--single', '-D', cluster, '-c', 'log_min_error_statement=panic', '-c', 'exit_on_error=on'];
  if (server.unsafeFast) args.push('-c', 'fsync=off');
  const { code, output } = await run(server.binaries.program('postgres'), [...args, 'postgres'], {
    runAs: server.runAs,
    input,
  });
  if (code !== 0) {
    throw startFailed(
      'データベースの初期設定に失敗しました。空き容量を確認してから、もう一度起動してください。',
      {
        output: tail(output),
      },
    );
  }
  rmSync(passwordFile(server), { force: true });
  writeFileSync(passwordFile(server), `${password}\n`, { mode: 0o600 });
  server.own(passwordFile(server));
}

/** Starts PostgreSQL and waits until it takes connections. Call it under the folder's lock, when none is running. */
export async function startPostmaster(server: Server, wishedPort?: number): Promise<void> {
  const version = readFileSync(join(server.cluster, 'PG_VERSION'), 'utf8').trim();
  if (version !== server.binaries.major) {
    throw startFailed(
      `データベースはPostgreSQL ${version} のものですが、このプログラムは ${server.binaries.major} を使います。以前の版でバックアップを取り、新しい DATA_DIR に戻してください。`,
      { version },
    );
  }
  // Left by a crash. Its number may belong to anything by now, even to ourselves, and PostgreSQL would then refuse.
  rmSync(join(server.cluster, 'postmaster.pid'), { force: true });
  if (!existsSync(passwordFile(server))) await setPasswords(server, server.cluster);
  // A second try helps when the port was taken in between, or when the processes of a killed server are still leaving.
  for (let attempt = 1; ; attempt++) {
    const output = await launch(server, await choosePort(wishedPort));
    if (output === undefined) return;
    if (attempt === 20 || !/could not bind|Address already in use|still in use/.test(output)) {
      throw startFailed(
        `組み込みのPostgreSQLを起動できませんでした。記録 ${logFile(server)} を確認してください。原因が分からないときは、この記録を添えて情報システムの担当者に連絡してください。`,
        { log: tail(output) },
      );
    }
    await sleep(100);
  }
}

/** Returns undefined when the server is up, otherwise what it said before it ended. */
async function launch(server: Server, port: number): Promise<string | undefined> {
  const file = logFile(server);
  if (existsSync(file) && statSync(file).size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  // Appended by PostgreSQL itself: the output must go on when this process is gone.
  const fd = openSync(file, 'a', 0o600);
  server.own(file);
  const from = statSync(file).size;
  const settings = Object.entries(settingsFor(server, port)).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const windows = process.platform === 'win32';
  // An administrator's postgres.exe refuses to run; pg_ctl gives up the rights first.
  const program = server.binaries.program(windows ? 'pg_ctl' : 'postgres');
  const args = windows
    ? ['start', '-W', '-D', server.cluster, '-l', file, '-o', settings.join(' ')]
    : ['-D', server.cluster, ...settings];
  // Detached: Ctrl-C in the terminal is for us, and we stop the server after our own work has ended.
  const child = spawn(program, args, {
    ...surroundings(server.runAs),
    detached: true,
    stdio: ['ignore', fd, fd],
  });
  closeSync(fd);
  child.unref();
  let ended: Error | true | undefined;
  child.on('error', (error) => (ended = cannotRun(program, error)));
  child.on('exit', (code) => (ended ??= windows && code === 0 ? undefined : true));

  const patience = performance.now() + START_PATIENCE_MS;
  let patient = performance.now() + 5_000;
  for (;;) {
    if (ended instanceof Error) throw ended;
    if (ended) return readFileSync(file).subarray(from).toString('utf8');
    if (runningPostmaster(server.cluster)?.ready) return undefined;
    const now = performance.now();
    if (now > patience) throw startFailed('データベースの起動が終わりません。', { log: logFile(server) });
    if (now > patient) {
      server.log(
        'データベースの起動を待っています(前回の異常終了からの復旧には時間がかかることがあります)。',
      );
      patient += 30_000;
    }
    await sleep(5);
  }
}

/**
 * Its log must not hold personal data: no failing statements, no details that quote rows, and of errors not even the
 * message, which quotes the value that does not fit. What fails is in our own log, by its code.
 */
function settingsFor(server: Server, port: number): Record<string, string | number> {
  return {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    timezone: 'Asia/Tokyo',
    log_timezone: 'Asia/Tokyo',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_min_messages: 'log',
    log_parameter_max_length_on_error: 0,
    log_statement: 'none',
    lc_messages: 'C',
    ...(server.unsafeFast && {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      autovacuum: 'off',
      wal_level: 'minimal',
      max_wal_senders: 0,
      max_wal_size: '128MB',
    }),
  };
}

async function choosePort(wished = 0): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number | undefined>((resolve) => {
    probe.once('error', () => resolve(undefined));
    probe.listen({ host: '127.0.0.1', port: wished, exclusive: true }, () => {
      const address = probe.address();
      resolve(typeof address === 'object' ? address?.port : undefined);
    });
  });
  if (port !== undefined) await new Promise((resolve) => probe.close(resolve));
  return port ?? choosePort();
}

/** Fast shutdown: open transactions are rolled back, data are written. */
export async function stopPostmaster(server: Server, postmaster: Postmaster): Promise<void> {
  await signal(server, postmaster, 'SIGINT');
  const patience = performance.now() + STOP_PATIENCE_MS;
  while (runningPostmaster(server.cluster)?.pid === postmaster.pid) {
    if (performance.now() > patience) {
      server.log('データベースが時間内に止まらないため、強制的に停止します(次の起動で復旧します)。');
      return signal(server, postmaster, 'SIGQUIT');
    }
    await sleep(5);
  }
}

async function signal(server: Server, postmaster: Postmaster, name: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (process.platform === 'win32') {
    const mode = name === 'SIGINT' ? 'fast' : 'immediate';
    await run(server.binaries.program('pg_ctl'), ['stop', '-W', '-m', mode, '-D', server.cluster]);
    return;
  }
  try {
    process.kill(postmaster.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Clusters of a deleted DATA_DIR keep their data until somebody deletes them, but not a process. */
export function retireAbandoned(server: Server): void {
  for (const cluster of server.abandoned) {
    server.log(`以前の DATA_DIR のデータベースが ${cluster} に残っています。不要なら削除してください。`);
    const postmaster = runningPostmaster(cluster);
    // Smart shutdown: it waits for clients, should there still be any.
    if (postmaster) process.kill(postmaster.pid, 'SIGTERM');
  }
}

function tail(text: string): string {
  return text.trimEnd().split('\n').slice(-15).join('\n');
}
