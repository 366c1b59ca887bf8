import { Agent, get } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** A worker that asks one address again and again over kept connections, and answers how often a second. */
interface Load {
  readonly port: number;
  readonly path: string;
  readonly cookie: string;
  readonly connections: number;
  readonly milliseconds: number;
}

const { port, path, cookie, connections, milliseconds } = workerData as Load;
const agent = new Agent({ keepAlive: true, maxSockets: connections });

function ask(): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent, headers: { cookie } }, (answer) => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${path}: ${answer.statusCode}`)),
      );
    }).on('error', reject);
  });
}

const started = performance.now();
let answered = 0;
await Promise.all(
  Array.from({ length: connections }, async () => {
    while (performance.now() - started < milliseconds) {
      await ask();
      answered++;
    }
  }),
);
agent.destroy();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort!.postMessage((answered * 1_000) / (performance.now() - started));
