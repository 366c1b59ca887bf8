import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { AuditService } from './audit.service.js';
import { requireWholeOrganisation, type Scope } from './scope.js';

export interface Switch {
  readonly on: boolean;
  /** Null as long as nobody has touched it. */
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

/** Decisions of the city that change who sees what. Every change stays on record. */
@Injectable()
export class SettingService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Whether managers see the names of the people of their own unit. Off until the city switches it on. */
  async managersSeeNames(): Promise<boolean> {
    return (await this.history())[0]?.on ?? false;
  }

  /** Newest first; empty as long as nobody has touched it. */
  async history(): Promise<Switch[]> {
    return this.db.query<Switch[]>(
      `SELECT (value = 'true') AS on, recorded_at AS "changedAt", recorded_by AS "changedBy"
       FROM app_setting WHERE name = 'managers_see_names' ORDER BY id DESC`,
    );
  }

  /** For HR of the whole organisation. Throws `setting_unchanged` where it stands so already. */
  async setManagersSeeNames(scope: Scope, on: boolean): Promise<void> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    await this.db.transaction(async (em) => {
      await em.query('LOCK TABLE app_setting IN SHARE ROW EXCLUSIVE MODE');
      if ((await this.managersSeeNames()) === on) {
        throw new AppError('setting_unchanged', 'conflict', 'すでにその設定になっています。');
      }
      await em.query(
        `INSERT INTO app_setting (name, value, recorded_at, recorded_by) VALUES ('managers_see_names', $1, $2, $3)`,
        [JSON.stringify(on), this.clock.now(), actor],
      );
      await this.audit.record(em, {
        actor,
        action: 'setting_changed',
        target: 'setting:managers_see_names',
        details: { on },
      });
    });
  }
}
