import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { projectRoot } from '../../../src/platform/project-root.js';
import type { ImportReport } from '../../../src/platform/imports/import-report.js';
import { killStarted, postgresOf, start } from '../../support/programs.js';
import { Dice } from '../dice.js';
import { KilledCity, type KilledFile, type Reading } from './killed-city.js';

const WORKS = ['roster', 'status', 'fold', 'rebuild'] as const;
type Work = (typeof WORKS)[number];
const VICTIMS = ['command', 'backend', 'server', 'command and server'] as const;
type Victim = (typeof VICTIMS)[number];

export interface ImportFaults {
  readonly trial: 'imports';
  readonly seed: number;
  /** Kills that met a command at work. */
  readonly kills: number;
  readonly of: Record<Work, number>;
  readonly victims: Record<Victim, number>;
  /** What the killed work had come to. */
  readonly wholly: number;
  readonly notAtAll: number;
  /** Looks at facts and figures while a command worked or died. */
  readonly readings: number;
  readonly figuresRecounted: number;
  readonly differences: number;
  readonly lost: number;
}

interface Running {
  readonly ended: Promise<unknown>;
  kill(): void;
}

const ENDS_WITHIN_MS = 120_000;

export async function killImports(
  kills: number,
  seed: number,
  say: (line: string) => void,
): Promise<ImportFaults> {
  const city = await KilledCity.open(new Dice(seed, 0));
  try {
    return await new Trial(city, seed, say).run(kills);
  } finally {
    await killStarted();
    await city.close();
  }
}

class Trial {
  private readonly counts = {
    of: { roster: 0, status: 0, fold: 0, rebuild: 0 },
    victims: { command: 0, backend: 0, server: 0, 'command and server': 0 },
    wholly: 0,
    notAtAll: 0,
    readings: 0,
    figuresRecounted: 0,
    differences: 0,
    lost: 0,
  };
  private readonly durations = new Map<Work, number>();
  private kills = 0;

  constructor(
    private readonly city: KilledCity,
    private readonly seed: number,
    private readonly say: (line: string) => void,
  ) {}

  async run(kills: number): Promise<ImportFaults> {
    await this.begin();
    for (let round = 0; this.kills < kills; round++) {
      const dice = new Dice(this.seed, round + 1);
      const work = WORKS[round % WORKS.length]!;
      const lostBefore = this.counts.lost;
      await this.round(work, dice);
      if (this.counts.lost > lostBefore) this.say(`lost in round ${round}: ${work}`);
    }
    return { trial: 'imports', seed: this.seed, kills: this.kills, ...this.counts };
  }

  /** A first roster, and how long each work takes when nobody disturbs it. */
  private async begin(): Promise<void> {
    const first = this.city.nextRoster();
    const program = start(
      'cli',
      ['import', 'roster', first.path, '--units', this.city.unitsFile(), '--as-of', first.asOf],
      this.city.environment,
    );
    const { code, stdout, stderr } = await program.ended;
    if (code !== 0) throw new Error(`the first roster: ${code} ${stdout} ${stderr}`);
    for (const work of WORKS) {
      const file = await this.prepare(work);
      const started = performance.now();
      await this.start(work, file).ended;
      this.durations.set(work, performance.now() - started);
      this.say(`${work}: ${Math.round(this.durations.get(work)!)} ms undisturbed`);
    }
  }

  private async round(work: Work, dice: Dice): Promise<void> {
    const file = await this.prepare(work);
    const planned = file && changesOf(await this.city.import(file, true));
    const before = await this.city.read();
    const running = this.start(work, file);
    let alive = true;
    const ended = running.ended.finally(() => (alive = false));
    const readings: Reading[] = [];
    const reading = this.readWhile(() => alive, readings);

    const victim = dice.pick(VICTIMS);
    const moment = (this.durations.get(work)! * dice.between(15, 105)) / 100;
    await Promise.race([ended, wait(moment)]);
    if (alive && (await this.kill(victim, running))) {
      this.kills++;
      this.counts.of[work]++;
      this.counts.victims[victim]++;
    }
    await this.must(`${work} ends after its ${victim} was killed`, ended);
    await reading;

    const after = await this.must(`the figures can be read after ${victim}`, this.readAgain());
    const left = file && changesOf(await this.city.import(file, true));
    const check = await this.city.verify();
    this.counts.readings += readings.length + 2;
    this.counts.figuresRecounted += check.figures;
    this.counts.differences += check.differenceCount;
    this.counts.lost += check.differenceCount;
    for (const seen of [...readings, before, after]) {
      if (seen.differences > 0) this.lose(`${work}: figures are not what the facts of the moment say`);
      if (seen.state !== before.state && seen.state !== after.state)
        this.lose(`${work}: half of it was seen`);
    }
    if (!file) return;
    if (left === NOTHING_TO_DO) this.counts.wholly++;
    else if (left === planned && before.state === after.state) this.counts.notAtAll++;
    else this.lose(`${work}: ${planned} was to be done, ${left} is left`);
    // What was not taken in comes again, so that the days go on.
    if (left !== NOTHING_TO_DO) await this.city.import(file, false);
  }

  private async prepare(work: Work): Promise<KilledFile | undefined> {
    if (work === 'roster') return this.city.nextRoster();
    if (work === 'status') return this.city.nextStatuses();
    // Something for the folder to do: imports inside the trial leave it unfolded.
    if (work === 'fold') await this.city.import(this.city.nextStatuses(), false);
    return undefined;
  }

  private start(work: Work, file: KilledFile | undefined): Running {
    if (work === 'fold') return this.startFold();
    const args = file
      ? ['import', file.kind, file.path, ...(file.kind === 'roster' ? ['--as-of', file.asOf] : [])]
      : ['verify', '--rebuild'];
    const program = start('cli', args, this.city.environment);
    return { ended: program.ended, kill: () => program.child.kill('SIGKILL') };
  }

  private startFold(): Running {
    const program = join(projectRoot, 'test', 'support', 'fold.mjs');
    const child = spawn(process.execPath, [program], {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, DATABASE_URL: this.city.databaseUrl, ...this.city.environment },
    });
    return { ended: once(child, 'close'), kill: () => child.kill('SIGKILL') };
  }

  /** Answers whether there was something to kill. */
  private async kill(victim: Victim, running: Running): Promise<boolean> {
    if (victim === 'backend') {
      const backend = await this.city.workingBackend();
      if (backend === undefined) return false;
      process.kill(backend, 'SIGKILL');
      return true;
    }
    if (victim.includes('command')) running.kill();
    if (victim.includes('server')) process.kill(postgresOf(this.city.dataDir)!, 'SIGKILL');
    return true;
  }

  private async readWhile(alive: () => boolean, readings: Reading[]): Promise<void> {
    while (alive()) {
      // While the database is down there is nothing to be seen.
      const seen = await this.city.read().catch(() => null);
      if (seen) readings.push(seen);
      await wait(20);
    }
  }

  private async readAgain(): Promise<Reading> {
    for (;;) {
      const seen = await this.city.read().catch(() => null);
      if (seen) return seen;
      await wait(50);
    }
  }

  private async must<T>(what: string, promise: Promise<T>): Promise<T> {
    const late = new AbortController();
    try {
      return await Promise.race([
        promise,
        wait(ENDS_WITHIN_MS, null, { signal: late.signal }).then(() => {
          throw new Error(`not within ${ENDS_WITHIN_MS} ms: ${what}`);
        }),
      ]);
    } finally {
      late.abort();
    }
  }

  private lose(what: string): void {
    this.counts.lost++;
    this.say(`lost: ${what}`);
  }
}

const NOTHING_TO_DO = '0 to do';

/** How much an import does, or would do. */
function changesOf(report: ImportReport): string {
  if (report.problemCount > 0) return `refused: ${report.problems[0]!.code}`;
  if (report.kind === 'status') return `${report.recorded} to do`;
  const { joined, left, moved, changed } = report as unknown as Record<string, number>;
  const all = joined! + left! + moved! + changed!;
  return all === 0 ? NOTHING_TO_DO : `${joined}/${left}/${moved}/${changed}`;
}
