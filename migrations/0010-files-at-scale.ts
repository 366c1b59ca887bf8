import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a file of hundreds of thousands of people needs of the database: one look at all rows that a statement has added,
 * where the exclusion constraint and the foreign keys looked something up for each of them and took most of the time of
 * a reshuffle; and figures that are worked out while others go on recording, and put in their place at the end.
 */
export class FilesAtScale0000000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP FUNCTION derive_prepared, prepare_units, prepare_figures, prepare_people, prepare_derivation, told_of;
      DROP TRIGGER assignment_added ON assignment;
      DROP FUNCTION assignment_added;
      DROP TRIGGER no_delete ON unit;
      DROP TRIGGER no_delete ON import_batch;
      ALTER TABLE assignment ADD CONSTRAINT assignment_one_primary
        EXCLUDE USING gist (staff_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (is_primary AND superseded_at IS NULL),
        ADD FOREIGN KEY (staff_id) REFERENCES staff, ADD FOREIGN KEY (unit_id) REFERENCES unit,
        ADD FOREIGN KEY (import_id) REFERENCES import_batch;
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

/**
 * By how much the figures of units change on which days: `stretches` are signed days of people, `closure` says which
 * units count for which. A stretch is a ray from its first day less a ray from its end; most rays of what people leave
 * and what they get instead cancel out before they are multiplied by the units above.
 */
const deltasOf = (stretches: string, closure: string) => `
  WITH ray AS (
    SELECT s.unit_id, r.on_date, s.status, s.exempt, sum(r.sign) AS sign
    FROM ${stretches} s CROSS JOIN LATERAL (VALUES (s.valid_from, s.sign), (s.valid_to, -s.sign)) AS r (on_date, sign)
    WHERE s.counted AND r.on_date < 'infinity'
    GROUP BY s.unit_id, r.on_date, s.status, s.exempt
    HAVING sum(r.sign) <> 0
  )
  SELECT unit_id, on_date, ${each((c) => `sum(sign * ${adds(c)})::int AS ${c}`)}
  FROM (
    SELECT c.ancestor_id AS unit_id, b.on_date, b.sign, r.status, r.exempt
    FROM ray r
    JOIN ${closure} c ON c.descendant_id = r.unit_id AND r.on_date < c.valid_to
    CROSS JOIN LATERAL (VALUES (greatest(r.on_date, c.valid_from), r.sign * c.sign), (c.valid_to, -r.sign * c.sign)) AS b (on_date, sign)
    WHERE b.on_date < 'infinity'
  ) AS boundary
  GROUP BY unit_id, on_date
  HAVING ${each((c) => `sum(sign * ${adds(c)}) <> 0`, ' OR ')}`;

const SQL = /* sql */ `
-- ---------------------------------------------------------------- where people are placed
ALTER TABLE assignment DROP CONSTRAINT assignment_one_primary, DROP CONSTRAINT assignment_staff_id_fkey,
  DROP CONSTRAINT assignment_unit_id_fkey, DROP CONSTRAINT assignment_import_id_fkey;
-- People are not deleted; neither is what else an assignment names.
CREATE TRIGGER no_delete BEFORE DELETE ON unit FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_delete BEFORE DELETE ON import_batch FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();

CREATE FUNCTION assignment_added() RETURNS trigger LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  -- Of two transactions that place people the second waits, and then sees what the first has written.
  PERFORM pg_advisory_xact_lock(7120319, 3);
  IF EXISTS (
    SELECT FROM added n JOIN assignment a ON a.staff_id = n.staff_id AND a.id <> n.id AND a.is_primary
      AND a.superseded_at IS NULL AND a.valid_from < n.valid_to AND n.valid_from < a.valid_to
    WHERE n.is_primary AND n.superseded_at IS NULL)
  THEN
    RAISE EXCEPTION 'two primary assignments of one person overlap: assignment_one_primary'
      USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'assignment_one_primary', TABLE = 'assignment';
  END IF;
  IF EXISTS (
    SELECT FROM added n
    WHERE NOT EXISTS (SELECT FROM staff s WHERE s.id = n.staff_id) OR NOT EXISTS (SELECT FROM unit u WHERE u.id = n.unit_id)
       OR (n.import_id IS NOT NULL AND NOT EXISTS (SELECT FROM import_batch b WHERE b.id = n.import_id)))
  THEN
    RAISE EXCEPTION 'an assignment names somebody or something that is not there: assignment_names'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'assignment_names', TABLE = 'assignment';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER assignment_added AFTER INSERT ON assignment REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION assignment_added();
COMMENT ON TRIGGER assignment_added ON assignment IS 'rows are only added and superseded, so what is added is all there is to look at';

-- ---------------------------------------------------------------- figures worked out beforehand
-- By what others may tell of people while a file comes in; the same sum: nobody has told anything.
CREATE FUNCTION told_of(people integer[]) RETURNS TABLE (staff_id integer, told numeric) LANGUAGE sql STABLE AS $$
  SELECT t.staff_id, sum(t.told)
  FROM (
    SELECT e.staff_id, count(*) AS told FROM card_event e WHERE e.staff_id = ANY (people) GROUP BY e.staff_id
    UNION ALL
    SELECT x.staff_id, hashtextextended(concat_ws(' ', x.valid_from, x.valid_to), 0)
    FROM card_exception_approved x WHERE x.staff_id = ANY (people)
  ) AS t
  GROUP BY t.staff_id
$$;

-- Tables of the transaction, once the facts it writes are there; prepared_person comes with them, for everybody it is about.
CREATE FUNCTION prepare_derivation() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CREATE TEMP TABLE prepared_rule ON COMMIT DROP AS SELECT count(*) + count(superseded_at) AS told FROM count_definition;
  CREATE TEMP TABLE prepared_told (staff_id integer, told numeric) ON COMMIT DROP;
  CREATE TEMP TABLE prepared_stretch (sign integer, LIKE timeline) ON COMMIT DROP;
  CREATE TEMP TABLE prepared_closure (sign integer, LIKE org_closure) ON COMMIT DROP;
  CREATE TEMP TABLE prepared_delta ON COMMIT DROP AS
    SELECT unit_id, on_date, ${each((c) => c)} FROM roll_delta WITH NO DATA;
END $$;

-- To be called for some thousands of prepared_person at a time, nobody twice. No lock is taken: who tells something of these people from
-- now on is found out at the end.
CREATE FUNCTION prepare_people(people integer[]) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  INSERT INTO prepared_told SELECT * FROM told_of(people);
  INSERT INTO prepared_stretch
  SELECT sum(sign), staff_id, unit_id, status, exempt, valid_from, valid_to, counted
  FROM (
    SELECT -1 AS sign, * FROM timeline WHERE staff_id = ANY (people)
    UNION ALL
    SELECT 1, * FROM timeline_of(people)
  ) AS either
  GROUP BY staff_id, unit_id, status, exempt, valid_from, valid_to, counted
  HAVING sum(sign) <> 0;
END $$;

-- To be called after the last people.
CREATE FUNCTION prepare_figures() RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  INSERT INTO prepared_delta ${deltasOf('prepared_stretch', '(SELECT 1 AS sign, * FROM org_closure)')};
END $$;

-- Files come in one after the other, and nothing else changes the tree.
CREATE FUNCTION prepare_units() RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  WITH
  new AS MATERIALIZED (SELECT * FROM closure_of_facts()),
  gone AS (SELECT * FROM org_closure EXCEPT SELECT * FROM new),
  come AS (SELECT * FROM new EXCEPT SELECT * FROM org_closure)
  INSERT INTO prepared_closure SELECT -1, * FROM gone UNION ALL SELECT 1, * FROM come;
END $$;

-- Everybody who derives waits from here until the transaction ends: with nothing else to do after it, not for long.
CREATE FUNCTION derive_prepared(at timestamptz) RETURNS void LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  late integer[];
BEGIN
  PERFORM pg_advisory_xact_lock(7120319, 1);
  late := CASE WHEN (SELECT told FROM prepared_rule) <> (SELECT count(*) + count(superseded_at) FROM count_definition)
    THEN ARRAY(SELECT staff_id FROM prepared_person)
    ELSE ARRAY(
      SELECT staff_id FROM prepared_told b FULL JOIN told_of(ARRAY(SELECT staff_id FROM prepared_person)) n USING (staff_id)
      WHERE b.told IS DISTINCT FROM n.told)
    END;
  IF late <> '{}' THEN
    INSERT INTO prepared_delta
    ${deltasOf('(SELECT * FROM prepared_stretch WHERE staff_id = ANY (late))', '(SELECT -1 AS sign, * FROM org_closure)')};
    DELETE FROM prepared_stretch WHERE staff_id = ANY (late);
  END IF;

  DELETE FROM timeline t USING prepared_stretch g
  WHERE g.sign = -1 AND t.staff_id = g.staff_id AND t.valid_from = g.valid_from
    AND (t.unit_id, t.status, t.exempt, t.valid_to, t.counted) = (g.unit_id, g.status, g.exempt, g.valid_to, g.counted);
  INSERT INTO timeline SELECT staff_id, unit_id, status, exempt, valid_from, valid_to, counted FROM prepared_stretch WHERE sign = 1;
  IF late <> '{}' THEN
    PERFORM derive_people(late, at);
  END IF;

  -- The units last: whoever stands in one counts for what it has come to belong to.
  IF EXISTS (SELECT FROM prepared_closure) THEN
    DELETE FROM org_closure t USING prepared_closure g
    WHERE g.sign = -1 AND t.descendant_id = g.descendant_id AND t.valid_from = g.valid_from
      AND (t.ancestor_id, t.valid_to) = (g.ancestor_id, g.valid_to);
    INSERT INTO org_closure SELECT ancestor_id, descendant_id, valid_from, valid_to FROM prepared_closure WHERE sign = 1;
    INSERT INTO prepared_delta ${deltasOf('(SELECT 1 AS sign, * FROM timeline WHERE unit_id IN (SELECT descendant_id FROM prepared_closure))', 'prepared_closure')};
  END IF;

  INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, ${each((c) => c)})
  SELECT unit_id, on_date, at, ${each((c) => `sum(${c})`)}
  FROM prepared_delta GROUP BY unit_id, on_date
  HAVING ${each((c) => `sum(${c}) <> 0`, ' OR ')};
END $$;
`;
