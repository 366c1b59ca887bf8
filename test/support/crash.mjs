/** Ends as a program of ours would by an error that nobody catches: `throw` or `reject`. */
import { DataSource } from 'typeorm';
import { createLogger } from '../../dist/src/platform/logging.js';
import { crashQuietly } from '../../dist/src/process.js';

const [, , how, url, secret] = process.argv;
const db = await new DataSource({ type: 'postgres', url }).initialize();
crashQuietly(createLogger('info'));
const failing = db.query('SELECT $1::int', [secret]);
if (how === 'throw')
  failing.catch((error) =>
    setImmediate(() => {
      throw error;
    }),
  );
setInterval(() => undefined, 1000);
