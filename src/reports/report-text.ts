/** The sentences of the monthly report: one wording for the page, the PDF and the workbook. Figures are given. */
import { changesOfDefinition, definitionWords } from '../adoption/definition.js';
import { points } from '../adoption/rate.js';
import { tokyoDate } from '../platform/month.js';
import {
  formatCount,
  formatDate,
  formatGoalRate,
  formatMonth,
  formatMonthEnd,
  formatPercent,
  formatPoints,
  formatSignedCount,
} from '../platform/japanese-format.js';
import type { CitizenComparison } from '../adoption/adoption.types.js';
import type { ReportDepartment, ReportDocument, ReportTrendPoint } from './report-document.js';

export const REPORT_TITLE = 'マイナンバーカード職員取得状況 月次報告';

export const METRIC_WORDS: Record<CitizenComparison['metric'], string> = { issued: '交付', owned: '保有' };

/** 2022年(令和4年)10月末 / 2022年11月8日確定 / 人事課 */
export function reportByline(document: ReportDocument): string {
  return [formatMonthEnd(document.month), closedOn(document), document.city.contact]
    .filter((part) => part !== '')
    .join(' / ');
}

/** 2022年11月8日確定; from the second version on also which one: a closed month is never replaced in silence. */
export function closedOn({ closedAt, version }: ReportDocument): string {
  const day = `${formatDate(tokyoDate(new Date(closedAt)))}確定`;
  return version > 1 ? `${day}(第${version}版)` : day;
}

export function reportHeadline({ headline }: ReportDocument): string {
  const { rate, remaining, goal } = headline;
  if (rate === null) return '在籍職員がいないため、保有率はありません';
  if (remaining === 0)
    return `職員の保有率は${formatPercent(rate)}。目標の${formatGoalRate(goal.rate)}に達しました`;
  const target = goal.rate === 100 ? '目標' : `目標の${formatGoalRate(goal.rate)}`;
  return `職員の保有率は${formatPercent(rate)}。${target}まで残り${formatCount(remaining)}人`;
}

export function goalWords({ headline: { goal } }: ReportDocument): string {
  return `目標 ${formatGoalRate(goal.rate)}${goal.by ? `(${formatDate(goal.by)}まで)` : ''}`;
}

export interface ChangeLine {
  readonly label: string;
  readonly value: string;
}

/** Since the end of the month before; empty where nothing is known of it. */
export function changeLines({ change }: ReportDocument): ChangeLine[] {
  if (!change) return [];
  return [
    { label: '保有率', value: change.points === null ? '-' : `${formatPoints(change.points)}ポイント` },
    { label: '保有する職員', value: `${formatSignedCount(change.held)}人` },
    { label: '在籍職員', value: `${formatSignedCount(change.staff)}人` },
  ];
}

/** 先月末(2022年9月30日、80.7%)からの変化 */
export function changeTitle({ change }: ReportDocument): string {
  if (!change) return '先月末の記録がないため、変化はまだ示せません。';
  const rate = change.previousRate === null ? '' : `、${formatPercent(change.previousRate)}`;
  return `先月末(${formatDate(change.previousAsOf)}${rate})からの変化`;
}

/** The finding of the trend, from the first month that is known to the last. */
export function trendTitle({ trend }: ReportDocument): string {
  const known = trend.filter((point) => point.rate !== null);
  const [first, last] = [known[0], known.at(-1)];
  const change = first && last && first !== last ? points(last.rate, first.rate) : null;
  if (change === null) return '保有率の推移';
  const since = `${formatMonth(first!.month)}末から`;
  if (change === 0) return `${since}変わらず、${formatPercent(last!.rate)}`;
  return `${since}${formatPoints(Math.abs(change)).slice(1)}ポイント${change > 0 ? '上昇' : '低下'}`;
}

/** Everything the chart shows, in words. */
export function trendDescription({ trend, headline }: ReportDocument): string {
  const months = trend.map((point) => `${formatMonth(point.month)}末${formatPercent(point.rate)}`).join('、');
  return `職員の保有率の推移。${months}。目標は${formatGoalRate(headline.goal.rate)}。`;
}

/**
 * 残りの72%は6つの所属: the fewest units that make two thirds of the remaining, where that says something – not more
 * than half of the units, and only when the lines add up to the headline.
 */
export function departmentsTitle({ departments, headline }: ReportDocument): string {
  const plain = '所属別の残り人数と保有率';
  const total = departments.reduce((sum, line) => sum + line.remaining, 0);
  if (total === 0 || total !== headline.remaining) return plain;
  const units = departments.reduce((sum, line) => sum + line.units, 0);
  let [sum, count] = [0, 0];
  for (const line of departments) {
    if (line.units > 1) return plain;
    sum += line.remaining;
    count += 1;
    if (sum * 3 >= total * 2) break;
  }
  const most = Math.floor((sum * 100) / total);
  return count > 1 && count * 2 <= units ? `残りの${most}%は${count}つの所属` : plain;
}

export function hasMergedLine({ departments }: ReportDocument): boolean {
  return departments.some((line) => line.units > 1);
}

/** Which units are merged, and why: their names are no secret, their figures may be. */
export function smallGroupNote({
  smallGroupThreshold,
  departments,
}: Pick<ReportDocument, 'smallGroupThreshold' | 'departments'>): string {
  const members = departments.flatMap((line) => line.members ?? []);
  const names = members.length === 0 ? '' : `(${members.join('、')})`;
  return `${smallGroupThreshold}人未満の人数が分かる所属は合算しています${names}。`;
}

/** The merged line has no code and stands for several units; its name comes with the document. */
export function departmentName(line: ReportDepartment): string {
  return line.name === '' ? `ほか${line.units}所属` : line.name;
}

/** 金沢市民より35.5ポイント高い: against the city's own citizens, found by its name. */
export function citizensTitle({ citizens, city }: ReportDocument): string {
  const own = citizens.find((line) => line.area === city.name);
  if (!own || own.differencePoints === null) return '市民の取得率との比較';
  const people = `${own.area}民`;
  if (own.differencePoints === 0) return `${people}と同じ割合`;
  const size = formatPoints(Math.abs(own.differencePoints)).slice(1);
  return `${people}より${size}ポイント${own.differencePoints > 0 ? '高い' : '低い'}`;
}

/** Dates, metrics and definitions of both sides: they differ, and the reader must see it. */
export function citizensNote({ citizens, asOf }: ReportDocument): string {
  const dates = [...new Set(citizens.map((line) => line.asOf))];
  const citizenDates = dates.map(formatDate).join('・');
  const when =
    dates.length === 1 && dates[0] === asOf
      ? `${formatDate(asOf)}時点。`
      : `職員は${formatDate(asOf)}、市民は${citizenDates}時点で、時点が異なります。`;
  const metrics = [...new Set(citizens.map((line) => line.metric))];
  const words = metrics
    .map((metric) => `${METRIC_WORDS[metric]}は${METRIC_WORDS[metric]}枚数 ÷ 人口`)
    .join('、');
  return `${when}市民の${words}、職員は保有者 ÷ 在籍職員。定義が異なるため差は目安です。`;
}

export interface DefinitionLine {
  readonly term: string;
  readonly text: string;
}

/** Numerator, denominator, day and definition always stand together, and say what is counted where. */
export function definitionLines({ headline, asOf, definition, trend }: ReportDocument): DefinitionLine[] {
  const { applied, exempt } = headline;
  const others = [
    applied > 0
      ? `申請中${formatCount(applied)}人は分子に含みません(含めると${formatPercent(headline.rateWithApplied)})。`
      : '',
    exempt > 0
      ? `例外${formatCount(exempt)}人は分母に含みます(除くと${formatPercent(headline.rateWithoutExempt)})。`
      : '',
  ].join('');
  return [
    { term: '分子', text: `カードを保有する職員 ${formatCount(headline.held)}人` },
    { term: '分母', text: `在籍職員 ${formatCount(headline.staff)}人(本務。回答しない・未回答・例外を含む)` },
    { term: '時点', text: formatDate(asOf) },
    { term: '定義', text: `保有する職員 ÷ 在籍職員、小数第1位まで(四捨五入)。${others}` },
    ...(definition
      ? [{ term: '集計定義', text: `${definitionWords(definition)}。${trendDefinitions(trend)}` }]
      : []),
  ];
}

/** Where the months of the trend were counted in different ways. */
export function trendDefinitions(trend: readonly ReportTrendPoint[]): string {
  return changesOfDefinition(trend.flatMap(({ definition }) => (definition ? [{ definition }] : [])));
}
