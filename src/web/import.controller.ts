import { Body, Controller, Get, Param, ParseIntPipe, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, SignedInSession } from '../access/access.types.js';
import { assertCsrf, CSRF_FIELD } from '../access/csrf.js';
import {
  Costly,
  CsrfCheckedByHandler,
  CurrentScope,
  CurrentSession,
  PermitForWhole,
} from '../access/permission.decorator.js';
import type { Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { Clock } from '../platform/clock.js';
import { AppError, ERROR_ANSWERS } from '../platform/errors.js';
import type { ImportKind } from '../platform/imports/import-report.js';
import { ImportRuns, type ImportRun } from '../platform/imports/import-runs.service.js';
import { ImportService } from '../platform/imports/import.service.js';
import { UploadStore } from '../platform/imports/upload-store.js';
import { readUpload, toImportRequest } from '../platform/imports/upload.js';
import { HTML } from './html.js';
import { FramedPages } from './framed-pages.service.js';
import { textOf } from './request-text.js';
import { runHeading, runHref, toImportRunView } from './views/import-run.view.js';
import { toImportListView } from './views/import-list.view.js';
import { IMPORT_KIND_LABELS } from './views/import-record.view.js';
import { toImportPageView } from './views/import.view.js';

/** Whatever takes longer is shown while it goes on. */
const PATIENCE_MS = 2_000;
const REFRESH_SECONDS = 3;

/** Files in: choose, look at what would change, apply or leave it. */
@ApiExcludeController()
@Controller('imports')
@PermitForWhole('hr')
export class ImportPagesController {
  constructor(
    private readonly imports: ImportService,
    private readonly runs: ImportRuns,
    private readonly uploads: UploadStore,
    private readonly adoption: AdoptionService,
    private readonly clock: Clock,
    private readonly pages: FramedPages,
  ) {}

  @Get()
  async list(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Query('kind') asked: unknown,
    @Query('stopped') stopped: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const kind = readKind(textOf(asked) ?? 'roster');
    const [records, lines] = await Promise.all([this.imports.list(), this.adoption.lines(scope)]);
    const scopes = lines
      .filter((line) => line.depth > 0)
      .map((line) => ({ code: line.unit.code, label: line.path.join(' ') }));
    const view = toImportListView(kind, records, scopes, this.clock.today(), {
      underWay: this.runs.underWay(),
      wasStopped: textOf(stopped) === '1',
    });
    const title = { title: '取込', current: 'imports' } as const;
    void reply.type(HTML).send(await this.pages.render('imports', view, { scope, session }, title));
  }

  @Get(':id')
  async show(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('id', ParseIntPipe) id: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    void reply.type(HTML).send(await this.page({ scope, session }, id));
  }

  private async page(access: Access, id: number, confirmError: string | null = null): Promise<string> {
    const record = await this.imports.get(id);
    const label = IMPORT_KIND_LABELS[record.kind];
    const crumbs = [{ label: '取込', href: `/imports?kind=${record.kind}` }, { label }];
    const title = {
      title: `${confirmError === null ? '' : 'エラー: '}${label}の取込`,
      current: 'imports' as const,
      crumbs,
    };
    const view = toImportPageView(record, this.clock.today(), confirmError);
    return this.pages.render('import', view, access, title);
  }

  /** The token stands before the files in the form, so that a foreign form's files are never read. */
  @Costly()
  @Post(':kind')
  @CsrfCheckedByHandler()
  async preview(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('kind') asked: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const kind = readKind(asked);
    const upload = await readUpload(request, this.uploads, (fields) =>
      assertCsrf(request, fields.get(CSRF_FIELD)),
    );
    const files = [...upload.files.values()].flat();
    const fileNames = files.map(({ name }) => name);
    const run = this.runs.start(
      { kind, purpose: 'preview', fileNames, actor: scope.actor },
      async (watch) => {
        try {
          return await this.imports.preview(toImportRequest(kind, upload), scope.actor, watch);
        } finally {
          await this.uploads.drop(files);
        }
      },
    );
    await this.lead(run, { scope, session }, reply);
  }

  @Get('runs/:run')
  async progress(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('run') id: string,
    @Query('refresh') asked: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = this.runs.get(id);
    if (run.hasEnded) return this.conclude(run, { scope, session }, reply);
    const refreshes = textOf(asked) !== 'off';
    if (refreshes) reply.header('Refresh', String(REFRESH_SECONDS));
    const label = runHeading(run);
    const crumbs = [{ label: '取込', href: `/imports?kind=${run.subject.kind}` }, { label }];
    const title = { title: label, current: 'imports' as const, crumbs };
    const view = toImportRunView(run, refreshes);
    void reply.type(HTML).send(await this.pages.render('import-run', view, { scope, session }, title));
  }

  /** Whoever is too late sees what has become of it. */
  @Post('runs/:run/stop')
  async stop(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('run') id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = this.runs.get(id);
    await run.stop();
    await this.conclude(run, { scope, session }, reply);
  }

  /** To the outcome, or to where it can be waited for. */
  private async lead(run: ImportRun, access: Access, reply: FastifyReply): Promise<void> {
    if (await run.endsWithin(PATIENCE_MS)) return this.conclude(run, access, reply);
    void reply.redirect(runHref(run), 303);
  }

  private async conclude(run: ImportRun, access: Access, reply: FastifyReply): Promise<void> {
    const { batchId, kind } = run.subject;
    try {
      const { id } = await run.outcome();
      void reply.redirect(`/imports/${id}`, 303);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'import_cancelled')
        return void reply.redirect(batchId ? `/imports/${batchId}` : `/imports?kind=${kind}&stopped=1`, 303);
      if (error.code !== 'confirm_departures' || batchId === undefined) throw error;
      const html = await this.page(
        access,
        batchId,
        '上に表示した人数と一致しません。人数を確かめて、数字で入力してください。',
      );
      void reply.status(ERROR_ANSWERS[error.kind].status).type(HTML).send(html);
    }
  }

  @Costly()
  @Post(':id/apply')
  async apply(
    @CurrentScope() scope: Scope,
    @CurrentSession() session: SignedInSession,
    @Param('id', ParseIntPipe) id: number,
    @Body('confirmDepartures') confirmed: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const typed = textOf(confirmed)?.normalize('NFKC').replaceAll(',', '');
    const { kind, fileNames } = await this.imports.get(id);
    const run = this.runs.start(
      { kind, purpose: 'apply', fileNames, actor: scope.actor, batchId: id },
      async (watch) => {
        if (typed !== undefined && !/^\d{1,9}$/.test(typed)) throw wrongNumber();
        return this.imports.apply(id, scope.actor, typed === undefined ? undefined : Number(typed), watch);
      },
    );
    await this.lead(run, { scope, session }, reply);
  }

  @Post(':id/discard')
  async discard(@Param('id', ParseIntPipe) id: number, @Res() reply: FastifyReply): Promise<void> {
    await this.imports.discard(id);
    void reply.redirect(`/imports/${id}`, 303);
  }

  @Costly()
  @Post(':id/withdraw')
  async withdraw(
    @CurrentScope() scope: Scope,
    @Param('id', ParseIntPipe) id: number,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.imports.withdraw(id, scope.actor);
    void reply.redirect(`/imports/${id}`, 303);
  }
}

function wrongNumber(): AppError {
  return new AppError('confirm_departures', 'refused', '退職として記録する人数は数字で入力してください。');
}

function readKind(text: string): ImportKind {
  if (Object.hasOwn(IMPORT_KIND_LABELS, text)) return text as ImportKind;
  throw new AppError(
    'unknown_import',
    'not_found',
    '取り込めるのは名簿、組織改正、取得状況、市民の取得率です。',
  );
}
