import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { projectRoot } from './project-root.js';

/**
 * The compiled file of a worker thread: `workerFile('./typst.worker.js', import.meta.url)`.
 * Jest runs the sources without writing them, and a thread cannot load TypeScript; there the build's file is taken,
 * which `npm test` makes first.
 */
export function workerFile(path: string, from: string): URL {
  const beside = new URL(path, from);
  if (existsSync(beside)) return beside;
  return pathToFileURL(join(projectRoot, 'dist', relative(projectRoot, fileURLToPath(beside))));
}
