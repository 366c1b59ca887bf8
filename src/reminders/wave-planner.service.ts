import { Injectable } from '@nestjs/common';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { assertDate } from '../platform/request-date.js';
import { DigestPlanner } from './digest-planner.service.js';
import { EscalationPlanner } from './escalation-planner.service.js';
import { ExceptionDecidedPlanner, ExceptionEndingPlanner } from './exception-planner.service.js';
import { ManagerPlanner } from './manager-planner.service.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Audience, Policy } from './policy.js';
import { StaffPlanner } from './staff-planner.service.js';
import { ThanksPlanner } from './thanks-planner.service.js';

/** Gathers what a wave of a day says to whom, by the planner of the policy's audience. */
@Injectable()
export class WavePlanner {
  private readonly planners: Record<Audience, AudiencePlanner>;

  constructor(
    managers: ManagerPlanner,
    thanks: ThanksPlanner,
    digests: DigestPlanner,
    escalations: EscalationPlanner,
    staff: StaffPlanner,
    exceptionsDecided: ExceptionDecidedPlanner,
    exceptionsEnding: ExceptionEndingPlanner,
  ) {
    this.planners = {
      'managers-below-goal': managers,
      'managers-of-complete-units': thanks,
      'bureau-leaders': digests,
      'leaders-above-units-behind': escalations,
      'joined-without-card': staff,
      'without-card': staff,
      'cards-expiring': staff,
      everybody: staff,
      'exceptions-decided': exceptionsDecided,
      'exceptions-ending': exceptionsEnding,
    };
  }

  /** Reads only. Throws `month_not_over`, `day_to_come`, `no_organisation`. */
  plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave> {
    // A wave compares units with the whole and is sent once a day: a part of the organisation cannot have its own.
    scope = requireWholeOrganisation(scope, 'hr');
    assertDate(on);
    return this.planners[policy.audience].plan(scope, policy, on);
  }
}
