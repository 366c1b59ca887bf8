/** Starts the built programs as an operator would, each in a folder of its own that is removed afterwards. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const START_LIMIT_MS = 120_000;

/** @returns {Promise<string>} an empty folder, or rather the name of one that the program makes */
export async function temporaryFolder() {
  return join(await mkdtemp(join(tmpdir(), 'tracker-e2e-')), 'data');
}

export async function removeFolder(dataDir) {
  await rm(join(dataDir, '..'), { recursive: true, force: true });
}

/**
 * Runs dist/src/<program>.js on a free port until it says that it can be used.
 * `output` is all it has printed until then; `stop` sends SIGTERM and waits for the end.
 */
export async function startProgram(program, dataDir, env = {}) {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, [join(root, 'dist', 'src', `${program}.js`)], {
    cwd: root,
    // Nothing of the surrounding shell reaches the service under test.
    env: {
      PATH: process.env.PATH,
      TMPDIR: process.env.TMPDIR,
      DATA_DIR: dataDir,
      PORT: String(port),
      BASE_URL: url,
      LOG_LEVEL: 'warn',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  const ready = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      // The sign-ins of the demo come with the line of its address; the last of them is the operator's.
      if (program === 'demo' ? /\n {2}joho .*\n/.test(output) : output.includes(`${url} で`))
        resolve('ready');
    });
  });
  const limit = new Promise((resolve) => setTimeout(resolve, START_LIMIT_MS, 'late').unref());
  const outcome = await Promise.race([ready, ended, limit]);
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  if (outcome !== 'ready') {
    await stop();
    throw new Error(`${program} did not start (${outcome}):\n${output}\n${errors}`);
  }
  return { url, output, stop };
}

/** The demo's sign-ins as printed: account name → one-time password. */
export function signInsOf(output) {
  return Object.fromEntries(
    [...output.matchAll(/^ {2}(\w+) +((?:[a-z0-9]{4}-){3}[a-z0-9]{4}) /gm)].map((m) => [m[1], m[2]]),
  );
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
