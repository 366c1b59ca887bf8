import { Injectable } from '@nestjs/common';
import type { Scope } from '../access/scope.js';
import type { IsoDate } from '../platform/month.js';
import { bureausOf, planDigests } from './digest-message.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { staffedOf, UnitFacts } from './unit-facts.service.js';

/** The leaders of what stands right below the top, with the figures of the units in it. */
@Injectable()
export class DigestPlanner implements AudiencePlanner {
  constructor(private readonly facts: UnitFacts) {}

  async plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave> {
    const facts = await this.facts.withHistory(scope, policy, on);
    return {
      asOf: facts.asOf,
      considered: [
        { label: '職員のいる所属', count: staffedOf(facts.lines).length },
        { label: '下に所属がある局など(最上位のすぐ下)', count: bureausOf(facts.lines).length },
      ],
      messages: planDigests(facts),
    };
  }
}
