import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { everything, requireRole, seesStatuses, type Scope } from '../access/scope.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { findUnit } from '../roster/unit-tree.query.js';
import { unitNotFound } from './adoption-errors.js';
import { AdoptionService } from './adoption.service.js';
import { kindOf, rateChange, type ChangeEnd, type PartCounts, type UnitChanges } from './change-parts.js';
import type { DefinitionName } from './definition.js';
import { DefinitionService } from './definition.service.js';
import { findChanges } from './changes.query.js';
import { countUnits, NOBODY } from './counts.query.js';
import { percentage, type Counts } from './rate.js';

/** Why the figures of a unit differ between two days, for those who see figures of any day. */
@Injectable()
export class ChangesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly adoption: AdoptionService,
    private readonly definitions: DefinitionService,
  ) {}

  /**
   * `code` undefined means the top of what the caller may see. A unit that is there on one of the days only had, or has,
   * nobody on the other. Throws `bad_date`, `bad_period`, `unit_not_found`, and `role_required` for leaders and auditors:
   * somebody who came alone would be seen through.
   */
  async between(caller: Scope, code: string | undefined, from: IsoDate, to: IsoDate): Promise<UnitChanges> {
    const scope = requireRole(caller, 'hr', 'manager');
    assertDate(from);
    assertDate(to);
    if (from >= to)
      throw new AppError('bad_period', 'invalid', '期間は、前の日を後の日より前に指定してください。');
    const top = code ?? (await this.adoption.topCode(scope, to));
    const { sight, unit } = await this.find(scope, top, from, to);
    // Both ends and what lies between them as of one moment, though others go on recording.
    const [before, after, parts] = await this.dataSource.transaction('REPEATABLE READ', async (em) => {
      const rows = await countUnits(em, everything(scope.actor), {
        dates: [from, to],
        under: top,
        levels: 0,
      });
      const on = (day: IsoDate) => rows.find((row) => row.asOf === day)?.total ?? NOBODY;
      return [on(from), on(to), await findChanges(em, unit.unitId, from, to)] as const;
    });
    const isInFull = seesStatuses(sight);
    const end = (counts: Counts, definition: DefinitionName): ChangeEnd => ({
      ...(isInFull ? counts : { staff: counts.staff, held: counts.held }),
      rate: percentage(counts.held, counts.staff),
      definition,
    });
    return {
      unit: { code: top, name: unit.name, kind: unit.kind },
      from,
      to,
      before: end(before, await this.definitions.on(from)),
      after: end(after, await this.definitions.on(to)),
      parts: isInFull ? parts : comingsAndGoings(parts),
      rate: isInFull ? rateChange(before, after, parts) : null,
    };
  }

  /** The unit on the later day, or on the earlier where it is gone; on both the caller has to see it, if it is there. */
  private async find(scope: Scope, code: string, from: IsoDate, to: IsoDate) {
    const on = (sight: Scope, day: IsoDate) => findUnit(this.dataSource.manager, sight, code, day);
    for (const [day, otherDay] of [
      [to, from],
      [from, to],
    ] as const) {
      const sight = await this.adoption.sightOf(scope, code, day);
      const unit = await on(sight, day);
      if (!unit) continue;
      if (!(await on(sight, otherDay)) && (await on(everything(scope.actor), otherDay)))
        throw unitNotFound(code, otherDay);
      return { sight, unit };
    }
    throw unitNotFound(code, to);
  }
}

/** Who came and who went, and not with what. */
function comingsAndGoings(parts: readonly PartCounts[]): UnitChanges['parts'] {
  return parts
    .filter(({ part }) => kindOf(part) !== 'answer')
    .map(({ part, people, staff }) => ({ part, people, staff }));
}
