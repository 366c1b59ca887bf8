import { DataSource } from 'typeorm';
import type { AuditService } from '../access/audit.service.js';
import { everything, requireRole, type Scope } from '../access/scope.js';
import type { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { addDays, type IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import type { PersonalDataHolder } from './personal-data.types.js';
import { countDue, dueLeavers, eraseStaff } from './staff-erasure.query.js';

export interface RetentionRun {
  readonly on: IsoDate;
  /** How long personal data is kept after the last assignment's end. */
  readonly months: number;
  readonly dryRun: boolean;
  /** People whose time was over on that day. */
  readonly due: number;
  readonly erased: number;
}

/** Any number, the same in every process: one run at a time. */
const RETENTION_LOCK = 7_231_004;
const CHUNK = 500;
/** Values that import reports quote serve to correct a file; after this long nobody does. */
const QUOTES_DAYS = 90;

/**
 * Erases the personal data of people who left long ago. What is counted stays under an anonymous id, so every figure
 * of every day stays the same.
 */
export class RetentionService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
    private readonly months: number,
    private readonly holders: readonly PersonalDataHolder[],
    /** Removes what import reports quote, of imports before the instant. */
    private readonly forgetQuotes: (before: Date) => Promise<void>,
  ) {}

  /** Throws `role_required`, `bad_date`, `future_date`, and `retention_running` when another process is at it. */
  async run(
    scope: Scope,
    { on = this.clock.today(), dryRun = false }: { readonly on?: IsoDate; readonly dryRun?: boolean } = {},
  ): Promise<RetentionRun> {
    requireRole(scope, 'admin');
    assertDate(on);
    if (on > this.clock.today() && !dryRun) {
      throw new AppError(
        'future_date',
        'refused',
        'まだ来ていない日付では消去できません。--dry-run を付けると、対象の人数だけを確かめられます。',
      );
    }
    const { months } = this;
    const due = await countDue(this.dataSource.manager, on, months);
    if (dryRun) return { on, months, dryRun, due, erased: 0 };
    const erased = await this.underLock(() => this.eraseAll(scope, on));
    return { on, months, dryRun, due, erased };
  }

  /** What the service does by itself; null when another process is just doing it. */
  async daily(): Promise<RetentionRun | null> {
    try {
      return await this.run(everything('system:retention'));
    } catch (error) {
      if (error instanceof AppError && error.code === 'retention_running') return null;
      throw error;
    }
  }

  private async eraseAll(scope: Scope, on: IsoDate): Promise<number> {
    let erased = 0;
    for (let chunk = CHUNK; chunk === CHUNK; erased += chunk) chunk = await this.eraseSome(scope, on);
    await this.forgetQuotes(new Date(Date.parse(`${addDays(on, -QUOTES_DAYS)}T00:00:00+09:00`)));
    if (erased > 0) {
      // The old rows would otherwise stay readable in the files of the database for a while.
      await this.dataSource.query(
        'VACUUM staff, staff_former_number, staff_profile, card_exception, card_exception_decision, delivery, import_batch, app_user, api_token',
      );
    }
    return erased;
  }

  private async eraseSome(scope: Scope, on: IsoDate): Promise<number> {
    return this.dataSource.transaction(async (em) => {
      const leavers = await dueLeavers(em, on, this.months, CHUNK);
      if (leavers.length === 0) return 0;
      await eraseStaff(em, leavers, { on, at: this.clock.now(), actor: scope.actor });
      for (const holder of this.holders) await holder.erase(em, leavers);
      for (const { id } of leavers) {
        await this.audit.record(em, {
          actor: scope.actor,
          action: 'staff_erased',
          target: `staff:${id}`,
          details: { months: this.months },
        });
      }
      return leavers.length;
    });
  }

  private async underLock<T>(work: () => Promise<T>): Promise<T> {
    const keeper = this.dataSource.createQueryRunner();
    try {
      const [{ locked }] = await keeper.query('SELECT pg_try_advisory_lock($1) AS locked', [RETENTION_LOCK]);
      if (!locked) {
        throw new AppError(
          'retention_running',
          'conflict',
          '別の処理が消去を行っています。終わってからもう一度実行してください。',
        );
      }
      try {
        return await work();
      } finally {
        await keeper.query('SELECT pg_advisory_unlock($1)', [RETENTION_LOCK]);
      }
    } finally {
      await keeper.release();
    }
  }
}
