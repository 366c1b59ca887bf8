import { STAGE_LABELS, WAITING, type ImportProgress } from '../platform/imports/import-watch.js';
import { barOf } from './progress-bar.js';

const QUIET_MS = 1_000;
const CLEAR = '\r\u001b[K';

/**
 * How far an import is, on standard error: one line at a terminal that is gone in the end, a line for every stage and
 * every ten seconds elsewhere. Nothing for a file that is done at once; that it has to wait is said at once.
 */
export function importProgress(output: NodeJS.WriteStream = process.stderr) {
  const redraws = output.isTTY;
  const [quiet, pace] = redraws ? [QUIET_MS, 100] : [10_000, 10_000];
  const started = performance.now();
  let drawn = -Infinity;
  let stage: ImportProgress['stage'] | undefined;
  return {
    tell(progress: ImportProgress): void {
      const isNew = progress.stage !== stage;
      stage = progress.stage;
      if (stage === 'waiting') return void output.write(`${WAITING}\n`);
      const now = performance.now();
      if (now - started < quiet || (!isNew && now - drawn < pace)) return;
      drawn = now;
      const line = barOf(STAGE_LABELS[stage], progress.done, progress.of);
      output.write(redraws ? `${CLEAR}${line}` : `${line}\n`);
    },
    end(): void {
      if (redraws && drawn > 0) output.write(CLEAR);
    },
  };
}
