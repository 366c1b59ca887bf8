import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { isBelowGoal, planManagerMessages } from './manager-message.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { staffedOf, UnitFacts } from './unit-facts.service.js';

/** The managers of units below the goal, with the figures of the last month end. */
@Injectable()
export class ManagerPlanner implements AudiencePlanner {
  constructor(private readonly facts: UnitFacts) {}

  async plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave> {
    const facts = await this.facts.on(scope, policy, on);
    return {
      asOf: facts.asOf,
      considered: [
        { label: '職員のいる所属', count: staffedOf(facts.lines).length },
        { label: '目標に届いていない所属', count: facts.lines.filter(isBelowGoal).length },
      ],
      messages: planManagerMessages(facts),
    };
  }
}
