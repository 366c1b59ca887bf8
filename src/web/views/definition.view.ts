import {
  definitionOn,
  definitionWords,
  ruleWords,
  type CountDefinition,
  type DefinitionRules,
} from '../../adoption/definition.js';
import type { DefinitionResult } from '../../adoption/definition.service.js';
import { formatCount, formatDate, formatPercent } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';
import { formatMoment } from '../template-helpers.js';
import { actorLabel } from './staff.view.js';

export interface DefinitionInput {
  /** The newest first. */
  readonly versions: readonly CountDefinition[];
  /** What rosters say. */
  readonly words: { readonly employment: readonly string[]; readonly leave: readonly string[] };
  readonly today: IsoDate;
  /** What the form would change; its values go on in the form. */
  readonly preview?: DefinitionResult;
}

interface Choice {
  readonly value: string;
  readonly checked: boolean;
}

export interface DefinitionView {
  readonly now: string;
  readonly nowRules: string;
  readonly form: {
    readonly from: IsoDate;
    readonly minDays: number;
    readonly reason: string;
    readonly employments: readonly Choice[];
    readonly leaves: readonly Choice[];
  };
  readonly preview: {
    readonly heading: string;
    /** Until when, where a later version is known; else null. */
    readonly next: string | null;
    readonly rows: readonly {
      readonly day: string;
      readonly staff: string;
      readonly held: string;
      readonly rate: string;
    }[];
    /** What the button that applies it sends. */
    readonly fields: readonly { readonly name: string; readonly value: string }[];
  } | null;
  readonly versions: readonly {
    readonly name: string;
    readonly rules: string;
    readonly reason: string;
    readonly recorded: string;
    readonly note: string;
  }[];
}

const EVERYBODY: DefinitionRules = { leftOutEmployment: [], leftOutLeave: [], minDays: 0 };

export function toDefinitionView({ versions, words, today, preview }: DefinitionInput): DefinitionView {
  const valid = versions.filter(({ supersededAt }) => supersededAt === null);
  const now = definitionOn(valid, today);
  const nowRules = 'minDays' in now ? now : EVERYBODY;
  const chosen = preview?.definition;
  const rules = chosen ?? nowRules;
  return {
    now: definitionWords(now),
    nowRules: ruleWords(nowRules),
    form: {
      from: chosen?.validFrom ?? today,
      minDays: rules.minDays,
      reason: chosen?.reason ?? '',
      employments: toChoices(words.employment, rules.leftOutEmployment),
      leaves: toChoices(words.leave, rules.leftOutLeave),
    },
    preview: preview ? toPreview(preview) : null,
    versions: versions.map((version) => ({
      name: definitionWords(version),
      rules: ruleWords(version),
      reason: version.reason,
      recorded:
        version.recordedAt === null
          ? '-'
          : `${formatMoment(version.recordedAt.toISOString())}、${actorLabel(version.recordedBy, null)}`,
      note: version.supersededAt !== null ? '置き換え済み' : version.version === now.version ? '適用中' : '',
    })),
  };
}

/** What rosters say, and what is left out though no roster says it any more. */
function toChoices(words: readonly string[], chosen: readonly string[]): Choice[] {
  return [...new Set([...words, ...chosen])].map((value) => ({ value, checked: chosen.includes(value) }));
}

function toPreview({ definition, next, effects }: DefinitionResult): DefinitionView['preview'] {
  return {
    heading: `${ruleWords(definition)}(${formatDate(definition.validFrom!)}から)`,
    next: next && `${formatDate(next.validFrom!)}からは、これまでどおり第${next.version}版で数えます。`,
    rows: effects.map(({ asOf, before, after }) => ({
      day: formatDate(asOf),
      staff: `${formatCount(before.staff)}人 → ${formatCount(after.staff)}人`,
      held: `${formatCount(before.held)}人 → ${formatCount(after.held)}人`,
      rate: `${formatPercent(before.rate)} → ${formatPercent(after.rate)}`,
    })),
    fields: [
      { name: 'from', value: definition.validFrom! },
      ...definition.leftOutEmployment.map((value) => ({ name: 'employment', value })),
      ...definition.leftOutLeave.map((value) => ({ name: 'leave', value })),
      { name: 'minDays', value: String(definition.minDays) },
      { name: 'reason', value: definition.reason },
    ],
  };
}
