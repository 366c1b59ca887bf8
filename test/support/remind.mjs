/**
 * One wave in a process of its own, from the built program, for tests that kill it:
 * `node remind.mjs DAY` with the environment of the service. Prints the run as JSON.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ACCESS_ENTITIES } from '../../dist/src/access/access.entities.js';
import { everything } from '../../dist/src/access/scope.js';
import { readConfig } from '../../dist/src/platform/config.js';
import { createLogger } from '../../dist/src/platform/logging.js';
import { PlatformModule } from '../../dist/src/platform/platform.module.js';
import { DeliveryPace } from '../../dist/src/reminders/delivery-pace.service.js';
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
Object.assign(app.get(DeliveryPace), { heartbeat: 200, deadAfter: 1_000 });
try {
  const run = await app.get(WaveService).start(everything('test'), 'manager-monthly', process.argv[2]);
  process.stdout.write(`${JSON.stringify(run)}\n`);
} catch (error) {
  process.stdout.write(`${JSON.stringify({ code: error.code ?? String(error) })}\n`);
} finally {
  await app.close();
}
