import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChildProcess } from 'node:child_process';
import { everything } from '../../../src/access/scope.js';
import { openReminders, seedCity, type Reminders } from '../../support/reminder-city.js';
import { createTestDatabase } from '../../support/test-database.js';
import { startWorkerProcess } from '../../support/wave-process.js';
import { Dice } from '../dice.js';
import { FaultyMailServer } from './faulty-mail-server.js';

const DELIVERIES = 10_000;
const WORKERS = 3;
const ON = '2022-11-10';
/** The engine's waits, shortened so that a trial sees many of them. */
const PACE = {
  heartbeat: 300,
  deadAfter: 2_000,
  deferred: [200, 400, 800, 1_600, 3_200, 6_400],
  trouble: Array.from({ length: 40 }, () => 500),
  breath: 50,
};
const ENDS_WITHIN_MS = 300_000;
const A_KILL_TAKES_MS = 10_000;

export interface WaveFaults {
  readonly trial: 'waves';
  readonly seed: number;
  readonly deliveries: number;
  /** Workers killed with -9 while they were sending. */
  readonly kills: number;
  readonly askedToEnd: number;
  readonly mailServer: FaultyMailServer['faults'];
  readonly states: Record<string, number>;
  /** Deliveries nobody knows about that neither a kill nor the mail server explains. */
  readonly unexplained: number;
  readonly twice: number;
  readonly seconds: number;
  readonly lost: number;
}

interface Worker {
  readonly child: ChildProcess;
  readonly id: string;
}

export async function killWaves(
  kills: number,
  seed: number,
  say: (line: string) => void,
): Promise<WaveFaults> {
  const database = await createTestDatabase();
  const mail = new FaultyMailServer(new Dice(seed, 1));
  await mail.open();
  const reminders = await openReminders(database.url, {
    SMTP_URL: mail.url,
    MAIL_CONFIRM_ABOVE: String(2 * DELIVERIES),
  });
  const trial = new Trial(new Dice(seed, 0), reminders, database.url, mail, kills, say);
  try {
    return { ...(await trial.run()), seed };
  } finally {
    await trial.end();
    await reminders.close();
    await mail.close();
    await database.drop();
  }
}

class Trial {
  private readonly workers: Promise<Worker>[] = [];
  private readonly explained = new Set<string>();
  private readonly dying = new Set<Promise<void>>();
  private over = false;
  private killed = 0;
  private askedToEnd = 0;
  private lost = 0;

  constructor(
    private readonly dice: Dice,
    private readonly reminders: Reminders,
    private readonly databaseUrl: string,
    private readonly mail: FaultyMailServer,
    private readonly kills: number,
    private readonly say: (line: string) => void,
  ) {}

  async run(): Promise<Omit<WaveFaults, 'seed'>> {
    // One person a section, who manages it and has no card.
    const sections = Array.from({ length: DELIVERIES }, (_, n) => ({
      code: String(n + 1),
      staff: 1,
      held: 0,
    }));
    await seedCity(this.reminders.db, sections);
    this.say(`${DELIVERIES} sections`);
    const { id } = await this.reminders.waves.start(everything('trial'), 'manager-monthly', ON, {
      patienceMs: 0,
    });
    const began = performance.now();
    this.allowMore();
    for (let n = 0; n < WORKERS; n++) this.workers.push(this.hire());
    const attacks = [this.killWorkers(), this.killMailServer()];
    await this.untilFinished(id);
    this.over = true;
    await Promise.all([...attacks, ...this.dying]);
    return this.count((performance.now() - began) / 1000);
  }

  async end(): Promise<void> {
    this.over = true;
    for (const { child } of await Promise.all(this.workers)) child.kill('SIGKILL');
  }

  private hire(): Promise<Worker> {
    return startWorkerProcess(this.databaseUrl, this.mail.url, {
      PACE: JSON.stringify(PACE),
      MAIL_PER_SECOND: '1000',
      MAIL_CONFIRM_ABOVE: String(2 * DELIVERIES),
    });
  }

  private async killWorkers(): Promise<void> {
    while (this.killed < this.kills && !this.over) {
      const place = this.dice.below(WORKERS);
      const worker = await this.workers[place]!;
      await wait(this.dice.between(50, 900));
      if (this.over) return;
      if (!(await this.isSending(worker))) continue;
      const gracefully = this.dice.chance(0.08);
      const end = gracefully ? this.askToEnd(worker) : this.kill(worker);
      this.dying.add(end);
      void end.finally(() => this.dying.delete(end));
      this.workers[place] = end.then(() => this.hire());
    }
    this.say(`${this.killed} killed, ${this.askedToEnd} asked to end`);
  }

  /** The wave lasts until all the kills are done, and they meet every part of it. */
  private allowMore(): void {
    this.mail.atMost =
      this.killed < this.kills ? (DELIVERIES * 0.7 * (this.killed + 1)) / (this.kills + 1) : Infinity;
  }

  private async kill({ child, id }: Worker): Promise<void> {
    this.killed++;
    this.allowMore();
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
    await this.explain(id);
    // A statement that was on its way when the process died may still be carried out.
    await wait(500);
    await this.explain(id);
  }

  /** What a dead worker was sending: nobody can know of these. */
  private async explain(worker: string): Promise<void> {
    for (const { address } of await this.sendingOf(worker)) this.explained.add(address);
  }

  private async askToEnd({ child, id }: Worker): Promise<void> {
    this.askedToEnd++;
    const gone = once(child, 'close');
    child.kill('SIGTERM');
    await gone;
    const left = (await this.sendingOf(id)).length;
    if (left > 0) this.lose(`${left} deliveries left behind by a worker that was asked to end`);
  }

  private sendingOf(worker: string): Promise<{ address: string }[]> {
    return this.reminders.db.query(
      `SELECT address FROM delivery WHERE state = 'sending' AND worker LIKE $1 || '/%'`,
      [worker],
    );
  }

  private async isSending({ id }: Worker): Promise<boolean> {
    return (await this.sendingOf(id)).length > 0;
  }

  private async killMailServer(): Promise<void> {
    const dice = new Dice(this.kills, 2);
    while (!this.over) {
      await wait(dice.between(4_000, 12_000));
      if (this.over) return;
      await this.mail.die();
      await wait(dice.between(100, 1_500));
      await this.mail.open();
    }
  }

  private async untilFinished(waveId: number): Promise<void> {
    const limit = performance.now() + ENDS_WITHIN_MS + this.kills * A_KILL_TAKES_MS;
    for (let looks = 0; ; looks++) {
      const { state, counts, note } = await this.reminders.waves.summary(everything('trial'), waveId);
      if (state === 'finished') return;
      if (looks % 20 === 0) this.say(`${state} ${JSON.stringify(counts)} ${note}`);
      if (performance.now() > limit) {
        this.lose(`not finished in time: ${state}`);
        return;
      }
      await wait(1_000);
    }
  }

  private async count(seconds: number): Promise<Omit<WaveFaults, 'seed'>> {
    const rows: { address: string; state: string }[] = await this.reminders.db.query(
      'SELECT address, state FROM delivery',
    );
    const states: Record<string, number> = {};
    let unexplained = 0;
    let twice = 0;
    for (const { address, state } of rows) {
      states[state] = (states[state] ?? 0) + 1;
      const taken = this.mail.taken.get(address) ?? 0;
      if (taken > 1) twice++;
      if (state === 'sent' && taken === 0) this.lose(`${address} is on record as sent and was not taken`);
      if (state === 'failed' && taken > 0) this.lose(`${address} is on record as failed and was taken`);
      if (state === 'queued' || state === 'sending') this.lose(`${address} is still ${state}`);
      if (state !== 'unknown') continue;
      if (this.explained.has(address) || this.mail.inDoubt.has(address)) continue;
      unexplained++;
      this.say(`nothing explains why ${address} is unknown`);
    }
    if (rows.length !== DELIVERIES) this.lose(`${rows.length} deliveries`);
    if (this.killed < this.kills) this.lose(`only ${this.killed} kills before the wave was over`);
    return {
      trial: 'waves',
      deliveries: rows.length,
      kills: this.killed,
      askedToEnd: this.askedToEnd,
      mailServer: this.mail.faults,
      states,
      unexplained,
      twice,
      seconds: Math.round(seconds),
      lost: this.lost + twice + unexplained,
    };
  }

  private lose(what: string): void {
    this.lost++;
    this.say(`lost: ${what}`);
  }
}
