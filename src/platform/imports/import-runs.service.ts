import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { AppError } from '../errors.js';
import type { ImportBatch } from './import-batch.entity.js';
import type { ImportKind } from './import-report.js';
import type { ImportProgress, ImportWatch } from './import-watch.js';

/** Whoever comes back later than this finds the outcome among the imports. */
const REMEMBERED_MS = 600_000;

/** What is being done with a file while somebody may be looking on. */
export interface RunSubject {
  readonly kind: ImportKind;
  /** Whether it is looked at or taken in. */
  readonly purpose: 'preview' | 'apply';
  readonly fileNames: readonly string[];
  readonly actor: string;
  /** The preview that is taken in. */
  readonly batchId?: number;
}

export class ImportRun {
  readonly id = randomUUID();
  progress: ImportProgress = { stage: 'reading', done: 0, of: 0 };
  private ended = false;
  private readonly stopping = new AbortController();
  private readonly work: Promise<ImportBatch>;

  constructor(
    readonly subject: RunSubject,
    work: (watch: ImportWatch) => Promise<ImportBatch>,
  ) {
    this.work = work({
      signal: this.stopping.signal,
      tell: (progress) => (this.progress = progress),
    }).finally(() => (this.ended = true));
    // Whoever asks for the outcome is told; nobody may ask.
    this.work.catch(() => undefined);
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  /** Throws what the import has thrown. */
  outcome(): Promise<ImportBatch> {
    return this.work;
  }

  /** Answers whether it has ended by then. */
  async endsWithin(milliseconds: number): Promise<boolean> {
    const late = new AbortController();
    await Promise.race([
      this.work.catch(() => undefined),
      sleep(milliseconds, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    return this.ended;
  }

  /** Does nothing once it is committed. Resolves when it has ended, either way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.work.catch(() => undefined);
  }
}

/** The imports that this process is at, for those who wait for them. */
@Injectable()
export class ImportRuns implements BeforeApplicationShutdown {
  private readonly runs = new Map<string, ImportRun>();

  start(subject: RunSubject, work: (watch: ImportWatch) => Promise<ImportBatch>): ImportRun {
    const run = new ImportRun(subject, work);
    this.runs.set(run.id, run);
    const forget = () => setTimeout(() => this.runs.delete(run.id), REMEMBERED_MS).unref();
    run.outcome().then(forget, forget);
    return run;
  }

  get(id: string): ImportRun {
    const run = this.runs.get(id);
    if (!run) {
      throw new AppError(
        'import_run_not_found',
        'not_found',
        'この取込の経過は見つかりません。終わった取込は「取込の記録」で確かめてください。',
      );
    }
    return run;
  }

  underWay(): ImportRun[] {
    return [...this.runs.values()].filter((run) => !run.hasEnded);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.underWay().map((run) => run.stop()));
  }
}
