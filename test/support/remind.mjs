/**
 * Sending in a process of its own, from the built program, for tests that kill it: `node remind.mjs DAY` sends one wave
 * and prints the run as JSON; without a day it works on the queue until SIGTERM and prints the name of the worker. With
 * the environment of the service, and PACE, a DeliveryPace as JSON.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ACCESS_ENTITIES } from '../../dist/src/access/access.entities.js';
import { everything } from '../../dist/src/access/scope.js';
import { readConfig } from '../../dist/src/platform/config.js';
import { createLogger } from '../../dist/src/platform/logging.js';
import { PlatformModule } from '../../dist/src/platform/platform.module.js';
import { DeliveryPace } from '../../dist/src/reminders/delivery-pace.service.js';
import { DeliveryWorker } from '../../dist/src/reminders/delivery-worker.service.js';
import { RemindersModule } from '../../dist/src/reminders/reminders.module.js';
import { WaveService } from '../../dist/src/reminders/wave.service.js';

class OneWave {}

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
else await remind(process.argv[2]);

async function work() {
  const worker = app.get(DeliveryWorker);
  process.once('SIGTERM', () => void app.close());
  await worker.start();
  process.stdout.write(`${worker.id}\n`);
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
