import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Pool } from 'pg';
import { SessionService } from '../../../src/access/session.service.js';
import { UserService } from '../../../src/access/user.service.js';
import { askedBy } from '../../support/statements.js';
import type { BenchService } from './bench-service.js';
import { atLeast, ratio, type Ratio } from './ratio.js';
import { median } from './stopwatch.js';

const ROUNDS = 5;
const CONNECTIONS = 8;
const MILLISECONDS = 2_000;

/**
 * The overview page and the API's answer about a unit, each with everything that a request brings along (session,
 * rights, limits, rendering), against a bare handler that asks the database the same prepared statements and writes
 * their rows as JSON. Both listen in this process; the load comes from another thread.
 */
export async function requests(city: BenchService): Promise<Ratio[]> {
  const pool = city.pool(10);
  const name = 'bench';
  await city.app.get(UserService).add({ name, role: 'hr', password: 'kaze-to-umi-7' }, 'bench');
  const [user]: { id: number }[] = await city.db.query('SELECT id FROM app_user WHERE name = $1', [name]);
  const { token } = await city.app.get(SessionService).open({ id: user!.id, name });
  const cookie = `session=${token}`;
  const pages = [
    ['overview page', '/'],
    ['unit over the API', '/api/v1/units/ROOT/adoption'],
  ] as const;
  const ratios: Ratio[] = [];
  for (const [what, path] of pages) {
    const bare = await bareHandler(city, pool, { path, cookie });
    const perSecond = { ours: [] as number[], bare: [] as number[] };
    const load = (port: number, milliseconds = MILLISECONDS) =>
      loaded({ port, path, cookie, connections: CONNECTIONS, milliseconds });
    try {
      for (const port of [city.port, bare.port]) await load(port, 1_000);
      for (let round = 0; round < ROUNDS; round++) {
        perSecond.bare.push(await load(bare.port));
        perSecond.ours.push(await load(city.port));
      }
    } finally {
      bare.server.close();
    }
    const [oursRate, bareRate] = [median(perSecond.ours), median(perSecond.bare)];
    ratios.push(
      ratio(`${what} ÷ bare Node handler (requests a second)`, city.size, atLeast(0.5), oursRate / bareRate, {
        'ours/s': oursRate,
        'bare/s': bareRate,
        statements: bare.statements,
      }),
    );
  }
  return ratios;
}

interface BareHandler {
  readonly server: Server;
  readonly port: number;
  readonly statements: number;
}

async function bareHandler(
  city: BenchService,
  pool: Pool,
  { path, cookie }: { path: string; cookie: string },
): Promise<BareHandler> {
  const asked = await askedBy(city.app, async () => {
    await city.app.inject({ url: path, headers: { cookie } });
  });
  const prepared = asked.map(({ text, values }, n) => ({
    name: `bare_${path}_${n}`,
    text,
    values: [...values],
  }));
  const answer = async (response: ServerResponse) => {
    const answers = await Promise.all(prepared.map((statement) => pool.query(statement)));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers.map(({ rows }) => rows as unknown)));
  };
  const server = createServer((_request, response) => {
    answer(response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, statements: prepared.length };
}

function loaded(workerData: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./load.js', import.meta.url), { workerData });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
