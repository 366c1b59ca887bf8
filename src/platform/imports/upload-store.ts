import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { InputFile } from './import-report.js';

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
    const folder = join(this.root, `incoming-${randomUUID()}`);
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

  kept(batchId: number, names: readonly string[]): InputFile[] {
    return names.map((name, index) => ({ name, path: join(this.folderOf(batchId), String(index)) }));
  }

  async forget(batchId: number): Promise<void> {
    await rm(this.folderOf(batchId), { recursive: true, force: true });
  }

  /** Removes what an interrupted upload left behind and batches that are no longer waiting. */
  async sweep(waiting: ReadonlySet<number>): Promise<void> {
    const names = await readdir(this.root).catch(() => []);
    for (const name of names) {
      const batch = /^batch-(\d+)$/.exec(name);
      if (!batch || !waiting.has(Number(batch[1])))
        await rm(join(this.root, name), { recursive: true, force: true });
    }
  }

  private folderOf(batchId: number): string {
    return join(this.root, `batch-${batchId}`);
  }
}
