import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { CityService } from '../adoption/city.service.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { isIsoMonth, type IsoMonth } from '../platform/month.js';
import { MonthClose } from './month-close.entity.js';
import { renderOpenDataCsv, renderOpenDataJson } from './open-data-file.js';
import { findReleased, insertRelease } from './publication.query.js';
import type { ReportFile } from './report-files.js';
import { PUBLIC } from '../adoption/suppression.js';

export type OpenDataFormat = 'csv' | 'json';

/** Closed months for everybody, once HR has released them. */
@Injectable()
export class OpenDataService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly city: CityService,
    private readonly audit: AuditService,
  ) {}

  /**
   * Releases the newest version of a closed month; releasing it twice changes nothing. A month that is closed again has
   * to be released again, until then the version before stays. Throws `month_not_closed`, `month_without_open_data`.
   */
  async release(
    scope: Scope,
    month: IsoMonth,
  ): Promise<{ readonly month: IsoMonth; readonly version: number }> {
    requireWholeOrganisation(scope, 'hr');
    return this.dataSource.transaction(async (em) => {
      const close = isIsoMonth(month)
        ? await em.getRepository(MonthClose).findOne({ where: { month }, order: { version: 'DESC' } })
        : null;
      if (!close) {
        throw new AppError(
          'month_not_closed',
          'not_found',
          `${month}はまだ締められていないため、公開できません。先に月次締めを行ってください。`,
        );
      }
      const { version } = close;
      const [published]: unknown[] = await em.query(
        `SELECT 1 FROM month_publication WHERE month = $1 AND version = $2 AND audience = 'public'`,
        [month, version],
      );
      if (!published) {
        throw new AppError(
          'month_without_open_data',
          'conflict',
          `${month}はオープンデータに対応する前に締められました。締め直すと公開できます。`,
        );
      }
      const isNew = await insertRelease(em, { month, version, at: this.clock.now(), by: scope.actor });
      if (isNew) {
        await this.audit.record(em, {
          actor: scope.actor,
          action: 'month_released',
          target: `month:${month}`,
          details: { version },
        });
      }
      return { month, version };
    });
  }

  /** Throws `not_released`, whether or not there is such a month. */
  async file(month: string, format: OpenDataFormat): Promise<ReportFile> {
    const released = isIsoMonth(month) ? await findReleased(this.dataSource.manager, month) : null;
    if (!released?.lines) {
      throw new AppError(
        'not_released',
        'not_found',
        'この月のオープンデータは公開していません。年月は 2022-10 のように指定してください。',
      );
    }
    const { document, asOf, version, releasedAt, departments, lines } = released;
    const { areaCode } = await this.city.current();
    const data = {
      month: released.month,
      asOf,
      version,
      closedAt: document.closedAt,
      releasedAt: releasedAt.toISOString(),
      definition: document.definition,
      city: { ...document.city, areaCode },
      threshold: PUBLIC.threshold,
      departments,
      lines,
    };
    return {
      bytes: format === 'csv' ? renderOpenDataCsv(data) : renderOpenDataJson(data),
      contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
      fileName: `mynumber-card-open-data-${released.month}.${format}`,
    };
  }
}
