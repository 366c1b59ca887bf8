import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, integer, option, property } from 'fast-check';
import { goalBar, rateBar } from '../../../src/platform/bar-chart.js';
import {
  rateAxis,
  sparkline,
  textWidth,
  trendChart,
  type TrendChartPoint,
} from '../../../src/platform/chart.js';

const year = (values: (number | null)[]): TrendChartPoint[] =>
  values.map((value, index) => ({
    label: `${(index % 12) + 1}月`,
    year: `${2021 + Math.floor(index / 12)}年`,
    value,
  }));

const chart = (points: TrendChartPoint[], different: Partial<Parameters<typeof trendChart>[0]> = {}) =>
  trendChart({ points, goal: 100, width: 680, height: 250, id: 't1', title: '保有率の推移', ...different });

const numbers = (svg: string, attribute: string): number[] =>
  [...svg.matchAll(new RegExp(` ${attribute}="([-\\d.]+)"`, 'g'))].map((match) => Number(match[1]));

const texts = (svg: string) =>
  [...svg.matchAll(/<text[^>]* x="([\d.]+)" y="([\d.]+)"([^>]*)>([^<]*)</g)].map((match) => ({
    x: Number(match[1]),
    y: Number(match[2]),
    anchor: /text-anchor="(\w+)"/.exec(match[3]!)?.[1] ?? 'start',
    text: match[4]!,
  }));

const tenths = integer({ min: 0, max: 1000 }).map((value) => value / 10);
const series = array(option(tenths), { minLength: 1, maxLength: 40 });
const sizes = constantFrom(
  { width: 1216, height: 340 },
  { width: 680, height: 250 },
  { width: 343, height: 280 },
);

describe('the trend chart', () => {
  it('keeps every point inside the picture, whatever the figures, gaps and goal', () => {
    assert(
      property(series, sizes, tenths, (values, size, goal) => {
        const svg = chart(year(values), { ...size, goal });
        for (const x of numbers(svg, 'cx')) expect(x >= 0 && x <= size.width).toBe(true);
        for (const y of numbers(svg, 'cy')) expect(y >= 0 && y <= size.height).toBe(true);
        expect(numbers(svg, 'cx')).toHaveLength(values.filter((value) => value !== null).length);
      }),
    );
  });

  it('writes month and year labels that never touch each other or leave the picture', () => {
    assert(
      property(integer({ min: 1, max: 48 }), sizes, (length, size) => {
        const svg = chart(year(Array.from({ length }, () => 80)), size);
        for (const row of [size.height - 24, size.height - 6]) {
          const labels = texts(svg).filter((label) => label.y === row);
          labels.forEach((label, index) => {
            expect(label.x - textWidth(label.text) / 2).toBeGreaterThanOrEqual(0);
            expect(label.x + textWidth(label.text) / 2).toBeLessThanOrEqual(size.width);
            const next = labels[index + 1];
            if (next)
              expect(next.x - label.x).toBeGreaterThan((textWidth(label.text) + textWidth(next.text)) / 2);
          });
        }
      }),
    );
  });

  it('always labels the newest month', () => {
    const svg = chart(year(Array.from({ length: 12 }, (_, index) => 60 + index)), {
      width: 343,
      height: 280,
    });
    expect(texts(svg).map(({ text }) => text)).toContain('12月');
  });

  it('says the finding to those who do not see it', () => {
    const svg = chart(year([66.1, 82]));
    expect(svg).toContain('role="img" aria-labelledby="t1"');
    expect(svg).toContain('<title id="t1">保有率の推移</title>');
  });

  it('writes the first and the newest rate beside the line, and the goal', () => {
    const written = texts(chart(year([66.1, 70, 82]))).map(({ text }) => text);
    expect(written).toEqual(expect.arrayContaining(['66.1%', '82.0%', '目標 100%']));
  });

  it('never writes the first rate over the line, whatever the line does', () => {
    assert(
      property(array(tenths, { minLength: 2, maxLength: 36 }), sizes, (values, size) => {
        const svg = chart(year(values), size);
        const corners = /<polyline[^>]*points="([^"]*)"/
          .exec(svg)![1]!
          .split(' ')
          .map((c) => c.split(',').map(Number));
        // The last rate is written before the first.
        const [, label] = texts(svg).filter(({ text }) => /^[\d.]+%$/.test(text));
        if (!label) return;
        const box = { left: label.x, right: label.x + 46, top: label.y - 11, bottom: label.y + 2 };
        for (const [index, [x2, y2]] of corners.slice(1).entries()) {
          const [x1, y1] = corners[index]!;
          for (let step = 0; step <= 50; step += 1) {
            const [x, y] = [x1! + ((x2! - x1!) * step) / 50, y1! + ((y2! - y1!) * step) / 50];
            const inside = x > box.left && x < box.right && y > box.top && y < box.bottom;
            expect({ inside, x, y, box }).toMatchObject({ inside: false });
          }
        }
      }),
    );
  });

  it('keeps the labels of the axis inside a narrow picture', () => {
    const hundred = texts(chart(year([70, 82]), { width: 343, height: 280 })).find(
      ({ text }) => text === '100',
    )!;
    expect(hundred.x - textWidth('100')).toBeGreaterThanOrEqual(0);
  });

  it('shows a single month as one point at the right, without a line', () => {
    const svg = chart(year([82]));
    expect(svg).not.toContain('<polyline');
    expect(numbers(svg, 'cx')).toEqual([608]);
  });

  it('leaves a gap where nothing is known', () => {
    expect(chart(year([70, 71, null, 73, 74])).match(/<polyline/g)).toHaveLength(2);
  });

  it('draws an empty frame when nothing is known at all', () => {
    const svg = chart(year([null, null]));
    expect(svg).not.toContain('<circle');
    expect(svg).not.toContain('NaN');
  });

  it('lets no text become markup', () => {
    const svg = chart([{ label: '<b>"&', value: 1 }], { title: '</title><script>', id: '"><x' });
    expect(svg).not.toMatch(/<b>|<script>|<x/);
    expect(svg).toContain('&#60;script&#62;');
  });

  it('needs neither inline styles nor, standing alone, a stylesheet', () => {
    expect(chart(year([70, 82]))).not.toContain('style=');
    const alone = chart(year([70, 82]), { look: 'standalone' });
    expect(alone).not.toMatch(/style=|class=/);
    expect(alone).toContain('font-family="BIZ UDPGothic"');
  });

  it('is the same text for the same figures', () => {
    expect(chart(year([70.1, 82]))).toBe(chart(year([70.1, 82])));
  });
});

describe('the rate axis', () => {
  it.each([
    [[66.1, 82], 100, 60, 100],
    [[100, 100], 100, 80, 100],
    [[3.2, 99], 100, 0, 100],
    [[], 100, 80, 100],
    [[96], 95, 80, 100],
  ])('of %p with the goal %p goes from %p to %p', (values, goal, low, high) => {
    expect(rateAxis(values, goal)).toEqual({ low, high });
  });
});

describe('bars', () => {
  it('fill the reached part and hatch what is left to the goal', () => {
    const svg = goalBar(82, 22, '目標100%に対して82.0%');
    expect(svg).toContain('<rect class="b-on" width="82.0%" height="22"/>');
    expect(svg).toContain('<rect class="b-rest" x="82.0%" y="0.5" width="18.0%" height="21"/>');
    expect(svg).toContain('aria-label="目標100%に対して82.0%"');
  });

  it('hatch nothing once the goal is reached', () => {
    expect(goalBar(100, 22, '')).not.toContain('b-rest');
    expect(goalBar(96, 22, '', { goal: 95 })).not.toContain('b-rest');
  });

  it('show an empty track where there is no rate', () => {
    expect(rateBar(null)).toBe(
      '<svg aria-hidden="true"><rect class="b-track" width="100.0%" height="100%"/></svg>',
    );
  });

  it('mark the rate to compare with', () => {
    expect(rateBar(77.9, { tick: 82 })).toContain(
      '<line class="b-tick" x1="82.0%" x2="82.0%" y1="-2" y2="100%"/>',
    );
  });

  it('never leave their track', () => {
    expect(rateBar(120)).toContain('class="b-on" width="100.0%"');
    expect(rateBar(-3)).toContain('class="b-on" width="0.0%"');
  });
});

describe('the sparkline', () => {
  it('keeps every point inside 96 × 28', () => {
    assert(
      property(array(option(tenths), { maxLength: 36 }), (values) => {
        const svg = sparkline(values, '12か月');
        const corners = [...svg.matchAll(/points="([^"]*)"/g)].flatMap((match) => match[1]!.split(' '));
        for (const [x, y] of corners.map((corner) => corner.split(',').map(Number))) {
          expect(x! >= 0 && x! <= 96 && y! >= 0 && y! <= 28).toBe(true);
        }
        expect(svg).not.toContain('NaN');
      }),
    );
  });
});
