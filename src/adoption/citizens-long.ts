/** A line for each value: month, indicator, value, and perhaps the area. */
import type { ImportProblems } from '../platform/imports/import-problems.js';
import type { IsoDate } from '../platform/month.js';
import type { AreaMatcher } from './area-match.js';
import { isPlausibleDay, readCountCell, readRateCell, type Draft, type Line } from './citizen-drafts.js';
import type { CitizenMetric } from './citizen-figure.types.js';
import { placeOf } from './citizen-places.js';
import { readMonthEnd } from './published-values.js';

type Indicator = { kind: 'population' } | { kind: 'cards' | 'rate'; metric: CitizenMetric };

/**
 * What an indicator's name means, with the subject in front (マイナンバーカード_保有枚数) and a unit behind
 * (保有枚数率（％）). Null for everything else the dashboard counts: applications, the insurance card …
 */
export function readIndicator(name: string): Indicator | null {
  const plain = name
    .normalize('NFKC')
    .replace(/[\s_・:()%／/]/gu, '')
    .replace(/^(?:マイナンバーカード|個人番号カード)の?/u, '')
    .replace(/[人枚]$/u, '');
  if (/^(?:総|住民基本台帳)?人口$/u.test(plain)) return { kind: 'population' };
  const match =
    /^(?:人口に(?:対する|おける|占める))?(?:累計)?(保有|交付)(?:済)?(?:(?:枚|件)数)?(率)?(?:累計)?$/u.exec(
      plain,
    );
  if (!match || !/数|率/u.test(plain)) return null;
  return { kind: match[2] ? 'rate' : 'cards', metric: match[1] === '保有' ? 'owned' : 'issued' };
}

export class LongLines {
  private readonly byKey = new Map<string, Draft>();
  private readonly populations = new Map<string, Draft['population']>();
  private readonly unused = new Set<string>();

  constructor(
    private readonly matcher: AreaMatcher,
    private readonly today: IsoDate,
  ) {}

  get drafts(): Draft[] {
    for (const draft of this.byKey.values())
      draft.population ??= this.populations.get(placeKey(draft)) ?? null;
    return [...this.byKey.values()];
  }

  take(line: Line, problems: ImportProblems): void {
    const indicator = readIndicator(line.get('indicator'));
    if (!indicator) {
      this.unused.add(line.get('indicator'));
      return;
    }
    const asOf = readMonthEnd(line.get('month'));
    if (!asOf || !isPlausibleDay(asOf, this.today)) {
      line.problem('month', {
        code: 'bad_date',
        expected: '年月(例: 2025/5/1、2025年5月)',
        fix: '公表されている表のとおりに、年月を直してください。',
      });
      return;
    }
    const place = placeOf(line, this.matcher);
    if (!place) return;
    const cell = indicator.kind === 'rate' ? null : readCountCell(line, 'value');
    if (indicator.kind === 'population') {
      this.populations.set(placeKey({ place, asOf }), cell);
      return;
    }
    const { metric } = indicator;
    const key = `${placeKey({ place, asOf })} ${metric}`;
    const none = { populationAsOf: null, cards: null, population: null, rate: null };
    const draft = this.byKey.get(key) ?? { place, metric, asOf, line, ...none };
    this.byKey.set(key, draft);
    const field = indicator.kind;
    if (draft[field]) {
      line.problem('value', {
        code: 'duplicate_figure',
        expected: '1つの年月・指標名につき1つの値',
        fix: `${draft[field].line.row}行目にも同じ年月と指標名の値があります。どちらかを消してください。`,
      });
      return;
    }
    if (field === 'cards') draft.cards = cell;
    else draft.rate = readRateCell(line, 'value', problems);
  }

  close(problems: ImportProblems): void {
    if (this.unused.size === 0) return;
    problems.warn({
      row: null,
      column: '指標名',
      code: 'unused_indicator',
      message: `カードの枚数と率のほかの指標(${this.unused.size}種類)は取り込みません。`,
    });
  }
}

function placeKey({ place, asOf }: Pick<Draft, 'place' | 'asOf'>): string {
  return `${place.area?.code ?? `${place.prefecture} ${place.name}`} ${asOf}`;
}
