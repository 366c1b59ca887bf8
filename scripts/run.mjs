/**
 * Starts a program of this project (`main`, `cli`, `demo`), building it first where the sources are newer.
 * An installation that carries only `dist` never builds. Build output goes to standard error, so that
 * `--json` keeps standard output to itself.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = process.argv[2];
const entry = join(root, 'dist', 'src', `${program}.js`);

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isStale() {
  if (!existsSync(join(root, 'src'))) return false;
  const built = join(root, 'dist', '.built');
  if (!existsSync(built)) return true;
  const sources = ['src', 'migrations', 'scripts/build-assets.mjs', 'package.json', 'tsconfig.json'];
  return Math.max(...sources.map((name) => newest(join(root, name)))) > statSync(built).mtimeMs;
}

if (isStale()) {
  const build = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

// In this very process, so that a signal or a kill meant for the program reaches the program.
process.setSourceMapsEnabled(true);
process.argv.splice(1, 2, entry);
await import(pathToFileURL(entry).href);
