/** Who is counted: dated versions of a definition, and how they are named beside figures. */
import { formatDate } from '../platform/japanese-format.js';
import type { IsoDate } from '../platform/month.js';

/** What each figure says of the definition it was counted by. */
export interface DefinitionName {
  readonly version: number;
  /** Null for the one that holds from the beginning. */
  readonly validFrom: IsoDate | null;
}

export interface DefinitionRules {
  /** 雇用区分 that are not counted. */
  readonly leftOutEmployment: readonly string[];
  /** 勤務状況 that are not counted. */
  readonly leftOutLeave: readonly string[];
  /** Days in 本務 without a gap, from the first that the rosters know, before somebody is counted; 0 counts at once. */
  readonly minDays: number;
}

export interface CountDefinition extends DefinitionName, DefinitionRules {
  readonly reason: string;
  /** Null for the first. */
  readonly recordedAt: Date | null;
  readonly recordedBy: string;
  readonly supersededAt: Date | null;
}

/** Where nothing else is defined. */
const EVERYBODY: DefinitionName = { version: 1, validFrom: null };

/** The one that was the last to begin, of those that are not superseded. */
export function definitionOn<Definition extends DefinitionName>(
  definitions: readonly Definition[],
  day: IsoDate,
): Definition | typeof EVERYBODY {
  let found: Definition | typeof EVERYBODY = EVERYBODY;
  for (const definition of definitions) {
    const { validFrom } = definition;
    if (validFrom !== null && validFrom > day) continue;
    if (found.validFrom === null || (validFrom !== null && validFrom > found.validFrom)) found = definition;
  }
  return found;
}

export function nameOf({ version, validFrom }: DefinitionName): DefinitionName {
  return { version, validFrom };
}

/** 第2版(2023年4月1日から) */
export function definitionWords({ version, validFrom }: DefinitionName): string {
  return `第${version}版(${validFrom === null ? '全員' : `${formatDate(validFrom)}から`})`;
}

/** Who is left out, in words: 会計年度任用を除く、育休を除く、継続90日以上. */
export function ruleWords({ leftOutEmployment, leftOutLeave, minDays }: DefinitionRules): string {
  const out = [...leftOutEmployment, ...leftOutLeave];
  const parts = [
    ...(out.length > 0 ? [`${out.join('・')}を除く`] : []),
    ...(minDays > 0 ? [`在籍が継続して${minDays}日以上の職員`] : []),
  ];
  return parts.join('、') || '全員を数える';
}

/** Where points of a trend were counted in different ways, which those are; empty where all are alike. */
export function changesOfDefinition(points: readonly { readonly definition: DefinitionName }[]): string {
  const changes = points.filter(
    ({ definition }, n) => n > 0 && definition.version !== points[n - 1]!.definition.version,
  );
  if (changes.length === 0) return '';
  const words = changes.map(({ definition }) => definitionWords(definition));
  return `集計定義は第${points[0]!.definition.version}版から${words.join('、')}に変わっています。`;
}
