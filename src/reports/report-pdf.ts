import { goalBar, rateBar } from '../platform/bar-chart.js';
import { rateAxis, trendChart } from '../platform/chart.js';
import {
  formatCount,
  formatGoalRate,
  formatMonth,
  formatMonthEnd,
  formatMonthOfYear,
  formatPercent,
  formatRate,
  formatPoints,
  formatYear,
} from '../platform/japanese-format.js';
import { MISSING_CHARACTER, printable } from '../platform/typst/printable.js';
import { typeset } from '../platform/typst/typeset.js';
import type { ReportDocument } from './report-document.js';
import {
  changeLines,
  changeTitle,
  citizensNote,
  citizensTitle,
  closedOn,
  definitionLines,
  departmentName,
  departmentsTitle,
  goalWords,
  hasMergedLine,
  METRIC_WORDS,
  REPORT_TITLE,
  reportByline,
  reportHeadline,
  smallGroupNote,
  trendDescription,
  trendTitle,
} from './report-text.js';

/** More lines than this do not fit beside the comparison: the table takes the whole width and flows on. */
const NARROW_TABLE_LINES = 19;

/** Pixels (¾ pt) of the pictures in the template's columns. */
const GOAL_BAR_WIDTH = 390;
const TABLE_BAR = { height: 9, overhang: 1 };
const CHART = { width: 680, height: 210 };

export function renderPdf(document: ReportDocument): Promise<Buffer> {
  const { value, missing } = printable(wordsOf(document));
  const notes = missing.length === 0 ? [] : [missingNote(missing)];
  const data = { ...value, notes: [...value.notes, ...notes], ...picturesOf(document) };
  return typeset('reports', 'monthly.typ', data, new Date(document.closedAt));
}

function missingNote(missing: readonly string[]): string {
  return `${MISSING_CHARACTER} は印刷用の書体にない文字です(${missing.join('、')})。Excel・CSVには元の文字が入っています。`;
}

/** Every text of the page, finished. */
function wordsOf(document: ReportDocument) {
  const { headline, change, citizens, departments, closedAt } = document;
  const axis = rateAxis(
    document.trend.flatMap(({ rate }) => (rate === null ? [] : [rate])),
    headline.goal.rate,
  );
  return {
    title: REPORT_TITLE,
    documentTitle: `${REPORT_TITLE} ${formatMonthEnd(document.month)}`,
    author: [document.city.name, document.city.contact].filter((part) => part !== '').join(' '),
    closedAt: closedAt.slice(0, 10).split('-').map(Number),
    byline: reportByline(document),
    footer: [document.city.name, `${REPORT_TITLE} ${formatMonth(document.month)}末`, closedOn(document)]
      .filter((part) => part !== '')
      .join(' / '),
    headline: reportHeadline(document),
    rate: formatRate(headline.rate),
    counts: `${formatCount(headline.held)} / ${formatCount(headline.staff)}`,
    goalLabel: `目標${formatGoalRate(headline.goal.rate)}に対して${formatPercent(headline.rate)}`,
    sinceLastMonth: change?.points === null || !change ? '' : `${formatPoints(change.points)}ポイント`,
    remaining: `残り${formatCount(headline.remaining)}人`,
    goal: goalWords(document),
    changeTitle: changeTitle(document),
    change: changeLines(document),
    definitions: definitionLines(document),
    trendTitle: trendTitle(document),
    trendNote: `職員全体の保有率、各月末時点。縦軸は${axis.low}〜${axis.high}%。`,
    trendDescription: trendDescription(document),
    departmentsTitle: departmentsTitle(document),
    departmentsWide: isWide(document),
    departments: departments.map((line) => ({
      name: departmentName(line),
      merged: line.units > 1,
      staff: formatCount(line.staff),
      held: formatCount(line.held),
      remaining: formatCount(line.remaining),
      rate: formatRate(line.rate),
      change: formatPoints(line.changePoints),
    })),
    total: {
      staff: formatCount(headline.staff),
      held: formatCount(headline.held),
      remaining: formatCount(headline.remaining),
      rate: formatRate(headline.rate),
      change: formatPoints(change?.points ?? null),
    },
    notes: hasMergedLine(document) ? [smallGroupNote(document)] : [],
    citizensTitle: citizensTitle(document),
    citizensNote: citizensNote(document),
    citizens: [
      { area: '職員', metric: '保有', rate: formatPercent(headline.rate), own: true },
      ...citizens.map((line) => ({
        area: line.area,
        metric: METRIC_WORDS[line.metric],
        rate: formatPercent(line.rate),
        own: false,
      })),
    ],
  };
}

function picturesOf(document: ReportDocument) {
  const { headline, trend, departments, citizens } = document;
  const goal = headline.goal.rate;
  const wide = isWide(document);
  const departmentBar = (rate: number | null) =>
    goalBar(rate, TABLE_BAR.height, '', {
      goal,
      overhang: TABLE_BAR.overhang,
      standaloneWidth: wide ? 150 : 66,
    });
  const citizenBar = (rate: number | null, other: boolean) =>
    rateBar(rate, { ...TABLE_BAR, other, standaloneWidth: wide ? 420 : 112 });
  return {
    goalBar: goalBar(headline.rate, 22, '', { goal, standaloneWidth: GOAL_BAR_WIDTH }),
    trendChart: trendChart({
      ...CHART,
      points: trend.map(({ month, rate }) => ({
        label: formatMonthOfYear(month),
        year: formatYear(month),
        value: rate,
      })),
      goal,
      id: 'trend',
      title: '',
      look: 'standalone',
    }),
    departmentBars: departments.map((line) => departmentBar(line.rate)),
    totalBar: departmentBar(headline.rate),
    citizenBars: [citizenBar(headline.rate, false), ...citizens.map((line) => citizenBar(line.rate, true))],
  };
}

function isWide({ departments, citizens }: ReportDocument): boolean {
  return departments.length > NARROW_TABLE_LINES || citizens.length === 0;
}
