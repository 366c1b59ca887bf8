import type { UnitAdoption } from '../../adoption/adoption.types.js';
import type { DefinitionName } from '../../adoption/definition.js';
import type { Counts, Goal } from '../../adoption/rate.js';
import type { Elsewhere, Placed } from '../../adoption/tree.js';
import { CARD_STATUS_LABELS, type CardStatus } from '../../ledger/card-status.js';
import { goalBar } from '../../platform/bar-chart.js';
import { formatCount, formatGoalRate, formatPercent, formatRate } from '../../platform/japanese-format.js';
import type { IsoDate } from '../../platform/month.js';

/** The key figure with what belongs to it: numerator, denominator, day, goal. Always shown together. */
export interface FigureView {
  /** `82.0`; `-` where there is nobody. */
  readonly rate: string;
  readonly held: number;
  readonly staff: number;
  readonly asOf: IsoDate;
  readonly goalText: string;
  /** `残り594人`, `目標に届いています`. */
  readonly remainingText: string;
  readonly barSvg: string;
}

/** The figures that every reader may have of a unit that is shown. */
export type ShownFigures = Pick<
  UnitAdoption,
  'unit' | 'asOf' | 'staff' | 'held' | 'rate' | 'remaining' | 'goal'
> &
  Partial<Placed> &
  Elsewhere & {
    /** Null where the month was closed before definitions were kept. */
    readonly definition: DefinitionName | null;
  };

export interface StatusCountView {
  readonly shape: string;
  readonly label: string;
  readonly people: number;
}

export function toFigureView(adoption: ShownFigures, barHeight: number): FigureView {
  const { rate, held, staff, asOf, goal } = adoption;
  const goalText = formatGoalRate(goal.rate);
  return {
    rate: formatRate(rate),
    held,
    staff,
    asOf,
    goalText,
    remainingText: remainingText(adoption),
    barSvg: goalBar(rate, barHeight, `目標${goalText}に対して${formatPercent(rate)}`, { goal: goal.rate }),
  };
}

function remainingText({ staff, remaining }: ShownFigures): string {
  if (staff === 0) return '職員はいません';
  return remaining > 0 ? `残り${formatCount(remaining)}人` : '目標に届いています';
}

/** The finding in one line: `保有率82.1%、残り5人`. */
export function findingOf(adoption: ShownFigures): string {
  const { staff, held, rate, remaining, goal } = adoption;
  if (staff === 0) return '在籍している職員はいません';
  if (held === staff) return `${formatCount(staff)}人全員がカードを保有しています`;
  if (remaining === 0) return `保有率${formatPercent(rate)}、目標${goalWords(goal)}に届いています`;
  return `保有率${formatPercent(rate)}、${goal.rate === 100 ? '' : `目標${goalWords(goal)}まで`}残り${formatCount(remaining)}人`;
}

function goalWords(goal: Goal): string {
  return formatGoalRate(goal.rate);
}

const STATUS_COUNTS: readonly [CardStatus, keyof Counts][] = [
  ['applied', 'applied'],
  ['not_applied', 'notApplied'],
  ['undisclosed', 'undisclosed'],
  ['unanswered', 'unanswered'],
  ['lapsed', 'lapsed'],
];

/** Name of the icon in the sprite: the shape that stands for a status beside its word. */
export const STATUS_ICONS: Record<CardStatus, string> = {
  held: 'held',
  applied: 'applied',
  not_applied: 'not',
  undisclosed: 'undisclosed',
  unanswered: 'unanswered',
  lapsed: 'lapsed',
};

/** Everybody without a card, by status: for those who may see statuses. */
export function toStatusCounts(counts: Counts): StatusCountView[] {
  return STATUS_COUNTS.map(([status, key]) => ({
    shape: STATUS_ICONS[status],
    label: CARD_STATUS_LABELS[status],
    people: counts[key],
  }));
}
