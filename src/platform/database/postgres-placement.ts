import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeSharedFolder, SHARED_PLACE } from './postgres-binaries.js';
import { type RunAs, shellTest, startFailed } from './postgres-process.js';

/**
 * Where the parts of one embedded database lie.
 *
 * `DATA_DIR/postgres` holds the password, the log, the lock and normally the cluster itself. PostgreSQL refuses to run
 * as root, so root runs it as another user; where that user cannot enter DATA_DIR, the cluster lies under SHARED_PLACE
 * and `DATA_DIR/postgres.location` names the folder. The folder's name carries a random id that only that file knows:
 * a DATA_DIR that is deleted and made again starts empty instead of finding the old data.
 */
export interface Placement {
  readonly control: string;
  /** The folder around the cluster. */
  readonly around: string;
  /** PostgreSQL's data folder. */
  readonly cluster: string;
  /** The user PostgreSQL runs as; undefined means ourselves. */
  readonly runAs?: RunAs;
  /** Clusters elsewhere that belonged to an earlier folder of the same path. */
  readonly abandoned: string[];
  /** Gives a file made by root to the owner of DATA_DIR. */
  own(path: string): void;
}

const LOCATION_NOTE = `
このDATA_DIRのデータベースの本体は、上のフォルダーにあります。
PostgreSQLはrootでは動かず、動かす利用者がこのDATA_DIRに入れないためです。
バックアップには上のフォルダーも含めてください。このファイルは消さないでください。
`;

/** Finds the place of a database, or decides where a new one goes. Creates DATA_DIR. Throws AppError. */
export function placePostgres(dataDir: string): Placement {
  const asRoot = process.getuid?.() === 0;
  // Traversable, not readable: the service user must get through to its own folder.
  const mode = asRoot ? 0o711 : 0o700;
  mkdirSync(dataDir, { recursive: true, mode });
  const home = realpathSync(dataDir);
  const control = join(home, 'postgres');
  const inside = join(control, 'data');
  const location = join(home, 'postgres.location');
  const { uid, gid } = statSync(home);
  const own = (path: string) => {
    if (asRoot && uid !== 0) chownSync(path, uid, gid);
  };
  if (!existsSync(control)) {
    mkdirSync(control, { recursive: true });
    chmodSync(control, mode);
    own(control);
  }

  if (!asRoot) {
    if (existsSync(location) || (existsSync(inside) && statSync(inside).uid !== process.getuid?.())) {
      throw startFailed(
        `${home} のデータベースは別の利用者(root など)が作ったものです。同じ利用者で実行するか、別の DATA_DIR を指定してください。`,
      );
    }
    return { control, around: control, cluster: inside, abandoned: [], own };
  }

  if (existsSync(location)) return elsewhere(home, control, readLocation(location), own);
  const runAs = existsSync(inside) ? ownerOf(inside) : uid !== 0 ? { uid, gid } : serviceUser();
  if (shellTest('cd -- "$1"', [control], runAs)) {
    return { control, around: control, cluster: inside, runAs, abandoned: [], own };
  }
  if (existsSync(inside)) {
    throw startFailed(
      `データベースを動かす利用者が ${control} に入れなくなっています。このフォルダーと上位フォルダーの権限を元に戻してください。`,
      { uid: runAs.uid },
    );
  }
  return elsewhere(home, control, settleElsewhere(home, location, own), own);
}

function elsewhere(home: string, control: string, around: string, own: Placement['own']): Placement {
  const cluster = join(around, 'data');
  const prefix = placePrefix(home);
  const abandoned = readdirSync(SHARED_PLACE)
    .filter((name) => name.startsWith(prefix) && name !== basename(around))
    .map((name) => join(SHARED_PLACE, name))
    .filter((folder) => readIfThere(join(folder, 'belongs-to')) === home)
    .map((folder) => join(folder, 'data'));
  return {
    control,
    around,
    cluster,
    runAs: existsSync(cluster) ? ownerOf(cluster) : serviceUser(),
    abandoned,
    own,
  };
}

function settleElsewhere(home: string, location: string, own: Placement['own']): string {
  const around = join(SHARED_PLACE, placePrefix(home) + randomBytes(6).toString('hex'));
  makeSharedFolder(SHARED_PLACE);
  mkdirSync(around);
  chmodSync(around, 0o711);
  writeFileSync(join(around, 'belongs-to'), home);
  try {
    writeFileSync(location, `${around}\n${LOCATION_NOTE}`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // Another process was quicker; the empty folder made above disturbs nobody.
    return readLocation(location);
  }
  own(location);
  return around;
}

function readLocation(location: string): string {
  const home = dirname(location);
  const around = readFileSync(location, 'utf8').split('\n', 1)[0]!.trim();
  if (dirname(around) !== SHARED_PLACE || !/^[0-9a-f]{16}-[0-9a-f]{12}$/.test(basename(around))) {
    throw startFailed(
      `${location} の1行目がデータベースの場所として正しくありません。元の内容に戻してください。`,
    );
  }
  const belongsTo = readIfThere(join(around, 'belongs-to'));
  if (belongsTo === undefined) {
    throw startFailed(
      `データベースの本体 ${around} が見つかりません。バックアップから戻してください。新しく始めてよいときは ${location} を削除してください。`,
    );
  }
  if (belongsTo !== home) {
    if (readIfThere(join(belongsTo, 'postgres.location'))?.startsWith(`${around}\n`)) {
      throw startFailed(
        `${home} は ${belongsTo} の写しで、同じデータベースを指しています。元のフォルダーを使うか、${location} を削除して空のデータベースで始めてください。`,
      );
    }
    // DATA_DIR was moved, and its database goes with it.
    writeFileSync(join(around, 'belongs-to'), home);
  }
  return around;
}

function placePrefix(home: string): string {
  return `${createHash('sha256').update(home).digest('hex').slice(0, 16)}-`;
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function ownerOf(path: string): RunAs {
  const { uid, gid } = statSync(path);
  return { uid, gid };
}

function serviceUser(): RunAs {
  for (const name of ['postgres', 'nobody']) {
    const id = (option: string) =>
      Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    try {
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user here: try the next.
    }
  }
  throw startFailed(
    'PostgreSQLはrootでは動かせず、代わりに使う利用者(postgres または nobody)もいません。一般の利用者で実行してください。',
  );
}
