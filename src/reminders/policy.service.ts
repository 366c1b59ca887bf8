import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { requireWholeOrganisation, type Scope } from '../access/scope.js';
import { SettingService, type SettingVersion } from '../access/setting.service.js';
import { Clock } from '../platform/clock.js';
import { AppError } from '../platform/errors.js';
import type { IsoDate } from '../platform/month.js';
import { POLICIES, policyNamed, type Policy, type PolicyChannel } from './policy.js';
import { channelOf, channelSetting } from './policy-channel.js';
import { checkedRules, PROPOSED_RULES, type ReminderRules } from './reminder-rules.js';
import type { PolicyState } from './policy-state.js';
import { nextWave, scheduleWords } from './schedule.js';
import type { QuietPeriod } from './sending-times.js';

/** A policy as it stands now. */
export interface StandingPolicy {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly state: PolicyState;
  readonly channel: PolicyChannel;
  /** Whether it can be sent to chat rooms of units at all. */
  readonly mayChat: boolean;
  /** 毎月の第1営業日 */
  readonly schedule: string;
  /** The day of the next wave by the rules of now, whatever the state; null for what is started by hand. */
  readonly nextOn: IsoDate | null;
  /** The day on which it would be without quiet periods. */
  readonly nextRegularOn: IsoDate | null;
  /** Since when it is on or off, and who said so; null where it is proposed. */
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

export interface StandingRules {
  readonly policies: readonly StandingPolicy[];
  readonly rules: ReminderRules;
}

/** A change that somebody made: of a policy, or of the rules for all of them. */
export interface RuleChange {
  readonly id: number;
  readonly policy: Policy | null;
  readonly on: boolean | null;
  readonly channel: PolicyChannel | null;
  readonly rules: ReminderRules | null;
  readonly changedAt: Date;
  readonly changedBy: string;
}

const RULES = 'reminder_rules';
const settingOf = ({ name }: Policy) => `policy:${name}`;

/** What HR decides about the standing rules. Every change stays on record with who made it when. */
@Injectable()
export class PolicyService {
  constructor(
    private readonly settings: SettingService,
    private readonly clock: Clock,
  ) {}

  async standing(scope: Scope): Promise<StandingRules> {
    requireWholeOrganisation(scope, 'hr');
    const rules = await this.rules();
    const policies = await Promise.all(POLICIES.map((policy) => this.standingPolicy(policy, rules)));
    return { policies, rules };
  }

  /** What is on, and since when. */
  async inForce(): Promise<{ policy: Policy; since: Date }[]> {
    const all = await Promise.all(
      POLICIES.map(async (policy) => ({
        policy,
        now: (await this.settings.versions<boolean>(settingOf(policy)))[0],
      })),
    );
    return all.flatMap(({ policy, now }) => (now?.value ? [{ policy, since: now.changedAt }] : []));
  }

  /** The rules for all policies as they are now. */
  async rules(): Promise<ReminderRules> {
    return (await this.settings.versions<ReminderRules>(RULES))[0]?.value ?? PROPOSED_RULES;
  }

  /** Switches one on or off; nothing happens where it is so already. Throws `policy_not_found`. */
  async set(scope: Scope, name: string, on: boolean): Promise<StandingPolicy> {
    requireWholeOrganisation(scope, 'hr');
    const policy = policyNamed(name);
    if (on) await this.adoptRules(scope);
    await this.settings.change<boolean>(
      scope,
      settingOf(policy),
      () => on,
      () => ({ action: 'policy_set', target: `policy:${policy.name}`, details: { on } }),
    );
    return this.standingPolicy(policy, await this.rules());
  }

  /** By mail, or to the chat rooms of the units that have one. Throws `policy_not_found`, `channel_not_possible`. */
  async setChannel(scope: Scope, name: string, channel: string): Promise<StandingPolicy> {
    requireWholeOrganisation(scope, 'hr');
    const policy = policyNamed(name);
    if (channel !== 'mail' && channel !== 'chat')
      throw new AppError('bad_channel', 'invalid', '届け方は mail(メール)か chat(所属のチャット)です。');
    if (channel === 'chat' && !policy.mayChat) {
      throw new AppError(
        'channel_not_possible',
        'refused',
        'この方針は、ほかの所属の数字を載せるか、本人あてのため、所属のチャットには送れません。',
      );
    }
    await this.settings.change<PolicyChannel>(
      scope,
      channelSetting(policy),
      () => channel,
      () => ({ action: 'policy_set', target: `policy:${policy.name}`, details: { channel } }),
    );
    return this.standingPolicy(policy, await this.rules());
  }

  /** Switches on whatever is proposed. Throws `nothing_proposed`. */
  async confirm(scope: Scope): Promise<void> {
    const { policies } = await this.standing(scope);
    const proposed = policies.filter(({ state }) => state === 'proposed');
    if (proposed.length === 0) {
      throw new AppError('nothing_proposed', 'conflict', '確認を待っている方針はありません。');
    }
    for (const { name } of proposed) await this.set(scope, name, true);
  }

  /** What is missing or null stays as it is. Throws `bad_rules`, `individual_number`. */
  async changeRules(
    scope: Scope,
    { officeHours, minGapDays, maxPerYear, quietPeriods }: Partial<ReminderRules>,
  ): Promise<ReminderRules> {
    await this.changed(scope, (rules) =>
      checkedRules({
        officeHours: officeHours ?? rules.officeHours,
        minGapDays: minGapDays ?? rules.minGapDays,
        maxPerYear: maxPerYear ?? rules.maxPerYear,
        quietPeriods: quietPeriods ?? rules.quietPeriods,
      }),
    );
    return this.rules();
  }

  /** Throws `bad_rules`, `individual_number`. */
  async addQuietPeriod(scope: Scope, period: QuietPeriod): Promise<void> {
    await this.changed(scope, (rules) =>
      checkedRules({ ...rules, quietPeriods: [...rules.quietPeriods, period] }),
    );
  }

  /** Throws `quiet_period_not_found`. */
  async removeQuietPeriod(scope: Scope, period: QuietPeriod): Promise<void> {
    await this.changed(scope, (rules) => {
      const quietPeriods = rules.quietPeriods.filter((one) => !isDeepStrictEqual(one, { ...period }));
      if (quietPeriods.length < rules.quietPeriods.length) return { ...rules, quietPeriods };
      throw new AppError('quiet_period_not_found', 'not_found', 'この休止期間は見つかりません。');
    });
  }

  /** Newest first. */
  async history(scope: Scope): Promise<RuleChange[]> {
    requireWholeOrganisation(scope, 'hr');
    const ofPolicies = POLICIES.map(async (policy) =>
      (await this.settings.versions<boolean>(settingOf(policy))).map(({ value, ...who }) => ({
        policy,
        on: value,
        channel: null,
        rules: null,
        ...who,
      })),
    );
    const ofChannels = POLICIES.map(async (policy) =>
      (await this.settings.versions<PolicyChannel>(channelSetting(policy))).map(({ value, ...who }) => ({
        policy,
        on: null,
        channel: value,
        rules: null,
        ...who,
      })),
    );
    const ofRules = (await this.settings.versions<ReminderRules>(RULES)).map(({ value, ...who }) => ({
      policy: null,
      on: null,
      channel: null,
      rules: value,
      ...who,
    }));
    const changes: RuleChange[] = [...(await Promise.all([...ofPolicies, ...ofChannels])).flat(), ...ofRules];
    return changes.toSorted((a, b) => b.id - a.id);
  }

  /** What was proposed becomes the city's own: another proposal of a later version must not change it. */
  private async adoptRules(scope: Scope): Promise<void> {
    await this.changed(scope, (rules) => rules);
  }

  private async changed(scope: Scope, make: (rules: ReminderRules) => ReminderRules): Promise<void> {
    await this.settings.change<ReminderRules>(
      scope,
      RULES,
      (last) => make(last ?? PROPOSED_RULES),
      ({ minGapDays, maxPerYear, officeHours, quietPeriods }) => ({
        action: 'setting_changed',
        target: `setting:${RULES}`,
        details: {
          minGapDays,
          maxPerYear,
          officeHours: `${officeHours.from}-${officeHours.to}`,
          // Each day by itself: two side by side may read as an individual number.
          quietFrom: quietPeriods.map(({ from }) => from),
          quietTo: quietPeriods.map(({ to }) => to),
        },
      }),
    );
  }

  private async standingPolicy(policy: Policy, rules: ReminderRules): Promise<StandingPolicy> {
    const versions = await this.settings.versions<boolean>(settingOf(policy));
    const now: SettingVersion<boolean> | undefined = versions[0];
    const next = nextWave(policy, this.clock.now(), rules);
    return {
      name: policy.name,
      title: policy.title,
      description: policy.description,
      channel: await channelOf(this.settings, policy),
      mayChat: policy.mayChat ?? false,
      state: now === undefined ? 'proposed' : now.value ? 'on' : 'off',
      schedule: scheduleWords(policy.schedule),
      nextOn: next?.on ?? null,
      nextRegularOn: next?.regular ?? null,
      changedAt: now?.changedAt ?? null,
      changedBy: now?.changedBy ?? null,
    };
  }
}
