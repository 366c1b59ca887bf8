import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Builds where the sources are newer; an installation that carries only `dist` never builds. Build output goes to
 * standard error, so that standard output belongs to the program that is started next.
 */
export function buildIfStale() {
  if (!isStale()) return;
  const build = spawnSync('npm', ['run', '-s', 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (build.status !== 0) process.exit(build.status ?? 1);
}

function isStale() {
  if (!existsSync(join(root, 'src'))) return false;
  const built = join(root, 'dist', '.built');
  if (!existsSync(built)) return true;
  const folders = ['src', 'migrations', 'templates'];
  const settings = ['package.json', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'];
  const sources = [...folders, ...settings, 'scripts/build-assets.mjs'];
  return Math.max(...sources.map((name) => newest(join(root, name)))) > statSync(built).mtimeMs;
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
