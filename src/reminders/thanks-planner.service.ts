import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { isComplete, planThanks } from './thanks-message.js';
import { staffedOf, UnitFacts } from './unit-facts.service.js';

/** The managers of units in which everybody holds a card. */
@Injectable()
export class ThanksPlanner implements AudiencePlanner {
  constructor(private readonly facts: UnitFacts) {}

  async plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave> {
    const facts = await this.facts.on(scope, policy, on);
    return {
      asOf: facts.asOf,
      considered: [
        { label: '職員のいる所属', count: staffedOf(facts.lines).length },
        { label: '全員がカードを保有している所属', count: facts.lines.filter(isComplete).length },
      ],
      messages: planThanks(facts),
    };
  }
}
