import type { EntityManager } from 'typeorm';
import { stage } from '../platform/database/staging.js';
import type { FileReading } from '../platform/imports/import-report.js';
import type { IsoDate } from '../platform/month.js';
import type { ReorganisationRow } from './reorganisation-file.js';

/** Creates `reorganisation_stage` and lets `read` fill it. */
export function stageReorganisation(
  em: EntityManager,
  read: (add: (row: ReorganisationRow) => void | Promise<void>) => Promise<FileReading>,
): Promise<FileReading> {
  return stage<ReorganisationRow, FileReading>(
    em,
    'reorganisation_stage',
    {
      row: 'int',
      kind: 'text',
      code: 'text',
      newCode: 'text',
      name: 'text',
      parentCode: 'text',
      unitKind: 'text',
      managerNumber: 'text',
      email: 'text',
      staffNumber: 'text',
    },
    read,
  );
}

/**
 * Works out from `reorganisation_stage` what happens on the day:
 *  - `reorganisation_now`: the units of that day, before;
 *  - `reorganisation_said`: what each row says about one unit;
 *  - `reorganisation_unit`: each unit once, with what all rows together say;
 *  - `reorganisation_way`: where everybody of a unit goes (`staff_number` NULL), and whom a row names.
 */
export async function planReorganisation(em: EntityManager, asOf: IsoDate): Promise<void> {
  await em.query(NOW, [asOf]);
  await em.query('ANALYZE reorganisation_now, reorganisation_stage');
  await em.query(SAID);
  await em.query(UNIT);
  await em.query(WAY, [asOf]);
}

/** $1 day */
const NOW = /* sql */ `
CREATE TEMP TABLE reorganisation_now ON COMMIT DROP AS
SELECT u.code, parent.code AS parent_code, p.*
FROM unit_period p JOIN unit u ON u.id = p.unit_id LEFT JOIN unit parent ON parent.id = p.parent_id
WHERE p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to`;

const SAID = /* sql */ `
CREATE TEMP TABLE reorganisation_said ON COMMIT DROP AS
SELECT s.row, s.kind, CASE s.kind WHEN 'create' THEN 'created' ELSE 'changed' END AS change, s.new_code AS code,
       s.name, s.parent_code, s.unit_kind, s.email, s.manager_number, NULL::text AS source
FROM reorganisation_stage s WHERE s.kind IN ('create', 'rename', 'move')
UNION ALL
-- Where it goes is founded by the same row, unless it is there.
SELECT s.row, s.kind, CASE WHEN now.code IS NULL THEN 'created' ELSE 'changed' END, s.new_code,
       s.name, s.parent_code, s.unit_kind, s.email, s.manager_number, s.code
FROM reorganisation_stage s LEFT JOIN reorganisation_now now ON now.code = s.new_code
WHERE s.kind IN ('merge', 'split')
UNION ALL
SELECT min(s.row), s.kind, 'changed', s.new_code, NULL, NULL, NULL, NULL, NULL, NULL
FROM reorganisation_stage s JOIN reorganisation_now now ON now.code = s.new_code
WHERE s.kind = 'transfer' GROUP BY s.kind, s.new_code
UNION ALL
SELECT s.row, s.kind, 'closed', s.code, NULL, NULL, NULL, NULL, NULL, NULL
FROM reorganisation_stage s
WHERE s.kind IN ('merge', 'abolish')
   OR (s.kind = 'split' AND NOT EXISTS (SELECT FROM reorganisation_stage own
                                        WHERE own.kind = 'split' AND own.code = s.code AND own.new_code = s.code))`;

const first = (column: string) =>
  `(array_agg(${column} ORDER BY row) FILTER (WHERE ${column} IS NOT NULL))[1] AS ${column}`;

const UNIT = /* sql */ `
CREATE TEMP TABLE reorganisation_unit ON COMMIT DROP AS
WITH told AS (
  SELECT code, min(row) AS row, coalesce(min(row) FILTER (WHERE parent_code IS NOT NULL), min(row)) AS parent_row,
         CASE WHEN bool_or(change = 'closed') THEN 'closed' WHEN bool_or(change = 'created') THEN 'created' ELSE 'changed' END AS change,
         ${['name', 'parent_code', 'unit_kind', 'email', 'manager_number', 'source'].map(first).join(', ')}
  FROM reorganisation_said GROUP BY code
)
SELECT told.code, told.row, told.parent_row, told.change, told.name, told.unit_kind, told.email, told.manager_number,
       -- Without a word about it, what takes a unit over hangs where that unit hung.
       CASE WHEN told.change = 'created' THEN coalesce(told.parent_code, source.parent_code) ELSE told.parent_code END AS parent_code,
       coalesce(now.position, source.position, (SELECT max(position) FROM reorganisation_now) + told.row) AS position,
       now.unit_id, now.id AS now_id
FROM told
LEFT JOIN reorganisation_now now ON now.code = told.code
LEFT JOIN reorganisation_now source ON source.code = told.source`;

/** $1 day. Of a unit that is split and goes itself, whoever is not named goes into the part that is told first. */
const WAY = /* sql */ `
CREATE TEMP TABLE reorganisation_way ON COMMIT DROP AS
(SELECT DISTINCT ON (said.code) said.row, said.kind, said.code, s.new_code, NULL::text AS staff_number, NULL::int AS staff_id
 FROM reorganisation_said said JOIN reorganisation_stage s USING (row) WHERE said.change = 'closed'
 ORDER BY said.code, said.row)
UNION ALL
(SELECT DISTINCT ON (st.id) s.row, s.kind, u.code, s.new_code, s.staff_number, st.id
 FROM reorganisation_stage s
 JOIN staff st ON st.number = s.staff_number
 JOIN assignment a ON a.staff_id = st.id AND a.is_primary AND a.superseded_at IS NULL AND a.valid_from <= $1 AND $1 < a.valid_to
 JOIN unit u ON u.id = a.unit_id
 ORDER BY st.id, s.row)`;
