/** A line for each area, cards, population and rate in its columns. */
import type { ImportProblems } from '../platform/imports/import-problems.js';
import type { IsoDate } from '../platform/month.js';
import type { TableHeader } from '../platform/tabular/table.types.js';
import type { AreaMatcher } from './area-match.js';
import {
  finishDrafts,
  isPlausibleDay,
  readCountCell,
  readRateCell,
  type Draft,
  type Line,
} from './citizen-drafts.js';
import type { CitizenFigureRow, CitizenMetric } from './citizen-figure.types.js';
import { placeOf } from './citizen-places.js';
import type { CitizenColumn, LineAbove } from './citizens-layout.js';
import { readBaseDate } from './published-values.js';

const METRICS: readonly { metric: CitizenMetric; cards: CitizenColumn; rate: CitizenColumn }[] = [
  { metric: 'issued', cards: 'issued', rate: 'issuedRate' },
  { metric: 'owned', cards: 'owned', rate: 'ownedRate' },
];
/** A title that dates the cards, not the population beside them. */
const DATED_TITLE = /時点|現在|末/u;

export class WideLines {
  readonly drafts: Draft[] = [];
  private titles: readonly string[] = [];
  private headerRow: number | null = null;
  private undated: { line: Line; date: IsoDate | null } | null = null;
  /** The day of lines that give none themselves. */
  private usualDate: IsoDate | null = null;

  constructor(
    private readonly matcher: AreaMatcher,
    private readonly today: IsoDate,
  ) {}

  open(header: TableHeader): void {
    this.headerRow = header.row;
    this.titles = header.titles.filter((title) => DATED_TITLE.test(title) && !title.includes('人口'));
  }

  take(line: Line, problems: ImportProblems | null): void {
    const place = placeOf(line, this.matcher);
    if (!place) return;
    const population = readCountCell(line, 'population');
    const populationAsOf = this.populationDate(line);
    for (const { metric, cards: cardsColumn, rate: rateColumn } of METRICS) {
      if (!line.has(cardsColumn) && !line.has(rateColumn)) continue;
      const cards = readCountCell(line, cardsColumn);
      const rate = readRateCell(line, rateColumn, problems);
      const asOf = this.date(line, cardsColumn, rateColumn);
      if (asOf !== null)
        this.drafts.push({ place, metric, asOf, populationAsOf, line, cards, population, rate });
    }
  }

  /**
   * Figures of smaller tables above the header, for areas the main table does not give. What does not add up there
   * is left out without a word: the main table is what was asked for.
   */
  smallerTables(above: readonly LineAbove[], main: readonly CitizenFigureRow[]): CitizenFigureRow[] {
    const lines = new WideLines(this.matcher, this.today);
    lines.usualDate = main[0]?.asOf ?? null;
    const faulty = new Set<Line>();
    for (const source of above) lines.take(quietLine(source, faulty), null);
    const { figures } = finishDrafts(lines.drafts.filter(({ place }) => place.area));
    const faultyRows = new Set([...faulty].map((line) => line.row));
    const given = new Set(main.map(keyOf));
    return figures.filter(
      (figure) => !faultyRows.has(figure.row) && !given.has(keyOf(figure)) && given.add(keyOf(figure)),
    );
  }

  /** A date in the header is everybody's: where it is missing or wrong, that is one problem. */
  close(problems: ImportProblems): void {
    if (!this.undated) return;
    const { line, date } = this.undated;
    problems.add({
      row: this.headerRow,
      column: line.header(line.has('owned') ? 'owned' : 'issued'),
      read: date ?? '',
      code: date ? 'bad_date' : 'missing_date',
      expected: 'いつの時点の枚数か(例: 見出しを「保有枚数（R7.8末）」とする)',
      fix: '見出しまたは「交付枚数算出基準日」の列に、正しい基準日を書いてください。',
    });
  }

  /** The day of the card count: from its column, from the header (R7.8末), or from a title above the table. */
  private date(line: Line, cards: CitizenColumn, rate: CitizenColumn): IsoDate | null {
    for (const column of ['asOf', 'tableAsOf'] as const) {
      if (!line.has(column) || line.get(column) === '') continue;
      const date = readBaseDate(line.get(column));
      if (date && isPlausibleDay(date, this.today)) return date;
      line.problem(column, {
        code: 'bad_date',
        expected: '枚数を数えた日付(例: 2022/10/31)',
        fix: '枚数を数えた基準日を、公表されている表のとおりに直してください。',
      });
      return null;
    }
    const texts = [line.header(cards), line.header(rate), ...this.titles.toReversed()];
    const date =
      texts.map((text) => readBaseDate(text, 'end')).find((found) => found !== null) ??
      this.usualDate ??
      null;
    if (date && isPlausibleDay(date, this.today)) return date;
    this.undated ??= { line, date };
    return null;
  }

  private populationDate(line: Line): IsoDate | null {
    return readBaseDate(line.get('populationAsOf')) ?? readBaseDate(line.header('population'));
  }
}

/** A line whose problems are remembered instead of reported. */
function quietLine({ line, header, columns }: LineAbove, faulty: Set<Line>): Line {
  const raw = (key: CitizenColumn) => (columns.has(key) ? (line.cells[columns.get(key)!] ?? '').trim() : '');
  const quiet: Line = {
    row: line.row,
    has: (key) => columns.has(key),
    raw,
    get: (key) => raw(key).normalize('NFKC').trim(),
    header: (key) => (columns.has(key) ? (header[columns.get(key)!] ?? '') : key),
    problem: () => void faulty.add(quiet),
    warn: () => undefined,
  };
  return quiet;
}

function keyOf(figure: CitizenFigureRow): string {
  return `${figure.areaCode} ${figure.metric} ${figure.asOf}`;
}
