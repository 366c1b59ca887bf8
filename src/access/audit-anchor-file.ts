import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChainAnchor } from './audit-chain.js';

/**
 * Where the chain ended when this machine last lengthened it, kept outside the database:
 * `DATA_DIR/audit/<chain>.json`. Whoever rewrites the record in the database alone is found by it.
 */
export class AuditAnchorFile {
  private readonly folder: string;

  constructor(dataDir: string) {
    this.folder = join(dataDir, 'audit');
  }

  /** Null where nothing was noted yet. Throws where the file cannot be read or is not ours. */
  async read(chainId: string): Promise<ChainAnchor | null> {
    let text: string;
    try {
      text = await readFile(this.pathOf(chainId), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    const { rows, head } = JSON.parse(text) as Partial<ChainAnchor>;
    if (!Number.isSafeInteger(rows) || typeof head !== 'string') throw new Error('not an anchor file');
    return { rows: rows!, head };
  }

  /** In one step, so that a crash leaves the old note or the new one. */
  async write(chainId: string, { rows, head }: ChainAnchor): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const path = this.pathOf(chainId);
    const draft = `${path}.${process.pid}.part`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ rows, head })}\n`);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }

  private pathOf(chainId: string): string {
    return join(this.folder, `${chainId}.json`);
  }
}
