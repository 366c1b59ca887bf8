import type { DataSource, EntityManager } from 'typeorm';
import type { Clock } from '../clock.js';
import { AppError } from '../errors.js';
import { containsIndividualNumber } from '../individual-number.js';
import { ImportBatch } from './import-batch.entity.js';
import type { ImportAct, ImportHandler } from './import-handler.js';
import { asksForConfirmationOnly, canBeApplied, sameCounts } from './import-agreement.js';
import { isRefused, type ImportKind, type ImportReport, type ImportRequest } from './import-report.js';
import { isIsoDate } from '../month.js';
import { stoppable, takeTurn } from './import-session.js';
import { cancelled, reachOf, type ImportWatch } from './import-watch.js';
import type { UploadStore } from './upload-store.js';

const WAITING_DAYS = 1;
/** For the one import that runs: a roster of 340,000 people is compared in memory instead of in files. */
const WORK_MEMORY = '64MB';

/** The one way files come in: wholly or not at all, previewed by doing it and rolling back. */
export class ImportService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly uploads: UploadStore,
    private readonly handlers: readonly ImportHandler[],
    /** Leaves the trace of what was done with an import, in its transaction. */
    private readonly trace: (
      em: EntityManager,
      act: ImportAct,
      kind: ImportKind,
      done: 'applied' | 'withdrawn',
    ) => Promise<void>,
  ) {}

  /** Imports at once. Nothing is written for a dry run or where the report has problems. */
  async run(request: ImportRequest, actor: string, watch: ImportWatch = {}): Promise<ImportReport> {
    return this.execute(this.dated(request), actor, watch);
  }

  /** Tries the import, writes nothing but the preview, and keeps the files until it is applied. */
  async preview(asked: ImportRequest, actor: string, watch: ImportWatch = {}): Promise<ImportBatch> {
    const request = this.dated(asked);
    const files = filesOf(request);
    try {
      const report = await this.execute({ ...request, dryRun: true }, actor, watch);
      const batch = await this.dataSource.getRepository(ImportBatch).save({
        kind: request.kind,
        fileNames: files.map((file) => (containsIndividualNumber(file.name) ? '' : file.name)),
        options: optionsOf(request),
        state: 'previewed',
        report,
        createdAt: this.clock.now(),
        createdBy: actor,
      } satisfies Partial<ImportBatch>);
      if (canBeApplied(report)) await this.uploads.keep(batch.id, files);
      return batch as ImportBatch;
    } finally {
      await this.uploads.drop(files);
    }
  }

  /**
   * Does what the preview showed. Throws `import_refused` when the preview had problems, `import_not_waiting` when it
   * was applied or discarded, `confirm_departures` when their number is asked for and not given right,
   * `import_outdated` when the figures would no longer be those of the preview.
   */
  async apply(
    id: number,
    actor: string,
    confirmDepartures?: number,
    watch: ImportWatch = {},
  ): Promise<ImportBatch> {
    const batch = await this.get(id);
    assertWaiting(batch);
    if (!canBeApplied(batch.report)) {
      throw new AppError('import_refused', 'refused', '直してほしいところが残っているため、反映できません。');
    }
    const [first, ...rest] = this.uploads.kept(id, batch.fileNames);
    const hasUnitsFile = batch.options.hasUnitsFile === true;
    const request: ImportRequest = {
      ...batch.options,
      kind: batch.kind,
      files: hasUnitsFile ? [first!] : [first!, ...rest],
      unitsFile: hasUnitsFile ? rest[0] : undefined,
      confirmDepartures: confirmDepartures ?? batch.options.confirmDepartures,
      dryRun: false,
    };
    const report = await this.execute(request, actor, watch, batch);
    if (asksForConfirmationOnly(report) && sameCounts(batch.report, report)) {
      throw new AppError('confirm_departures', 'conflict', report.problems[0]!.fix);
    }
    if (isRefused(report)) {
      throw new AppError(
        'import_outdated',
        'conflict',
        '確認したあとに登録内容が変わったため、反映していません。もう一度ファイルを選んで確認してください。',
        { problems: report.problems },
      );
    }
    await this.uploads.forget(id);
    return this.get(id);
  }

  async discard(id: number): Promise<void> {
    const batch = await this.get(id);
    assertWaiting(batch);
    await this.dataSource
      .getRepository(ImportBatch)
      .update({ id, state: 'previewed' }, { state: 'discarded' });
    await this.uploads.forget(id);
  }

  /**
   * Takes an applied import back, of a kind that can be. Throws `import_not_applied`, `import_stays`, and what stands in
   * the way.
   */
  async withdraw(id: number, actor: string): Promise<ImportBatch> {
    const { kind } = await this.get(id);
    const handler = this.handlers.find((candidate) => candidate.kind === kind);
    await this.dataSource.transaction(async (em) => {
      await takeTurn(em);
      const batch = await em.findOneByOrFail(ImportBatch, { id });
      if (batch.state !== 'applied') {
        throw new AppError('import_not_applied', 'conflict', '取り下げられるのは、反映済みの取込だけです。');
      }
      if (!handler?.withdraw) {
        throw new AppError('import_stays', 'conflict', '反映したあと取り下げられるのは、組織改正だけです。');
      }
      const act = { importId: id, actor };
      await handler.withdraw(em, batch.options, act);
      const withdrawn = { state: 'withdrawn', withdrawnAt: this.clock.now(), withdrawnBy: actor } as const;
      await em.update(ImportBatch, { id }, withdrawn);
      await this.trace(em, act, kind, 'withdrawn');
    });
    return this.get(id);
  }

  async get(id: number): Promise<ImportBatch> {
    const batch = Number.isSafeInteger(id)
      ? await this.dataSource.getRepository(ImportBatch).findOneBy({ id })
      : null;
    if (!batch) throw new AppError('import_not_found', 'not_found', 'この取込の記録は見つかりません。');
    return batch;
  }

  list(kind?: ImportKind, limit = 50): Promise<ImportBatch[]> {
    return this.dataSource
      .getRepository(ImportBatch)
      .find({ where: kind && { kind }, order: { id: 'DESC' }, take: limit });
  }

  /** Discards previews nobody applied within a day, and what a killed process left on disk. */
  async sweep(): Promise<void> {
    const oldest = new Date(this.clock.now().getTime() - WAITING_DAYS * 86_400_000);
    await this.dataSource.query(
      `UPDATE import_batch SET state = 'discarded' WHERE state = 'previewed' AND created_at < $1`,
      [oldest],
    );
    await this.uploads.sweep(this.clock.now(), async () => {
      const waiting: { id: number }[] = await this.dataSource.query(
        `SELECT id FROM import_batch WHERE state = 'previewed'`,
      );
      return new Set(waiting.map((row) => row.id));
    });
  }

  private async execute(
    request: ImportRequest,
    actor: string,
    watch: ImportWatch,
    batch?: ImportBatch,
  ): Promise<ImportReport> {
    const handler = this.handlers.find((candidate) => candidate.kind === request.kind);
    if (!handler)
      throw new AppError(
        'unknown_import',
        'invalid',
        '取り込めるのは名簿、組織改正、取得状況、市民の取得率です。',
      );
    const reach = reachOf(watch);
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    const stopped = await stoppable(this.dataSource, runner, watch.signal);
    try {
      await runner.startTransaction();
      await takeTurn(runner.manager, reach);
      await runner.query(`SET LOCAL work_mem = '${WORK_MEMORY}'`);
      const importId = batch
        ? await this.claim(runner.manager, batch.id)
        : await this.begin(runner.manager, request, actor);
      const report = await handler.run(runner.manager, request, { importId, actor, reach });
      const keep = !request.dryRun && !isRefused(report) && (!batch || sameCounts(batch.report, report));
      if (keep) {
        await runner.query(
          `UPDATE import_batch SET state = 'applied', report = $2, applied_at = $3, applied_by = $4 WHERE id = $1`,
          [importId, JSON.stringify(report), this.clock.now(), actor],
        );
        await this.trace(runner.manager, { importId, actor }, request.kind, 'applied');
        if (await stopped()) throw cancelled();
        await runner.commitTransaction();
        await this.lookAgain();
      } else {
        if (await stopped()) throw cancelled();
        await runner.rollbackTransaction();
        if (batch && !isRefused(report)) throw outdated();
      }
      return report;
    } catch (error) {
      const wasStopped = await stopped();
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw wasStopped ? cancelled() : error;
    } finally {
      await runner.release();
    }
  }

  /**
   * A bulk change makes the planner's picture wrong at once, and in short-lived processes nobody else corrects it. What
   * has been looked at before it was derived from is not looked at again.
   */
  private async lookAgain(): Promise<void> {
    // The import stands whether or not this does.
    await this.dataSource
      .query('ANALYZE staff, staff_profile, timeline, citizen_figure')
      .catch(() => undefined);
  }

  /** A roster is a statement about a day; that day stays with the batch. */
  private dated(request: ImportRequest): ImportRequest {
    const asOf = request.asOf ?? this.clock.today();
    if (!isIsoDate(asOf)) {
      throw new AppError('bad_date', 'invalid', '基準日は 2022-10-31 のように実在する日を指定してください。');
    }
    return { ...request, asOf };
  }

  private async begin(em: EntityManager, request: ImportRequest, actor: string): Promise<number> {
    const [row]: { id: number }[] = await em.query(
      `INSERT INTO import_batch (kind, file_names, options, state, report, created_at, created_by)
       VALUES ($1, $2, $3, 'previewed', '{}', $4, $5) RETURNING id`,
      [request.kind, filesOf(request).map((file) => file.name), optionsOf(request), this.clock.now(), actor],
    );
    return row!.id;
  }

  /** Two people may press the button at once: the second finds it done. */
  private async claim(em: EntityManager, id: number): Promise<number> {
    const [row]: Pick<ImportBatch, 'state'>[] = await em.query(
      `SELECT state FROM import_batch WHERE id = $1 FOR UPDATE`,
      [id],
    );
    assertWaiting(row!);
    return id;
  }
}

function filesOf(request: ImportRequest) {
  return request.unitsFile ? [...request.files, request.unitsFile] : request.files;
}

function optionsOf(request: ImportRequest): ImportBatch['options'] {
  const { asOf, scopeCode, confirmDepartures } = request;
  return { asOf, scopeCode, confirmDepartures, hasUnitsFile: request.unitsFile !== undefined };
}

function assertWaiting(batch: Pick<ImportBatch, 'state'>): void {
  if (batch.state === 'previewed') return;
  throw new AppError(
    'import_not_waiting',
    'conflict',
    batch.state === 'discarded'
      ? 'この取込は取りやめられています。もう一度ファイルを選んでください。'
      : 'この取込はすでに反映されています。',
  );
}

function outdated(): AppError {
  return new AppError(
    'import_outdated',
    'conflict',
    '確認したあとに登録内容が変わったため、反映していません。もう一度ファイルを選んで確認してください。',
  );
}
