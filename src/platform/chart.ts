/** The line charts of rates: pure functions from figures to accessible SVG, the same bytes for the same figures. */
import { formatGoalRate, formatPercent } from './japanese-format.js';
import { element, escapeXml, pen, round, type SvgLook } from './svg.js';

export interface TrendChartPoint {
  /** `10月` */
  readonly label: string;
  /** `2022年`: written under the first label of each year. */
  readonly year?: string;
  /** Per cent; null where nothing is known. The line has a gap there. */
  readonly value: number | null;
}

export interface TrendChartOptions {
  readonly points: readonly TrendChartPoint[];
  /** Per cent. */
  readonly goal: number;
  /** Pixels. Text stays 14 px, so a page carries one chart per width. At least 300 × 160. */
  readonly width: number;
  readonly height: number;
  /** Unique in the page: names the title. */
  readonly id: string;
  /** The whole finding in one sentence, for those who do not see the chart. */
  readonly title: string;
  readonly className?: string;
  readonly look?: SvgLook;
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly low: number;
  readonly high: number;
  x(index: number): number;
  y(value: number): number;
}

/** Bounds of the rate axis in tens: close around the data, at least 20 points, the goal always inside. */
export function rateAxis(values: readonly number[], goal: number): { low: number; high: number } {
  const high = Math.min(100, Math.max(10, Math.ceil(Math.max(goal, ...values) / 10) * 10));
  const low = Math.floor(Math.min(goal, ...values) / 10) * 10;
  return { low: Math.max(0, Math.min(low, high - 20)), high };
}

export function trendChart(options: TrendChartOptions): string {
  const { points, goal, width, height, id } = options;
  const { draw, write } = pen(options.look ?? 'page');
  const frame = frameOf(options);
  const { left, right, bottom } = frame;
  const parts: string[] = [];

  for (const tick of ticks(frame)) {
    const y = round(frame.y(tick));
    if (tick !== goal) parts.push(draw('path', 'grid', { d: `M${left} ${y}H${right}` }));
    parts.push(write('t-sub', String(tick), { x: left - 8, y: round(y + 5), 'text-anchor': 'end' }));
  }
  parts.push(write('t-sub', '%', { x: left - 8, y: 18, 'text-anchor': 'end' }));
  parts.push(draw('path', 'axis', { d: `M${left} ${bottom}H${right}` }));
  const goalY = round(frame.y(goal));
  parts.push(draw('path', 'goal-line', { d: `M${left} ${goalY}H${right}` }));
  parts.push(
    write('t', `目標 ${formatGoalRate(goal)}`, { x: right, y: round(goalY - 8), 'text-anchor': 'end' }),
  );

  for (const run of runs(points)) {
    const corners = run.map(({ index, value }) => `${round(frame.x(index))},${round(frame.y(value))}`);
    if (run.length > 1) parts.push(draw('polyline', 'line', { points: corners.join(' ') }));
  }
  const known = runs(points).flat();
  const first = known[0];
  const last = known.at(-1);
  for (const { index, value } of known) {
    const r = index === last!.index ? 6 : 3;
    parts.push(draw('circle', 'dot', { cx: round(frame.x(index)), cy: round(frame.y(value)), r }));
  }
  if (last) {
    const x = round(frame.x(last.index) + 10);
    parts.push(write('t-b', formatPercent(last.value), { x, y: round(frame.y(last.value) + 6) }));
  }
  if (first && last && frame.x(last.index) - frame.x(first.index) > 60) {
    const y = firstLabelY(frame, known);
    if (y !== null) {
      parts.push(write('t', formatPercent(first.value), { x: round(frame.x(first.index) + 2), y: round(y) }));
    }
  }
  for (const { text, x, row } of axisLabels(frame, points)) {
    parts.push(
      write('t-sub', text, { x: round(x), y: bottom + (row === 0 ? 20 : 38), 'text-anchor': 'middle' }),
    );
  }

  return element(
    'svg',
    {
      class: options.className,
      ...(options.look === 'standalone' ? { xmlns: 'http://www.w3.org/2000/svg' } : {}),
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-labelledby': id,
    },
    element('title', { id }, escapeXml(options.title)) + parts.join(''),
  );
}

/** 96 × 28, on a scale of its own: it shows the shape of the last months, not their height. */
export function sparkline(values: readonly (number | null)[], label: string): string {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ index, value }]));
  const numbers = known.map(({ value }) => value);
  const high = Math.max(...numbers);
  // Ten points at least: a change of a tenth must not look like a leap.
  const low = Math.min(...numbers, high - 10);
  const x = (index: number) => round(values.length < 2 ? 90 : 2 + (88 * index) / (values.length - 1));
  const y = (value: number) => round(24 - (20 * (value - low)) / (high - low));
  const lines = runs(values.map((value) => ({ value })))
    .filter((run) => run.length > 1)
    .map((run) => element('polyline', { points: run.map((p) => `${x(p.index)},${y(p.value)}`).join(' ') }));
  const last = known.at(-1);
  const dot = last ? element('circle', { cx: x(last.index), cy: y(last.value), r: 3.5 }) : '';
  return element('svg', { class: 'spark', role: 'img', 'aria-label': label }, lines.join('') + dot);
}

function frameOf({ points, goal, width, height }: TrendChartOptions): Frame {
  const left = width < 480 ? 40 : 44;
  const right = width - 72;
  const [top, bottom] = [34, height - 44];
  const { low, high } = rateAxis(
    points.flatMap(({ value }) => (value === null ? [] : [value])),
    goal,
  );
  return {
    left,
    right,
    top,
    bottom,
    low,
    high,
    // A single month stands at the right end, where later ones will stand too.
    x: (index) => (points.length < 2 ? right : left + ((right - left) * index) / (points.length - 1)),
    y: (value) => bottom - ((bottom - top) * (value - low)) / (high - low),
  };
}

/** Every ten per cent where that leaves 24 px between labels, else every 20 or 50. */
function ticks({ low, high, top, bottom }: Frame): number[] {
  const step = [10, 20, 50].find((size) => ((bottom - top) * size) / (high - low) >= 24) ?? 50;
  const found: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) found.push(tick);
  return found;
}

/** The stretches without a gap. */
function runs(points: readonly { value: number | null }[]): { index: number; value: number }[][] {
  const found: { index: number; value: number }[][] = [];
  let open = false;
  points.forEach(({ value }, index) => {
    if (value !== null) {
      if (!open) found.push([]);
      found.at(-1)!.push({ index, value });
    }
    open = value !== null;
  });
  return found;
}

/** Room that the first label keeps to the line above and below its baseline, with the line's width and its dots. */
const LABEL_ABOVE = 17;
const LABEL_BELOW = 9;
const FIRST_LABEL_WIDTH = 50;

/** Above the line where it passes the label, else below it; null where there is no room: the table has the figure. */
function firstLabelY(frame: Frame, known: readonly { index: number; value: number }[]): number | null {
  const start = frame.x(known[0]!.index);
  const end = start + FIRST_LABEL_WIDTH;
  const passed = [frame.y(known[0]!.value)];
  for (const [before, point] of known.slice(1).entries()) {
    const from = known[before]!;
    if (frame.x(from.index) >= end) break;
    const share = Math.min(1, (end - frame.x(from.index)) / (frame.x(point.index) - frame.x(from.index)));
    passed.push(frame.y(from.value + share * (point.value - from.value)));
  }
  const above = Math.min(...passed) - LABEL_BELOW;
  const below = Math.max(...passed) + LABEL_ABOVE + 2;
  // Of a line that climbs, the label under its start stays nearer to the point it names.
  const climbs = passed[0]! - Math.min(...passed) > 12;
  const fitsBelow = below <= frame.bottom - 6;
  const fitsAbove = above - LABEL_ABOVE >= frame.top;
  if (fitsBelow && (climbs || !fitsAbove)) return below;
  return fitsAbove ? above : null;
}

interface AxisLabel {
  readonly text: string;
  readonly x: number;
  readonly row: 0 | 1;
}

/** Month names, counted back from the newest, as many as stand apart. */
function axisLabels(frame: Frame, points: readonly TrendChartPoint[]): AxisLabel[] {
  for (const step of [1, 2, 3, 4, 6, 12, 24, 48]) {
    const labels = labelsEvery(step, frame, points);
    if (standApart(labels)) return labels;
  }
  return labelsEvery(points.length, frame, points);
}

function labelsEvery(step: number, frame: Frame, points: readonly TrendChartPoint[]): AxisLabel[] {
  const labels: AxisLabel[] = [];
  let year: string | undefined;
  for (let index = (points.length - 1) % step; index < points.length; index += step) {
    const point = points[index];
    if (!point) continue;
    labels.push({ text: point.label, x: frame.x(index), row: 0 });
    if (point.year && point.year !== year) labels.push({ text: point.year, x: frame.x(index), row: 1 });
    year = point.year;
  }
  return labels;
}

function standApart(labels: readonly AxisLabel[]): boolean {
  return [0, 1].every((row) => {
    const inRow = labels.filter((label) => label.row === row);
    return inRow.every((label, index) => {
      const next = inRow[index + 1];
      return !next || next.x - label.x >= (textWidth(label.text) + textWidth(next.text)) / 2 + 4;
    });
  });
}

/** At 14 px, on the safe side: full-width characters are square, digits a little over half. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += character.codePointAt(0)! < 0x2000 ? 8.7 : 14;
  return width;
}
