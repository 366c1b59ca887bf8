import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../access/scope.js';
import { CityService } from '../adoption/city.service.js';
import { ENDING_DAYS } from '../ledger/exception.types.js';
import { findEnding } from '../ledger/out-of-plan.query.js';
import type { Config } from '../platform/config.js';
import type { IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import { alreadyTold, findDecided } from './exception-audience.query.js';
import {
  aboutEnd,
  decidedContext,
  endingContext,
  toPerson,
  type ExceptionMessageFacts,
} from './exception-message.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { sharedAddresses } from './staff-audience.query.js';

/** A decision older than this is no news: the person has been told another way, or has looked. */
const NEWS_DAYS = 14;

/** What every message about an exception needs to know. */
@Injectable()
export class ExceptionFacts {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    private readonly city: CityService,
  ) {}

  async of(on: IsoDate): Promise<ExceptionMessageFacts> {
    const [city, shared] = await Promise.all([
      this.city.current(),
      sharedAddresses(this.dataSource.manager, on),
    ]);
    return { on, city, baseUrl: this.config.baseUrl, shared };
  }
}

/** People whose request has been decided and who have not been told yet. */
@Injectable()
export class ExceptionDecidedPlanner implements AudiencePlanner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: ExceptionFacts,
  ) {}

  async plan(_scope: Scope, _policy: Policy, on: IsoDate): Promise<PlannedWave> {
    const decided = await findDecided(this.dataSource.manager, on, NEWS_DAYS);
    const facts = await this.facts.of(on);
    return {
      asOf: on,
      considered: [
        { label: `この${NEWS_DAYS}日に決定があり、まだ知らせていない職員`, count: decided.length },
      ],
      messages: decided.map((one) => toPerson(facts, one, decidedContext(facts, one))),
    };
  }
}

/** People whose exception ends soon, once each. */
@Injectable()
export class ExceptionEndingPlanner implements AudiencePlanner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly facts: ExceptionFacts,
  ) {}

  async plan(scope: Scope, { name }: Policy, on: IsoDate): Promise<PlannedWave> {
    const em = this.dataSource.manager;
    const ending = await findEnding(em, scope, on, { days: ENDING_DAYS });
    // Whoever chose not to answer stays out of the plan: for them nothing ends.
    const asked = ending.filter(({ undisclosed }) => !undisclosed);
    const told = await alreadyTold(
      em,
      name,
      asked.map(({ exceptionId }) => aboutEnd(exceptionId)),
    );
    const untold = asked.filter(({ exceptionId }) => !told.has(aboutEnd(exceptionId)));
    const facts = await this.facts.of(on);
    return {
      asOf: on,
      considered: [
        { label: `例外が${ENDING_DAYS}日以内に終わる職員`, count: ending.length },
        { label: 'まだ知らせていない職員', count: untold.length },
      ],
      messages: untold.map((one) => toPerson(facts, one, endingContext(facts, one))),
    };
  }
}
