import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { percentage, rates } from '../../../src/adoption/rate.js';
import { addMonths, lastDay, type IsoMonth } from '../../../src/platform/month.js';
import { scopeFrom } from '../../../src/access/scope.js';
import { formatMonth } from '../../../src/platform/japanese-format.js';
import { seriesOf, unitIn, type PublishedMonth } from '../../../src/reports/published-unit.js';
import { toPublishedView } from '../../../src/web/views/published.view.js';
import { renderOpenDataCsv } from '../../../src/reports/open-data-file.js';
import {
  toDepartments,
  toldBy,
  toPublishedLines,
  type PublishedLine,
} from '../../../src/reports/published-lines.js';
import { renderCsv } from '../../../src/reports/report-csv.js';
import {
  directKey,
  earlierFor,
  LEADERSHIP,
  PUBLIC,
  suppress,
  type Publication,
  type UnitFigure,
} from '../../../src/adoption/suppression.js';
import { LinearAttack } from '../../support/linear-attack.js';
import { AttackedCity } from '../../support/attacked-city.js';
import { sampleReport } from '../../support/sample-report.js';

/** More cities than usual: ATTACK_CITIES=500 takes some minutes. Each is twelve months of files for two audiences. */
const CITIES = Number(process.env.ATTACK_CITIES ?? 25);
const FIRST_SEED = Number(process.env.ATTACK_SEED ?? 1);
const GOAL = { rate: 100, by: null };

interface ClosedMonth {
  readonly month: IsoMonth;
  /** The truth when it was closed: the month itself and the one before. */
  readonly figures: readonly UnitFigure[];
  readonly figuresBefore: readonly UnitFigure[] | undefined;
  readonly leadership: Publication;
  readonly open: Publication;
  readonly leadershipLines: readonly PublishedLine[];
  readonly openLines: readonly PublishedLine[];
  readonly reportCsv: readonly Record<string, string>[];
  readonly openDataCsv: readonly Record<string, string>[];
  readonly published: PublishedMonth;
  /** What the pages say of the units of the month, once it is closed. */
  readonly pages: readonly PageNumber[];
}

/** A number on the page of a unit: of several groups together, of this or an earlier month. */
interface PageNumber {
  readonly month: IsoMonth;
  readonly keys: readonly string[];
  readonly staff: number;
  readonly held: number;
}

const LEADER = scopeFrom('leader', 1, [{ role: 'leader', unitId: null }]);

/** Closes every month in turn, and some of them again after a correction, as the service does. */
function publish(city: AttackedCity): ClosedMonth[] {
  const closed: ClosedMonth[] = [];
  const close = (index: number) => {
    const month = city.months[index]!;
    const months = Array.from({ length: index + 1 }, (_, back) => city.figures(index - back));
    const hiddenBy = (audience: 'leadership' | 'open') =>
      earlierFor(
        month,
        closed.map((other) => ({
          month: other.month,
          ...toldBy({ hidden: other[audience].hidden, lines: other[`${audience}Lines`] }),
        })),
      );
    const leadership = suppress(months, LEADERSHIP, hiddenBy('leadership'));
    const publicEarlier = hiddenBy('open');
    const open = suppress(months, PUBLIC, {
      ...publicEarlier,
      hidden: new Set([...publicEarlier.hidden, ...leadership.hidden]),
    });
    const files = write(month, months[0]!, leadership, open);
    closed.push({
      month,
      figures: months[0]!,
      figuresBefore: months[1],
      leadership,
      open,
      ...files,
      pages: readPages([...closed.map(({ published }) => published), files.published], months[0]!),
    });
  };
  city.months.forEach((_, index) => {
    close(index);
    if (city.chance(0.25)) {
      const corrected = Math.max(0, index - (city.chance(0.5) ? 0 : 2));
      city.correct(corrected);
      close(corrected);
    }
  });
  return closed;
}

function read(bytes: Buffer): Record<string, string>[] {
  return parse(bytes, { bom: true, columns: true });
}

/** The files themselves, read back: what is attacked is what the writers wrote. */
function write(month: IsoMonth, figures: readonly UnitFigure[], leadership: Publication, open: Publication) {
  const units = figures.map(({ code }, unitId) => ({
    unitId,
    unit: { code, name: `所属${code}`, kind: '' },
  }));
  const leadershipLines = toPublishedLines(leadership, units);
  const openLines = toPublishedLines(open, units);
  const root = figures[0]!.total;
  const counts = { ...root, applied: 0, notApplied: 0, undisclosed: 0, unanswered: 0, lapsed: 0, exempt: 0 };
  const report = sampleReport({
    month,
    asOf: lastDay(month),
    headline: { ...counts, ...rates(counts), remaining: root.staff - root.held, goal: GOAL },
    departments: toDepartments(leadershipLines, '0', GOAL),
    trend: [],
  });
  const openData = renderOpenDataCsv({
    month,
    asOf: lastDay(month),
    version: 1,
    closedAt: '',
    releasedAt: '',
    city: { name: '見本市', areaCode: '172014', contact: '' },
    threshold: PUBLIC.threshold,
    departments: figures
      .filter(({ parentCode }) => parentCode === '0')
      .map(({ code }) => ({ code, name: `所属${code}` })),
    lines: openLines,
  });
  const published = { month, version: 1, asOf: lastDay(month), document: report, lines: leadershipLines };
  return {
    published,
    leadershipLines,
    openLines,
    reportCsv: read(renderCsv(report)),
    openDataCsv: read(openData),
  };
}

/** Opens the page of every unit that has one, as it stands after the last close, and reads it. */
function readPages(closed: readonly PublishedMonth[], figures: readonly UnitFigure[]): PageNumber[] {
  const current = closed.at(-1)!;
  const newest = [...new Map(closed.map((file) => [file.month, file])).values()];
  const months = newest.toSorted((a, b) => (a.month < b.month ? 1 : -1));
  const series = seriesOf(LEADER, months, current.asOf);
  const monthOfLabel = new Map(months.map(({ month }) => [formatMonth(month), month]));
  const units = current.lines!.filter(({ line }) => line === 'unit');
  return units.flatMap(({ code }) => {
    const unit = unitIn(LEADER, current, code);
    const view = toPublishedView({ unit, series, days: [], cityCode: null });
    const { month } = current;
    const numbers: PageNumber[] = [{ month, keys: [code], ...view.figure }];
    const listed = new Set<string>();
    let merged: (typeof rows)[number] | undefined;
    const rows = view.departments?.rows ?? [];
    for (const row of rows) {
      const linked = /^\/units\/([^?]+)/.exec(row.href ?? '')?.[1];
      if (linked === undefined && row.name.startsWith('ほか')) merged = row;
      else {
        const key = linked ?? directKey(code);
        listed.add(key);
        numbers.push({ month, keys: [key], staff: row.staff, held: row.held });
      }
    }
    if (merged) {
      const others = partsOf(code, figures).filter((key) => !listed.has(key));
      numbers.push({ month, keys: others, staff: merged.staff, held: merged.held });
    }
    for (const { label, staff, held } of view.trend?.rows ?? [])
      numbers.push({ month: monthOfLabel.get(label)!, keys: [code], staff, held });
    return numbers;
  });
}

/**
 * The unknown counts of each month, in every state in which a file tells of it: a correction between two closes makes a new
 * state. What both files show alike is taken to be the same in both, down to the last person; of a line that changed nobody
 * can tell which of its parts did.
 */
class MonthStates {
  private readonly states = new Map<IsoMonth, State[]>();

  constructor(
    private readonly attack: LinearAttack,
    private readonly count: 'held' | 'staff',
  ) {}

  /** Names of the unknowns by group, added to the attack with what everybody knows of them. */
  of(month: IsoMonth, figures: readonly UnitFigure[], lines: Publication): Map<string, string> {
    const states = this.states.get(month) ?? [];
    this.states.set(month, states);
    const content = JSON.stringify(figures.map(({ direct }) => direct));
    const known = states.find((state) => state.content === content);
    if (known) return known.names;

    const state: State = {
      content,
      figures,
      names: new Map(),
      lineOf: linesOf(figures, lines),
      cells: cellsOf(figures),
    };
    const last = states.at(-1);
    for (const [key, cell] of state.cells) {
      const shared = last && [last, state].every(({ lineOf }) => isSame(lineOf.get(key)!, last, state));
      const same = shared && JSON.stringify(last.cells.get(key)) === JSON.stringify(cell);
      const name = same ? last.names.get(key)! : `${month} ${key} (${states.length + 1})`;
      state.names.set(key, name);
      // Staff sizes are in the city's directory; holders are anything between nobody and everybody.
      this.attack.unknown(name, 0, this.count === 'held' ? cell.staff : figures[0]!.total.staff);
    }
    const nameOf = (key: string) => state.names.get(key)!;
    for (const { code } of figures) {
      const parts = figures.filter(({ parentCode }) => parentCode === code);
      this.attack.partsOf(nameOf(code), [nameOf(directKey(code)), ...parts.map((part) => nameOf(part.code))]);
    }
    states.push(state);
    return state.names;
  }

  all(): State[] {
    return [...this.states.values()].flat();
  }
}

type Cell = UnitFigure['total'];

interface State {
  readonly content: string;
  readonly figures: readonly UnitFigure[];
  readonly names: Map<string, string>;
  /** The keys of the finest published line that a group is part of. */
  readonly lineOf: ReadonlyMap<string, readonly string[]>;
  readonly cells: ReadonlyMap<string, Cell>;
}

function cellsOf(figures: readonly UnitFigure[]): Map<string, Cell> {
  return new Map(
    figures.flatMap(
      ({ code, total, direct }) =>
        [
          [code, total],
          [directKey(code), direct],
        ] as const,
    ),
  );
}

/** Units come parents first. */
function linesOf(figures: readonly UnitFigure[], { groups }: Publication): Map<string, readonly string[]> {
  const own = new Map(groups.flatMap(({ keys }) => keys.map((key) => [key, keys] as const)));
  const lines = new Map<string, readonly string[]>();
  for (const { code, parentCode } of figures) {
    lines.set(code, own.get(code) ?? lines.get(parentCode ?? '') ?? [code]);
    lines.set(directKey(code), own.get(directKey(code)) ?? lines.get(code)!);
  }
  return lines;
}

function isSame(keys: readonly string[], a: State, b: State): boolean {
  const sum = ({ cells }: State, of: 'staff' | 'held') =>
    keys.reduce((total, key) => total + cells.get(key)![of], 0);
  return sum(a, 'staff') === sum(b, 'staff') && sum(a, 'held') === sum(b, 'held');
}

interface Recovered {
  readonly count: 'held' | 'staff';
  readonly threshold: number;
  readonly cell: string;
  readonly low: number;
  readonly high: number;
}

/** Everything that the files say about one count, solved; which secrets of 1 … threshold − 1 does it give away? */
function attackFiles(
  closed: readonly ClosedMonth[],
  count: 'held' | 'staff',
  reader: 'leader' | 'public',
  trusting = false,
): Recovered[] {
  const attack = new LinearAttack();
  const states = new MonthStates(attack, count);
  // The whole alone may give a small city away: it is published in full, and nothing can be done about it.
  const totalsOnly = new LinearAttack();
  const totals = new MonthStates(totalsOnly, count);
  for (const file of closed) {
    const { month, figures, figuresBefore, leadership, open } = file;
    const lines = reader === 'leader' ? leadership : open;
    const names = states.of(month, figures, lines);
    const namesOf = (keys: readonly string[]) => keys.map((key) => names.get(key)!);
    const knowTotal = (of: IsoMonth, state: readonly UnitFigure[]) => {
      attack.know([states.of(of, state, lines).get('0')!], state[0]!.total[count]);
      totalsOnly.know([totals.of(of, state, lines).get('0')!], state[0]!.total[count]);
    };
    knowTotal(month, figures);
    // The change of the whole is told in full.
    const monthBefore = addMonths(month, -1);
    if (figuresBefore) knowTotal(monthBefore, figuresBefore);
    readOpenData(file, count, attack, namesOf);
    if (reader === 'public') continue;
    readReport(file, count, attack, namesOf);
    const before = figuresBefore && states.of(monthBefore, figuresBefore, lines);
    if (before && trusting)
      trustMonths(attack, { names: before, figures: figuresBefore }, { names, figures });
    for (const number of file.pages) {
      const of = closed.findLast((other, at) => other.month === number.month && at <= closed.indexOf(file))!;
      const named = states.of(of.month, of.figures, of.leadership);
      attack.know(
        number.keys.map((key) => named.get(key)!),
        number[count],
      );
    }
    for (const group of leadership.groups) {
      // The API shows every level as well; the change column tells the month before.
      attack.know(namesOf(group.keys), group[count]);
      if (group.before)
        attack.know(
          group.keys.map((key) => before!.get(key)!),
          group.before[count],
        );
    }
  }
  const threshold = reader === 'leader' ? LEADERSHIP.threshold : PUBLIC.threshold;
  const solved = attack.solve();
  const unavoidable = totalsOnly.solve();
  const totalStates = totals.all();
  return states.all().flatMap(({ names, cells }, index) =>
    [...cells].flatMap(([key, { staff }]) => {
      const gives = (found: Range) => givesAway(found, count, staff, threshold);
      const found = solved.get(names.get(key)!)!;
      const anyway = gives(unavoidable.get(totalStates[index]!.names.get(key)!)!);
      return gives(found) && !anyway ? [{ count, threshold, cell: names.get(key)!, staff, ...found }] : [];
    }),
  );
}

interface Snapshot {
  readonly names: ReadonlyMap<string, string>;
  readonly figures: readonly UnitFigure[];
}

/** Takes it, rightly, that nobody lost a card in the groups that have as many staff as the month before. */
function trustMonths(attack: LinearAttack, before: Snapshot, now: Snapshot): void {
  const cells = cellsOf(now.figures);
  for (const [key, last] of cellsOf(before.figures)) {
    const cell = cells.get(key);
    if (cell?.staff === last.staff && last.held <= cell.held)
      attack.neverMore(before.names.get(key)!, now.names.get(key)!);
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * A secret is out when the solver is sure of a few people: some, but fewer than the threshold, whatever the files leave open.
 * That nobody, or everybody, holds a card may be told. Of the holders, those without a card are the other reading.
 */
function givesAway({ low, high }: Range, count: 'held' | 'staff', staff: number, threshold: number): boolean {
  const few = (range: Range) => range.low >= 1 && range.high < threshold;
  if (count === 'staff') return few({ low, high });
  return (few({ low, high }) && low < staff) || (few({ low: staff - high, high: staff - low }) && high > 0);
}

const column = { held: '保有(人)', staff: '職員数(人)' } as const;

/** Departments that a file does not list are those of its merged line: the organisation is no secret. */
function readReport(
  { reportCsv, figures }: ClosedMonth,
  count: 'held' | 'staff',
  attack: LinearAttack,
  namesOf: (keys: readonly string[]) => string[],
): void {
  const listed = new Set<string>();
  for (const row of reportCsv) {
    if (row['所属名'] === '合計') attack.know(namesOf(['0']), Number(row[column[count]]));
    else if (row['所属名'] === '所属なし') {
      listed.add(directKey('0'));
      attack.know(namesOf([directKey('0')]), Number(row[column[count]]));
    } else if (row['所属コード'] !== '') {
      listed.add(row['所属コード']!);
      attack.know(namesOf([row['所属コード']!]), Number(row[column[count]]));
    }
  }
  const others = partsOf('0', figures).filter((key) => !listed.has(key));
  const merged = reportCsv.find((row) => row['所属名']!.startsWith('ほか'));
  if (merged) attack.know(namesOf(others), Number(merged[column[count]]));
}

function readOpenData(
  { openDataCsv, figures }: ClosedMonth,
  count: 'held' | 'staff',
  attack: LinearAttack,
  namesOf: (keys: readonly string[]) => string[],
): void {
  const listed = new Set<string>();
  for (const row of openDataCsv) {
    const key = row['所属名'] === '所属なし' ? directKey('0') : row['所属コード']!;
    if (key === '' || row[column[count]] === '*') continue;
    listed.add(key);
    attack.know(namesOf([key]), row[column[count]] === '-' ? 0 : Number(row[column[count]]));
  }
  const others = partsOf('0', figures).filter((key) => !listed.has(key));
  const merged = openDataCsv.find((row) => row['所属名']!.startsWith('値を示さない'));
  if (merged) attack.know(namesOf(others), Number(merged[column[count]]));
}

function partsOf(unit: string, figures: readonly UnitFigure[]): string[] {
  return [
    directKey(unit),
    ...figures.filter(({ parentCode }) => parentCode === unit).map(({ code }) => code),
  ];
}

describe('somebody who solves everything that is published', () => {
  const cities = Array.from({ length: CITIES }, (_, index) => FIRST_SEED + index);
  // Kept for the tests that attack the first of them in other ways.
  const published = new Map<number, ClosedMonth[]>();
  const filesOf = (seed: number) => {
    const closed = published.get(seed) ?? publish(new AttackedCity(seed));
    if (seed < FIRST_SEED + 15) published.set(seed, closed);
    return closed;
  };
  const shares = { departments: [0, 0], units: [0, 0], open: [0, 0] };

  test(
    `recovers no small count of any group in ${CITIES} cities, with all files of twelve months together`,
    () => {
      for (const seed of cities) {
        const closed = filesOf(seed);
        for (const reader of ['leader', 'public'] as const) {
          for (const count of ['held', 'staff'] as const) {
            expect({ seed, reader, recovered: attackFiles(closed, count, reader) }).toEqual({
              seed,
              reader,
              recovered: [],
            });
          }
        }
        count(closed, shares);
      }
      report(shares);
    },
    60_000 + CITIES * 3_000,
  );

  test('learns next to nothing more from month to month, even if right that nobody lost a card', () => {
    let [recovered, all] = [0, 0];
    for (const seed of cities.slice(0, 15)) {
      const closed = filesOf(seed);
      recovered += attackFiles(closed, 'held', 'leader', true).length;
      all += closed.reduce((sum, { figures }) => sum + 2 * figures.length, 0);
    }
    // Never nothing: the total is published in full, and who knows all other units knows the last one.
    expect(recovered / all).toBeLessThan(1 / 1000);
  }, 60_000);

  test('would find what a file that hides nothing but the small ones gives away', () => {
    const found = cities.slice(0, 15).flatMap((seed) => {
      const closed = filesOf(seed).map((file) => ({
        ...file,
        leadership: careless(file.figures),
      }));
      return attackFiles(closed, 'held', 'leader');
    });
    expect(found.length).toBeGreaterThan(50);
  });
});

/** Leaves out small units and shows all others, as one does who thinks of each figure alone. */
function careless(figures: readonly UnitFigure[]): Publication {
  const shown = figures.filter(
    ({ total: { staff, held } }) =>
      staff >= 5 && (held === 0 || held >= 5) && (staff === held || staff - held >= 5),
  );
  return {
    hidden: [],
    groups: shown.map(({ code, parentCode, total }) => ({
      parentCode,
      keys: [code],
      ...total,
      before: null,
    })),
  };
}

type Shares = Record<'departments' | 'units' | 'open', number[]>;

function count(closed: readonly ClosedMonth[], shares: Shares): void {
  for (const { figures, leadership, open } of closed) {
    const [leader, everybody] = [alone(leadership), alone(open)];
    for (const { code, parentCode, total } of figures) {
      if (total.staff === 0 || parentCode === null) continue;
      tally(shares.units, leader.has(code));
      if (parentCode === '0') tally(shares.departments, leader.has(code));
      if (parentCode === '0') tally(shares.open, everybody.has(code));
    }
  }
}

function alone({ groups }: Publication): Set<string> {
  return new Set(groups.filter(({ keys }) => keys.length === 1).map(({ keys }) => keys[0]!));
}

function tally(share: number[], shown: boolean): void {
  share[0]! += shown ? 1 : 0;
  share[1]! += 1;
}

function report(shares: Shares): void {
  const text = Object.entries(shares).map(([name, [shown, all]]) => `${name} ${percentage(shown!, all!)} %`);
  process.stdout.write(`shown on their own: ${text.join(', ')}\n`);
}
