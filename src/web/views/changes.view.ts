import { CHANGE_PART_LABELS, type RateChange, type UnitChanges } from '../../adoption/change-parts.js';
import { changesOfDefinition, definitionWords } from '../../adoption/definition.js';
import { points, type Counts } from '../../adoption/rate.js';
import {
  formatCount,
  formatDate,
  formatPercent,
  formatPoints,
  formatSignedCount,
} from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';
import { COUNTER_LABELS } from './counter-labels.js';

export interface ChangesView {
  readonly unitName: string;
  readonly heading: string;
  readonly action: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
  readonly columns: readonly string[];
  readonly before: ChangesLine;
  /** The parts in which there is somebody, as signed numbers. */
  readonly parts: readonly ChangesLine[];
  readonly after: ChangesLine;
  /** Who was counted on the two days. */
  readonly definition: string;
  /** The rate in steps; null for those who do not see statuses. */
  readonly steps: string | null;
  /** Every status; null for those who do not see them. */
  readonly full: {
    readonly columns: readonly string[];
    readonly lines: readonly ChangesLine[];
  } | null;
}

interface ChangesLine {
  readonly label: string;
  readonly cells: readonly string[];
}

export function toChangesView(changes: UnitChanges): ChangesView {
  const { unit, from, to, rate } = changes;
  const [definitionBefore, definitionAfter] = [changes.before.definition, changes.after.definition];
  const shown = rate === null ? COUNTER_LABELS.slice(0, 1) : COUNTER_LABELS.slice(0, 2);
  const all = linesOf(changes, COUNTER_LABELS);
  return {
    unitName: unit.name,
    heading: headingOf(changes),
    action: `/units/${encodeURIComponent(unit.code)}/changes`,
    from,
    to,
    columns: shown.map(([, label]) => label),
    ...linesOf(changes, shown),
    steps: rate && stepsOf(rate, definitionBefore.version !== definitionAfter.version),
    definition:
      changesOfDefinition([{ definition: definitionBefore }, { definition: definitionAfter }]) ||
      `集計定義は${definitionWords(definitionAfter)}です。`,
    full: rate && {
      columns: COUNTER_LABELS.map(([, label]) => label),
      lines: [all.before, ...all.parts, all.after],
    },
  };
}

function linesOf(
  { from, to, before, parts, after }: UnitChanges,
  counters: readonly (readonly [keyof Counts, string])[],
) {
  const cells = (counts: Partial<Counts>, format: (count: number) => string) =>
    counters.map(([counter]) => format(counts[counter] ?? 0));
  return {
    before: { label: formatDate(from), cells: cells(before, formatCount) },
    parts: parts
      .filter(({ people }) => people > 0)
      .map((part) => ({ label: CHANGE_PART_LABELS[part.part], cells: cells(part, formatSignedCount) })),
    after: { label: formatDate(to), cells: cells(after, formatCount) },
  };
}

function headingOf({ before, after, rate }: UnitChanges): string {
  if (rate === null || before.rate === null || after.rate === null) {
    if (before.staff === after.staff) return `職員は${formatCount(after.staff)}人で同数`;
    return `職員は${formatCount(before.staff)}人から${formatCount(after.staff)}人へ`;
  }
  const change = `${formatPoints(points(after.rate, before.rate))}ポイント`;
  return `保有率は${formatPercent(before.rate)}から${formatPercent(after.rate)}へ(${change})`;
}

/** The first step ends in a rate that would have been shown, had nobody come or gone. */
function stepsOf(rate: RateChange, isRedefined: boolean): string | null {
  const { byAnswers, afterAnswers, byFlows, byDefinition } = rate;
  if (byAnswers === null || byFlows === null || byDefinition === null) return null;
  const steps = [
    `取得と回答の変化で${formatPoints(byAnswers)}ポイント(人の増減がなければ${formatPercent(afterAnswers)})`,
    `採用・退職・異動・休職などの人の増減で${formatPoints(byFlows)}ポイント`,
    ...(isRedefined ? [`集計定義の変更で${formatPoints(byDefinition)}ポイント`] : []),
  ];
  return `${steps.join('、')}です。`;
}
