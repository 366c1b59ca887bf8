import type { Command } from 'commander';
import { AppError } from '../platform/errors.js';

/** Part of the contract, not of this version: they answer so instead of pretending. Hidden from the help. */
const LATER = ['backup', 'restore', 'soak', 'opendata'];

export function addLaterCommands(program: Command): void {
  for (const name of LATER) {
    program
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        throw new AppError('not_available', 'not_available', `${name} はまだ使えません(not available yet)。`);
      });
  }
}
