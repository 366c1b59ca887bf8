import { describe, expect, test } from '@jest/globals';
import { toDashboardView, type DashboardInput } from '../../../src/web/views/dashboard.view.js';
import { toAsOfChoices } from '../../../src/web/views/as-of.view.js';
import { adoption, counts, line, trend } from './sample-adoption.js';

const CITY = adoption(
  counts(3300, 2706, { applied: 132, notApplied: 298, undisclosed: 41, lapsed: 5, exempt: 24 }),
);

function dashboard(
  changes: Partial<Omit<DashboardInput, 'adoption'>> & { adoption?: ReturnType<typeof adoption> } = {},
) {
  return toDashboardView({
    adoption: CITY,
    trend: trend(3300, [2660, 2706]),
    departments: [],
    departmentTrends: [],
    cityCode: '172014',
    asOfAction: '/',
    asOfChoices: [],
    statuses: changes.adoption ?? CITY,
    offersCsv: true,
    note: null,
    wavesWaiting: 0,
    smallGroupNote: null,
    otherTops: [],
    subject: '全職員',
    ...changes,
  });
}

const citizens = (rate: number, changes = {}) => ({
  area: '金沢市',
  code: '172014',
  metric: 'issued' as const,
  asOf: '2022-10-31',
  cards: 208794,
  population: 448702,
  rate,
  differencePoints: Math.round((82 - rate) * 10) / 10,
  ...changes,
});

describe('the dashboard', () => {
  test('says the finding in its heading', () => {
    expect(dashboard().heading).toBe('職員の保有率は82.0%、目標まで残り594人');
  });

  test('99.96 % never shows as 100.0', () => {
    const view = dashboard({ adoption: adoption(counts(2500, 2499)) });
    expect(view.figure.rate).toBe('99.9');
    expect(view.heading).toContain('99.9%');
    expect(view.figure.remainingText).toBe('残り1人');
  });

  test('says so when everybody holds a card', () => {
    expect(dashboard({ adoption: adoption(counts(12, 12)) }).heading).toBe(
      '12人全員がカードを保有しています',
    );
  });

  test('names the goal when it is not everybody', () => {
    const view = dashboard({
      adoption: adoption(counts(1000, 820), { goal: { rate: 90, by: '2023-03-31' } }),
    });
    expect(view.heading).toBe('職員の保有率は82.0%、目標90%まで残り80人');
    expect(view.rest?.heading).toBe('保有していない180人の内訳');
  });

  test('the statuses of those remaining add up to them', () => {
    const { rest } = dashboard();
    expect(rest?.statuses.map((status) => status.label)).toEqual([
      '申請中',
      '未申請',
      '回答しない',
      '未回答',
      '失効・返納',
    ]);
    expect(rest?.statuses.reduce((sum, status) => sum + status.people, 0)).toBe(594);
  });

  test('only who may see statuses gets them, or a rate from which they follow', () => {
    expect(dashboard({ statuses: null }).rest).toBeNull();
  });

  test('the change is against the end of the month before', () => {
    expect(dashboard().change).toEqual({
      sinceDate: '2022-09-30',
      pointsText: '+1.4',
      heldText: '+46',
      byDefinition: false,
      staffText: '±0',
    });
  });

  test('no change is shown where the month before is not known', () => {
    expect(dashboard({ trend: trend(3300, [2706]) }).change).toBeNull();
  });

  test('in the middle of a month the line ends in the figure of the day, and its date is named', () => {
    const view = dashboard({
      adoption: adoption(counts(3300, 2720), { asOf: '2022-11-10' }),
      trend: trend(3300, [2660, 2706]),
    });
    expect(view.trend?.rows.map((row) => row.label)).toEqual(['2022年9月', '2022年10月', '2022年11月10日']);
    expect(view.trend?.note).toContain('11月は2022年11月10日時点');
    expect(view.change?.sinceDate).toBe('2022-10-31');
  });

  test('the day is chosen among closed months and today', () => {
    expect(toAsOfChoices('2022-10-31', ['2022-10-31'], '2022-11-10')).toEqual([
      { value: '2022-11-10', label: '2022年11月10日(本日・速報)', selected: false },
      { value: '2022-10-31', label: '2022年10月31日(締め済み)', selected: true },
    ]);
  });
});

describe('the comparison with citizens', () => {
  test('names the own city, the metric and that the definitions differ', () => {
    const { comparison } = dashboard({
      adoption: adoption(counts(3300, 2706), { citizens: [citizens(46.5)] }),
    });
    expect(comparison?.caption).toBe('金沢市民の交付率より35.5ポイント高い');
    expect(comparison?.rows.map((row) => `${row.area}(${row.metric}) ${row.rate}`)).toEqual([
      '職員(保有) 82.0%',
      '金沢市(交付) 46.5%',
    ]);
    expect(comparison?.note).toContain('定義が異なるため差は目安です');
  });

  test('says when the days differ', () => {
    const { comparison } = dashboard({
      adoption: adoption(counts(3300, 2720), { asOf: '2022-11-10', citizens: [citizens(46.5)] }),
    });
    expect(comparison?.note).toContain('時点が異なります');
  });

  test('issued and owned cards are never one line', () => {
    const { comparison } = dashboard({
      adoption: adoption(counts(3300, 2706), {
        citizens: [citizens(85.1), citizens(80.2, { metric: 'owned' })],
      }),
    });
    expect(comparison?.rows.map((row) => row.metric)).toEqual(['保有', '交付', '保有']);
  });

  test('is left out until citizen figures have been taken in', () => {
    expect(dashboard().comparison).toBeNull();
  });
});

describe('the table of departments', () => {
  const departments = [
    line('病院', counts(420, 327)),
    line('消防局', counts(440, 352)),
    ...Array.from({ length: 6 }, (_, i) => line(`${i}局`, counts(20, 18))),
  ];

  test('the heading names the few that hold most of those remaining, and a line marks them', () => {
    const view = dashboard({ adoption: adoption(counts(980, 787)), departments }).departments;
    expect(view?.headline).toBe('残り193人のうち181人(93%)が2つの局にいます');
    expect(view?.rows.map((row) => row.cut).indexOf(true)).toBe(1);
  });

  test('with a goal below 100 % no share of the remaining is claimed', () => {
    const view = dashboard({
      adoption: adoption(counts(980, 787), { goal: { rate: 90, by: null } }),
      departments,
    }).departments;
    expect(view?.headline).toBe('局別の保有率');
  });

  test('a merged line comes last, leads nowhere, has no trend, and the table says who is in it', () => {
    const merged = {
      ...line('ほか2所属', counts(27, 21)),
      unit: { code: '', name: 'ほか2所属', kind: '' },
      units: 2,
    };
    const view = dashboard({
      adoption: adoption(counts(887, 700)),
      departments: [...departments.slice(0, 2), { ...merged, changePoints: null }],
      smallGroupNote: '5人未満の人数が分かる所属は合算しています(会計課、議会事務局)。',
    });
    const row = view.departments?.rows.at(-1);
    expect(row).toMatchObject({ name: 'ほか2所属', href: null, change: '-', sparkSvg: '-', staff: 27 });
    expect(view.smallGroupNote).toContain('会計課');
  });

  test('every unit leads into itself, and the people of no unit lead nowhere', () => {
    const own = { ...departments[0]!, unit: { code: '', name: '所属なし', kind: '' } };
    const view = dashboard({ adoption: adoption(counts(980, 787)), departments: [...departments, own] });
    const hrefs = view.departments?.rows.map((row) => row.href);
    expect(hrefs?.slice(0, -1).every((href) => href?.startsWith('/units/'))).toBe(true);
    expect(hrefs?.at(-1)).toBeNull();
  });

  test('readers of published figures are offered no file of the table', () => {
    expect(dashboard({ departments, offersCsv: false }).csvHref).toBeNull();
  });

  test('a unit without a figure for the month before shows no change', () => {
    expect(dashboard({ departments }).departments?.rows[0]?.change).toBe('-');
  });
});
