import { definitionWords } from '../../adoption/definition.js';
import type { CitizenComparison, UnitAdoption } from '../../adoption/adoption.types.js';
import { rateBar } from '../../platform/bar-chart.js';
import { formatCount, formatDate, formatPercent } from '../../platform/japanese-format.js';
import type { Counts, Rates } from '../../adoption/rate.js';
import type { IsoDate } from '../../platform/month.js';
import type { AsOfChoice } from './as-of.view.js';
import {
  findingOf,
  toFigureView,
  toStatusCounts,
  type FigureView,
  type ShownFigures,
  type StatusCountView,
} from './figure.view.js';
import {
  PAGE_CHARTS,
  toChangeView,
  toTrendView,
  type ChangeView,
  type ShownTrend,
  type TrendView,
} from './trend.view.js';
import { changesHref, toUnitTable, type ShownLine, type UnitTableView } from './unit-rows.view.js';

export interface DashboardInput {
  /** Whose figures they are: `全職員`, or the unit for readers of a part. */
  readonly subject: string;
  readonly adoption: DashboardFigures;
  /** Of the whole, twelve months up to the day. */
  readonly trend: ShownTrend;
  readonly departments: readonly ShownLine[];
  readonly departmentTrends: readonly ShownTrend[];
  /** 全国地方公共団体コード of the own city; null while it is not known. */
  readonly cityCode: string | null;
  /** The page itself, to be asked for another day. */
  readonly asOfAction: string;
  readonly asOfChoices: readonly AsOfChoice[];
  /** How the remaining people answered; null where the reader may not see it. */
  readonly statuses: StatusFigures | null;
  /** Whether the table may be saved as a file; other readers get the report's. */
  readonly offersCsv: boolean;
  /** What kind of figures these are, where they are not all there is; else null. */
  readonly note: string | null;
  /** Waves that stand still until the reader decides. */
  readonly wavesWaiting: number;
  /** Which units are merged in the table, and why; null where all are shown. */
  readonly smallGroupNote: string | null;
  /** What else the reader may see, where that is no part of this page. */
  readonly otherTops: readonly { readonly name: string; readonly href: string }[];
}

type DashboardFigures = ShownFigures & Pick<UnitAdoption, 'citizens'>;
type StatusFigures = Counts & Rates & Pick<UnitAdoption, 'goal'>;

export interface DashboardView {
  readonly subject: string;
  readonly heading: string;
  readonly asOf: IsoDate;
  readonly asOfAction: string;
  readonly asOfChoices: readonly AsOfChoice[];
  readonly figure: FigureView;
  readonly change: ChangeView | null;
  /** Null where the month was closed before definitions were kept. */
  readonly definition: string | null;
  readonly comparison: ComparisonView | null;
  readonly rest: RestView | null;
  readonly trend: TrendView | null;
  readonly departments: UnitTableView | null;
  readonly note: string | null;
  readonly wavesWaiting: number;
  readonly smallGroupNote: string | null;
  readonly otherTops: DashboardInput['otherTops'];
  /** Null for readers who get the report's CSV instead. */
  readonly csvHref: string | null;
  /** Null for readers who see closed months only. */
  readonly changesHref: string | null;
}

export interface ComparisonView {
  readonly caption: string;
  readonly note: string;
  readonly rows: readonly {
    readonly area: string;
    readonly metric: string;
    readonly rate: string;
    readonly barSvg: string;
    readonly isSelf: boolean;
  }[];
}

export interface RestView {
  readonly heading: string;
  readonly statuses: readonly StatusCountView[];
  readonly exempt: number;
  readonly withApplied: string;
  readonly withoutExempt: string;
}

export function toDashboardView(input: DashboardInput): DashboardView {
  const { adoption, trend } = input;
  const change = toChangeView(trend, adoption);
  return {
    subject: input.subject,
    heading: headingOf(adoption),
    asOf: adoption.asOf,
    asOfAction: input.asOfAction,
    asOfChoices: input.asOfChoices,
    figure: toFigureView(adoption, 28),
    change,
    changesHref: change && input.statuses && changesHref(adoption.unit.code, change.sinceDate, adoption.asOf),
    definition: adoption.definition && definitionWords(adoption.definition),
    comparison: toComparisonView(adoption, input.cityCode),
    rest: input.statuses && toRestView(input.statuses),
    trend: toTrendView(input.subject, trend, adoption, PAGE_CHARTS),
    departments:
      // On a day before the first roster every line would be empty.
      input.departments.length === 0 || adoption.staff === 0
        ? null
        : toUnitTable({
            adoption: { ...adoption, unit: { ...adoption.unit, name: input.subject } },
            trend,
            lines: input.departments,
            lineTrends: input.departmentTrends,
          }),
    note: input.note,
    wavesWaiting: input.wavesWaiting,
    smallGroupNote: input.smallGroupNote,
    otherTops: input.otherTops,
    csvHref: input.offersCsv
      ? `/units/${encodeURIComponent(adoption.unit.code)}/children.csv?asOf=${adoption.asOf}`
      : null,
  };
}

function headingOf(adoption: ShownFigures): string {
  if (adoption.staff === 0 || adoption.remaining === 0) return findingOf(adoption);
  const goal = adoption.goal.rate === 100 ? '目標' : `目標${adoption.goal.rate}%`;
  return `職員の保有率は${formatPercent(adoption.rate)}、${goal}まで残り${formatCount(adoption.remaining)}人`;
}

const METRICS: Record<CitizenComparison['metric'], { short: string; rate: string; definition: string }> = {
  issued: { short: '交付', rate: '交付率', definition: '交付枚数 ÷ 人口' },
  owned: { short: '保有', rate: '保有率', definition: '保有枚数 ÷ 人口' },
};

/** Null where no citizen figures have been taken in. */
export function toComparisonView(adoption: DashboardFigures, cityCode: string | null): ComparisonView | null {
  const areas = adoption.citizens.toSorted((a, b) => b.rate - a.rate);
  if (areas.length === 0 || adoption.rate === null) return null;
  const dates = [...new Set(areas.map((area) => area.asOf))];
  const metrics = [...new Set(areas.map((area) => area.metric))];
  const dateNote =
    dates.length === 1
      ? dates[0] === adoption.asOf
        ? `${formatDate(adoption.asOf)}時点。`
        : `市民は${formatDate(dates[0]!)}、職員は${formatDate(adoption.asOf)}時点で、時点が異なります。`
      : `職員は${formatDate(adoption.asOf)}時点、市民は各行の日付の時点で、時点が異なります。`;
  const definitions = metrics.map((metric) => METRICS[metric].definition).join('または');
  return {
    caption: comparisonCaption(areas.find((area) => area.code === cityCode)),
    note: `${dateNote}市民は${definitions}(国の公表値)、職員は保有者 ÷ 在籍職員。定義が異なるため差は目安です。`,
    rows: [
      {
        area: '職員',
        metric: '保有',
        rate: formatPercent(adoption.rate),
        barSvg: rateBar(adoption.rate),
        isSelf: true,
      },
      ...areas.map((area) => ({
        area: area.area,
        metric: METRICS[area.metric].short + (dates.length === 1 ? '' : `、${formatDate(area.asOf)}`),
        rate: formatPercent(area.rate),
        barSvg: rateBar(area.rate, { other: true }),
        isSelf: false,
      })),
    ],
  };
}

function comparisonCaption(own: CitizenComparison | undefined): string {
  if (!own || own.differencePoints === null) return '市民の取得率との比較';
  const subject = `${own.area}民の${METRICS[own.metric].rate}`;
  if (own.differencePoints === 0) return `${subject}と同じです`;
  const distance = Math.abs(own.differencePoints).toFixed(1);
  return `${subject}より${distance}ポイント${own.differencePoints > 0 ? '高い' : '低い'}`;
}

function toRestView(adoption: StatusFigures): RestView | null {
  const without = adoption.staff - adoption.held;
  if (without === 0) return null;
  const subject = adoption.goal.rate === 100 ? '残り' : '保有していない';
  return {
    heading: `${subject}${formatCount(without)}人の内訳`,
    statuses: toStatusCounts(adoption),
    exempt: adoption.exempt,
    withApplied: formatPercent(adoption.rateWithApplied),
    withoutExempt: formatPercent(adoption.rateWithoutExempt),
  };
}
