import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError } from '../errors.js';
import { projectRoot } from '../project-root.js';
import { workerFile } from '../worker-file.js';
import { fontFiles } from './fonts.js';

export interface TypesetJob {
  readonly folder: string;
  readonly template: string;
  readonly fonts: readonly string[];
  /** JSON. */
  readonly data: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

export type TypesetResult = { readonly pdf: Uint8Array } | { readonly error: string };

/** A 60-page document takes about two seconds; what takes longer than this hangs. */
const TIME_LIMIT_MS = 60_000;

/** One at a time: a document takes a core and about 150 MB. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * PDF (tagged, PDF/UA-1) from `templates/<folder>/<template>`, which reads `data` as `data.json`.
 * The same data and `at` give the same bytes.
 */
export function typeset(folder: string, template: string, data: unknown, at: Date): Promise<Buffer> {
  const job: TypesetJob = {
    folder: join(projectRoot, 'templates', folder),
    template,
    fonts: fontFiles(),
    data: JSON.stringify(data),
    timestamp: Math.floor(at.getTime() / 1000),
  };
  const result = queue.then(() => run(job));
  queue = result.catch(() => undefined);
  return result;
}

function run(job: TypesetJob): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile('./typst.worker.js', import.meta.url), { workerData: job });
    const failed = (reason: string) => {
      clearTimeout(limit);
      void worker.terminate();
      reject(
        new AppError(
          'typeset_failed',
          'unexpected',
          'PDFを作成できませんでした。管理者に連絡してください。',
          { reason },
        ),
      );
    };
    const limit = setTimeout(() => failed(`no result after ${TIME_LIMIT_MS} ms`), TIME_LIMIT_MS);
    worker.once('message', (result: TypesetResult) => {
      if ('error' in result) return failed(result.error);
      clearTimeout(limit);
      void worker.terminate();
      resolve(Buffer.from(result.pdf));
    });
    worker.once('error', (error) => failed(error.message));
    worker.once('exit', (code) => failed(`ended with ${code} before a result`));
  });
}
