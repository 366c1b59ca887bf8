import { spawn, spawnSync } from 'node:child_process';
import { AppError } from '../errors.js';

export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export function startFailed(message: string, details: Record<string, unknown> = {}): AppError {
  return new AppError('database_start_failed', 'unexpected', message, details);
}

/**
 * What PostgreSQL's programs see of our surroundings: nothing of our environment (it may hold passwords) and a folder
 * that every user can enter. Windows programs do not start without its system variables.
 */
export function surroundings(runAs?: RunAs) {
  const env =
    process.platform === 'win32' ? {} : { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' } };
  const cwd = process.platform === 'win32' ? {} : { cwd: '/' };
  return { ...env, ...cwd, ...runAs, windowsHide: true };
}

/** Runs a program to its end. Output holds both of its streams. */
export async function run(
  program: string,
  args: string[],
  options: { runAs?: RunAs; input?: string } = {},
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...surroundings(options.runAs), stdio: 'pipe' });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    // The program may end without reading everything; its code and output tell why.
    child.stdin.on('error', () => {});
    child.on('error', (error) => reject(cannotRun(program, error)));
    child.on('close', (code) => resolve({ code, output }));
    child.stdin.end(options.input ?? '');
  });
}

/** Tries a shell condition as another user. */
export function shellTest(script: string, args: string[], runAs: RunAs): boolean {
  const tried = spawnSync('/bin/sh', ['-c', script, 'sh', ...args], {
    ...surroundings(runAs),
    stdio: 'ignore',
  });
  if (tried.error) throw cannotRun('/bin/sh', tried.error);
  return tried.status === 0;
}

export function cannotRun(program: string, error: Error): AppError {
  const { code } = error as NodeJS.ErrnoException;
  if (process.getuid?.() === 0 && (code === 'EPERM' || code === 'EINVAL')) {
    return startFailed(
      'PostgreSQLはrootでは動かせませんが、ほかの利用者に切り替える権限もありません。一般の利用者で実行するか、DATABASE_URL で外部のPostgreSQLを指定してください。',
      { program, code },
    );
  }
  return startFailed(
    '組み込みのPostgreSQLのプログラムを実行できませんでした。npm ci をやり直すか、DATABASE_URL で外部のPostgreSQLを指定してください。',
    { program, code, reason: error.message },
  );
}
