import type { UnitFigures } from '../../adoption/figure-change.js';
import type { ReorganisationReport } from '../../adoption/reorganisation-import.service.js';
import type { ImportReport } from '../../platform/imports/import-report.js';
import { formatCount, formatDate, formatRate, NO_FIGURE } from '../../platform/japanese-format.js';

export interface ReorganisationView {
  readonly day: string;
  readonly transfers: readonly { readonly from: string; readonly to: string; readonly people: number }[];
  readonly moreTransfers: string | null;
  readonly figures: readonly {
    readonly code: string;
    readonly name: string;
    readonly before: FiguresView;
    readonly after: FiguresView;
  }[];
  readonly moreFigures: string | null;
}

interface FiguresView {
  readonly staff: string;
  readonly held: string;
  readonly rate: string;
}

export function toReorganisationView(report: ImportReport): ReorganisationView {
  const { asOf, transfers, transferCount, figures, figureCount } = report as unknown as ReorganisationReport;
  return {
    day: formatDate(asOf),
    transfers: transfers.map(({ from, to, people }) => ({ from: unitOf(from), to: unitOf(to), people })),
    moreTransfers: more(transfers, transferCount),
    figures: figures.map(({ code, name, before, after }) => ({
      code,
      name,
      before: toFigures(before),
      after: toFigures(after),
    })),
    moreFigures: more(figures, figureCount),
  };
}

function unitOf({ code, name }: { code: string; name: string }): string {
  return `${name}(${code})`;
}

function toFigures(figures: UnitFigures | null): FiguresView {
  if (!figures) return { staff: NO_FIGURE, held: NO_FIGURE, rate: NO_FIGURE };
  return {
    staff: formatCount(figures.staff),
    held: formatCount(figures.held),
    rate: formatRate(figures.rate),
  };
}

function more(shown: readonly unknown[], all: number): string | null {
  return all > shown.length
    ? `はじめの${formatCount(shown.length)}件を表示しています。ほかに${formatCount(all - shown.length)}件あります。`
    : null;
}
