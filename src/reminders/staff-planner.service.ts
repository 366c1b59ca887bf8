import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SettingService } from '../access/setting.service.js';
import type { Scope } from '../access/scope.js';
import { CityService } from '../adoption/city.service.js';
import { countAudience, findAudience, type Joining, type StaffPage } from '../ledger/audience.query.js';
import { CARD_STATUSES, type CardStatus } from '../ledger/card-status.js';
import { countExpiring, EXPIRING_MONTHS, findExpiring } from '../ledger/expiring.query.js';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { AppError } from '../platform/errors.js';
import { formatDate } from '../platform/japanese-format.js';
import { addDays, type IsoDate } from '../platform/month.js';
import { CONFIG } from '../platform/tokens.js';
import type {
  AudienceGroup,
  AudiencePlanner,
  PlannedMessage,
  PlannedWave,
  WaveAudience,
} from './planned-wave.js';
import type { Policy } from './policy.js';
import { PolicyService } from './policy.service.js';
import { joinedFor } from './schedule.js';
import { candidatesOf, sharedAddresses, type FoundPerson } from './staff-audience.query.js';
import { planStaffMessage, type StaffMessageFacts } from './staff-message.js';

/** So many people are in memory at a time, however many a wave is for. */
const PAGE = 1_000;
const WITHOUT_CARD: readonly CardStatus[] = CARD_STATUSES.filter((status) => status !== 'held');

/** Persons: those without a card, those whose card ends, or everybody. Nobody has to be added. */
@Injectable()
export class StaffPlanner implements AudiencePlanner {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    private readonly city: CityService,
    private readonly settings: SettingService,
    private readonly policies: PolicyService,
  ) {}

  async plan(scope: Scope, policy: Policy, on: IsoDate): Promise<PlannedWave> {
    if (on > this.clock.today()) {
      throw new AppError(
        'day_to_come',
        'refused',
        `${formatDate(on)}は、まだ来ていません。職員への案内は、その日の取得状況をもとに決めます。今日までの日を指定してください。`,
        { on },
      );
    }
    const em = this.dataSource.manager;
    const [rules, city, managersSeeNames, shared] = await Promise.all([
      this.policies.rules(),
      this.city.current(),
      this.settings.managersSeeNames(),
      sharedAddresses(em, on),
    ]);
    // Whose first day the wave is about, where it is about first days.
    const joined =
      policy.schedule.kind === 'after-joining' ? joinedFor(policy.schedule, on, rules) : undefined;
    const audience = await this.audience(scope, policy, on, joined);
    const { baseUrl } = this.config;
    const facts = { policy, on, rules, city, managersSeeNames, baseUrl, shared };
    return {
      asOf: on,
      ...audience,
      messages: this.messages(facts, (page) => this.found(scope, policy, on, joined, page)),
    };
  }

  /** Who is considered, in numbers. Throws `no_organisation`. */
  private async audience(
    scope: Scope,
    policy: Policy,
    on: IsoDate,
    joined: Joining | undefined,
  ): Promise<WaveAudience> {
    const em = this.dataSource.manager;
    const { staff, held } = await countAudience(em, on);
    if (staff === 0) {
      // An empty wave would use up the day.
      throw new AppError(
        'no_organisation',
        'not_found',
        `${formatDate(on)}時点の名簿がありません。先に名簿を取り込んでください。`,
        { on },
      );
    }
    const everybody = { label: '職員', count: staff };
    switch (policy.audience) {
      case 'joined-without-card': {
        const newcomers = await countAudience(em, on, joined);
        return {
          considered: [
            everybody,
            {
              label: `${formatDate(joined!.from)}から${formatDate(addDays(joined!.to, -1))}までに着任した職員`,
              count: newcomers.staff,
            },
            without(newcomers.staff - newcomers.held),
          ],
          outside: [holders(newcomers.held)],
        };
      }
      case 'without-card':
        return { considered: [everybody, without(staff - held)], outside: [holders(held)] };
      case 'cards-expiring': {
        const count = await countExpiring(em, scope, { asOf: on, months: EXPIRING_MONTHS });
        return {
          considered: [everybody, { label: `カードの有効期限まで${EXPIRING_MONTHS}か月以内の職員`, count }],
        };
      }
      default:
        return { considered: [everybody] };
    }
  }

  private async found(
    scope: Scope,
    { audience }: Policy,
    asOf: IsoDate,
    joined: Joining | undefined,
    page: StaffPage,
  ): Promise<FoundPerson[]> {
    const em = this.dataSource.manager;
    if (audience === 'cards-expiring') {
      const cards = await findExpiring(em, scope, { asOf, months: EXPIRING_MONTHS }, page);
      return cards.map(({ staffId, unitId, expiresOn }) => ({
        staffId,
        unitId,
        status: 'held',
        cardExpires: expiresOn,
      }));
    }
    const statuses = audience === 'everybody' ? CARD_STATUSES : WITHOUT_CARD;
    const members = await findAudience(em, { asOf, statuses, joined }, page);
    return members.map((member) => ({ ...member, cardExpires: null }));
  }

  private async *messages(
    facts: StaffMessageFacts,
    find: (page: StaffPage) => Promise<FoundPerson[]>,
  ): AsyncGenerator<PlannedMessage> {
    const { policy, on } = facts;
    const used = new Set<string>();
    for (let after = 0; ;) {
      const people = await find({ after, size: PAGE });
      for (const candidate of await candidatesOf(
        this.dataSource.manager,
        { policy: policy.name, on },
        people,
      )) {
        yield onceAnAddress(planStaffMessage(facts, candidate), facts.shared, used);
      }
      if (people.length < PAGE) return;
      after = people.at(-1)!.staffId;
    }
  }
}

function without(count: number): AudienceGroup {
  return { label: 'カードの保有を確認できていない職員', count };
}

function holders(count: number): AudienceGroup {
  return { label: 'カードの保有を確認しています', count };
}

/** What everybody gets alike comes once to an address that several people share. */
function onceAnAddress(
  message: PlannedMessage,
  shared: ReadonlySet<string>,
  used: Set<string>,
): PlannedMessage {
  const address = message.address?.toLowerCase();
  if (address === undefined || !shared.has(address)) return message;
  if (used.has(address)) return { ...message, address: null, suppressed: 'same_address' };
  used.add(address);
  return message;
}
