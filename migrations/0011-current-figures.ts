import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The figures as of a day that the folder moves on to today: most questions are about now, and would otherwise add up
 * what has changed since the month began.
 */
export class CurrentFigures0000000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
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

/** Nobody comes, goes or is excused when one person turns from one status to another. */
const turning = COUNTERS.filter((counter) => counter !== 'staff' && counter !== 'exempt');
const turned = (counter: string, sign = '') =>
  (turning as readonly string[]).includes(counter) ? `${sign}turn.${counter}` : '0';

const SQL = /* sql */ `
CREATE TABLE roll_day (
  on_day date NOT NULL
);
COMMENT ON TABLE roll_day IS 'the one day that roll_current speaks of; moves on, never back';
CREATE UNIQUE INDEX roll_day_one ON roll_day ((true));

CREATE TABLE roll_current (
  unit_id integer PRIMARY KEY,
  ${each((c) => `${c} integer NOT NULL`, ',\n  ')}
) WITH (fillfactor = 70);
COMMENT ON TABLE roll_current IS 'the figures of a subtree at the end of the day of roll_day, from its folded deltas; no row: nobody ever';

-- The units that count for one today are found without looking at the table.
DROP INDEX org_closure_down;
CREATE INDEX org_closure_down ON org_closure (ancestor_id, descendant_id) INCLUDE (valid_from, valid_to);
-- Whoever is looked for is looked for now: stretches that are over are most of them, and in no question's way.
DROP INDEX timeline_unit;
CREATE INDEX timeline_unit ON timeline (unit_id, valid_to) INCLUDE (valid_from, staff_id, status, exempt, counted);
CREATE INDEX timeline_status ON timeline (status, valid_to) INCLUDE (valid_from, staff_id, unit_id, exempt, counted);

DROP FUNCTION fold_deltas();
-- One folder at a time; answers how many deltas it has taken. What is not folded is added by those who read.
CREATE FUNCTION fold_deltas(today date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  folded bigint;
  before date;
BEGIN
  IF NOT pg_try_advisory_xact_lock(7120319, 2) THEN
    RETURN 0;
  END IF;
  before := coalesce((SELECT on_day FROM roll_day), '-infinity');
  WITH
  taken AS (DELETE FROM roll_unfolded RETURNING *),
  moved_over AS (INSERT INTO roll_delta SELECT * FROM taken),
  part AS MATERIALIZED (
    SELECT d.unit_id, date_trunc('month', d.on_date::timestamp)::date AS month, d.on_date <= greatest(before, today) AS is_current,
           ${each((c) => `sum(d.${c})::int AS ${c}`)}
    FROM taken d GROUP BY 1, 2, 3
  ),
  -- Every later month of the unit moves by as much.
  step AS (
    SELECT unit_id, month, ${each((c) => `sum(${c})::int AS ${c}`)}
    FROM (
      SELECT unit_id, month, ${each((c) => c)} FROM part
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
  ),
  -- What is new, and what was known already of the days that have come since.
  come AS (
    SELECT unit_id, ${each((c) => `sum(${c})::int AS ${c}`)}
    FROM (
      SELECT unit_id, ${each((c) => c)} FROM part WHERE is_current
      UNION ALL
      SELECT d.unit_id, ${each((c) => `d.${c}`)}
      FROM unit u
      CROSS JOIN LATERAL (
        SELECT * FROM roll_delta d WHERE d.unit_id = u.id AND d.on_date > before AND d.on_date <= today
      ) AS d
      WHERE before < today
    ) AS either
    GROUP BY unit_id
  ),
  moved_on AS (
    INSERT INTO roll_day AS r VALUES (today)
    ON CONFLICT ((true)) DO UPDATE SET on_day = excluded.on_day WHERE r.on_day < excluded.on_day
  ),
  current AS (
    INSERT INTO roll_current AS c (unit_id, ${each((c) => c)}) SELECT * FROM come ORDER BY unit_id
    ON CONFLICT (unit_id) DO UPDATE SET ${each((c) => `${c} = c.${c} + excluded.${c}`)}
  )
  SELECT count(*) FROM taken INTO folded;
  RETURN folded;
END $$;

-- For a few people at a time. Planning what derive_people does takes four times as long as doing it, so a connection
-- plans it once; not knowing how many people there will be, it must not read all of a table for them. Files bring so
-- many that neither holds.
CREATE FUNCTION derive_few(people integer[], at timestamptz) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  PERFORM derive_people(people, at);
END $$;

-- After one event. What holds from the day of the latest event on follows from nothing else but who is in an exception,
-- and what was before stays as it was: a stretch that has no end yet is cut in two, which are few and small steps
-- where the whole rule is a hundred. Whatever is not as plain as that is derived from all facts of the person.
CREATE FUNCTION derive_event(event card_event) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  stood timeline;
  turn roll_unfolded;
BEGIN
  -- As derive_people takes them.
  PERFORM pg_advisory_xact_lock_shared(7120319, 1);
  PERFORM FROM staff WHERE id = event.staff_id FOR NO KEY UPDATE;
  SELECT * INTO stood FROM timeline t WHERE t.staff_id = event.staff_id ORDER BY t.valid_from DESC LIMIT 1;
  IF event.corrects IS NOT NULL OR event.expires_month IS NOT NULL
     OR stood IS NULL OR event.effective_on NOT BETWEEN stood.valid_from AND stood.valid_to - 1
     OR event.id IS DISTINCT FROM (
       SELECT e.id FROM card_event e WHERE e.staff_id = event.staff_id ORDER BY e.effective_on DESC, e.id DESC LIMIT 1)
     OR EXISTS (SELECT FROM card_exception x WHERE x.staff_id = event.staff_id)
     OR (stood.valid_from = event.effective_on AND EXISTS (
       SELECT FROM timeline t WHERE t.staff_id = event.staff_id AND t.valid_to = event.effective_on AND t.status = event.status))
  THEN
    PERFORM derive_few(ARRAY[event.staff_id], event.recorded_at);
    RETURN;
  ELSIF stood.status = event.status THEN
    RETURN;
  ELSIF stood.valid_from = event.effective_on THEN
    UPDATE timeline t SET status = event.status WHERE t.staff_id = event.staff_id AND t.valid_from = event.effective_on;
  ELSE
    UPDATE timeline t SET valid_to = event.effective_on WHERE t.staff_id = event.staff_id AND t.valid_from = stood.valid_from;
    INSERT INTO timeline (staff_id, unit_id, status, exempt, valid_from, valid_to, counted)
    VALUES (event.staff_id, stood.unit_id, event.status, false, event.effective_on, stood.valid_to, stood.counted);
  END IF;
  IF stood.counted THEN
    ${turning.map((c) => `turn.${c} := (event.status = '${c}')::int - (stood.status = '${c}')::int;`).join('\n    ')}
    INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, ${each((c) => c)})
    SELECT c.ancestor_id, greatest(event.effective_on, c.valid_from), event.recorded_at, ${each((c) => turned(c))}
    FROM org_closure c
    WHERE c.descendant_id = stood.unit_id AND c.valid_from < stood.valid_to AND event.effective_on < c.valid_to;
    -- Nearly always the person stays where units stay.
    IF stood.valid_to < 'infinity' OR EXISTS (
      SELECT FROM org_closure c WHERE c.descendant_id = stood.unit_id AND event.effective_on < c.valid_to AND c.valid_to < 'infinity')
    THEN
      INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, ${each((c) => c)})
      SELECT c.ancestor_id, least(stood.valid_to, c.valid_to), event.recorded_at, ${each((c) => turned(c, '-'))}
      FROM org_closure c
      WHERE c.descendant_id = stood.unit_id AND c.valid_from < stood.valid_to AND event.effective_on < c.valid_to
        AND least(stood.valid_to, c.valid_to) < 'infinity';
    END IF;
  END IF;
END $$;
`;
