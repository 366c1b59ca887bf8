import { parseArgs } from 'node:util';
import { killImports, type ImportFaults } from './faults/imports.js';

/**
 * `npm run faults -- imports [--kills N] [--seed S]`: kills the programs and the database, N times at random moments,
 * and holds what is left against what was there before and what should be there after.
 */
export default async function main(args: string[]): Promise<ImportFaults> {
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
  if (positionals.join() !== 'imports') throw new Error('say what is to be killed: faults -- imports');
  const [kills, seed] = [values.kills, values.seed].map((text) => {
    if (!/^\d{1,6}$/.test(text)) throw new Error(`not a whole number: ${text}`);
    return Number(text);
  });
  return killImports(kills!, seed!, (line) => process.stderr.write(`${line}\n`));
}
