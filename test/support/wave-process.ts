import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { NOW } from './reminder-city.js';

const PROGRAM = fileURLToPath(new URL('remind.mjs', import.meta.url));

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
  const child = spawn(process.execPath, [PROGRAM, on], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      SMTP_URL: smtpUrl,
      MAIL_FROM: 'jinji@example.jp',
      BASE_URL: 'https://card.example.jp',
      NOW,
    },
  });
  const result = new Promise<Awaited<WaveProcess['result']>>((resolve, reject) => {
    let output = '';
    child.stdout!.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', () => resolve(output === '' ? null : JSON.parse(output)));
  });
  return { child, result };
}
