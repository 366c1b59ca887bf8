import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditChainService } from '../access/audit-chain.service.js';
import { AuditService } from '../access/audit.service.js';
import { everything, requireWholeOrganisation, type Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import type { UnitLine } from '../adoption/adoption.types.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { isIsoMonth, lastDay, type IsoDate, type IsoMonth } from '../platform/month.js';
import { MonthClose } from './month-close.entity.js';
import { findClosed, findTold, insertPublications } from './publication.query.js';
import { ReportBuilder, type BuiltMonth } from './report-builder.service.js';
import type { ReportDocument } from './report-document.js';
import { renderReport, type ReportFile, type ReportFormat } from './report-files.js';
import { earlierFor } from '../adoption/suppression.js';

export interface ClosedMonth {
  readonly month: IsoMonth;
  readonly version: number;
  readonly asOf: IsoDate;
  readonly closedAt: Date;
  readonly closedBy: string;
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
  /** Today's figures of that day where later corrections made them differ; the closed ones stay. */
  readonly restated: { readonly staff: number; readonly held: number; readonly rate: number | null } | null;
  /** The version that everybody may read as open data; null while none is released. */
  readonly released: number | null;
}

const CLOSE_LOCK = 7_231_003;
const BUILD_ATTEMPTS = 3;

/** Freezes months and hands out their reports, which come from the frozen document alone. */
@Injectable()
export class MonthCloseService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly adoption: AdoptionService,
    private readonly builder: ReportBuilder,
    private readonly audit: AuditService,
    private readonly chain: AuditChainService,
  ) {}

  /**
   * Throws `bad_month`, `month_not_over`, and `month_closed` unless `again` asks for a further version.
   * `no_organisation` where there was no roster yet, `figures_changing` where records keep coming in meanwhile.
   */
  async close(scope: Scope, month: IsoMonth, again = false): Promise<ClosedMonth> {
    requireWholeOrganisation(scope, 'hr');
    assertMonth(month);
    const asOf = lastDay(month);
    if (asOf > this.clock.today()) {
      throw new AppError(
        'month_not_over',
        'conflict',
        `${month}はまだ終わっていないため、締められません。${asOf}以後に行ってください。`,
      );
    }
    // A closed month is the whole organisation's, whoever presses the button.
    const whole = everything(scope.actor);
    const closedAt = this.clock.now();
    const auditChain = await this.chain.catchUp();
    await this.dataSource.transaction(async (em) => {
      await em.query('SELECT pg_advisory_xact_lock($1)', [CLOSE_LOCK]);
      const latest = await em
        .getRepository(MonthClose)
        .findOne({ where: { month }, order: { version: 'DESC' } });
      if (latest && !again) {
        throw new AppError(
          'month_closed',
          'conflict',
          `${month}はすでに締められています(第${latest.version}版)。`,
          { version: latest.version },
        );
      }
      const version = (latest?.version ?? 0) + 1;
      const earlier = {
        leadership: earlierFor(month, await findTold(em, 'leadership')),
        public: earlierFor(month, await findTold(em, 'public')),
      };
      const { document, publications, units } = await this.figures(whole, asOf, () =>
        this.builder.build(whole, month, version, closedAt, earlier),
      );
      await em.getRepository(MonthClose).insert({
        month,
        version,
        asOf,
        closedAt,
        closedBy: scope.actor,
        document: { ...document, auditChain },
      });
      await insertFigures(em, month, version, units);
      await insertPublications(em, month, version, publications);
      await this.audit.record(em, {
        actor: scope.actor,
        action: 'month_closed',
        target: `month:${month}`,
        details: { version },
      });
    });
    await this.chain.anchor(`month:${month}`);
    return (await this.list(scope)).find((closed) => closed.month === month)!;
  }

  /** The document and the units' figures of one and the same moment, though others go on recording. */
  private async figures(scope: Scope, asOf: IsoDate, build: () => Promise<BuiltMonth>): Promise<BuiltMonth> {
    let lines = await this.adoption.lines(scope, asOf);
    for (let attempt = 0; attempt < BUILD_ATTEMPTS; attempt++) {
      const built = await build();
      const after = await this.adoption.lines(scope, asOf);
      if (isDeepStrictEqual(lines, after)) return built;
      lines = after;
    }
    throw new AppError(
      'figures_changing',
      'conflict',
      '締めている間に記録が変わったため、締めていません。取込などが終わってから、もう一度行ってください。',
    );
  }

  /** The newest version of every closed month, newest month first. */
  async list(scope: Scope): Promise<ClosedMonth[]> {
    requireWholeOrganisation(scope, 'hr', 'leader', 'auditor');
    const closes = await findClosed(this.dataSource.manager);
    const live = await this.adoption.totals(
      everything(scope.actor),
      closes.map((close) => close.asOf),
    );
    return closes.map(({ month, version, asOf, closedAt, closedBy, headline, released }) => {
      const { staff, held, rate } = headline;
      const now = live.get(asOf);
      const differs = now && (now.staff !== staff || now.held !== held);
      return {
        month,
        version,
        asOf,
        closedAt,
        closedBy,
        staff,
        held,
        rate,
        restated: differs ? { staff: now.staff, held: now.held, rate: now.rate } : null,
        released,
      };
    });
  }

  /** Throws `bad_month`, `month_not_closed`. */
  async document(scope: Scope, month: IsoMonth): Promise<ReportDocument> {
    requireWholeOrganisation(scope, 'hr', 'leader', 'auditor');
    assertMonth(month);
    const close = await this.dataSource
      .getRepository(MonthClose)
      .findOne({ where: { month }, order: { version: 'DESC' } });
    if (!close) {
      throw new AppError(
        'month_not_closed',
        'not_found',
        `${month}はまだ締められていないため、レポートがありません。先に月次締めを行ってください。`,
      );
    }
    return close.document;
  }

  async report(scope: Scope, month: IsoMonth, format: ReportFormat): Promise<ReportFile> {
    const document = await this.document(scope, month);
    const report = await renderReport(document, format);
    await this.audit.record(null, {
      actor: scope.actor,
      action: 'export_downloaded',
      target: `month:${month}`,
      details: { format, version: document.version },
    });
    return report;
  }
}

function assertMonth(month: string): void {
  if (!isIsoMonth(month))
    throw new AppError('bad_month', 'invalid', '月は 2022-10 のように指定してください。');
}

async function insertFigures(
  em: EntityManager,
  month: IsoMonth,
  version: number,
  lines: readonly UnitLine[],
): Promise<void> {
  const rows = lines.map((line) => ({
    unit_id: line.unitId,
    parent_code: line.parentCode,
    name: line.unit.name,
    kind: line.unit.kind,
    position: line.position,
    depth: line.depth,
    staff: line.staff,
    held: line.held,
    applied: line.applied,
    not_applied: line.notApplied,
    undisclosed: line.undisclosed,
    unanswered: line.unanswered,
    lapsed: line.lapsed,
    exempt: line.exempt,
  }));
  await em.query(
    `INSERT INTO month_figure (month, version, unit_id, parent_id, name, kind, position, depth,
                               staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
     SELECT $1, $2, f.unit_id, parent.id, f.name, f.kind, f.position, f.depth,
            f.staff, f.held, f.applied, f.not_applied, f.undisclosed, f.unanswered, f.lapsed, f.exempt
     FROM jsonb_to_recordset($3::jsonb) AS f(unit_id int, parent_code text, name text, kind text, position int, depth int,
       staff int, held int, applied int, not_applied int, undisclosed int, unanswered int, lapsed int, exempt int)
     LEFT JOIN unit parent ON parent.code = f.parent_code`,
    [month, version, JSON.stringify(rows)],
  );
}
