/** Published citizen figures in the database: what is newest, what is new, and adding it. */
import type { EntityManager } from 'typeorm';
import { prepared } from '../platform/database/prepared.js';
import type { IsoDate } from '../platform/month.js';
import type { Area } from './area-match.js';
import type { CitizenFigureRow, CitizenMetric } from './citizen-figure.types.js';

export interface FigureOn {
  readonly area: string;
  readonly code: string;
  readonly metric: CitizenMetric;
  readonly asOf: IsoDate;
  readonly cards: number | null;
  readonly population: number | null;
  readonly rate: number;
}

/**
 * The newest figures on or before the day, in the order of `codes`. Of each area only its newest date is given, with
 * both metrics where that date has both: an older figure of the other metric would look like a fall or a rise.
 */
export function newestFigures(
  em: EntityManager,
  codes: readonly string[],
  asOf: IsoDate,
): Promise<FigureOn[]> {
  return prepared<FigureOn>(em, NEWEST, [codes, asOf]);
}

/** $1 codes, $2 day */
const NEWEST = /* sql */ `
SELECT area, code, metric, as_of AS "asOf", cards, population, rate
FROM (
  SELECT a.name AS area, a.code, m.metric, f.*, wanted.position, max(f.as_of) OVER (PARTITION BY a.code) AS newest
  FROM unnest($1::text[]) WITH ORDINALITY AS wanted (code, position)
  JOIN area a ON a.code = wanted.code
  CROSS JOIN (VALUES ('owned'), ('issued')) AS m (metric)
  CROSS JOIN LATERAL (
    SELECT as_of, cards, population, rate::float8 AS rate FROM citizen_figure
    WHERE area_code = a.code AND metric = m.metric AND as_of <= $2
    ORDER BY as_of DESC, id DESC LIMIT 1
  ) f
) latest
WHERE as_of = newest
ORDER BY position, metric DESC`;

const FIGURES = `json_to_recordset($1::json) AS n ("areaCode" text, metric text, "asOf" date, cards bigint,
  population bigint, "populationAsOf" date, rate numeric(4, 1))`;

/** The newest row of the same area, metric and day says the same. */
const KNOWN = `EXISTS (
  SELECT FROM (
    SELECT cards, population, population_as_of, rate FROM citizen_figure f
    WHERE f.area_code = n."areaCode" AND f.metric = n.metric AND f.as_of = n."asOf" ORDER BY f.id DESC LIMIT 1
  ) newest
  WHERE (newest.cards, newest.population, newest.population_as_of, newest.rate)
        IS NOT DISTINCT FROM (n.cards, n.population, n."populationAsOf", n.rate)
)`;

/** How many of the figures are not recorded yet, or recorded with other values. */
export async function countNewFigures(
  em: EntityManager,
  figures: readonly CitizenFigureRow[],
): Promise<number> {
  const [row]: { count: number }[] = await em.query(
    `SELECT count(*)::int AS count FROM ${FIGURES} WHERE NOT ${KNOWN}`,
    [JSON.stringify(figures)],
  );
  return row!.count;
}

/** Adds what is new; a figure that was published again with other values gets a further row. */
export async function addFigures(
  em: EntityManager,
  areas: readonly Area[],
  figures: readonly CitizenFigureRow[],
  recordedAt: Date,
  importId: number | null,
): Promise<void> {
  await em.query(
    `INSERT INTO area (code, kind, prefecture, name)
     SELECT code, kind, prefecture, name
     FROM json_to_recordset($1::json) AS a (code text, kind text, prefecture text, name text)
     ON CONFLICT (code) DO NOTHING`,
    [JSON.stringify(areas)],
  );
  await em.query(
    `INSERT INTO citizen_figure
       (area_code, metric, as_of, cards, population, population_as_of, rate, recorded_at, import_id)
     SELECT n."areaCode", n.metric, n."asOf", n.cards, n.population, n."populationAsOf", n.rate, $2, $3
     FROM ${FIGURES} WHERE NOT ${KNOWN}`,
    [JSON.stringify(figures), recordedAt, importId],
  );
}
