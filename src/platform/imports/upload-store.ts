import { randomUUID } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../errors.js';
import type { InputFile } from './import-report.js';

/** Tells this process from an earlier one that had the same number, as in a container that starts again. */
const INSTANCE = randomUUID();

/** Receiving ends after minutes, reading after as many. */
const OLDEST_UPLOAD_MS = 3_600_000;

/**
 * Uploaded files on their way from preview to apply, readable by this service's user only. A file stays under the id
 * of its batch until the batch is applied or discarded; a refused file is removed at once.
 */
export class UploadStore {
  private readonly root: string;

  constructor(dataDir: string) {
    this.root = join(dataDir, 'imports');
  }

  /** Writes the stream to a new file under a name of our own; the sender's name is only remembered. */
  async receive(name: string, content: Readable): Promise<InputFile> {
    const folder = join(this.root, `incoming-${process.pid}-${INSTANCE}-${randomUUID()}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'file');
    try {
      await pipeline(content, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return { name, path };
  }

  async drop(files: readonly InputFile[]): Promise<void> {
    for (const file of files) {
      if (file.path.startsWith(this.root)) await rm(join(file.path, '..'), { recursive: true, force: true });
    }
  }

  /** Keeps the files for the batch, in their order. */
  async keep(batchId: number, files: readonly InputFile[]): Promise<void> {
    const folder = this.folderOf(batchId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const [index, file] of files.entries()) {
      const target = join(folder, String(index));
      if (file.path.startsWith(this.root)) await rename(file.path, target);
      else await cp(file.path, target);
    }
    await this.drop(files);
  }

  /** Throws `import_outdated` where they are gone: a process was killed while it put them there, or DATA_DIR is another. */
  kept(batchId: number, names: readonly string[]): InputFile[] {
    const files = names.map((name, index) => ({ name, path: join(this.folderOf(batchId), String(index)) }));
    if (files.every((file) => existsSync(file.path))) return files;
    throw new AppError(
      'import_outdated',
      'conflict',
      '確認したファイルが残っていないため、反映していません。もう一度ファイルを選んで確認してください。',
    );
  }

  async forget(batchId: number): Promise<void> {
    await rm(this.folderOf(batchId), { recursive: true, force: true });
  }

  /**
   * Removes uploads that a killed process left behind and batches that are no longer waiting. Leaves alone what a
   * living process is just receiving, unless it is older than any request may be: the number of a dead process may have
   * gone to another program. Limit: of processes in other containers on the same folder it cannot tell.
   */
  async sweep(now: Date, waitingBatches: () => Promise<ReadonlySet<number>>): Promise<void> {
    // Looked up before the batches: a batch is on record before its files are kept.
    const names = await readdir(this.root).catch(() => []);
    const waiting = await waitingBatches();
    for (const name of names) {
      const [, kind, number] = /^(batch|incoming)-(\d+)(?:-|$)/.exec(name) ?? [];
      const needed =
        kind === 'batch'
          ? waiting.has(Number(number))
          : Number(number) === process.pid
            ? name.includes(INSTANCE)
            : kind === 'incoming' && isAlive(Number(number)) && (await this.isYoung(name, now));
      if (!needed) await rm(join(this.root, name), { recursive: true, force: true });
    }
  }

  private async isYoung(name: string, now: Date): Promise<boolean> {
    const made = await stat(join(this.root, name)).catch(() => null);
    return made !== null && now.getTime() - made.mtimeMs < OLDEST_UPLOAD_MS;
  }

  private folderOf(batchId: number): string {
    return join(this.root, `batch-${batchId}`);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
