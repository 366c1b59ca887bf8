/** Starts a program of this project (`main`, `cli`, `demo`), building it first where the sources are newer. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale, root } from './build-if-stale.mjs';

const entry = join(root, 'dist', 'src', `${process.argv[2]}.js`);
buildIfStale();

// In this very process, so that a signal or a kill meant for the program reaches the program.
process.setSourceMapsEnabled(true);
process.argv.splice(1, 2, entry);
await import(pathToFileURL(entry).href);
