import type { MigrationInterface, QueryRunner } from 'typeorm';
import { appendDeltas } from './0007-derived-ledger.js';

/**
 * Who is counted, as dated versions of a definition, and cards that expire. Both are facts: what follows from them is
 * derived as before, with the days cut where a definition begins, where somebody has served long enough, and where a
 * card's month is over. Days that have not come yet are derived like any others, so nothing has to run on them.
 */
export class DefinitionsAndExpiry0000000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
-- ---------------------------------------------------------------- cards that expire
ALTER TABLE card_event ADD COLUMN expires_month date,
  ADD CONSTRAINT card_event_expires_month CHECK
    (expires_month IS NULL OR (status IS NOT DISTINCT FROM 'held' AND extract(day FROM expires_month) = 1));
COMMENT ON COLUMN card_event.expires_month IS 'first day of the last month in which the card is valid; without a later event it counts as lapsed from the month after';
CREATE INDEX card_event_expires ON card_event (expires_month) WHERE expires_month IS NOT NULL;

CREATE OR REPLACE VIEW card_event_valid AS
  SELECT e.* FROM card_event e
  WHERE e.status IS NOT NULL AND NOT EXISTS (SELECT FROM card_event c WHERE c.corrects = e.id);

-- Each person's statuses as periods; of two events on one day the later recorded holds. A card is valid until some day
-- of its month that is not known here: it counts through the whole month, and as lapsed from the first day after.
CREATE OR REPLACE VIEW card_status_period AS
  SELECT e.staff_id, part.status, part.valid_from, part.valid_to, e.event_id, e.evidence, e.expires_month
  FROM (
    SELECT staff_id, status, effective_on, id AS event_id, evidence, expires_month,
           coalesce(lead(effective_on) OVER (PARTITION BY staff_id ORDER BY effective_on, id), 'infinity') AS until,
           coalesce((expires_month + interval '1 month')::date, 'infinity') AS lapses_on
    FROM card_event_valid
  ) AS e
  CROSS JOIN LATERAL (VALUES
    (e.status, e.effective_on, least(e.until, e.lapses_on)),
    ('lapsed', greatest(e.effective_on, e.lapses_on), e.until)
  ) AS part (status, valid_from, valid_to)
  WHERE part.valid_from < part.valid_to;

-- The month tells in which month somebody was born: of people who are erased it goes, unless a card has lapsed by it
-- while they were there, which is a status like any other.
CREATE FUNCTION erase_card_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased card_event := OLD;
BEGIN
  erased.expires_month := NULL;
  IF NEW IS DISTINCT FROM erased OR NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table card_event is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER append_only ON card_event;
CREATE TRIGGER no_delete BEFORE DELETE ON card_event FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER erase_only BEFORE UPDATE ON card_event FOR EACH ROW EXECUTE FUNCTION erase_card_event();

-- ---------------------------------------------------------------- who is counted
ALTER TABLE assignment ADD COLUMN leave text NOT NULL DEFAULT '';
COMMENT ON COLUMN assignment.leave IS '勤務状況 as the roster says: 休職, 育休, 派遣 …; blank where it says nothing';

CREATE TABLE count_definition (
  version integer PRIMARY KEY,
  valid_from date NOT NULL CHECK (valid_from < 'infinity'),
  left_out_employment text[] NOT NULL DEFAULT '{}',
  left_out_leave text[] NOT NULL DEFAULT '{}',
  min_days integer NOT NULL DEFAULT 0 CHECK (min_days >= 0),
  reason text NOT NULL CHECK (reason <> ''),
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  superseded_at timestamptz
);
COMMENT ON TABLE count_definition IS 'who is counted from a day on, until the day of the next; days without one count everybody';
COMMENT ON COLUMN count_definition.min_days IS 'days in 本務 without a gap that must have passed before somebody is counted';
CREATE UNIQUE INDEX count_definition_day ON count_definition (valid_from) WHERE superseded_at IS NULL;
CREATE TRIGGER superseding AFTER UPDATE ON count_definition FOR EACH ROW EXECUTE FUNCTION allow_superseding_once();
CREATE TRIGGER no_delete BEFORE DELETE ON count_definition FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON count_definition EXECUTE FUNCTION forbid_rewrite();
INSERT INTO count_definition (version, valid_from, reason, recorded_at, recorded_by)
VALUES (1, '-infinity', '全員を数える', '-infinity', 'system');

-- ---------------------------------------------------------------- from the facts
ALTER TABLE timeline ADD COLUMN counted boolean NOT NULL DEFAULT true;
ALTER TABLE timeline ALTER COLUMN counted DROP DEFAULT;
COMMENT ON TABLE timeline IS 'each person cut into the stretches of days on which unit, status, exception and being counted stay the same';

DROP FUNCTION timeline_of;
CREATE FUNCTION timeline_of(people integer[])
RETURNS TABLE (staff_id integer, unit_id integer, status text, exempt boolean, valid_from date, valid_to date, counted boolean)
LANGUAGE sql STABLE AS $$
  WITH event AS (
    SELECT e.staff_id, e.status, e.effective_on, e.id,
           daterange(coalesce((e.expires_month + interval '1 month')::date, 'infinity'), 'infinity') AS past
    FROM card_event e
    WHERE e.staff_id = ANY (people) AND e.status IS NOT NULL
      AND NOT EXISTS (SELECT FROM card_event c WHERE c.corrects = e.id)
  ),
  said AS (
    SELECT staff_id, status, past,
           daterange(effective_on, coalesce(lead(effective_on) OVER (PARTITION BY staff_id ORDER BY effective_on, id), 'infinity')) AS days
    FROM event
  ),
  told AS (
    SELECT staff_id, part.status, part.days
    FROM said CROSS JOIN LATERAL (VALUES (status, days - past), ('lapsed', days * past)) AS part (status, days)
    WHERE NOT isempty(part.days)
    UNION ALL
    SELECT staff_id, 'unanswered', daterange('-infinity', min(effective_on)) FROM event GROUP BY staff_id
  ),
  place AS (
    SELECT a.staff_id, a.unit_id, a.employment, a.leave, daterange(a.valid_from, a.valid_to) AS days
    FROM assignment a
    WHERE a.staff_id = ANY (people) AND a.is_primary AND a.superseded_at IS NULL
  ),
  piece AS (
    SELECT p.staff_id, p.unit_id, coalesce(told.status, 'unanswered') AS status,
           p.days * coalesce(told.days, daterange('-infinity', 'infinity')) AS days
    FROM place p LEFT JOIN told ON told.staff_id = p.staff_id AND told.days && p.days
  ),
  excused AS (
    SELECT x.staff_id, range_agg(daterange(x.valid_from, x.valid_to)) AS days
    FROM card_exception_approved x WHERE x.staff_id = ANY (people) GROUP BY x.staff_id
  ),
  rule AS (
    SELECT d.left_out_employment, d.left_out_leave, d.min_days,
           daterange(d.valid_from, lead(d.valid_from, 1, 'infinity') OVER (ORDER BY d.valid_from)) AS days
    FROM count_definition d WHERE d.superseded_at IS NULL
  ),
  -- The days on which somebody is in 本務 without a gap.
  service AS (
    SELECT p.staff_id, unnest(range_agg(p.days)) AS days FROM place p GROUP BY p.staff_id
  ),
  left_out AS (
    SELECT p.staff_id, range_agg(r.days * p.days) AS days
    FROM rule r JOIN place p ON p.days && r.days AND (p.employment = ANY (r.left_out_employment) OR p.leave = ANY (r.left_out_leave))
    GROUP BY p.staff_id
    UNION ALL
    SELECT s.staff_id, range_agg(r.days * daterange(lower(s.days), lower(s.days) + r.min_days))
    FROM rule r JOIN service s ON s.days && r.days
    WHERE r.min_days > 0 GROUP BY s.staff_id
  ),
  uncounted AS (
    SELECT l.staff_id, range_agg(l.days) AS days FROM left_out l GROUP BY l.staff_id
  ),
  cut AS (
    SELECT p.staff_id, p.unit_id, p.status, part.exempt, part.counted, range_agg(part.days) AS days
    FROM piece p
    LEFT JOIN excused x ON x.staff_id = p.staff_id AND p.status <> 'held'
    LEFT JOIN uncounted o ON o.staff_id = p.staff_id
    CROSS JOIN LATERAL (
      -- Nearly everybody: nothing is cut out of their days.
      SELECT false AS exempt, true AS counted, datemultirange(p.days) AS days WHERE x.days IS NULL AND o.days IS NULL
      UNION ALL
      SELECT half.exempt, rest.counted, rest.days
      FROM (VALUES
        (false, datemultirange(p.days) - coalesce(x.days, '{}')),
        (true, datemultirange(p.days) * x.days)
      ) AS half (exempt, days)
      CROSS JOIN LATERAL (VALUES
        (true, half.days - coalesce(o.days, '{}')),
        (false, half.days * o.days)
      ) AS rest (counted, days)
      WHERE x.days IS NOT NULL OR o.days IS NOT NULL
    ) AS part
    GROUP BY p.staff_id, p.unit_id, p.status, part.exempt, part.counted
  )
  SELECT c.staff_id, c.unit_id, c.status, c.exempt, lower(stretch), upper(stretch), c.counted
  FROM cut c CROSS JOIN LATERAL unnest(c.days) AS stretch
$$;

-- ---------------------------------------------------------------- in the transaction of a change
CREATE OR REPLACE FUNCTION derive_people(people integer[], at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
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
      AND (t.unit_id, t.status, t.exempt, t.valid_to, t.counted) = (g.unit_id, g.status, g.exempt, g.valid_to, g.counted)
  ),
  inserted AS (INSERT INTO timeline SELECT * FROM come),
  changed AS (SELECT -1 AS sign, * FROM gone UNION ALL SELECT 1, * FROM come),
  stretch AS (
    SELECT c.ancestor_id AS unit_id, greatest(s.valid_from, c.valid_from) AS valid_from,
           least(s.valid_to, c.valid_to) AS valid_to, s.sign, s.status, s.exempt
    FROM changed s
    JOIN org_closure c ON c.descendant_id = s.unit_id AND c.valid_from < s.valid_to AND s.valid_from < c.valid_to
    WHERE s.counted
  ),
  ${appendDeltas()}
END $$;

CREATE OR REPLACE FUNCTION derive_units(at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
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
    WHERE s.counted
  ),
  ${appendDeltas()}
END $$;
`;
