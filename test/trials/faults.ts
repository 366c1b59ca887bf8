import { parseArgs } from 'node:util';
import { killImports, type ImportFaults } from './faults/imports.js';
import { killWaves, type WaveFaults } from './faults/waves.js';

const TRIALS = { imports: killImports, waves: killWaves };

/**
 * `npm run faults -- imports|waves [--kills N] [--seed S]`: kills programs N times at random moments. `imports` kills
 * commands and the database, and holds what is left against what was there before and what should be there after; `waves`
 * kills those that send 10,000 messages to a mail server that makes every trouble, and asks what has arrived how often.
 */
export default async function main(args: string[]): Promise<ImportFaults | WaveFaults> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      // The outcome is one line of JSON with or without it.
      json: { type: 'boolean' },
    },
  });
  const trial = TRIALS[positionals.join() as keyof typeof TRIALS];
  if (!trial) throw new Error('say what is to be killed: faults -- imports or faults -- waves');
  const [kills, seed] = [values.kills, values.seed].map((text) => {
    if (!/^\d{1,6}$/.test(text)) throw new Error(`not a whole number: ${text}`);
    return Number(text);
  });
  return trial(kills!, seed!, (line) => process.stderr.write(`${line}\n`));
}
