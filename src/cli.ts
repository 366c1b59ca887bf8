import { runProgram } from './cli/program.js';
import { run } from './process.js';

// Whoever reads our output may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

await runProgram(process.argv.slice(2), startRooms);

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
