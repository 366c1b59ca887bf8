import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireRole, type Scope } from '../access/scope.js';
import type { UnitName } from '../adoption/adoption.types.js';
import type { DefinitionName } from '../adoption/definition.js';
import type { Tree } from '../adoption/tree.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { findPublished } from './publication.query.js';
import {
  remainingIn,
  seriesOf,
  unitIn,
  type PublishedFigures,
  type PublishedMonth,
  type PublishedPoint,
  type PublishedUnit,
} from './published-unit.js';

/** Leaders and auditors see closed months only: days of their own choice could be subtracted from one another. */
export function seesPublishedOnly(scope: Scope): boolean {
  const has = (role: Scope['roles'][number]) => scope.roles.includes(role);
  return !has('hr') && (has('leader') || has('auditor'));
}

/** What is published hides groups that are small in their own day's organisation; in another, sums could be subtracted. */
export function refuseRestated(tree: Tree): void {
  if (tree === 'then') return;
  throw new AppError(
    'restatement_not_published',
    'forbidden',
    '市長・部局長と監査の権限では、締めた月の当時の組織の数字だけを表示します。現在の組織に組み替えた数字は、引き算で少人数の状況が分かることがあるため表示しません。',
  );
}

/** The figures of closed months for leaders and auditors, small groups hidden as in the report. */
@Injectable()
export class PublicationService {
  constructor(private readonly dataSource: DataSource) {}

  /** Last days of the closed months, newest first. */
  async days(scope: Scope): Promise<IsoDate[]> {
    return (await this.months(scope)).map(({ asOf }) => asOf);
  }

  /**
   * The unit, or the top of what the caller may see, in the closed month that ends on the day; in the newest without one.
   * Throws `nothing_published`, `day_not_published`, `unit_not_published`.
   */
  async unit(scope: Scope, code?: string, asOf?: IsoDate): Promise<PublishedUnit> {
    return unitIn(scope, await this.month(scope, asOf), code);
  }

  /** Units below with somebody remaining, most people first; merged lines are none. */
  async remaining(
    scope: Scope,
    code: string,
    limit: number,
    asOf?: IsoDate,
  ): Promise<{
    readonly definition: DefinitionName | null;
    readonly units: (PublishedFigures & { readonly unit: UnitName })[];
  }> {
    const month = await this.month(scope, asOf);
    return {
      definition: month.document.definition ?? null,
      units: remainingIn(scope, month, code).slice(0, limit),
    };
  }

  /** The closed months in which the unit is shown on its own, oldest first, for the units that are asked for. */
  async series(scope: Scope, until: IsoDate = '9999-12-31'): Promise<ReadonlyMap<string, PublishedPoint[]>> {
    return seriesOf(scope, await this.months(scope), until);
  }

  private async month(scope: Scope, asOf: IsoDate | undefined): Promise<PublishedMonth> {
    const months = await this.months(scope);
    const published = asOf === undefined ? months[0] : months.find((month) => month.asOf === asOf);
    if (!published) throw asOf === undefined ? nothingPublished() : dayNotPublished(months);
    return published;
  }

  private async months(scope: Scope): Promise<PublishedMonth[]> {
    requireRole(scope, 'hr', 'leader', 'auditor');
    return findPublished(this.dataSource.manager);
  }
}

function nothingPublished(): AppError {
  return new AppError(
    'nothing_published',
    'not_found',
    '締めた月がまだありません。人事課が月次締めを行うと、ここに数字を表示します。',
  );
}

function dayNotPublished(months: readonly PublishedMonth[]): AppError {
  const [newest] = months;
  return new AppError(
    'day_not_published',
    'not_found',
    `市長・部局長と監査の権限では、締めた月の末日の数字だけを表示します。${newest ? `日付は${newest.asOf}のように指定してください。` : '締めた月がまだありません。'}`,
  );
}
