import { formatCount, formatDate } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';
import { POLICY_CHANNEL_LABELS } from '../../reminders/policy-channel.js';
import { POLICY_STATE_LABELS, type PolicyState } from '../../reminders/policy-state.js';
import type { RuleChange, StandingPolicy, StandingRules } from '../../reminders/policy.service.js';
import type { ReminderRules } from '../../reminders/reminder-rules.js';
import { MOST_DAYS_MOVED } from '../../reminders/schedule.js';
import type { QuietPeriod } from '../../reminders/sending-times.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel } from './staff.view.js';
import type { StateLook } from './wave-state.view.js';

/** The fields of when and how often, as they stand in the form. */
interface TypedRules {
  readonly officeHours: ReminderRules['officeHours'];
  readonly minGapDays: number | string;
  readonly maxPerYear: number | string;
}

/** A change that was refused, with what was typed in one of the two forms. */
export interface RefusedRules {
  readonly message: string;
  readonly rules?: TypedRules;
  readonly period?: QuietPeriod;
}

export interface PolicyPageView {
  readonly heading: string;
  readonly anyProposed: boolean;
  readonly policies: readonly {
    readonly name: string;
    readonly title: string;
    readonly description: string;
    readonly state: StateLook;
    readonly schedule: string;
    readonly next: string;
    readonly since: string | null;
    readonly proposed: boolean;
    readonly on: boolean;
    readonly channel: string;
    readonly mayChat: boolean;
    readonly inChat: boolean;
  }[];
  readonly rules: TypedRules;
  readonly refusedRules: string;
  /** What stands in the form of another one. */
  readonly period: QuietPeriod;
  readonly refusedPeriod: string;
  readonly mostDaysMoved: number;
  readonly quietPeriods: readonly {
    readonly from: IsoDate;
    readonly to: IsoDate;
    readonly name: string;
    readonly days: string;
  }[];
  readonly history: readonly { readonly at: string; readonly change: string; readonly by: string }[];
}

const LOOKS: Record<PolicyState, Omit<StateLook, 'label'>> = {
  proposed: { shape: 'wait', stateClass: 'st--warn' },
  on: { shape: 'ok', stateClass: 'st--ok' },
  off: { shape: 'undisclosed', stateClass: '' },
};

export function toPolicyPageView(
  { policies, rules }: StandingRules,
  history: readonly RuleChange[],
  refused?: RefusedRules,
): PolicyPageView {
  const proposed = policies.filter(({ state }) => state === 'proposed').length;
  const on = policies.filter(({ state }) => state === 'on').length;
  return {
    heading:
      proposed > 0
        ? `${formatCount(proposed)}件の方針が確認を待っています`
        : `${formatCount(policies.length)}件の方針のうち${formatCount(on)}件がオン`,
    anyProposed: proposed > 0,
    policies: policies.map(toPolicy),
    rules: refused?.rules ?? rules,
    refusedRules: refused?.rules ? refused.message : '',
    period: refused?.period ?? { from: '', to: '', name: '' },
    refusedPeriod: refused?.period ? refused.message : '',
    mostDaysMoved: MOST_DAYS_MOVED,
    quietPeriods: rules.quietPeriods.map((period) => ({
      ...period,
      days: `${formatDate(period.from)}から${formatDate(period.to)}まで`,
    })),
    history: history.map((change) => ({
      at: formatMoment(change.changedAt.toISOString()),
      change: changeWords(change),
      by: actorLabel(change.changedBy, null),
    })),
  };
}

export function policyLook(state: PolicyState): StateLook {
  return { label: POLICY_STATE_LABELS[state], ...LOOKS[state] };
}

/** When it goes out next by the rules of now. */
export function nextDay({ nextOn, nextRegularOn }: StandingPolicy): string {
  if (nextOn === null) return 'なし(手動で始めます)';
  const moved = nextOn === nextRegularOn ? '' : `(休止期間のため${formatDate(nextRegularOn!)}から延期)`;
  return `${formatDate(nextOn)}${moved}`;
}

function toPolicy(policy: StandingPolicy): PolicyPageView['policies'][number] {
  const { name, title, description, schedule, channel, mayChat, state, changedAt, changedBy } = policy;
  return {
    name,
    title,
    description,
    state: policyLook(state),
    schedule,
    next: nextDay(policy),
    since:
      changedAt === null
        ? null
        : `${formatMoment(changedAt.toISOString())}、${actorLabel(changedBy ?? '', null)}`,
    proposed: state === 'proposed',
    on: state === 'on',
    channel: POLICY_CHANNEL_LABELS[channel],
    mayChat,
    inChat: channel === 'chat',
  };
}

function changeWords({ policy, on, channel, rules }: RuleChange): string {
  if (policy && channel) return `「${policy.title}」の届け方を${POLICY_CHANNEL_LABELS[channel]}にする`;
  if (policy) return `「${policy.title}」を${on ? 'オン' : 'オフ'}にする`;
  const { officeHours, minGapDays, maxPerYear, quietPeriods } = rules!;
  const quiet = quietPeriods.map(
    ({ name, from, to }) => `${name}(${formatDate(from)}から${formatDate(to)}まで)`,
  );
  return [
    `送ってよい時間帯 ${officeHours.from}から${officeHours.to}まで`,
    `間隔 ${formatCount(minGapDays)}日以上`,
    `1年に ${formatCount(maxPerYear)}件まで`,
    `休止期間 ${quiet.join('・') || 'なし'}`,
  ].join('、');
}
