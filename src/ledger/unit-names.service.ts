import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { requireRole, type Scope } from '../access/scope.js';
import { SettingService } from '../access/setting.service.js';
import { Clock } from '../platform/clock.js';
import type { IsoDate } from '../platform/month.js';
import { peopleLedIn } from './unit-names.query.js';

export interface UnitNames {
  readonly asOf: IsoDate;
  readonly people: readonly { readonly name: string; readonly held: boolean }[];
}

/**
 * Names for managers, where the city has switched them on: of the people they lead themselves, today, and of the
 * status no more than whether a card is held. Who has not answered, declined to, applied or is exempt stays with HR.
 */
@Injectable()
export class UnitNamesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly settings: SettingService,
    private readonly audit: AuditService,
  ) {}

  /** Null while the switch is off, and for units that the caller does not lead. Every look is on the audit record. */
  async ofUnit(scope: Scope, code: string): Promise<UnitNames | null> {
    const { actor, unitIds } = requireRole(scope, 'manager');
    if (unitIds === 'all' || !(await this.settings.managersSeeNames())) return null;
    // Never of another day: the list is for talking to one's people, not for comparing.
    const asOf = this.clock.today();
    const people = await peopleLedIn(this.dataSource.manager, unitIds, code, asOf);
    if (!people) return null;
    await this.audit.record(null, {
      actor,
      action: 'staff_list_viewed',
      target: `unit:${code}`,
      details: { asOf, namesForManager: true, staff: people.map((person) => person.id) },
    });
    return { asOf, people: people.map(({ name, held }) => ({ name, held })) };
  }
}
