import { createContext } from '../../src/context.setup.js';
import { runProgram } from '../../src/cli/program.js';
import { roomsOf } from '../../src/cli/rooms.js';
import { readConfig } from '../../src/platform/config.js';
import { createLogger } from '../../src/platform/logging.js';
import type { Outcome } from './programs.js';

/** Only one command can have this process's streams. */
let last: Promise<unknown> = Promise.resolve();

/**
 * A command line as src/cli.ts runs it, in this process: 20 times as fast as a program, which a test starts with `cli`
 * where the program itself is meant (signals, the end of the process, several at once). Every command opens rooms of
 * its own and closes them, so that it knows no more of the one before than what the database holds.
 */
export function command(env: Record<string, string>, ...args: string[]): Promise<Outcome> {
  const outcome = last.then(() => listen(() => runProgram(args, () => startRooms(env))));
  last = outcome.catch(() => {});
  return outcome;
}

async function startRooms(env: Record<string, string>) {
  const config = readConfig(env);
  const logger = createLogger('warn');
  const app = await createContext({ config, logger, databaseUrl: config.databaseUrl! });
  return { rooms: roomsOf(app), stop: () => app.close(), onInterrupt: () => {} };
}

/** What is written meanwhile, and the exit code that is set. */
async function listen(work: () => Promise<void>): Promise<Outcome> {
  const { exitCode, stdout, stderr } = process;
  const written = { stdout: '', stderr: '' };
  const [toOut, toErr] = [stdout.write, stderr.write];
  stdout.write = (text) => (written.stdout += String(text)) !== '';
  stderr.write = (text) => (written.stderr += String(text)) !== '';
  process.exitCode = undefined;
  try {
    await work();
    return { code: Number(process.exitCode ?? 0), ...written };
  } finally {
    process.exitCode = exitCode;
    stdout.write = toOut;
    stderr.write = toErr;
  }
}
