const WIDTH = 30;
const QUIET_MS = 1_000;

/**
 * A bar on standard error for work that takes longer than a second: redrawn at a terminal, a line every ten seconds
 * elsewhere, so that a log stays readable.
 */
export function progressBar(label: string, output: NodeJS.WriteStream = process.stderr) {
  const started = performance.now();
  const redraws = output.isTTY;
  let next = started + (redraws ? QUIET_MS : 10_000);
  let drawn = false;
  return (done: number, of: number): void => {
    const now = performance.now();
    const isEnd = done >= of;
    if (now < next && !(isEnd && drawn)) return;
    next = now + (redraws ? 100 : 10_000);
    drawn = true;
    const line = barOf(label, done, of);
    output.write(redraws ? `\r${line}${isEnd ? '\n' : ''}` : `${line}\n`);
  };
}

/** Without a bar where nothing is counted. */
export function barOf(label: string, done: number, of: number): string {
  if (of === 0) return `${label} …`;
  const share = Math.min(1, done / of);
  const full = Math.round(share * WIDTH);
  return `${label} [${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${Math.floor(share * 100)}%`;
}
