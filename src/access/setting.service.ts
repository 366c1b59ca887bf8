import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { AuditService } from './audit.service.js';
import type { AuditEntry } from './audit.types.js';
import { requireWholeOrganisation, type Scope } from './scope.js';

export interface SettingVersion<Value> {
  /** Ascending over all settings. */
  readonly id: number;
  readonly value: Value;
  readonly changedAt: Date;
  readonly changedBy: string;
}

/** Decisions of the city, by name. Every change adds a version, and is on the audit record. */
@Injectable()
export class SettingService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /** Newest first; empty as long as nobody has touched it. */
  versions<Value>(
    name: string,
    em: EntityManager = this.db.manager,
  ): Promise<readonly SettingVersion<Value>[]> {
    return em.query(
      `SELECT id, value, recorded_at AS "changedAt", recorded_by AS "changedBy"
       FROM app_setting WHERE name = $1 ORDER BY id DESC`,
      [name],
    );
  }

  /**
   * Makes a version out of the last one, null where there is none. False where it stands so already: nothing is written.
   * For HR of the whole organisation.
   */
  async change<Value>(
    scope: Scope,
    name: string,
    make: (last: Value | null) => Value,
    entry: (value: Value) => Omit<AuditEntry, 'actor'>,
  ): Promise<boolean> {
    const { actor } = requireWholeOrganisation(scope, 'hr');
    return this.db.transaction(async (em) => {
      await em.query('LOCK TABLE app_setting IN SHARE ROW EXCLUSIVE MODE');
      const last = (await this.versions<Value>(name, em))[0]?.value ?? null;
      const value = make(last);
      if (isDeepStrictEqual(value, last)) return false;
      await em.query(
        `INSERT INTO app_setting (name, value, recorded_at, recorded_by) VALUES ($1, $2, $3, $4)`,
        [name, JSON.stringify(value), this.clock.now(), actor],
      );
      await this.audit.record(em, { actor, ...entry(value) });
      return true;
    });
  }

  /** Whether managers see the names of the people of their own unit. Off until the city switches it on. */
  async managersSeeNames(): Promise<boolean> {
    return (await this.namesForManagers())[0]?.value ?? false;
  }

  /** Newest first. */
  namesForManagers(): Promise<readonly SettingVersion<boolean>[]> {
    return this.versions(NAMES);
  }

  /** Throws `setting_unchanged` where it stands so already. */
  async setManagersSeeNames(scope: Scope, on: boolean): Promise<void> {
    await this.change<boolean>(
      scope,
      NAMES,
      (last) => {
        if ((last ?? false) === on)
          throw new AppError('setting_unchanged', 'conflict', 'すでにその設定になっています。');
        return on;
      },
      () => ({ action: 'setting_changed', target: `setting:${NAMES}`, details: { on } }),
    );
  }
}

const NAMES = 'managers_see_names';
