import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../access/scope.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import { CitizenComparisonService } from '../adoption/citizen-comparison.service.js';
import { CityService } from '../adoption/city.service.js';
import { SettingService } from '../access/setting.service.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { formatDate } from '../platform/japanese-format.js';
import type { IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import { managersOf } from './manager-audience.query.js';
import { isBelowGoal, planManagerMessages } from './manager-message.js';
import type { AudiencePlanner, PlannedWave } from './planned-wave.js';
import type { Policy } from './policy.js';
import { figuresDate } from './wave-dates.js';

/** The managers of units below the goal, with the figures of the last month end. */
@Injectable()
export class ManagerPlanner implements AudiencePlanner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    private readonly adoption: AdoptionService,
    private readonly citizens: CitizenComparisonService,
    private readonly city: CityService,
    private readonly settings: SettingService,
  ) {}

  async plan(scope: Scope, _policy: Policy, on: IsoDate): Promise<PlannedWave> {
    const asOf = figuresDate(on);
    if (asOf > this.clock.today()) {
      throw new AppError(
        'month_not_over',
        'refused',
        `${formatDate(on)}の配信には${formatDate(asOf)}時点の数字を使いますが、まだその日になっていません。`,
        { on, asOf },
      );
    }
    const [lines, citizens, city, goal, managersSeeNames] = await Promise.all([
      this.adoption.lines(scope, asOf),
      this.citizens.on(asOf, null),
      this.city.current(),
      this.city.goal(asOf),
      this.settings.managersSeeNames(),
    ]);
    const staffed = lines.filter((line) => line.staff > 0);
    if (staffed.length === 0) {
      // An empty wave would use up the day.
      throw new AppError(
        'no_organisation',
        'not_found',
        `${formatDate(asOf)}時点の名簿がありません。先に名簿を取り込んでください。`,
        { on, asOf },
      );
    }
    const contacts = await managersOf(
      this.dataSource.manager,
      staffed.map((line) => line.unitId),
      on,
    );
    const { baseUrl } = this.config;
    const messages = planManagerMessages({
      on,
      asOf,
      goalRate: goal.rate,
      city,
      citizens,
      lines,
      contacts,
      managersSeeNames,
      baseUrl,
    });
    return {
      asOf,
      considered: [
        { label: '職員のいる所属', count: staffed.length },
        { label: '目標に届いていない所属', count: staffed.filter(isBelowGoal).length },
      ],
      messages,
    };
  }
}
