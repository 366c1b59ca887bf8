import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../platform/clock.js';
import { ImportProblems } from '../platform/imports/import-problems.js';
import {
  isRefused,
  type FileReading,
  type ImportReport,
  type ImportRequest,
} from '../platform/imports/import-report.js';
import { readAreaList } from './area-list.js';
import { AreaMatcher } from './area-match.js';
import type { CitizenFigureRow } from './citizen-figure.types.js';
import { readCitizensFile, type CitizensReading } from './citizens-file.js';
import { addFigures, countNewFigures } from './citizens.query.js';

const MAX_UNMATCHED = 100;

/** Takes in published citizen figures. Reading the same file again changes nothing; a corrected one adds rows. */
@Injectable()
export class CitizensImportService {
  readonly kind = 'citizens';

  constructor(private readonly clock: Clock) {}

  /** All files or none; the transaction of `em` is the caller's. */
  async run(
    em: EntityManager,
    request: ImportRequest,
    context: { importId: number | null; actor: string },
  ): Promise<ImportReport> {
    const areas = await readAreaList();
    const matcher = new AreaMatcher(areas);
    const readings: CitizensReading[] = [];
    for (const file of request.files)
      readings.push(await readCitizensFile(file, matcher, this.clock.today()));

    const { figures, problems } = merge(readings);
    const report = { ...summary(readings, problems), kind: this.kind, dryRun: request.dryRun } as const;
    if (isRefused(report)) return { ...report, recorded: 0, unchanged: 0 };
    const recorded = await countNewFigures(em, figures);
    if (!request.dryRun && recorded > 0) {
      const named = new Set(figures.map((figure) => figure.areaCode));
      const missing = areas.filter((area) => named.has(area.code));
      await addFigures(em, missing, figures, this.clock.now(), context.importId);
    }
    return { ...report, recorded, unchanged: figures.length - recorded };
  }
}

/** Figures of known areas, each once; a figure given twice with different values is a problem. */
function merge(readings: readonly CitizensReading[]): {
  figures: CitizenFigureRow[];
  problems: ImportProblems;
} {
  const problems = new ImportProblems();
  const byKey = new Map<string, CitizenFigureRow>();
  const main = mainOf(readings);
  for (const { reading, figures } of readings) {
    const where = reading === main ? {} : { file: reading.file };
    for (const problem of reading.problems) problems.add({ ...problem, ...where });
    problems.problemCount += reading.problemCount - reading.problems.length;
    for (const warning of reading.warnings) problems.warn({ ...warning, ...where });
    for (const figure of figures) {
      if (figure.areaCode === null) continue;
      const key = `${figure.areaCode} ${figure.metric} ${figure.asOf}`;
      const other = byKey.get(key);
      if (!other) byKey.set(key, figure);
      else if (
        other.cards !== figure.cards ||
        other.population !== figure.population ||
        other.rate !== figure.rate
      ) {
        problems.add({
          row: figure.row,
          column: figure.name,
          read: shownFigure(figure),
          code: 'conflicting_figures',
          expected: `${shownFigure(other)}(${other.row}行目)と同じ値`,
          fix: '同じ団体の同じ時点の値が2つあります。公表されている表と見比べて、正しいほうだけを残してください。',
          ...where,
        });
      }
    }
  }
  return { figures: [...byKey.values()], problems };
}

function shownFigure({ cards, population, rate }: CitizenFigureRow): string {
  return `${cards ?? '-'}枚、人口${population ?? '-'}、${rate.toFixed(1)}%`;
}

function mainOf(readings: readonly CitizensReading[]): FileReading | undefined {
  return readings.map(({ reading }) => reading).toSorted((a, b) => b.rows - a.rows)[0];
}

/** The reading of the largest file, with what was found in all of them. */
function summary(readings: readonly CitizensReading[], { problems, problemCount, warnings }: ImportProblems) {
  const main = mainOf(readings);
  const figures = readings.flatMap((reading) => reading.figures);
  const sum = (count: (reading: CitizensReading) => number) =>
    readings.reduce((total, one) => total + count(one), 0);
  const unmatched = new Map(
    figures
      .filter((figure) => figure.areaCode === null)
      .map(({ prefecture, name }) => [`${prefecture} ${name}`, { prefecture, name }]),
  );
  return {
    file: main?.file ?? '',
    files: readings.map(({ reading }) => reading.file),
    encoding: main?.encoding ?? null,
    headerRow: main?.headerRow ?? null,
    columns: main?.columns ?? [],
    rows: sum(({ reading }) => reading.rows),
    skippedRows: sum(({ reading }) => reading.skippedRows),
    dates: [...new Set(figures.map((figure) => figure.asOf))].toSorted(),
    areas: new Set(figures.flatMap(({ areaCode }) => areaCode ?? [])).size,
    unmatched: [...unmatched.values()].slice(0, MAX_UNMATCHED),
    unmatchedCount: unmatched.size,
    problems,
    problemCount,
    warnings,
  };
}
