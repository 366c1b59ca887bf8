import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What is counted, kept beside the facts so that a figure is looked up and not recounted. Every row here follows from
 * the facts: `derive_units` and `derive_people` bring it up to date in the transaction of a change, `fold_deltas` sums
 * up afterwards what changes have appended, and all of it can be thrown away and derived again.
 */
export class DerivedLedger0000000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION fold_deltas, derive_people, derive_units, timeline_of, closure_of_facts;
      DROP INDEX unit_period_unit;
      DROP TABLE roll_month, roll_unfolded, roll_delta, timeline, org_closure;
    `);
  }
}

const COUNTERS = [
  'staff',
  'held',
  'applied',
  'not_applied',
  'undisclosed',
  'unanswered',
  'lapsed',
  'exempt',
] as const;
const each = (line: (counter: string) => string, separator = ', ') => COUNTERS.map(line).join(separator);
/** What one person in `status`, in an exception or not, adds to each counter. */
const ONE: Record<string, string> = { staff: '1', exempt: 'exempt::int' };
const adds = (counter: string) => ONE[counter] ?? `(status = '${counter}')::int`;

const SQL = /* sql */ `
-- A unit's own periods: four times as fast as through the index of the exclusion constraint.
CREATE INDEX unit_period_unit ON unit_period (unit_id, valid_from) WHERE superseded_at IS NULL;

-- Without foreign keys: rows follow from facts that have them, and the checks would cost more than the derivation.
CREATE TABLE org_closure (
  ancestor_id integer NOT NULL,
  descendant_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL CHECK (valid_from < valid_to)
);
COMMENT ON TABLE org_closure IS 'on which days a unit counts for another; every unit counts for the root, one that stands in the tree also for itself';
CREATE INDEX org_closure_up ON org_closure (descendant_id, valid_from) INCLUDE (ancestor_id, valid_to);
CREATE INDEX org_closure_down ON org_closure (ancestor_id, descendant_id);

CREATE TABLE timeline (
  staff_id integer NOT NULL,
  unit_id integer NOT NULL,
  status text NOT NULL,
  exempt boolean NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL CHECK (valid_from < valid_to)
);
COMMENT ON TABLE timeline IS 'each person cut into the stretches of days on which unit, status and exception stay the same';
CREATE INDEX timeline_staff ON timeline (staff_id, valid_from);
CREATE INDEX timeline_unit ON timeline (unit_id, valid_from);

CREATE TABLE roll_delta (
  unit_id integer NOT NULL,
  on_date date NOT NULL,
  recorded_at timestamptz NOT NULL,
  ${each((c) => `${c} integer NOT NULL`, ',\n  ')}
);
COMMENT ON TABLE roll_delta IS 'by how much the figures of a subtree change on a day; rows are only added, or all thrown away by a rebuild';
CREATE INDEX roll_delta_on ON roll_delta (unit_id, on_date) INCLUDE (${each((c) => c)});

-- What a change appends goes into a small table with one small index; the folder takes it on from there.
CREATE TABLE roll_unfolded (LIKE roll_delta);
COMMENT ON TABLE roll_unfolded IS 'deltas that neither roll_delta nor roll_month holds yet';
CREATE INDEX roll_unfolded_unit ON roll_unfolded (unit_id);

CREATE TABLE roll_month (
  unit_id integer NOT NULL,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  ${each((c) => `${c} integer NOT NULL`, ',\n  ')},
  PRIMARY KEY (unit_id, month)
);
COMMENT ON TABLE roll_month IS 'the figures of a subtree at the end of a month, from its folded deltas; a month without change has no row';

-- ---------------------------------------------------------------- from the facts
CREATE FUNCTION closure_of_facts()
RETURNS TABLE (ancestor_id integer, descendant_id integer, valid_from date, valid_to date) LANGUAGE sql STABLE AS $$
  WITH RECURSIVE way AS (
    SELECT p.unit_id, ARRAY[p.unit_id] AS line, daterange(p.valid_from, p.valid_to) AS days
    FROM unit_period p WHERE p.parent_id IS NULL AND p.superseded_at IS NULL
    UNION ALL
    SELECT p.unit_id, way.line || p.unit_id, way.days * daterange(p.valid_from, p.valid_to)
    FROM way JOIN unit_period p ON p.parent_id = way.unit_id AND p.superseded_at IS NULL
                               AND daterange(p.valid_from, p.valid_to) && way.days
  ),
  related AS (
    SELECT a.unit_id AS ancestor_id, way.unit_id AS descendant_id, way.days
    FROM way CROSS JOIN LATERAL unnest(way.line) AS a (unit_id)
    UNION ALL
    -- Whoever stands in a unit that is not in the tree counts for the root, so that nobody is lost from the total.
    SELECT root.unit_id, u.id, daterange(root.valid_from, root.valid_to)
    FROM unit_period root CROSS JOIN unit u
    WHERE root.parent_id IS NULL AND root.superseded_at IS NULL AND root.unit_id <> u.id
  )
  SELECT r.ancestor_id, r.descendant_id, lower(stretch), upper(stretch)
  FROM (SELECT ancestor_id, descendant_id, range_agg(days) AS days FROM related GROUP BY ancestor_id, descendant_id) AS r
  CROSS JOIN LATERAL unnest(r.days) AS stretch
$$;

CREATE FUNCTION timeline_of(people integer[])
RETURNS TABLE (staff_id integer, unit_id integer, status text, exempt boolean, valid_from date, valid_to date)
LANGUAGE sql STABLE AS $$
  WITH event AS (
    SELECT e.staff_id, e.status, e.effective_on, e.id FROM card_event e
    WHERE e.staff_id = ANY (people) AND e.status IS NOT NULL
      AND NOT EXISTS (SELECT FROM card_event c WHERE c.corrects = e.id)
  ),
  told AS (
    SELECT staff_id, status,
           daterange(effective_on, coalesce(lead(effective_on) OVER (PARTITION BY staff_id ORDER BY effective_on, id), 'infinity')) AS days
    FROM event
    UNION ALL
    SELECT staff_id, 'unanswered', daterange('-infinity', min(effective_on)) FROM event GROUP BY staff_id
  ),
  piece AS (
    SELECT a.staff_id, a.unit_id, coalesce(told.status, 'unanswered') AS status,
           daterange(a.valid_from, a.valid_to) * coalesce(told.days, daterange('-infinity', 'infinity')) AS days
    FROM assignment a
    LEFT JOIN told ON told.staff_id = a.staff_id AND told.days && daterange(a.valid_from, a.valid_to)
    WHERE a.staff_id = ANY (people) AND a.is_primary AND a.superseded_at IS NULL
  ),
  excused AS (
    SELECT x.staff_id, range_agg(daterange(x.valid_from, x.valid_to)) AS days
    FROM card_exception_approved x WHERE x.staff_id = ANY (people) GROUP BY x.staff_id
  ),
  cut AS (
    SELECT p.staff_id, p.unit_id, p.status, part.exempt, range_agg(part.days) AS days
    FROM piece p
    LEFT JOIN excused x ON x.staff_id = p.staff_id AND p.status <> 'held'
    CROSS JOIN LATERAL (
      SELECT false AS exempt, unnest(datemultirange(p.days) - coalesce(x.days, '{}')) AS days
      UNION ALL
      SELECT true, unnest(datemultirange(p.days) * x.days)
    ) AS part
    GROUP BY p.staff_id, p.unit_id, p.status, part.exempt
  )
  SELECT c.staff_id, c.unit_id, c.status, c.exempt, lower(stretch), upper(stretch)
  FROM cut c CROSS JOIN LATERAL unnest(c.days) AS stretch
$$;

-- ---------------------------------------------------------------- in the transaction of a change
-- Derivations that touch different people run side by side; one that touches the tree runs alone. The first argument
-- of the lock is this product's, the second says what is locked.
CREATE FUNCTION derive_people(people integer[], at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7120319, 1);
  -- Of two changes of one person the second derives from what the first has left.
  PERFORM FROM staff WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
  WITH
  old AS MATERIALIZED (SELECT * FROM timeline WHERE staff_id = ANY (people)),
  new AS MATERIALIZED (SELECT * FROM timeline_of(people)),
  gone AS MATERIALIZED (SELECT * FROM old EXCEPT SELECT * FROM new),
  come AS MATERIALIZED (SELECT * FROM new EXCEPT SELECT * FROM old),
  deleted AS (
    DELETE FROM timeline t USING gone g
    WHERE t.staff_id = g.staff_id AND t.valid_from = g.valid_from
      AND (t.unit_id, t.status, t.exempt, t.valid_to) = (g.unit_id, g.status, g.exempt, g.valid_to)
  ),
  inserted AS (INSERT INTO timeline SELECT * FROM come),
  changed AS (SELECT -1 AS sign, * FROM gone UNION ALL SELECT 1, * FROM come),
  stretch AS (
    SELECT c.ancestor_id AS unit_id, greatest(s.valid_from, c.valid_from) AS valid_from,
           least(s.valid_to, c.valid_to) AS valid_to, s.sign, s.status, s.exempt
    FROM changed s
    JOIN org_closure c ON c.descendant_id = s.unit_id AND c.valid_from < s.valid_to AND s.valid_from < c.valid_to
  ),
  ${appendDeltas()}
END $$;

CREATE FUNCTION derive_units(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7120319, 1);
  WITH
  new AS MATERIALIZED (SELECT * FROM closure_of_facts()),
  gone AS MATERIALIZED (SELECT * FROM org_closure EXCEPT SELECT * FROM new),
  come AS MATERIALIZED (SELECT * FROM new EXCEPT SELECT * FROM org_closure),
  deleted AS (
    DELETE FROM org_closure t USING gone g
    WHERE t.descendant_id = g.descendant_id AND t.valid_from = g.valid_from
      AND (t.ancestor_id, t.valid_to) = (g.ancestor_id, g.valid_to)
  ),
  inserted AS (INSERT INTO org_closure SELECT * FROM come),
  changed AS (SELECT -1 AS sign, * FROM gone UNION ALL SELECT 1, * FROM come),
  stretch AS (
    SELECT c.ancestor_id AS unit_id, greatest(s.valid_from, c.valid_from) AS valid_from,
           least(s.valid_to, c.valid_to) AS valid_to, c.sign, s.status, s.exempt
    FROM changed c
    JOIN timeline s ON s.unit_id = c.descendant_id AND c.valid_from < s.valid_to AND s.valid_from < c.valid_to
  ),
  ${appendDeltas()}
END $$;

-- ---------------------------------------------------------------- afterwards
-- One folder at a time; answers how many deltas it has taken. What is not folded is added by those who read.
CREATE FUNCTION fold_deltas() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  folded bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7120319, 2) THEN
    RETURN 0;
  END IF;
  WITH
  taken AS (DELETE FROM roll_unfolded RETURNING *),
  moved_over AS (INSERT INTO roll_delta SELECT * FROM taken),
  part AS MATERIALIZED (
    SELECT d.unit_id, date_trunc('month', d.on_date::timestamp)::date AS month, ${each((c) => `sum(d.${c})::int AS ${c}`)}
    FROM taken d GROUP BY 1, 2
  ),
  -- Every later month of the unit moves by as much.
  step AS (
    SELECT unit_id, month, ${each((c) => `sum(${c})::int AS ${c}`)}
    FROM (
      SELECT * FROM part
      UNION ALL
      SELECT m.unit_id, m.month, ${each(() => '0')}
      FROM (SELECT unit_id, min(month) AS month FROM part GROUP BY unit_id) AS first
      JOIN roll_month m ON m.unit_id = first.unit_id AND m.month > first.month
    ) AS moved
    GROUP BY unit_id, month
  ),
  written AS (
    INSERT INTO roll_month AS m (unit_id, month, ${each((c) => c)})
    SELECT s.unit_id, s.month, ${each((c) => `coalesce(known.${c}, 0) + sum(s.${c}) OVER up_to`)}
    FROM step s
    LEFT JOIN LATERAL (
      SELECT * FROM roll_month k WHERE k.unit_id = s.unit_id AND k.month <= s.month ORDER BY k.month DESC LIMIT 1
    ) AS known ON true
    WINDOW up_to AS (PARTITION BY s.unit_id ORDER BY s.month)
    ON CONFLICT (unit_id, month) DO UPDATE SET ${each((c) => `${c} = excluded.${c}`)}
  )
  SELECT count(*) FROM taken INTO folded;
  RETURN folded;
END $$;

-- What was known before changes were kept.
SELECT derive_units('-infinity');
SELECT derive_people(ARRAY(SELECT id FROM staff), '-infinity');
SELECT fold_deltas();
`;

/** The rest of a statement that has `stretch`: signed stretches of days, one person each, per unit they count for. */
export function appendDeltas(): string {
  return `boundary AS (
    SELECT unit_id, valid_from AS on_date, sign, status, exempt FROM stretch
    UNION ALL
    SELECT unit_id, valid_to, -sign, status, exempt FROM stretch WHERE valid_to < 'infinity'
  )
  INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, ${each((c) => c)})
  SELECT unit_id, on_date, at, ${each((c) => `sum(sign * ${adds(c)})`)}
  FROM boundary GROUP BY unit_id, on_date
  HAVING ${each((c) => `sum(sign * ${adds(c)}) <> 0`, ' OR ')};`;
}
