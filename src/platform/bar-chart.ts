/** The bars of rates: blue for what is reached, hatched for what is still to go. */
import { element, HATCH_PATTERN, pen, type SvgAttributes } from './svg.js';

export interface BarOptions {
  /** Pixels by which the tick stands out above and below. */
  readonly overhang?: number;
  /** Draws a bar of this many pixels with the look as attributes; without it the page's CSS gives the width. */
  readonly standaloneWidth?: number;
}

/**
 * The staff rate against the goal: blue to the rate, hatched from there to the goal,
 * a tick at the goal. `rate` and `goal` in per cent, `height` in pixels.
 */
export function goalBar(
  rate: number | null,
  height: number,
  label: string,
  { goal = 100, overhang = 6, standaloneWidth }: BarOptions & { readonly goal?: number } = {},
): string {
  const { draw } = pen(standaloneWidth === undefined ? 'page' : 'standalone');
  const at = scale(standaloneWidth);
  const to = clamp(goal);
  const track = to < 100 ? draw('rect', 'b-track', { width: at(100), height }) : '';
  const from = clamp(rate ?? 0);
  const rest =
    from < to
      ? draw('rect', 'b-rest', { x: at(from), y: 0.5, width: at(to - from), height: height - 1 })
      : '';
  const reached = rate === null ? '' : draw('rect', 'b-on', { width: at(from), height });
  const tick = draw('line', 'b-tick', { x1: at(to), x2: at(to), y1: -overhang, y2: height + overhang });
  return frame(
    { height, role: 'img', 'aria-label': label },
    track + rest + reached + tick,
    standaloneWidth,
    overhang,
  );
}

/** A bar beside its figure in a table, so hidden from screen readers. `tick` marks the rate to compare with. */
export function rateBar(
  rate: number | null,
  { tick, other = false, height = 12, overhang = 2, standaloneWidth }: RateBarOptions = {},
): string {
  const { draw } = pen(standaloneWidth === undefined ? 'page' : 'standalone');
  const at = scale(standaloneWidth);
  const full = standaloneWidth === undefined ? '100%' : height;
  const track = draw('rect', 'b-track', { width: at(100), height: full });
  const reached =
    rate === null ? '' : draw('rect', other ? 'b-other' : 'b-on', { width: at(clamp(rate)), height: full });
  const mark =
    tick === undefined || tick === null
      ? ''
      : draw('line', 'b-tick', { x1: at(clamp(tick)), x2: at(clamp(tick)), y1: -overhang, y2: full });
  const size = standaloneWidth === undefined ? {} : { height };
  return frame({ ...size, 'aria-hidden': 'true' }, track + reached + mark, standaloneWidth, overhang);
}

export interface RateBarOptions extends BarOptions {
  /** Per cent. */
  readonly tick?: number | null;
  /** Gray: somebody else's figure, for comparison. */
  readonly other?: boolean;
  /** Pixels; only for `standaloneWidth`, the page's CSS gives the height. */
  readonly height?: number;
}

/** A share of the page's width, or pixels of a standalone bar. */
function scale(width: number | undefined): (percent: number) => string | number {
  return (percent) => (width === undefined ? `${percent.toFixed(1)}%` : Math.round(width * percent) / 100);
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

/** A standalone picture is cut at its edges, so it leaves room for the tick and the outline. */
function frame(attributes: SvgAttributes, content: string, width: number | undefined, above: number): string {
  if (width === undefined) return element('svg', attributes, content);
  const height = Number(attributes['height']) + 2 * above;
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      ...attributes,
      width: width + 2,
      height,
      viewBox: `-1 ${-above} ${width + 2} ${height}`,
    },
    element('defs', {}, HATCH_PATTERN) + content,
  );
}
