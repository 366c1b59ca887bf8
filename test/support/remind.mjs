/**
 * Sending in a process of its own, from the built program, for tests that kill it: `node remind.mjs DAY` sends one wave
 * and prints the run as JSON; `schedule` instead of a day begins the waves that are due; without a day it works on the queue until SIGTERM and prints the name of the worker. With
 * the environment of the service, and PACE, a DeliveryPace as JSON.
 */
import { once } from 'node:events';
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ACCESS_ENTITIES } from '../../dist/src/access/access.entities.js';
import { everything } from '../../dist/src/access/scope.js';
import { readConfig } from '../../dist/src/platform/config.js';
import { keepHeapSmall } from '../../dist/src/platform/heap.js';
import { createLogger } from '../../dist/src/platform/logging.js';
import { PlatformModule } from '../../dist/src/platform/platform.module.js';
import { DeliveryPace } from '../../dist/src/reminders/delivery-pace.service.js';
import { DeliveryWorker } from '../../dist/src/reminders/delivery-worker.service.js';
import { RemindersModule } from '../../dist/src/reminders/reminders.module.js';
import { WaveScheduler } from '../../dist/src/reminders/wave-scheduler.service.js';
import { WaveService } from '../../dist/src/reminders/wave.service.js';

class OneWave {}

keepHeapSmall();

const config = readConfig();
const platform = PlatformModule.forRoot({
  config,
  logger: createLogger('warn'),
  databaseUrl: config.databaseUrl,
  entities: ACCESS_ENTITIES,
});
const app = await NestFactory.createApplicationContext(
  { module: OneWave, imports: [platform, RemindersModule] },
  { logger: ['error'] },
);
// Whoever was killed before is found dead within a second.
Object.assign(
  app.get(DeliveryPace),
  { heartbeat: 200, deadAfter: 1_000 },
  JSON.parse(process.env.PACE ?? '{}'),
);
if (process.argv[2] === undefined) await work();
else if (process.argv[2] === 'schedule') await schedule();
else await remind(process.argv[2]);

async function work() {
  const worker = app.get(DeliveryWorker);
  process.once('SIGTERM', () => void app.close());
  await worker.start();
  process.stdout.write(`${worker.id}\n`);
}

/** Looks once which waves are due, at the word on standard input, and works on until SIGTERM. */
async function schedule() {
  process.once('SIGTERM', () => void app.close());
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  process.stdin.unref();
  process.stdout.write(`${JSON.stringify(await app.get(WaveScheduler).look())}\n`);
  await app.get(DeliveryWorker).start();
}

async function remind(on) {
  try {
    const run = await app.get(WaveService).start(everything('test'), 'manager-monthly', on);
    process.stdout.write(`${JSON.stringify(run)}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ code: error.code ?? String(error) })}\n`);
  } finally {
    await app.close();
  }
}
