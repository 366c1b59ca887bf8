import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  /** False while it starts or stops. */
  readonly ready: boolean;
}

/** The PostgreSQL server that works on this cluster, read from the file it keeps there. Stale files do not count. */
export function runningPostmaster(cluster: string): Postmaster | undefined {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  // Lines of the file: pid, data folder, start time, port, socket folder, address, shared memory, state.
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !worksOn(pid, cluster)) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
}

/** A number alone proves nothing: after a crash it soon belongs to another process. */
function worksOn(pid: number, cluster: string): boolean {
  if (process.platform === 'win32') return existsSync(`\\\\.\\pipe\\pgsignal_${pid}`);
  if (process.platform !== 'linux') return commandOf(pid).includes(`-D ${cluster} `);
  try {
    return (
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster) ||
      workingFolder(pid) === cluster
    );
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

/** A server whose folder was moved still works in it. Not every root may ask (containers). */
function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
