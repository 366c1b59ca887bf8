import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditService } from '../access/audit.service.js';
import { staffNumber } from '../access/account-name.js';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import { planRenumbering, renumber, stageRenumbering } from './renumber.query.js';

export interface Renumbered {
  readonly number: string;
  readonly formerNumber: string;
}

/** A person gets another number (再任用, another personnel system) and stays the same person, with all history. */
@Injectable()
export class RenumberService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditService,
  ) {}

  /**
   * For HR of every unit. Throws `staff_not_found`, `bad_staff_number`, `individual_number`, `staff_exists` where the
   * new number is or was somebody else's, `staff_number_taken` where another account has it.
   */
  async renumber(scope: Scope, former: string, wanted: string): Promise<Renumbered> {
    scope = requireWholeOrganisation(scope, 'hr');
    const formerNumber = staffNumber(former);
    const number = staffNumber(wanted);
    if (number === undefined || number === formerNumber) {
      throw new AppError('bad_staff_number', 'refused', '今と違う新しい職員番号を指定してください。');
    }
    return this.dataSource.transaction(async (em) => {
      await stageRenumbering(em, formerNumber ?? '', number);
      const { problems } = await planRenumbering(em);
      if (problems.length > 0) throw refusal(problems[0]!.code);
      const [id] = await renumber(em, { at: this.clock.now(), by: scope.actor });
      if (id === undefined) {
        throw new AppError(
          'staff_not_found',
          'not_found',
          'この職員番号の記録は見つかりません。番号を確かめてください。',
        );
      }
      await this.audit.record(em, { actor: scope.actor, action: 'staff_renumbered', target: `staff:${id}` });
      return { number, formerNumber: formerNumber! };
    });
  }
}

function refusal(code: string): AppError {
  return code === 'staff_number_taken'
    ? new AppError(
        'staff_number_taken',
        'conflict',
        '新しい職員番号は、別の利用者アカウントに結び付いています。先に結び付けを直してください。',
      )
    : new AppError(
        'staff_exists',
        'conflict',
        '新しい職員番号は、別の職員の番号です(前の番号を含みます)。番号を確かめてください。',
      );
}
