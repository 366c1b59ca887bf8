/**
 * Writes the demo city, seed/demo: units, rosters and status lists as a city hall's systems export them (CP932, CRLF,
 * titles, notes), and the approved exceptions. Everybody in them is invented. The same seed gives the same bytes.
 * Afterwards the files are read back and recounted; exits 1 when a figure of demo/figures.mjs does not come out.
 * `node scripts/make-demo-data.mjs`; `--check` only recounts what is there.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'csv-stringify/sync';
import iconv from 'iconv-lite';
import { recordCards } from './demo/card-events.mjs';
import { describe } from './demo/details.mjs';
import { exceptionList, statusFiles, unitFile } from './demo/other-files.mjs';
import { buildPopulation } from './demo/population.mjs';
import { chance as chanceOf } from './demo/random.mjs';
import { rosterFiles } from './demo/roster-files.mjs';
import { transfer } from './demo/transfers.mjs';
import { buildUnits } from './demo/units.mjs';
import { verify } from './demo/verify.mjs';

const SEED = 20221031;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'seed', 'demo');

function write({ file, lines }) {
  const text = lines
    .map((cells) => stringify([cells], { record_delimiter: '\r\n', quoted_match: '\n' }))
    .join('');
  const bytes = iconv.encode(text, 'cp932');
  if (iconv.decode(bytes, 'cp932') !== text) throw new Error(`${file}: CP932 cannot hold all of it`);
  writeFileSync(join(folder, file), bytes);
}

function make() {
  const chance = chanceOf(SEED);
  const units = buildUnits();
  const people = buildPopulation(units, chance);
  transfer(people, units, chance);
  describe(people, units, chance);
  recordCards(people, chance);
  const files = [
    unitFile(people, units, chance),
    ...rosterFiles(people, units, chance),
    ...statusFiles(people, chance),
  ];
  files.forEach(write);
  writeFileSync(join(folder, 'exceptions.json'), `${JSON.stringify(exceptionList(people), null, 2)}\n`);
  for (const { file, lines } of files) console.log(`${file}: ${lines.length} lines`);
}

if (!process.argv.includes('--check')) make();
const { wrong, rates, movedInApril, size } = await verify(folder, root);
console.table(rates);
console.log(`${movedInApril} people moved on 2022-04-01; seed/demo has ${size} bytes`);
for (const line of wrong.slice(0, 40)) console.error(`WRONG ${line}`);
console.log(wrong.length ? `${wrong.length} figures do not hold` : 'every figure holds');
process.exitCode = wrong.length ? 1 : 0;
