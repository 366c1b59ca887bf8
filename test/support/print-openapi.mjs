/** The description of the API, from the built program: the compiler plugin that fills it in does nothing under Jest. */
import { createApp } from '../../dist/src/app.setup.js';
import { readConfig } from '../../dist/src/platform/config.js';
import { createLogger } from '../../dist/src/platform/logging.js';

const config = readConfig();
const app = await createApp({ config, logger: createLogger('warn'), databaseUrl: config.databaseUrl });
await app.init();
const server = app.getHttpAdapter().getInstance();
await server.ready();
const { body } = await server.inject({ url: '/api/openapi.json' });
process.stdout.write(body);
await app.close();
