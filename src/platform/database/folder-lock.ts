import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `action` while no other process of this machine runs one with the same folder.
 *
 * Everybody puts down a file under a name nobody else ever uses, then looks: whoever sees no other living file goes
 * in, the others take theirs back and try again. Of two, at least one put its file down before the other looked, so
 * they never both go in. A file left by a dead process is passed over; no lock is ever taken away from anybody,
 * which is where locks kept in a single file go wrong.
 */
export async function withFolderLock<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const mine = join(folder, `${process.pid}_${processStart(process.pid)}_${randomUUID()}`);
  for (;;) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(mine, '');
    try {
      if (!livingOthers(folder, basename(mine))) return await action();
    } finally {
      rmSync(mine, { force: true });
    }
    await sleep(5 + Math.random() * 20);
  }
}

function livingOthers(folder: string, mine: string): boolean {
  let living = false;
  for (const name of readdirSync(folder)) {
    if (name === mine) continue;
    const [pid, start] = name.split('_');
    if (start !== '' && processStart(Number(pid)) === start) living = true;
    else rmSync(join(folder, name), { force: true });
  }
  return living;
}

/**
 * When a process began, as a word that tells it from a later process with the same number; '' when there is none.
 * Windows has no cheap way to ask, so there a reused number counts as the same process.
 */
function processStart(pid: number): string {
  try {
    if (process.platform === 'linux') {
      // The name in the second field may hold spaces and brackets: count from its end. The 22nd field is the start.
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    }
    process.kill(pid, 0);
    if (process.platform === 'win32') return 'alive';
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'latin1' }).replace(
      /\W+/g,
      '',
    );
  } catch {
    return '';
  }
}
