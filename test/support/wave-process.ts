import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../src/platform/project-root.js';
import { NOW } from './reminder-city.js';

/** Trials run from dist, beside which this program is not. */
const PROGRAM = join(projectRoot, 'test', 'support', 'remind.mjs');

export interface WaveProcess {
  readonly child: ChildProcess;
  /** What it printed, once it is gone; null when it was killed before it could. */
  readonly result: Promise<{
    code?: string;
    state?: string;
    sentNow?: number;
    counts?: Record<string, number>;
  } | null>;
}

/** `remind` in a process of its own, from the built program. */
export function startWaveProcess(databaseUrl: string, smtpUrl: string, on: string): WaveProcess {
  const child = spawnProgram(databaseUrl, smtpUrl, [on], {});
  const result = new Promise<Awaited<WaveProcess['result']>>((resolve, reject) => {
    let output = '';
    child.stdout!.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', () => resolve(output === '' ? null : JSON.parse(output)));
  });
  return { child, result };
}

/** A process that works on whatever is queued; `id` is what its deliveries are marked with. */
export async function startWorkerProcess(
  databaseUrl: string,
  smtpUrl: string,
  env: Record<string, string>,
): Promise<{ readonly child: ChildProcess; readonly id: string }> {
  const child = spawnProgram(databaseUrl, smtpUrl, [], env);
  const [name] = (await Promise.race([once(child.stdout!, 'data'), once(child, 'close')])) as [unknown];
  if (!Buffer.isBuffer(name)) throw new Error(`the worker ended before it began: ${String(name)}`);
  return { child, id: name.toString().trim() };
}

export interface SchedulerProcess {
  /** Begins the waves that are due at its moment, and answers them. */
  look(): Promise<number[]>;
  stop(): Promise<void>;
}

/** A process of the service at a moment, waiting to be told to look. */
export async function startSchedulerProcess(
  databaseUrl: string,
  smtpUrl: string,
  moment: string,
): Promise<SchedulerProcess> {
  const child = spawnProgram(databaseUrl, smtpUrl, ['schedule'], { NOW: moment }, 'pipe');
  const gone = once(child, 'close');
  const [ready] = (await Promise.race([once(child.stdout!, 'data'), gone])) as [unknown];
  if (String(ready).trim() !== 'ready')
    throw new Error(`the process ended before it began: ${String(ready)}`);
  return {
    look: async () => {
      const answer = once(child.stdout!, 'data');
      child.stdin!.end('look\n');
      const [text] = (await answer) as [Buffer];
      return JSON.parse(text.toString()) as number[];
    },
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

function spawnProgram(
  databaseUrl: string,
  smtpUrl: string,
  args: readonly string[],
  env: Record<string, string>,
  stdin: 'ignore' | 'pipe' = 'ignore',
): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    stdio: [stdin, 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'jinji@example.jp',
      BASE_URL: 'https://card.example.jp',
      NOW,
      ...env,
    },
  });
}
