import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { AppError } from '../platform/errors.js';

/** What is in the way there, rather than wrong with us. */
const IN_THE_WAY = new Set([
  'EISDIR',
  'ENOTDIR',
  'EEXIST',
  'EACCES',
  'EPERM',
  'EROFS',
  'ENAMETOOLONG',
  'ENOSPC',
]);

/**
 * Writes a file that a command was asked for: it appears whole or not at all, written beside and renamed. `mode` is for
 * what not everybody on the machine may read. Throws `file_not_writable`.
 */
export async function writeOutput(path: string, bytes: Buffer, mode?: number): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, bytes, { mode });
    await rename(`${path}.part`, path);
  } catch (error) {
    if (!IN_THE_WAY.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new AppError(
      'file_not_writable',
      'refused',
      `ファイルを書き出せません: ${basename(path)}。場所と名前、書き込みの権限、空き容量を確かめてください。`,
    );
  }
}
