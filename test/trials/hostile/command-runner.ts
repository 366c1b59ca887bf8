import type { INestApplicationContext } from '@nestjs/common';
import { CommanderError } from 'commander';
import { createProgram } from '../../../src/cli/program.js';
import { roomsOf } from '../../../src/cli/rooms.js';
import { refuseIndividualNumbers } from '../../../src/cli/usage.js';
import { AppError } from '../../../src/platform/errors.js';

export interface CommandResult {
  /** `done`, `refused` or, where nobody foresaw it, `failed`. */
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly code: string;
  readonly output: string;
}

/** The command line in this process, on rooms that are open already: what runProgram does around it stands here again. */
export async function runCommand(
  app: INestApplicationContext,
  args: readonly string[],
): Promise<CommandResult> {
  const written: string[] = [];
  const write = process.stdout.write;
  const exitCode = process.exitCode;
  process.stdout.write = ((text: string | Uint8Array) => written.push(String(text)) > 0) as typeof write;
  const result = (outcome: CommandResult['outcome'], code: string, message = '') => ({
    outcome,
    code,
    output: written.join('') + message,
  });
  try {
    refuseIndividualNumbers(args);
    await createProgram(async () => ({
      rooms: roomsOf(app),
      stop: async () => {},
      onInterrupt: () => {},
    })).parseAsync(args, {
      from: 'user',
    });
    const code = Number(process.exitCode ?? 0);
    return code === 1 ? result('failed', 'exit 1') : result(code === 0 ? 'done' : 'refused', String(code));
  } catch (error) {
    if (error instanceof CommanderError) return result(error.exitCode === 0 ? 'done' : 'refused', error.code);
    if (error instanceof AppError && error.kind !== 'unexpected')
      return result('refused', error.code, `${error.message} ${JSON.stringify(error.details)}`);
    return result('failed', error instanceof Error ? `${error.name} ${error.stack}` : typeof error);
  } finally {
    process.stdout.write = write;
    process.exitCode = exitCode;
  }
}
