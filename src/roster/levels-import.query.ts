import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { IsoDate } from '../platform/month.js';
import { BEFORE_ALL, IMPLICIT_ROOT_CODE } from './units-import.query.js';

/**
 * For rosters that name 局・部・課・係 instead of a code: finds the unit of each row by its names from the top, makes the
 * ones that are not there yet, and fills in `roster_stage.unit_code`. A made unit's code follows from its names, so the
 * same names always give the same unit.
 */
export async function resolveLevels(
  em: EntityManager,
  asOf: IsoDate,
  importId: number,
  recordedAt: Date,
): Promise<{ unitsAdded: number }> {
  const paths: { names: string[]; kinds: string[]; row: number }[] = await em.query(
    `SELECT * FROM (
       SELECT DISTINCT ON (levels) levels AS names, level_kinds AS kinds, row
       FROM roster_stage
       WHERE unit_code IS NULL AND cardinality(levels) > 0 AND (left_on IS NULL OR left_on >= $1)
       ORDER BY levels, row
     ) AS path ORDER BY row`,
    [asOf],
  );
  if (paths.length === 0) return { unitsAdded: 0 };
  const known = await knownPaths(em, asOf);
  const root = known.get('')?.code ?? (await addRoot(em, importId, recordedAt));
  const codes = new Map<string, string>([...known].map(([path, unit]) => [path, unit.code]));
  codes.set('', root);
  const taken = new Set(codes.values());
  let unitsAdded = 0;
  for (const { names, kinds, row } of paths) {
    for (let depth = 1; depth <= names.length; depth++) {
      const path = keyOf(names.slice(0, depth));
      if (codes.has(path)) continue;
      const code = codeOf(path, taken);
      taken.add(code);
      const parent = codes.get(keyOf(names.slice(0, depth - 1)))!;
      const name = names[depth - 1]!;
      await addUnit(
        em,
        { code, parent, name, kind: kinds[depth - 1] ?? '', position: row },
        asOf,
        importId,
        recordedAt,
      );
      codes.set(path, code);
      unitsAdded++;
    }
  }
  await em.query(
    `UPDATE roster_stage s SET unit_code = r.code
     FROM jsonb_to_recordset($1::jsonb) AS r(names text[], code text) WHERE s.unit_code IS NULL AND s.levels = r.names`,
    [JSON.stringify(paths.map(({ names }) => ({ names, code: codes.get(keyOf(names)) })))],
  );
  return { unitsAdded };
}

/** The root of another day is the root of every day. */
async function addRoot(em: EntityManager, importId: number, recordedAt: Date): Promise<string> {
  const [root]: { code: string; name: string; kind: string }[] = await em.query(
    `SELECT u.code, p.name, p.kind FROM unit_period p JOIN unit u ON u.id = p.unit_id
     WHERE p.parent_id IS NULL AND p.superseded_at IS NULL ORDER BY p.valid_from LIMIT 1`,
  );
  const { code, name, kind } = root ?? { code: IMPLICIT_ROOT_CODE, name: '全体', kind: '全体' };
  await addUnit(em, { code, parent: null, name, kind, position: 0 }, BEFORE_ALL, importId, recordedAt);
  return code;
}

async function knownPaths(em: EntityManager, asOf: IsoDate): Promise<Map<string, { code: string }>> {
  const rows: { names: string[]; code: string }[] = await em.query(
    `WITH RECURSIVE tree AS (
       SELECT p.unit_id, '{}'::text[] AS names FROM unit_period p
       WHERE p.parent_id IS NULL AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
       UNION ALL
       SELECT p.unit_id, t.names || p.name FROM tree t JOIN unit_period p
         ON p.parent_id = t.unit_id AND p.superseded_at IS NULL AND p.valid_from <= $1 AND $1 < p.valid_to
     )
     SELECT t.names, u.code FROM tree t JOIN unit u ON u.id = t.unit_id ORDER BY u.id DESC`,
    [asOf],
  );
  return new Map(rows.map((row) => [keyOf(row.names), { code: row.code }]));
}

interface NewUnit {
  readonly code: string;
  readonly parent: string | null;
  readonly name: string;
  readonly kind: string;
  readonly position: number;
}

/** A unit that ended and comes back gets a further period; one known only later gets the days before. */
async function addUnit(
  em: EntityManager,
  unit: NewUnit,
  from: IsoDate,
  importId: number,
  recordedAt: Date,
): Promise<void> {
  await em.query(`INSERT INTO unit (code) VALUES ($1) ON CONFLICT (code) DO NOTHING`, [unit.code]);
  await em.query(
    `INSERT INTO unit_period (unit_id, parent_id, name, kind, position, valid_from, valid_to, recorded_at, import_id)
     SELECT u.id, (SELECT id FROM unit WHERE code = $2), $3, $4, $5, $6,
            coalesce((SELECT min(l.valid_from) FROM unit_period l
                      WHERE l.unit_id = u.id AND l.superseded_at IS NULL AND l.valid_from > $6), 'infinity'), $7, $8
     FROM unit u WHERE u.code = $1`,
    [unit.code, unit.parent, unit.name, unit.kind, unit.position, from, recordedAt, importId],
  );
}

function keyOf(names: readonly string[]): string {
  return names.join('\u0000');
}

/** A unit that was made from these names, and has been renamed or moved since, keeps its code. */
function codeOf(path: string, taken: ReadonlySet<string>): string {
  const code = `U${createHash('sha256').update(path).digest('hex').slice(0, 10).toUpperCase()}`;
  return taken.has(code) ? codeOf(`${path}\u0000`, taken) : code;
}
