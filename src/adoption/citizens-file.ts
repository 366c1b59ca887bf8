import type { ImportProblems } from '../platform/imports/import-problems.js';
import type { FileReading, InputFile } from '../platform/imports/import-report.js';
import type { IsoDate } from '../platform/month.js';
import { readTable } from '../platform/tabular/table-reader.js';
import type { AreaMatcher } from './area-match.js';
import { finishDrafts, type Draft } from './citizen-drafts.js';
import type { CitizenFigureRow } from './citizen-figure.types.js';
import { warnUnmatched } from './citizen-places.js';
import { LongLines } from './citizens-long.js';
import { findLayout } from './citizens-layout.js';
import { WideLines } from './citizens-wide.js';

export interface CitizensReading {
  readonly reading: FileReading;
  /** In file order; those without an area code stand for places nobody knows. */
  readonly figures: readonly CitizenFigureRow[];
}

/**
 * Reads one of the published tables: 総務省's as scraped to CSV (municipalities, prefectures or kinds), 総務省's
 * workbook, or デジタル庁's long CSV. `today` limits what can have been published.
 */
export async function readCitizensFile(
  file: InputFile,
  matcher: AreaMatcher,
  today: IsoDate,
): Promise<CitizensReading> {
  const layout = await findLayout(file);
  const lines = layout.kind === 'long' ? new LongLines(matcher, today) : new WideLines(matcher, today);
  let figures: CitizenFigureRow[] = [];
  const reading = await readTable(file, layout.spec, (line, problems) => lines.take(line, problems), {
    ...layout.options,
    onHeader: (header) => lines instanceof WideLines && lines.open(header),
    onEnd: (problems) => {
      figures = finish(lines.drafts, problems);
      if (lines instanceof WideLines) figures.push(...lines.smallerTables(layout.above, figures));
      lines.close(problems);
      warnOfFuture(figures, today, problems);
      if (figures.length === 0 && !problems.any) refuseEmpty(problems);
    },
  });
  return { reading, figures };
}

function finish(drafts: readonly Draft[], problems: ImportProblems): CitizenFigureRow[] {
  const { figures, incomplete } = finishDrafts(drafts);
  for (const { line, place, asOf } of incomplete) {
    problems.warn({
      row: line.row,
      column: '',
      code: 'no_rate',
      message: `${place.name}(${asOf})は率がなく、計算に必要な枚数と人口もそろっていないため、取り込みません。`,
    });
  }
  const warned = new Set<string>();
  for (const { line, place } of drafts) {
    const key = `${place.prefecture} ${place.name}`;
    if (place.area || warned.has(key)) continue;
    warned.add(key);
    warnUnmatched(line, place);
  }
  return figures;
}

function refuseEmpty(problems: ImportProblems): void {
  problems.add({
    row: null,
    column: '',
    read: '',
    code: 'no_figures',
    expected: '市区町村・都道府県・全国のどれかの交付枚数率または保有枚数率',
    fix: '取り込める数値が1つもありません。ファイルを確かめてください。',
  });
}

function warnOfFuture(figures: readonly CitizenFigureRow[], today: IsoDate, problems: ImportProblems): void {
  const later = figures.find((figure) => figure.asOf > today);
  if (!later) return;
  problems.warn({
    row: later.row,
    column: '',
    code: 'future_date',
    message: `基準日(${later.asOf})が今日(${today})より後です。その日になるまで画面や報告には出ません。`,
  });
}
