import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { planEscalations, unitsBehind } from './escalation-message.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { staffedOf, UnitFacts } from './unit-facts.service.js';

/** Those who lead the next level above units that were below the citizens at two month ends running. */
@Injectable()
export class EscalationPlanner implements AudiencePlanner {
  constructor(private readonly facts: UnitFacts) {}

  async plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave> {
    const facts = await this.facts.withHistory(scope, policy, on);
    return {
      asOf: facts.asOf,
      considered: [
        { label: '職員のいる所属', count: staffedOf(facts.lines).length },
        { label: '2か月続けて市民の取得率を下回った所属', count: unitsBehind(facts).length },
      ],
      messages: planEscalations(facts),
    };
  }
}
