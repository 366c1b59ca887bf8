import type { EntityManager } from 'typeorm';
import type { Told } from '../adoption/suppression.js';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate, IsoMonth } from '../platform/month.js';
import { toldBy, type PublishedLine } from './published-lines.js';
import type { PublishedMonth } from './published-unit.js';
import type { ReportDocument } from './report-document.js';

export type AudienceName = 'leadership' | 'public';

/** What a version of a closed month tells an audience. */
export interface MonthPublication {
  readonly lines: readonly PublishedLine[];
  readonly hidden: readonly string[];
}

export async function insertPublications(
  em: EntityManager,
  month: IsoMonth,
  version: number,
  publications: Readonly<Record<AudienceName, MonthPublication>>,
): Promise<void> {
  for (const [audience, { lines, hidden }] of Object.entries(publications)) {
    await em.query(
      `INSERT INTO month_publication (month, version, audience, lines, hidden) VALUES ($1, $2, $3, $4, $5)`,
      [month, version, audience, JSON.stringify(lines), hidden],
    );
  }
}

/** What the versions of the closed months told the audience, oldest version first. */
export async function findTold(em: EntityManager, audience: AudienceName): Promise<Told[]> {
  const rows: (MonthPublication & { month: IsoMonth })[] = await em.query(
    `SELECT month, lines, hidden FROM month_publication WHERE audience = $1 ORDER BY month, version`,
    [audience],
  );
  return rows.map(({ month, lines, hidden }) => ({ month, ...toldBy({ lines, hidden }) }));
}

/** The newest version of the closed months, newest month first. */
export async function findPublished(em: EntityManager): Promise<PublishedMonth[]> {
  return em.query(
    `SELECT DISTINCT ON (c.month) c.month, c.version, c.as_of AS "asOf", c.document, p.lines
     FROM month_close c
     LEFT JOIN month_publication p ON p.month = c.month AND p.version = c.version AND p.audience = 'leadership'
     ORDER BY c.month DESC, c.version DESC`,
  );
}

export interface ReleasedMonth extends PublishedMonth {
  readonly releasedAt: Date;
  /** Departments of the day, in the order of the organisation. */
  readonly departments: readonly { readonly code: string; readonly name: string }[];
}

/** The newest version of the month that was released; null while there is none. */
export async function findReleased(em: EntityManager, month: IsoMonth): Promise<ReleasedMonth | null> {
  const [released]: ReleasedMonth[] = await em.query(
    `SELECT c.month, c.version, c.as_of AS "asOf", c.document, p.lines, r.released_at AS "releasedAt",
            (SELECT coalesce(json_agg(json_build_object('code', u.code, 'name', f.name) ORDER BY f.position, u.code), '[]')
             FROM month_figure f JOIN unit u ON u.id = f.unit_id
             WHERE f.month = c.month AND f.version = c.version AND f.depth = 1) AS departments
     FROM month_release r
     JOIN month_close c USING (month, version)
     JOIN month_publication p ON p.month = c.month AND p.version = c.version AND p.audience = 'public'
     WHERE r.month = $1 ORDER BY r.version DESC LIMIT 1`,
    [month],
  );
  return released ?? null;
}

export interface ClosedVersion {
  readonly month: IsoMonth;
  readonly version: number;
  readonly asOf: IsoDate;
  readonly closedAt: Date;
  readonly closedBy: string;
  readonly headline: ReportDocument['headline'];
  /** The version that is released. */
  readonly released: number | null;
}

/** The newest version of every closed month, newest month first: every page of figures asks, so without the documents. */
export async function findClosed(em: EntityManager): Promise<ClosedVersion[]> {
  return prepared(em, CLOSED, []);
}

const CLOSED = /* sql */ `
SELECT DISTINCT ON (c.month) c.month, c.version, c.as_of AS "asOf", c.closed_at AS "closedAt", c.closed_by AS "closedBy",
       c.document -> 'headline' AS headline, (SELECT max(r.version) FROM month_release r WHERE r.month = c.month) AS released
FROM month_close c ORDER BY c.month DESC, c.version DESC`;

/** False where that version had been released before. */
export async function insertRelease(
  em: EntityManager,
  release: { month: IsoMonth; version: number; at: Date; by: string },
): Promise<boolean> {
  const rows: unknown[] = await em.query(
    `INSERT INTO month_release (month, version, released_at, released_by) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING month`,
    [release.month, release.version, release.at, release.by],
  );
  return rows.length > 0;
}
