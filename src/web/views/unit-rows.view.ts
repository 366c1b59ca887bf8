import type { UnitName } from '../../adoption/adoption.types.js';
import { points } from '../../adoption/rate.js';
import { treeWords, type Tree } from '../../adoption/tree.js';
import { rateBar } from '../../platform/bar-chart.js';
import { sparkline } from '../../platform/chart.js';
import {
  formatCount,
  formatPercent,
  formatPoints,
  formatRate,
  NO_FIGURE,
} from '../../platform/japanese-format.js';
import { addMonths, monthOf, type IsoDate } from '../../platform/month.js';
import type { ShownFigures } from './figure.view.js';
import type { ShownTrend } from './trend.view.js';

/** A line of a table of units. */
export interface UnitRowView {
  readonly name: string;
  /** Absent in the total row. */
  readonly href: string | null;
  readonly remaining: number;
  readonly held: number;
  readonly staff: number;
  readonly rate: string;
  readonly barSvg: string;
  /** Against the end of the month before, in points; `-` where there is nothing to compare with. */
  readonly change: string;
  readonly sparkSvg: string;
  /** The last of the few units that hold most of those remaining. */
  readonly cut: boolean;
}

export interface UnitTableView {
  readonly headline: string;
  readonly caption: string;
  readonly rows: readonly UnitRowView[];
  readonly total: UnitRowView;
}

/** A unit in a table, or several that appear only together. */
export interface ShownLine extends Pick<ShownFigures, 'staff' | 'held' | 'rate' | 'remaining'> {
  readonly unit: UnitName;
  /** How many units the line stands for; 1 unless given. */
  readonly units?: number;
  /** Of the rate against the month before, where it was frozen with the month; else it follows from the trend. */
  readonly changePoints?: number | null;
}

export interface UnitTableInput {
  readonly adoption: ShownFigures;
  readonly trend: ShownTrend;
  /** Most people remaining first, a merged line last. */
  readonly lines: readonly ShownLine[];
  readonly lineTrends: readonly ShownTrend[];
}

/** The few that hold this share of those remaining are named in the headline. */
const MOST = 2 / 3;

export function toUnitTable({ adoption, trend, lines, lineTrends }: UnitTableInput): UnitTableView {
  const { asOf, rate, remaining } = adoption;
  const shown = lines.filter((line) => !isMerged(line));
  const few = fewestWithMost(lines);
  const fewSum = shown.slice(0, few).reduce((sum, line) => sum + line.remaining, 0);
  const trends = new Map(lineTrends.map((candidate) => [candidate.unit.code, candidate]));
  const rows = lines.map((line, index): UnitRowView => ({
    ...toRow(line, asOf, trends.get(line.unit.code)),
    // Neither a merged line nor the people of a unit itself are a unit.
    href: !isMerged(line) && line.unit.code !== '' ? unitHref(line.unit.code, asOf, adoption.tree) : null,
    barSvg: rateBar(line.rate, { tick: rate }),
    cut: index === few - 1,
  }));
  const kind = oneKind(shown.slice(0, few));
  // The parts' remaining adds up to the whole only at a goal of 100 %, so a share of it is stated only then.
  const headline =
    few > 0 && adoption.goal.rate === 100
      ? `残り${formatCount(remaining)}人のうち${formatCount(fewSum)}人(${Math.floor((100 * fewSum) / remaining)}%)が${few}つの${kind}にいます`
      : `${oneKind(shown)}別の保有率`;
  const cut = few > 0 ? `、太い横線までの${few}${kind}で${formatCount(fewSum)}人` : '';
  return {
    headline,
    caption: `${oneKind(shown)}別の保有率、${treeWords(adoption)}。残り人数の多い順。棒の縦線は${adoption.unit.name} ${formatPercent(rate)}${cut}。`,
    rows,
    total: { ...toRow(adoption, asOf, trend), href: null, barSvg: rateBar(rate), cut: false },
  };
}

function isMerged({ units = 1 }: ShownLine): boolean {
  return units > 1;
}

export function unitHref(code: string, asOf?: IsoDate, tree: Tree = 'then'): string {
  const query = [...(asOf === undefined ? [] : [`asOf=${asOf}`]), ...(tree === 'now' ? ['tree=now'] : [])];
  return `/units/${encodeURIComponent(code)}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

export function changesHref(code: string, from: IsoDate, to: IsoDate): string {
  return `/units/${encodeURIComponent(code)}/changes?from=${from}&to=${to}`;
}

function toRow(line: ShownLine, asOf: IsoDate, trend: ShownTrend | undefined) {
  const before = (trend?.points ?? []).filter((point) => point.asOf < asOf && point.month < monthOf(asOf));
  const rates = [...before.map((point) => point.rate), line.rate];
  const monthBefore = before.at(-1)?.month === addMonths(monthOf(asOf), -1) ? before.at(-1)!.rate : null;
  const change = line.changePoints === undefined ? points(line.rate, monthBefore) : line.changePoints;
  const known = rates.filter((rate) => rate !== null);
  return {
    name: line.unit.name,
    remaining: line.remaining,
    held: line.held,
    staff: line.staff,
    rate: formatRate(line.rate),
    change: formatPoints(change),
    sparkSvg:
      known.length < 2
        ? NO_FIGURE
        : sparkline(
            rates,
            `${rates.length}か月で${formatPercent(known[0]!)}から${formatPercent(known.at(-1)!)}`,
          ),
  };
}

/** How many units, largest first, hold two thirds of those remaining; 0 where that is half of all units or more. */
function fewestWithMost(lines: readonly ShownLine[]): number {
  const all = lines.reduce((sum, line) => sum + line.remaining, 0);
  const units = lines.reduce((sum, line) => sum + (line.units ?? 1), 0);
  let sum = 0;
  for (const [index, line] of lines.entries()) {
    if (isMerged(line)) return 0;
    sum += line.remaining;
    if (sum >= all * MOST) return all > 0 && (index + 1) * 2 < units ? index + 1 : 0;
  }
  return 0;
}

function oneKind(lines: readonly ShownLine[]): string {
  const kinds = new Set(lines.map((line) => line.unit.kind));
  const [kind] = kinds;
  return kinds.size === 1 && kind ? kind : '所属';
}
