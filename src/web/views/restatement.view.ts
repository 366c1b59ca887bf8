import { definitionWords } from '../../adoption/definition.js';
import {
  formatCount,
  formatDate,
  formatMonth,
  formatPercent,
  formatSignedCount,
  NO_FIGURE,
} from '../../platform/japanese-format.js';
import type { RestatedUnit, Restatement, StatedFigures } from '../../reports/restatement.service.js';
import { formatMoment } from '../template-helpers.js';
import { COUNTER_LABELS } from './counter-labels.js';
import { unitHref } from './unit-rows.view.js';

export interface RestatementView {
  readonly kicker: string;
  readonly heading: string;
  readonly caption: string;
  /** Where the definition is another one than when the month was closed. */
  readonly definition: string | null;
  readonly rows: readonly RestatementRow[];
}

interface RestatementRow {
  readonly name: string;
  /** Null where the unit is not there any more. */
  readonly href: string | null;
  readonly reported: FiguresView;
  readonly recounted: FiguresView;
  /** What differs, in words: 保有 +1人、未回答 −1人. */
  readonly difference: string;
}

interface FiguresView {
  readonly rate: string;
  readonly people: string;
}

export function toRestatementView(restatement: Restatement): RestatementView {
  const { month, version, asOf, closedAt, definition, units } = restatement;
  const { reported, recounted } = definition;
  return {
    kicker: `${formatMonth(month)}分 締めたあとの訂正`,
    heading:
      units.length === 0
        ? '締めた数字といまの記録は同じです'
        : `${formatCount(units.length)}つの所属で、締めた数字といまの記録が違います`,
    caption: `${formatDate(asOf)}時点。「締めた数字」は第${version}版(${formatMoment(closedAt)}に締めたもの)で、変わりません。「いまの記録」は、そのあとの訂正を入れて同じ日を数え直したものです。`,
    definition:
      reported !== null && reported.version !== recounted.version
        ? `集計定義も変わっています。締めた数字は${definitionWords(reported)}、いまの記録は${definitionWords(recounted)}で数えています。`
        : null,
    rows: units.map((unit) => ({
      name: unit.unit.name,
      href: unit.recounted && unitHref(unit.unit.code, asOf),
      reported: toFigures(unit.reported),
      recounted: toFigures(unit.recounted),
      difference: differenceOf(unit),
    })),
  };
}

function toFigures(figures: StatedFigures | null): FiguresView {
  if (figures === null) return { rate: NO_FIGURE, people: '所属なし' };
  return {
    rate: formatPercent(figures.rate),
    people: `${formatCount(figures.held)} / ${formatCount(figures.staff)}人`,
  };
}

function differenceOf({ reported, recounted }: RestatedUnit): string {
  if (reported === null) return '締めたときはなかった所属です';
  if (recounted === null) return 'この日にはなかったことになった所属です';
  return COUNTER_LABELS.filter(([counter]) => reported[counter] !== recounted[counter])
    .map(([counter, label]) => `${label} ${formatSignedCount(recounted[counter] - reported[counter])}人`)
    .join('、');
}
