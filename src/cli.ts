import { CommanderError } from 'commander';
import { createProgram } from './cli/program.js';
import { refuseIndividualNumbers, toUsageError } from './cli/usage.js';
import { fail, run } from './process.js';

const args = process.argv.slice(2);

// Whoever reads our output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  refuseIndividualNumbers(args);
  await createProgram(startRooms).parseAsync(process.argv);
} catch (error) {
  // Help that was asked for is no failure.
  if (!(error instanceof CommanderError && error.exitCode === 0)) {
    await fail(
      error instanceof CommanderError ? toUsageError(error) : error,
      ({ code, message, details }) => {
        if (args.includes('--json'))
          process.stdout.write(`${JSON.stringify({ ...details, code, detail: message })}\n`);
      },
    );
  }
}

/** Loads the rooms while the database starts: neither needs the other. */
async function startRooms() {
  const loading = Promise.all([import('./context.setup.js'), import('./cli/rooms.js')]);
  const { app, stop, onInterrupt } = await run(async (options) => (await loading)[0].createContext(options), {
    logLevel: 'warn',
    onSignal: 'abandon',
  });
  const rooms = (await loading)[1].roomsOf(app);
  // What has left the house cannot be rolled back: it is seen through.
  onInterrupt(() => rooms.deliveryWorker.stop());
  return { rooms, stop, onInterrupt };
}
