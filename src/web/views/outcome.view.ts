import { formatCount, formatDate } from '../../platform/japanese-format.js';
import {
  OUTCOME_VERDICTS,
  type Comparison,
  type Group,
  type Interval,
  type OutcomeGroup,
} from '../../reminders/outcome.js';
import type { Outcome } from '../../reminders/outcome.service.js';
import { waveHref } from './wave-state.view.js';

export interface OutcomePageView {
  readonly tabs: readonly { readonly label: string; readonly href: string; readonly current: boolean }[];
  readonly outcomes: readonly OutcomeView[];
}

export interface OutcomeView {
  readonly heading: string;
  readonly href: string | null;
  readonly days: string;
  readonly verdict: string;
  readonly facts: readonly { readonly term: string; readonly text: string }[];
}

const TABS: Record<OutcomeGroup, string> = {
  wave: '配信回ごと',
  template: '文面の版ごと',
  policy: '方針ごと',
};

export function toOutcomePageView(outcomes: readonly Outcome[], by: OutcomeGroup): OutcomePageView {
  return {
    tabs: (Object.entries(TABS) as [OutcomeGroup, string][]).map(([key, label]) => ({
      label,
      href: key === 'wave' ? '/outcomes' : `/outcomes?by=${key}`,
      current: key === by,
    })),
    outcomes: outcomes.map(toOutcomeView),
  };
}

function toOutcomeView(outcome: Outcome): OutcomeView {
  const { title, templateVersion, waveId, from, to, waves, comparison, reached } = outcome;
  return {
    heading: templateVersion === null || waveId !== null ? title : `${title}(文面の版 ${templateVersion})`,
    href: waveId === null ? null : waveHref(waveId),
    days:
      waves === 1 ? formatDate(to) : `${formatDate(from)}から${formatDate(to)}まで、${formatCount(waves)}回`,
    verdict: sentence(comparison),
    facts: [
      {
        term: '送信済み',
        text: `${formatCount(outcome.sent)}件(届かなかった ${formatCount(outcome.failed)}件)`,
      },
      // Thanks, renewals and news of exceptions go to people with a card or an exception: there is nothing to set beside.
      ...(reached.people === 0 ? [] : comparedFacts(outcome)),
    ],
  };
}

function comparedFacts({ reached, others, answered, comparison }: Outcome): OutcomeView['facts'] {
  return [
    { term: '案内した職員', text: share(reached, comparison.reached) },
    { term: '案内しなかった職員', text: share(others, comparison.others) },
    {
      term: '自分で回答した職員',
      text: `案内した職員のうち ${formatCount(answered)}人`,
    },
  ];
}

function sentence({ verdict, difference }: Comparison): string {
  const words = OUTCOME_VERDICTS[verdict];
  if (verdict !== 'higher' && verdict !== 'lower') return words;
  const { share: points, low, high } = difference!;
  const [a, b] = verdict === 'higher' ? [low, high] : [-high, -low];
  return `${words}差は${percent(Math.abs(points))}ポイントです(95%信頼区間 ${percent(a)}〜${percent(b)})。`;
}

function share({ people, got }: Group, interval: Interval | null): string {
  if (!interval) return '0人';
  const range = `95%信頼区間 ${percent(interval.low)}〜${percent(interval.high)}%`;
  return `${formatCount(people)}人のうち、30日以内に保有 ${formatCount(got)}人(${percent(interval.share)}%、${range})`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
