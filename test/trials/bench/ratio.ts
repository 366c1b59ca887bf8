import type { Size } from '../bench-city.js';

export interface Target {
  readonly at: 'least' | 'most';
  readonly ratio: number;
}

/** One line of the outcome: two things measured in the same run, and how the one stands to the other. */
export interface Ratio {
  readonly name: string;
  readonly size: Size;
  /** Null where the design names none for this size. */
  readonly target: string | null;
  readonly measured: number;
  /** Where the slower side was given up: it is at least as slow as this. */
  readonly isBound?: boolean;
  readonly met: boolean | null;
  /** What was measured, in milliseconds unless the name says otherwise. */
  readonly detail: Readonly<Record<string, number | string>>;
}

export const atLeast = (ratio: number): Target => ({ at: 'least', ratio });
export const atMost = (ratio: number): Target => ({ at: 'most', ratio });

export function ratio(
  name: string,
  size: Size,
  target: Target | null,
  measured: number,
  detail: Ratio['detail'],
  isBound = false,
): Ratio {
  return {
    name,
    size,
    target: target && `${target.at === 'least' ? '≥' : '≤'} ${target.ratio}`,
    measured: rounded(measured),
    ...(isBound && { isBound }),
    met: target && (target.at === 'least' ? measured >= target.ratio : measured <= target.ratio),
    detail: Object.fromEntries(
      Object.entries(detail).map(([key, value]) => [key, typeof value === 'number' ? rounded(value) : value]),
    ),
  };
}

/** Three significant digits. */
export const rounded = (value: number) => Number(value.toPrecision(3));

/** A Markdown table, as docs/benchmarks.md shows it. */
export function toTable(ratios: readonly Ratio[]): string {
  const rows = ratios.map((row) => [
    row.name,
    row.size,
    row.target ?? '–',
    `${row.isBound ? '> ' : ''}${row.measured}`,
    row.met === null ? '–' : row.met ? 'yes' : 'NO',
    Object.entries(row.detail)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
  ]);
  const header = ['ratio', 'size', 'target', 'measured', 'met', 'of (ms, p50)'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
