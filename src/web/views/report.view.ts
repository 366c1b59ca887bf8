import { formatCount, formatDate, formatMonth, formatPercent } from '../../platform/japanese-format.js';
import {
  addMonths,
  lastDay,
  monthOf,
  monthsBetween,
  type IsoDate,
  type IsoMonth,
} from '../../platform/month.js';
import { formatMoment } from '../template-helpers.js';

/** The newest close of a month. */
export interface ClosedMonth {
  readonly month: IsoMonth;
  readonly version: number;
  readonly closedAt: Date | string;
  readonly closedBy: string;
  readonly staff: number;
  readonly held: number;
  readonly rate: number | null;
  /** Today's figures of that day where later corrections made them differ. */
  readonly restated: { readonly staff: number; readonly held: number; readonly rate: number | null } | null;
  /** The version that is open data; null while none is. */
  readonly released: number | null;
}

export interface ReportListView {
  readonly heading: string;
  readonly rows: readonly ReportRow[];
}

interface ReportRow {
  readonly month: IsoMonth;
  readonly label: string;
  readonly closed: {
    readonly version: number;
    readonly when: string;
    readonly who: string;
    readonly rate: string;
    readonly people: string;
    readonly restated: string | null;
    /** Unit by unit; null for readers who may not see few people. */
    readonly restatementHref: string | null;
    readonly nextVersion: number;
    /** What closing again would do, before it is done. */
    readonly againNote: string;
  } | null;
  readonly downloads: readonly { readonly format: string; readonly href: string }[];
  /** Open data, of a released month. */
  readonly openData: {
    readonly downloads: readonly { readonly format: string; readonly href: string }[];
    /** Where an older version than the newest is released. */
    readonly versionNote: string | null;
  } | null;
  readonly closeAction: string | null;
  /** Null where the newest version is released, or where the reader may not release. */
  readonly releaseAction: string | null;
  /** Why the month cannot be closed yet. */
  readonly waiting: string | null;
}

/** Shown where no month has been closed yet. */
const RECENT_MONTHS = 3;

export const REPORT_FORMATS = ['pdf', 'xlsx', 'csv', 'json'] as const;

/** Every month since the first that was closed, newest first. A month can be closed after its last day. */
export function toReportListView(
  closed: readonly ClosedMonth[],
  today: IsoDate,
  mayClose: boolean,
): ReportListView {
  const byMonth = new Map(closed.map((close) => [close.month, close]));
  const current = monthOf(today);
  const oldest = [...byMonth.keys()].toSorted().at(0) ?? addMonths(current, -RECENT_MONTHS);
  const months = monthsBetween(oldest, current).toReversed();
  const newest = [...byMonth.keys()].toSorted().at(-1);
  return {
    heading: newest === undefined ? '締めた月はまだありません' : `${formatMonth(newest)}分まで締めています`,
    rows: months
      .filter((month) => mayClose || byMonth.has(month))
      .map((month) => {
        const close = byMonth.get(month);
        const over = lastDay(month) <= today;
        return {
          month,
          label: formatMonth(month),
          closed: close ? toClosed(close, mayClose) : null,
          downloads: close
            ? REPORT_FORMATS.map((format) => ({
                format: format.toUpperCase(),
                href: `/reports/${month}.${format}`,
              }))
            : [],
          openData: close ? toOpenData(close) : null,
          releaseAction:
            mayClose && close && close.released !== close.version ? `/reports/${month}/release` : null,
          closeAction: mayClose && over ? `/reports/${month}/close` : null,
          waiting: over ? null : `${formatDate(lastDay(month))}から締められます`,
        };
      }),
  };
}

function toClosed(close: ClosedMonth, mayClose: boolean): NonNullable<ReportRow['closed']> {
  const { version, closedAt, closedBy, restated } = close;
  return {
    version,
    when: formatMoment(new Date(closedAt).toISOString()),
    who: closedBy,
    rate: formatPercent(close.rate),
    people: people(close),
    restated: restated && `締めたあとの訂正を反映すると ${formatPercent(restated.rate)} ${people(restated)}`,
    restatementHref: mayClose ? `/reports/${close.month}/restatement` : null,
    nextVersion: version + 1,
    againNote: `いまの記録で数え直し、第${version + 1}版を作ります。${
      restated ? '' : '締めたあとの訂正はないため、人数と保有率は変わりません。'
    }第${version}版の数値も残り、レポートは第${version + 1}版の内容になります。`,
  };
}

function toOpenData({ month, version, released }: ClosedMonth): ReportRow['openData'] {
  if (released === null) return null;
  return {
    downloads: ['csv', 'json'].map((format) => ({
      format: format.toUpperCase(),
      href: `/opendata/${month}.${format}`,
    })),
    versionNote: released === version ? null : `公開中は第${released}版`,
  };
}

function people({ held, staff }: { held: number; staff: number }): string {
  return `${formatCount(held)} / ${formatCount(staff)}人`;
}
