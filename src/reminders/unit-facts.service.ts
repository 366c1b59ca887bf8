import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../access/scope.js';
import { SettingService } from '../access/setting.service.js';
import { AdoptionService } from '../adoption/adoption.service.js';
import type { UnitLine } from '../adoption/adoption.types.js';
import { CitizenComparisonService } from '../adoption/citizen-comparison.service.js';
import { CityService } from '../adoption/city.service.js';
import { MONTHS_LOOKED_AT } from '../adoption/suppression.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { formatDate } from '../platform/japanese-format.js';
import { addMonths, lastDay, monthOf, type IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import type { EscalationFacts } from './escalation-message.js';
import { managersOf } from './manager-audience.query.js';
import type { Policy } from './policy.js';
import { channelOf } from './policy-channel.js';
import { heldBack, type PersonalLimits } from './reminder-limits.js';
import type { UnitMessageFacts } from './unit-message.js';
import { unitsTold } from './unit-told.query.js';
import { figuresDate } from './wave-dates.js';

/** They hold for messages about people. */
const NO_LIMITS: PersonalLimits = { minGapDays: 0, maxPerYear: Infinity };

/** What the messages about units say is read here, once for a wave: the figures of the last month end. */
@Injectable()
export class UnitFacts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    private readonly adoption: AdoptionService,
    private readonly citizens: CitizenComparisonService,
    private readonly city: CityService,
    private readonly settings: SettingService,
  ) {}

  /** Throws `month_not_over`, `no_organisation`. */
  async on(scope: Scope, policy: Policy, on: IsoDate): Promise<UnitMessageFacts> {
    const asOf = figuresDate(on);
    if (asOf > this.clock.today()) {
      throw new AppError(
        'month_not_over',
        'refused',
        `${formatDate(on)}の配信には${formatDate(asOf)}時点の数字を使いますが、まだその日になっていません。`,
        { on, asOf },
      );
    }
    const [lines, citizens, city, goal, managersSeeNames, toldLately, channel] = await Promise.all([
      this.adoption.lines(scope, asOf),
      this.citizens.on(asOf, null),
      this.city.current(),
      this.city.goal(asOf),
      this.settings.managersSeeNames(),
      this.toldLately(policy, on),
      channelOf(this.settings, policy),
    ]);
    const staffed = staffedOf(lines);
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
      this.config.chatWebhookHosts,
    );
    const { baseUrl } = this.config;
    const goalRate = goal.rate;
    const figures = { on, asOf, goalRate, city, citizens, lines, contacts, managersSeeNames, baseUrl };
    const chat = channel === 'chat' ? 'first' : 'without-manager';
    return { ...figures, toldLately, ...(policy.mayChat && { chat }) };
  }

  /** With the month ends before, for messages to those who lead other units. Throws the same. */
  async withHistory(scope: Scope, policy: Policy, on: IsoDate): Promise<EscalationFacts> {
    const facts = await this.on(scope, policy, on);
    const month = monthOf(facts.asOf);
    const [history, citizensBefore] = await Promise.all([
      this.adoption.monthEnds(scope, month, MONTHS_LOOKED_AT),
      this.citizens.on(lastDay(addMonths(month, -1)), null),
    ]);
    return { ...facts, history, citizensBefore };
  }

  private async toldLately({ name, limits }: Policy, on: IsoDate): Promise<ReadonlySet<number>> {
    if (limits.again === 'next-wave') return new Set();
    const told = await unitsTold(this.dataSource.manager, name, on);
    const received = { lastPersonal: null, personalInYear: 0 };
    return new Set(
      [...told.keys()].filter((unitId) =>
        heldBack(limits, NO_LIMITS, on, { ...received, lastOfPolicy: told.get(unitId)! }),
      ),
    );
  }
}

export function staffedOf<Line extends UnitLine>(lines: readonly Line[]): Line[] {
  return lines.filter(({ staff }) => staff > 0);
}
