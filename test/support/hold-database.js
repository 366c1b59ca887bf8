/** A process that uses the embedded database of the folder named on its command line until it is told `release`. */
import { acquireEmbeddedPostgres } from '../../dist/src/platform/database/embedded-postgres.js';

const { url, release } = await acquireEmbeddedPostgres({ dataDir: process.argv[2], unsafeFast: true });
process.stdout.write(`${url}\n`);
process.stdin.once('data', () => void release().then(() => process.exit(0)));
