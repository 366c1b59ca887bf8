import { CHANGE_PART_LABELS, type ChangeEnd, type UnitChanges } from '../adoption/change-parts.js';
import { definitionWords } from '../adoption/definition.js';
import {
  formatCount,
  formatDate,
  formatPercent,
  formatPoints,
  formatSignedCount,
} from '../platform/japanese-format.js';
import { table } from './command-line.js';

/** From the figures of the earlier day to those of the later, as a sum. */
export function describeChanges({ unit, from, to, before, after, parts, rate }: UnitChanges): string {
  const lines = parts
    .filter(({ people }) => people > 0)
    .map(({ part, people, staff, held }) => [
      CHANGE_PART_LABELS[part],
      formatSignedCount(staff),
      held === undefined ? '' : formatSignedCount(held),
      `${formatCount(people)}人`,
      '',
    ]);
  const sum = table(
    [['', '在籍', '保有', '保有率・対象', '集計定義'], endOf(from, before), ...lines, endOf(to, after)],
    ['left', 'right', 'right', 'right', 'left'],
  );
  const steps =
    rate &&
    `取得・回答の変化 ${formatPoints(rate.byAnswers)}ポイント、人の増減 ${formatPoints(rate.byFlows)}ポイント、集計定義の変更 ${formatPoints(rate.byDefinition)}ポイント`;
  return [`${unit.name} 増減の内訳`, sum, ...(steps ? [steps] : [])].join('\n');
}

function endOf(day: string, counts: ChangeEnd): string[] {
  return [
    formatDate(day),
    formatCount(counts.staff),
    formatCount(counts.held),
    formatPercent(counts.rate),
    definitionWords(counts.definition),
  ];
}
