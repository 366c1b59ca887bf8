/**
 * Runs a trial: `node scripts/trial.mjs hostile --inputs 1000` calls the default export of test/trials/hostile.ts with
 * the arguments, on a server with a migrated template database as the tests have it. What it answers is printed as
 * the one line of JSON on standard output, or as its `text` where it has one; `lost` above zero is exit code 1. Everything else goes to standard error.
 */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFileSync } from '@swc/core';
import { transform } from '../jest.config.js';
import { buildIfStale, root } from './build-if-stale.mjs';

const [, , name, ...args] = process.argv;
buildIfStale();
for (const folder of ['trials', 'support']) writeProgram(join('test', folder));

process.setSourceMapsEnabled(true);
const { default: globalSetup } = await import('../test/support/global-setup.js');
const { default: globalTeardown } = await import('../test/support/global-teardown.js');
const { default: trial } = await import(
  pathToFileURL(join(root, 'dist', 'test', 'trials', `${name}.js`)).href
);
try {
  await globalSetup();
  const outcome = await trial(args);
  process.stdout.write(`${outcome.text ?? JSON.stringify(outcome)}\n`);
  process.exitCode = outcome.lost > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await globalTeardown();
}

/** Beside the built program in dist, so that a trial and the program share their modules; types are for `npm run check`. */
function writeProgram(folder) {
  for (const path of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
    if (!/(?<!\.d)\.ts$/.test(path)) continue;
    const source = join(root, folder, path);
    const target = join(root, 'dist', folder, path.replace(/\.ts$/, '.js'));
    if (existsSync(target) && statSync(target).mtimeMs > statSync(source).mtimeMs) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, transformFileSync(source, { ...transform['^.+\\.ts$'][1], swcrc: false }).code);
  }
}
