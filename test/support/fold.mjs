/** Sums up what changes have left, in a process of its own from the built program, for trials that kill it. */
import { createContext } from '../../dist/src/context.setup.js';
import { LedgerService } from '../../dist/src/adoption/ledger.service.js';
import { readConfig } from '../../dist/src/platform/config.js';
import { createLogger } from '../../dist/src/platform/logging.js';

const config = readConfig();
const app = await createContext({
  config,
  logger: createLogger(config.logLevel),
  databaseUrl: config.databaseUrl,
});
try {
  process.stdout.write(`${await app.get(LedgerService).fold()}\n`);
} finally {
  await app.close();
}
