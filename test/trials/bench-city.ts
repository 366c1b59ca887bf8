import type { DataSource } from 'typeorm';

export type Size = 'S' | 'M' | 'L';

/** A tree of root, prefectures, cities, 局, 部 and 課; everybody works in a 課 of one city and moves within it. */
interface Shape {
  readonly prefectures: number;
  readonly cities: number;
  readonly staffPerCity: number;
  readonly bureaus: number;
  readonly sectionsPerDivision: number;
}

/** One city; a large prefecture's worth of cities; the local public workforce of the nation. */
export const SHAPES: Record<Size, Shape> = {
  S: { prefectures: 0, cities: 1, staffPerCity: 3_400, bureaus: 16, sectionsPerDivision: 4 },
  M: { prefectures: 5, cities: 100, staffPerCity: 3_400, bureaus: 9, sectionsPerDivision: 4 },
  L: { prefectures: 47, cities: 824, staffPerCity: 3_400, bureaus: 9, sectionsPerDivision: 4 },
};

export const FIRST_YEAR = 2013;
export const YEARS = 10;
/** The bench's today. */
export const TODAY = '2022-10-31';
const DIVISIONS_PER_BUREAU = 3;

/**
 * Ten years of facts, made inside the database and always the same: every 1 April a fifth of the staff changes the 課
 * and one 課 in thirty-three the 部; people apply for a card, get it, and some lose it again.
 */
export async function makeCity(db: DataSource, size: Size): Promise<void> {
  const { prefectures, cities, staffPerCity, bureaus, sectionsPerDivision } = SHAPES[size];
  await db.query(
    `CREATE FUNCTION chance(a bigint, b bigint, outcomes int) RETURNS int LANGUAGE sql IMMUTABLE AS
     'SELECT (abs(hashint8extended(a, b)) % outcomes)::int'`,
  );
  await db.query(UNITS, [prefectures, cities, bureaus, DIVISIONS_PER_BUREAU, sectionsPerDivision]);
  await db.query('ANALYZE made_unit');
  await db.query(PERIODS, [FIRST_YEAR, YEARS, DIVISIONS_PER_BUREAU * bureaus]);
  await db.query(
    `INSERT INTO staff (number) SELECT lpad(n::text, 8, '0') FROM generate_series(1, $1::int) AS n`,
    [cities * staffPerCity],
  );
  const sections = bureaus * DIVISIONS_PER_BUREAU * sectionsPerDivision;
  await db.query(ASSIGNMENTS, [FIRST_YEAR, YEARS, staffPerCity, sections]);
  await db.query(PROFILES);
  await db.query(EVENTS, [FIRST_YEAR, TODAY]);
  await db.query('DROP TABLE made_unit');
  await db.query('VACUUM ANALYZE');
}

/** $1 prefectures, $2 cities, $3 局 a city, $4 部 a 局, $5 課 a 部 */
const UNITS = /* sql */ `
CREATE TABLE made_unit AS
WITH city AS (
  SELECT n AS city, 'C' || n AS code, CASE WHEN $1::int > 0 THEN 'P' || (n % $1 + 1) ELSE 'ROOT' END AS parent, '市' AS kind
  FROM generate_series(1, $2::int) AS n
),
bureau AS (
  SELECT city, b.n AS nth, code || '-' || b.n AS code, code AS parent, '局' AS kind
  FROM city CROSS JOIN generate_series(1, $3::int) AS b (n)
),
division AS (
  SELECT city, (nth - 1) * $4 + d.n AS nth, code || '-' || d.n AS code, code AS parent, '部' AS kind
  FROM bureau CROSS JOIN generate_series(1, $4::int) AS d (n)
),
section AS (
  SELECT city, (nth - 1) * $5 + s.n AS nth, code || '-' || s.n AS code, code AS parent, '課' AS kind
  FROM division CROSS JOIN generate_series(1, $5::int) AS s (n)
),
every AS (
  SELECT 0 AS city, 0 AS nth, 'ROOT' AS code, NULL::text AS parent, '全体' AS kind
  UNION ALL SELECT 0, n, 'P' || n, 'ROOT', '県' FROM generate_series(1, $1::int) AS n
  UNION ALL SELECT city, 0, code, parent, kind FROM city
  UNION ALL SELECT * FROM bureau UNION ALL SELECT * FROM division UNION ALL SELECT * FROM section
),
given AS (INSERT INTO unit (code) SELECT code FROM every RETURNING id, code)
SELECT g.id, e.*, p.id AS parent_id FROM every e JOIN given g USING (code) LEFT JOIN given p ON p.code = e.parent`;

/** $1 first year, $2 years, $3 部 a city: every year one 課 in 33 goes to another 部 of its city */
const PERIODS = /* sql */ `
INSERT INTO unit_period (unit_id, parent_id, name, kind, position, valid_from, valid_to, recorded_at)
SELECT id, parent_id, kind || code, kind, nth, starts, coalesce(lead(starts) OVER (PARTITION BY id ORDER BY starts), 'infinity'), '2013-04-01'
FROM (
  SELECT id, code, kind, nth, parent_id, make_date($1, 4, 1) AS starts FROM made_unit
  UNION ALL
  SELECT s.id, s.code, s.kind, s.nth, d.id, make_date($1 + y.n, 4, 1)
  FROM made_unit s
  CROSS JOIN generate_series(1, $2::int - 1) AS y (n)
  JOIN made_unit d ON d.city = s.city AND d.kind = '部' AND d.nth = 1 + chance(s.id, 1000 + y.n, $3)
  WHERE s.kind = '課' AND chance(s.id, y.n, 33) = 0
) AS placed`;

/** $1 first year, $2 years, $3 staff a city, $4 課 a city */
const ASSIGNMENTS = /* sql */ `
INSERT INTO assignment (staff_id, unit_id, is_primary, is_manager, employment, valid_from, valid_to, recorded_at)
SELECT m.staff_id, u.id, true, false, '正規', starts, coalesce(lead(starts) OVER (PARTITION BY staff_id ORDER BY starts), 'infinity'), starts
FROM (
  SELECT s.id AS staff_id, (s.id - 1) / $3::int + 1 AS city, 1 + chance(s.id, 2000 + y.n, $4::int) AS nth, make_date($1 + y.n, 4, 1) AS starts
  FROM staff s CROSS JOIN generate_series(0, $2::int - 1) AS y (n)
  WHERE y.n = 0 OR chance(s.id, 3000 + y.n, 5) = 0
) AS m
JOIN made_unit u ON u.city = m.city AND u.kind = '課' AND u.nth = m.nth`;

const PROFILES = /* sql */ `
INSERT INTO staff_profile (staff_id, name, email, recorded_at)
SELECT id, '見本 ' || id || '号', 's' || number || '@example.jp', '2013-04-01' FROM staff`;

/** $1 first year, $2 today: no card, then for most an application and a month later the card; of fifty one loses it */
const EVENTS = /* sql */ `
INSERT INTO card_event (staff_id, status, effective_on, evidence, recorded_at, recorded_by)
SELECT staff_id, status, effective_on, 'import', effective_on, 'bench' FROM (
  SELECT id AS staff_id, make_date($1, 4, 1) + chance(id, 1, 3600) AS day FROM staff
) AS s
CROSS JOIN LATERAL (VALUES
  ('not_applied', day - 100, true),
  ('applied', day, chance(staff_id, 2, 10) < 9),
  ('held', day + 30, chance(staff_id, 2, 10) < 8),
  ('lapsed', day + 700, chance(staff_id, 3, 50) = 0)
) AS e (status, effective_on, happens)
WHERE happens AND effective_on <= $2::date
ORDER BY effective_on`;
