import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { projectRoot } from '../../src/platform/project-root.js';

const DIST = join(projectRoot, 'dist', 'src');

export interface Outcome {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves when the text stands on standard output; rejects when the program ends without it. */
  says(text: string): Promise<void>;
  signal(name: NodeJS.Signals): Promise<Outcome>;
}

const started = new Set<ChildProcess>();

/** A program as it is built and installed, with nothing of the test's environment but what is given. */
export function start(name: 'main' | 'cli', args: readonly string[], env: Record<string, string>): Program {
  const child = spawn(process.execPath, [join(DIST, `${name}.js`), ...args], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => (stdout += chunk));
  child.stderr!.on('data', (chunk) => (stderr += chunk));
  const ended = once(child, 'close').then(([code]) => {
    started.delete(child);
    return { code: code as number | null, stdout, stderr };
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (stdout.includes(text)) resolve();
      };
      child.stdout!.on('data', look);
      look();
      void ended.then(({ code }) => reject(new Error(`${name} ended with ${code}: ${stderr}`)));
    });
  const signal = (signalName: NodeJS.Signals) => {
    child.kill(signalName);
    return ended;
  };
  return { child, ended, says, signal };
}

export const cli = (env: Record<string, string>, ...args: string[]): Promise<Outcome> =>
  start('cli', args, env).ended;

/** For `afterEach`: a test that failed leaves nothing running. */
export async function killStarted(): Promise<void> {
  await Promise.all(
    [...started].map(async (child) => {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    }),
  );
}

/** The number of the embedded PostgreSQL of this data folder, or undefined when it is not running. */
export function postgresOf(dataDir: string): number | undefined {
  const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n', 1)[0]);
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}
