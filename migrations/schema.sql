-- Written by `npm run schema` from a migrated database. Read it; never run it.

CREATE EXTENSION btree_gist;

CREATE EXTENSION pg_trgm;

CREATE OR REPLACE FUNCTION public.allow_superseding_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  unchanged boolean;
BEGIN
  IF OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL THEN
    RAISE EXCEPTION 'table % keeps its history: a superseded row is final', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  NEW.superseded_at := NULL;
  unchanged := NEW IS NOT DISTINCT FROM OLD;
  IF NOT unchanged THEN
    RAISE EXCEPTION 'table % keeps its history: supersede the row and add a new one', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.assignment_added()
 RETURNS trigger
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.chain_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  content audit_event := NEW;
BEGIN
  content.seq := NULL;
  content.hash := NULL;
  IF OLD.seq IS NOT NULL OR NEW.seq IS NULL OR content IS DISTINCT FROM OLD THEN
    RAISE EXCEPTION 'table audit_event is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.closure_of_facts()
 RETURNS TABLE(ancestor_id integer, descendant_id integer, valid_from date, valid_to date)
 LANGUAGE sql
 STABLE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.derive_event(event card_event)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
    turn.held := (event.status = 'held')::int - (stood.status = 'held')::int;
    turn.applied := (event.status = 'applied')::int - (stood.status = 'applied')::int;
    turn.not_applied := (event.status = 'not_applied')::int - (stood.status = 'not_applied')::int;
    turn.undisclosed := (event.status = 'undisclosed')::int - (stood.status = 'undisclosed')::int;
    turn.unanswered := (event.status = 'unanswered')::int - (stood.status = 'unanswered')::int;
    turn.lapsed := (event.status = 'lapsed')::int - (stood.status = 'lapsed')::int;
    INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
    SELECT c.ancestor_id, greatest(event.effective_on, c.valid_from), event.recorded_at, 0, turn.held, turn.applied, turn.not_applied, turn.undisclosed, turn.unanswered, turn.lapsed, 0
    FROM org_closure c
    WHERE c.descendant_id = stood.unit_id AND c.valid_from < stood.valid_to AND event.effective_on < c.valid_to;
    -- Nearly always the person stays where units stay.
    IF stood.valid_to < 'infinity' OR EXISTS (
      SELECT FROM org_closure c WHERE c.descendant_id = stood.unit_id AND event.effective_on < c.valid_to AND c.valid_to < 'infinity')
    THEN
      INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
      SELECT c.ancestor_id, least(stood.valid_to, c.valid_to), event.recorded_at, 0, -turn.held, -turn.applied, -turn.not_applied, -turn.undisclosed, -turn.unanswered, -turn.lapsed, 0
      FROM org_closure c
      WHERE c.descendant_id = stood.unit_id AND c.valid_from < stood.valid_to AND event.effective_on < c.valid_to
        AND least(stood.valid_to, c.valid_to) < 'infinity';
    END IF;
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.derive_few(people integer[], at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
BEGIN
  PERFORM derive_people(people, at);
END $function$;

CREATE OR REPLACE FUNCTION public.derive_people(people integer[], at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
  boundary AS (
    SELECT unit_id, valid_from AS on_date, sign, status, exempt FROM stretch
    UNION ALL
    SELECT unit_id, valid_to, -sign, status, exempt FROM stretch WHERE valid_to < 'infinity'
  )
  INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
  SELECT unit_id, on_date, at, sum(sign * 1), sum(sign * (status = 'held')::int), sum(sign * (status = 'applied')::int), sum(sign * (status = 'not_applied')::int), sum(sign * (status = 'undisclosed')::int), sum(sign * (status = 'unanswered')::int), sum(sign * (status = 'lapsed')::int), sum(sign * exempt::int)
  FROM boundary GROUP BY unit_id, on_date
  HAVING sum(sign * 1) <> 0 OR sum(sign * (status = 'held')::int) <> 0 OR sum(sign * (status = 'applied')::int) <> 0 OR sum(sign * (status = 'not_applied')::int) <> 0 OR sum(sign * (status = 'undisclosed')::int) <> 0 OR sum(sign * (status = 'unanswered')::int) <> 0 OR sum(sign * (status = 'lapsed')::int) <> 0 OR sum(sign * exempt::int) <> 0;
END $function$;

CREATE OR REPLACE FUNCTION public.derive_prepared(at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
    
  WITH ray AS (
    SELECT s.unit_id, r.on_date, s.status, s.exempt, sum(r.sign) AS sign
    FROM (SELECT * FROM prepared_stretch WHERE staff_id = ANY (late)) s CROSS JOIN LATERAL (VALUES (s.valid_from, s.sign), (s.valid_to, -s.sign)) AS r (on_date, sign)
    WHERE s.counted AND r.on_date < 'infinity'
    GROUP BY s.unit_id, r.on_date, s.status, s.exempt
    HAVING sum(r.sign) <> 0
  )
  SELECT unit_id, on_date, sum(sign * 1)::int AS staff, sum(sign * (status = 'held')::int)::int AS held, sum(sign * (status = 'applied')::int)::int AS applied, sum(sign * (status = 'not_applied')::int)::int AS not_applied, sum(sign * (status = 'undisclosed')::int)::int AS undisclosed, sum(sign * (status = 'unanswered')::int)::int AS unanswered, sum(sign * (status = 'lapsed')::int)::int AS lapsed, sum(sign * exempt::int)::int AS exempt
  FROM (
    SELECT c.ancestor_id AS unit_id, b.on_date, b.sign, r.status, r.exempt
    FROM ray r
    JOIN (SELECT -1 AS sign, * FROM org_closure) c ON c.descendant_id = r.unit_id AND r.on_date < c.valid_to
    CROSS JOIN LATERAL (VALUES (greatest(r.on_date, c.valid_from), r.sign * c.sign), (c.valid_to, -r.sign * c.sign)) AS b (on_date, sign)
    WHERE b.on_date < 'infinity'
  ) AS boundary
  GROUP BY unit_id, on_date
  HAVING sum(sign * 1) <> 0 OR sum(sign * (status = 'held')::int) <> 0 OR sum(sign * (status = 'applied')::int) <> 0 OR sum(sign * (status = 'not_applied')::int) <> 0 OR sum(sign * (status = 'undisclosed')::int) <> 0 OR sum(sign * (status = 'unanswered')::int) <> 0 OR sum(sign * (status = 'lapsed')::int) <> 0 OR sum(sign * exempt::int) <> 0;
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
    INSERT INTO prepared_delta 
  WITH ray AS (
    SELECT s.unit_id, r.on_date, s.status, s.exempt, sum(r.sign) AS sign
    FROM (SELECT 1 AS sign, * FROM timeline WHERE unit_id IN (SELECT descendant_id FROM prepared_closure)) s CROSS JOIN LATERAL (VALUES (s.valid_from, s.sign), (s.valid_to, -s.sign)) AS r (on_date, sign)
    WHERE s.counted AND r.on_date < 'infinity'
    GROUP BY s.unit_id, r.on_date, s.status, s.exempt
    HAVING sum(r.sign) <> 0
  )
  SELECT unit_id, on_date, sum(sign * 1)::int AS staff, sum(sign * (status = 'held')::int)::int AS held, sum(sign * (status = 'applied')::int)::int AS applied, sum(sign * (status = 'not_applied')::int)::int AS not_applied, sum(sign * (status = 'undisclosed')::int)::int AS undisclosed, sum(sign * (status = 'unanswered')::int)::int AS unanswered, sum(sign * (status = 'lapsed')::int)::int AS lapsed, sum(sign * exempt::int)::int AS exempt
  FROM (
    SELECT c.ancestor_id AS unit_id, b.on_date, b.sign, r.status, r.exempt
    FROM ray r
    JOIN prepared_closure c ON c.descendant_id = r.unit_id AND r.on_date < c.valid_to
    CROSS JOIN LATERAL (VALUES (greatest(r.on_date, c.valid_from), r.sign * c.sign), (c.valid_to, -r.sign * c.sign)) AS b (on_date, sign)
    WHERE b.on_date < 'infinity'
  ) AS boundary
  GROUP BY unit_id, on_date
  HAVING sum(sign * 1) <> 0 OR sum(sign * (status = 'held')::int) <> 0 OR sum(sign * (status = 'applied')::int) <> 0 OR sum(sign * (status = 'not_applied')::int) <> 0 OR sum(sign * (status = 'undisclosed')::int) <> 0 OR sum(sign * (status = 'unanswered')::int) <> 0 OR sum(sign * (status = 'lapsed')::int) <> 0 OR sum(sign * exempt::int) <> 0;
  END IF;

  INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
  SELECT unit_id, on_date, at, sum(staff), sum(held), sum(applied), sum(not_applied), sum(undisclosed), sum(unanswered), sum(lapsed), sum(exempt)
  FROM prepared_delta GROUP BY unit_id, on_date
  HAVING sum(staff) <> 0 OR sum(held) <> 0 OR sum(applied) <> 0 OR sum(not_applied) <> 0 OR sum(undisclosed) <> 0 OR sum(unanswered) <> 0 OR sum(lapsed) <> 0 OR sum(exempt) <> 0;
END $function$;

CREATE OR REPLACE FUNCTION public.derive_units(at timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
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
  boundary AS (
    SELECT unit_id, valid_from AS on_date, sign, status, exempt FROM stretch
    UNION ALL
    SELECT unit_id, valid_to, -sign, status, exempt FROM stretch WHERE valid_to < 'infinity'
  )
  INSERT INTO roll_unfolded (unit_id, on_date, recorded_at, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
  SELECT unit_id, on_date, at, sum(sign * 1), sum(sign * (status = 'held')::int), sum(sign * (status = 'applied')::int), sum(sign * (status = 'not_applied')::int), sum(sign * (status = 'undisclosed')::int), sum(sign * (status = 'unanswered')::int), sum(sign * (status = 'lapsed')::int), sum(sign * exempt::int)
  FROM boundary GROUP BY unit_id, on_date
  HAVING sum(sign * 1) <> 0 OR sum(sign * (status = 'held')::int) <> 0 OR sum(sign * (status = 'applied')::int) <> 0 OR sum(sign * (status = 'not_applied')::int) <> 0 OR sum(sign * (status = 'undisclosed')::int) <> 0 OR sum(sign * (status = 'unanswered')::int) <> 0 OR sum(sign * (status = 'lapsed')::int) <> 0 OR sum(sign * exempt::int) <> 0;
END $function$;

CREATE OR REPLACE FUNCTION public.erase_card_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  erased card_event := OLD;
BEGIN
  erased.expires_month := NULL;
  IF NEW IS DISTINCT FROM erased OR NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table card_event is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.erase_card_exception()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  erased card_exception := OLD;
BEGIN
  erased.category := 'other';
  erased.note := '';
  IF NEW IS DISTINCT FROM erased OR NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table card_exception is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.erase_card_exception_decision()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  erased card_exception_decision := OLD;
BEGIN
  erased.reason := '';
  IF NEW IS DISTINCT FROM erased
     OR NOT is_erased((SELECT x.staff_id FROM card_exception x WHERE x.id = OLD.exception_id)) THEN
    RAISE EXCEPTION 'table card_exception_decision is append-only: UPDATE is not allowed'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.erase_leavers_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT FROM assignment a
             WHERE a.staff_id = NEW.staff_id AND a.superseded_at IS NULL AND a.valid_to > NEW.erased_on) THEN
    RAISE EXCEPTION 'somebody who has not left is not erased' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.erase_or_supersede_profile()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  erased staff_profile := OLD;
  superseded staff_profile := OLD;
BEGIN
  erased.name := '(消去済み)';
  erased.kana := NULL;
  erased.email := NULL;
  erased.hired_on := NULL;
  IF NEW IS NOT DISTINCT FROM erased AND is_erased(OLD.staff_id) THEN
    RETURN NEW;
  END IF;
  superseded.superseded_at := NEW.superseded_at;
  IF OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL OR NEW IS DISTINCT FROM superseded THEN
    RAISE EXCEPTION 'table staff_profile keeps its history: supersede the row and add a new one'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.erase_staff()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  erased staff := OLD;
  renumbered staff := OLD;
BEGIN
  erased.number := 'erased:' || OLD.id;
  IF NEW IS NOT DISTINCT FROM erased AND is_erased(OLD.id) THEN
    RETURN NEW;
  END IF;
  renumbered.number := NEW.number;
  IF NEW IS DISTINCT FROM renumbered OR is_erased(OLD.id)
     OR NOT EXISTS (SELECT FROM staff_former_number f WHERE f.number = OLD.number AND f.staff_id = OLD.id)
     OR EXISTS (SELECT FROM staff_former_number f WHERE f.number = NEW.number AND f.staff_id <> OLD.id) THEN
    RAISE EXCEPTION 'table staff is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.fold_deltas(today date)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
           sum(d.staff)::int AS staff, sum(d.held)::int AS held, sum(d.applied)::int AS applied, sum(d.not_applied)::int AS not_applied, sum(d.undisclosed)::int AS undisclosed, sum(d.unanswered)::int AS unanswered, sum(d.lapsed)::int AS lapsed, sum(d.exempt)::int AS exempt
    FROM taken d GROUP BY 1, 2, 3
  ),
  -- Every later month of the unit moves by as much.
  step AS (
    SELECT unit_id, month, sum(staff)::int AS staff, sum(held)::int AS held, sum(applied)::int AS applied, sum(not_applied)::int AS not_applied, sum(undisclosed)::int AS undisclosed, sum(unanswered)::int AS unanswered, sum(lapsed)::int AS lapsed, sum(exempt)::int AS exempt
    FROM (
      SELECT unit_id, month, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt FROM part
      UNION ALL
      SELECT m.unit_id, m.month, 0, 0, 0, 0, 0, 0, 0, 0
      FROM (SELECT unit_id, min(month) AS month FROM part GROUP BY unit_id) AS first
      JOIN roll_month m ON m.unit_id = first.unit_id AND m.month > first.month
    ) AS moved
    GROUP BY unit_id, month
  ),
  written AS (
    INSERT INTO roll_month AS m (unit_id, month, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt)
    SELECT s.unit_id, s.month, coalesce(known.staff, 0) + sum(s.staff) OVER up_to, coalesce(known.held, 0) + sum(s.held) OVER up_to, coalesce(known.applied, 0) + sum(s.applied) OVER up_to, coalesce(known.not_applied, 0) + sum(s.not_applied) OVER up_to, coalesce(known.undisclosed, 0) + sum(s.undisclosed) OVER up_to, coalesce(known.unanswered, 0) + sum(s.unanswered) OVER up_to, coalesce(known.lapsed, 0) + sum(s.lapsed) OVER up_to, coalesce(known.exempt, 0) + sum(s.exempt) OVER up_to
    FROM step s
    LEFT JOIN LATERAL (
      SELECT * FROM roll_month k WHERE k.unit_id = s.unit_id AND k.month <= s.month ORDER BY k.month DESC LIMIT 1
    ) AS known ON true
    WINDOW up_to AS (PARTITION BY s.unit_id ORDER BY s.month)
    ON CONFLICT (unit_id, month) DO UPDATE SET staff = excluded.staff, held = excluded.held, applied = excluded.applied, not_applied = excluded.not_applied, undisclosed = excluded.undisclosed, unanswered = excluded.unanswered, lapsed = excluded.lapsed, exempt = excluded.exempt
  ),
  -- What is new, and what was known already of the days that have come since.
  come AS (
    SELECT unit_id, sum(staff)::int AS staff, sum(held)::int AS held, sum(applied)::int AS applied, sum(not_applied)::int AS not_applied, sum(undisclosed)::int AS undisclosed, sum(unanswered)::int AS unanswered, sum(lapsed)::int AS lapsed, sum(exempt)::int AS exempt
    FROM (
      SELECT unit_id, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt FROM part WHERE is_current
      UNION ALL
      SELECT d.unit_id, d.staff, d.held, d.applied, d.not_applied, d.undisclosed, d.unanswered, d.lapsed, d.exempt
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
    INSERT INTO roll_current AS c (unit_id, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt) SELECT * FROM come ORDER BY unit_id
    ON CONFLICT (unit_id) DO UPDATE SET staff = c.staff + excluded.staff, held = c.held + excluded.held, applied = c.applied + excluded.applied, not_applied = c.not_applied + excluded.not_applied, undisclosed = c.undisclosed + excluded.undisclosed, unanswered = c.unanswered + excluded.unanswered, lapsed = c.lapsed + excluded.lapsed, exempt = c.exempt + excluded.exempt
  )
  SELECT count(*) FROM taken INTO folded;
  RETURN folded;
END $function$;

CREATE OR REPLACE FUNCTION public.forbid_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'table % is append-only: % is not allowed', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.forget_erased_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table staff_former_number is append-only: DELETE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $function$;

CREATE OR REPLACE FUNCTION public.is_erased(staff integer)
 RETURNS boolean
 LANGUAGE sql
 STABLE
AS $function$
  SELECT EXISTS (SELECT FROM staff_erasure e WHERE e.staff_id = staff)
$function$;

CREATE OR REPLACE FUNCTION public.lengthen_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF NEW.id <> OLD.id OR NEW.rows <= OLD.rows THEN
    RAISE EXCEPTION 'table audit_chain only grows' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.prepare_derivation()
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  CREATE TEMP TABLE prepared_rule ON COMMIT DROP AS SELECT count(*) + count(superseded_at) AS told FROM count_definition;
  CREATE TEMP TABLE prepared_told (staff_id integer, told numeric) ON COMMIT DROP;
  CREATE TEMP TABLE prepared_stretch (sign integer, LIKE timeline) ON COMMIT DROP;
  CREATE TEMP TABLE prepared_closure (sign integer, LIKE org_closure) ON COMMIT DROP;
  CREATE TEMP TABLE prepared_delta ON COMMIT DROP AS
    SELECT unit_id, on_date, staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt FROM roll_delta WITH NO DATA;
END $function$;

CREATE OR REPLACE FUNCTION public.prepare_figures()
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
BEGIN
  INSERT INTO prepared_delta 
  WITH ray AS (
    SELECT s.unit_id, r.on_date, s.status, s.exempt, sum(r.sign) AS sign
    FROM prepared_stretch s CROSS JOIN LATERAL (VALUES (s.valid_from, s.sign), (s.valid_to, -s.sign)) AS r (on_date, sign)
    WHERE s.counted AND r.on_date < 'infinity'
    GROUP BY s.unit_id, r.on_date, s.status, s.exempt
    HAVING sum(r.sign) <> 0
  )
  SELECT unit_id, on_date, sum(sign * 1)::int AS staff, sum(sign * (status = 'held')::int)::int AS held, sum(sign * (status = 'applied')::int)::int AS applied, sum(sign * (status = 'not_applied')::int)::int AS not_applied, sum(sign * (status = 'undisclosed')::int)::int AS undisclosed, sum(sign * (status = 'unanswered')::int)::int AS unanswered, sum(sign * (status = 'lapsed')::int)::int AS lapsed, sum(sign * exempt::int)::int AS exempt
  FROM (
    SELECT c.ancestor_id AS unit_id, b.on_date, b.sign, r.status, r.exempt
    FROM ray r
    JOIN (SELECT 1 AS sign, * FROM org_closure) c ON c.descendant_id = r.unit_id AND r.on_date < c.valid_to
    CROSS JOIN LATERAL (VALUES (greatest(r.on_date, c.valid_from), r.sign * c.sign), (c.valid_to, -r.sign * c.sign)) AS b (on_date, sign)
    WHERE b.on_date < 'infinity'
  ) AS boundary
  GROUP BY unit_id, on_date
  HAVING sum(sign * 1) <> 0 OR sum(sign * (status = 'held')::int) <> 0 OR sum(sign * (status = 'applied')::int) <> 0 OR sum(sign * (status = 'not_applied')::int) <> 0 OR sum(sign * (status = 'undisclosed')::int) <> 0 OR sum(sign * (status = 'unanswered')::int) <> 0 OR sum(sign * (status = 'lapsed')::int) <> 0 OR sum(sign * exempt::int) <> 0;
END $function$;

CREATE OR REPLACE FUNCTION public.prepare_people(people integer[])
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.prepare_units()
 RETURNS void
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_custom_plan'
AS $function$
BEGIN
  WITH
  new AS MATERIALIZED (SELECT * FROM closure_of_facts()),
  gone AS (SELECT * FROM org_closure EXCEPT SELECT * FROM new),
  come AS (SELECT * FROM new EXCEPT SELECT * FROM org_closure)
  INSERT INTO prepared_closure SELECT -1, * FROM gone UNION ALL SELECT 1, * FROM come;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_former_numbers()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF EXISTS (SELECT FROM added JOIN staff_former_number f ON f.number = added.number) THEN
    RAISE EXCEPTION 'a number somebody had is not given to anybody else' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.timeline_of(people integer[])
 RETURNS TABLE(staff_id integer, unit_id integer, status text, exempt boolean, valid_from date, valid_to date, counted boolean)
 LANGUAGE sql
 STABLE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.told_of(people integer[])
 RETURNS TABLE(staff_id integer, told numeric)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT t.staff_id, sum(t.told)
  FROM (
    SELECT e.staff_id, count(*) AS told FROM card_event e WHERE e.staff_id = ANY (people) GROUP BY e.staff_id
    UNION ALL
    SELECT x.staff_id, hashtextextended(concat_ws(' ', x.valid_from, x.valid_to), 0)
    FROM card_exception_approved x WHERE x.staff_id = ANY (people)
  ) AS t
  GROUP BY t.staff_id
$function$;

CREATE OR REPLACE FUNCTION public.unit_manager_on(on_day date)
 RETURNS TABLE(unit_id integer, staff_id integer, is_primary boolean)
 LANGUAGE sql
 STABLE
AS $function$
  SELECT a.unit_id, a.staff_id, a.is_primary
  FROM assignment a
  WHERE a.is_manager AND a.superseded_at IS NULL AND a.valid_from <= on_day AND on_day < a.valid_to
  UNION ALL
  SELECT p.unit_id, p.manager_id, false
  FROM unit_period p
  WHERE p.manager_id IS NOT NULL AND p.superseded_at IS NULL AND p.valid_from <= on_day AND on_day < p.valid_to
    AND NOT EXISTS (SELECT FROM assignment m WHERE m.unit_id = p.unit_id AND m.is_manager AND m.superseded_at IS NULL
                      AND m.valid_from <= on_day AND on_day < m.valid_to)
    AND EXISTS (SELECT FROM assignment w WHERE w.staff_id = p.manager_id AND w.is_primary AND w.superseded_at IS NULL
                  AND w.valid_from <= on_day AND on_day < w.valid_to)
$function$;

CREATE TABLE answer_key (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  secret bytea NOT NULL,
  made_at timestamp with time zone NOT NULL,
  made_by text NOT NULL,
  CONSTRAINT answer_key_pkey PRIMARY KEY (id),
  CONSTRAINT answer_key_id_check CHECK ((id < 65536)),
  CONSTRAINT answer_key_secret_check CHECK ((length(secret) = 32))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON answer_key FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON answer_key FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE answer_key IS 'sign the links by which people answer; only the newest one holds';

CREATE TABLE api_token (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id integer NOT NULL,
  name text NOT NULL,
  token_hash bytea NOT NULL,
  access text NOT NULL,
  role text,
  unit_id integer,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  CONSTRAINT api_token_pkey PRIMARY KEY (id),
  CONSTRAINT api_token_token_hash_key UNIQUE (token_hash),
  CONSTRAINT api_token_access_check CHECK ((access = ANY (ARRAY['read'::text, 'write'::text]))),
  CONSTRAINT api_token_check CHECK ((expires_at <= (created_at + '366 days'::interval))),
  CONSTRAINT api_token_name_check CHECK ((name <> ''::text)),
  CONSTRAINT api_token_role_check CHECK ((role = ANY (ARRAY['hr'::text, 'manager'::text, 'leader'::text, 'auditor'::text, 'admin'::text]))),
  CONSTRAINT api_token_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT api_token_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
);
CREATE INDEX api_token_user ON api_token USING btree (user_id);
COMMENT ON COLUMN api_token.role IS 'the only role of the account that the token carries; NULL: all of them';
COMMENT ON COLUMN api_token.unit_id IS 'the only unit it carries them for; NULL: all of them';

CREATE TABLE app_grant (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  user_id integer NOT NULL,
  role text NOT NULL,
  unit_id integer,
  valid_from date NOT NULL,
  valid_to date NOT NULL DEFAULT 'infinity'::date,
  source text NOT NULL DEFAULT 'manual'::text,
  granted_by text NOT NULL DEFAULT 'system'::text,
  revoked_at timestamp with time zone,
  revoked_by text,
  CONSTRAINT app_grant_pkey PRIMARY KEY (id),
  CONSTRAINT app_grant_check CHECK ((valid_from < valid_to)),
  CONSTRAINT app_grant_revoked CHECK (((revoked_at IS NULL) = (revoked_by IS NULL))),
  CONSTRAINT app_grant_role_check CHECK ((role = ANY (ARRAY['hr'::text, 'manager'::text, 'leader'::text, 'auditor'::text, 'admin'::text]))),
  CONSTRAINT app_grant_source_check CHECK ((source = ANY (ARRAY['manual'::text, 'provider'::text]))),
  CONSTRAINT app_grant_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT app_grant_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
);
CREATE INDEX app_grant_user ON app_grant USING btree (user_id);
COMMENT ON COLUMN app_grant.unit_id IS 'the subtree the role holds for; NULL means every unit';
COMMENT ON COLUMN app_grant.source IS 'provider: follows what the identity provider says at each sign-in';
COMMENT ON COLUMN app_grant.revoked_at IS 'from then on without effect, whatever the days say';

CREATE TABLE app_session (
  token_hash bytea NOT NULL,
  user_id integer NOT NULL,
  csrf_token text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  last_seen_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  CONSTRAINT app_session_pkey PRIMARY KEY (token_hash),
  CONSTRAINT app_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES app_user(id)
);

CREATE TABLE app_setting (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  value jsonb NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  CONSTRAINT app_setting_pkey PRIMARY KEY (id),
  CONSTRAINT app_setting_name_check CHECK (((name = ANY (ARRAY['managers_see_names'::text, 'reminder_rules'::text])) OR (name ~ '^policy(-channel)?:[a-z]+(-[a-z]+)*$'::text)))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON app_setting FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON app_setting FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE app_setting IS 'decisions of the city; of one name the newest row holds, and where there is none what the program proposes';

CREATE TABLE app_user (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  display_name text NOT NULL,
  password_hash text,
  must_change_password boolean NOT NULL DEFAULT false,
  created_at timestamp with time zone NOT NULL,
  disabled_at timestamp with time zone,
  staff_number text,
  password_expires_at timestamp with time zone,
  oidc_issuer text,
  oidc_subject text,
  CONSTRAINT app_user_pkey PRIMARY KEY (id),
  CONSTRAINT app_user_name_key UNIQUE (name),
  CONSTRAINT app_user_oidc UNIQUE (oidc_issuer, oidc_subject),
  CONSTRAINT app_user_staff_number_key UNIQUE (staff_number),
  CONSTRAINT app_user_identity CHECK (((oidc_issuer IS NULL) = (oidc_subject IS NULL))),
  CONSTRAINT app_user_name_check CHECK ((name <> ''::text)),
  CONSTRAINT app_user_staff_number_check CHECK ((staff_number <> ''::text))
);
COMMENT ON COLUMN app_user.password_hash IS 'NULL: signs in with the identity provider only';
COMMENT ON COLUMN app_user.staff_number IS 'whose account this is; where the roster names that person as manager, the account manages';
COMMENT ON COLUMN app_user.password_expires_at IS 'of a one-time password; NULL once the person has chosen one';

CREATE TABLE area (
  code text NOT NULL,
  kind text NOT NULL,
  prefecture text NOT NULL,
  name text NOT NULL,
  CONSTRAINT area_pkey PRIMARY KEY (code),
  CONSTRAINT area_code_check CHECK ((code ~ '^[0-9]{6}$'::text)),
  CONSTRAINT area_kind_check CHECK ((kind = ANY (ARRAY['nation'::text, 'prefecture'::text, 'municipality'::text])))
);

CREATE TABLE assignment (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  staff_id integer NOT NULL,
  unit_id integer NOT NULL,
  is_primary boolean NOT NULL,
  is_manager boolean NOT NULL DEFAULT false,
  employment text NOT NULL DEFAULT ''::text,
  valid_from date NOT NULL,
  valid_to date NOT NULL DEFAULT 'infinity'::date,
  recorded_at timestamp with time zone NOT NULL,
  import_id bigint,
  superseded_at timestamp with time zone,
  leave text NOT NULL DEFAULT ''::text,
  carried_from bigint,
  CONSTRAINT assignment_pkey PRIMARY KEY (id),
  CONSTRAINT assignment_once_a_unit EXCLUDE USING gist (staff_id WITH =, unit_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (((NOT is_primary) AND (superseded_at IS NULL))),
  CONSTRAINT assignment_check CHECK ((valid_from < valid_to)),
  CONSTRAINT assignment_carried_from_fkey FOREIGN KEY (carried_from) REFERENCES assignment(id)
);
CREATE INDEX assignment_staff ON assignment USING btree (staff_id, valid_from) WHERE (superseded_at IS NULL);
CREATE INDEX assignment_unit ON assignment USING btree (unit_id, valid_from, valid_to) WHERE (superseded_at IS NULL);
CREATE TRIGGER assignment_added AFTER INSERT ON assignment REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION assignment_added();
CREATE TRIGGER no_delete BEFORE DELETE ON assignment FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON assignment FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER superseding AFTER UPDATE ON assignment FOR EACH ROW EXECUTE FUNCTION allow_superseding_once();
COMMENT ON COLUMN assignment.leave IS '勤務状況 as the roster says: 休職, 育休, 派遣 …; blank where it says nothing';
COMMENT ON COLUMN assignment.carried_from IS 'the row that would stand here had the unit not gone where it goes';

CREATE TABLE audit_chain (
  id uuid NOT NULL,
  rows bigint NOT NULL,
  head bytea NOT NULL,
  CONSTRAINT audit_chain_pkey PRIMARY KEY (id),
  CONSTRAINT audit_chain_head_check CHECK ((length(head) = 32)),
  CONSTRAINT audit_chain_rows_check CHECK ((rows >= 0))
);
CREATE UNIQUE INDEX audit_chain_one ON audit_chain USING btree ((true));
CREATE TRIGGER lengthen_only BEFORE UPDATE ON audit_chain FOR EACH ROW EXECUTE FUNCTION lengthen_only();
CREATE TRIGGER no_delete BEFORE DELETE ON audit_chain FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_chain FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE audit_chain IS 'where the chain ends; its one row is locked by whoever lengthens it';

CREATE TABLE audit_event (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL DEFAULT ''::text,
  details jsonb NOT NULL DEFAULT '{}'::jsonb,
  seq bigint,
  hash bytea,
  CONSTRAINT audit_event_pkey PRIMARY KEY (id),
  CONSTRAINT audit_event_seq_key UNIQUE (seq),
  CONSTRAINT audit_event_check CHECK (((seq IS NULL) = (hash IS NULL))),
  CONSTRAINT audit_event_hash_check CHECK ((length(hash) = 32)),
  CONSTRAINT audit_event_seq_check CHECK ((seq > 0))
);
CREATE INDEX audit_event_actor ON audit_event USING btree (actor, id);
CREATE INDEX audit_event_at ON audit_event USING brin (at);
CREATE INDEX audit_event_pending ON audit_event USING btree (id) WHERE (seq IS NULL);
CREATE INDEX audit_event_staff ON audit_event USING gin (((details -> 'staff'::text)) jsonb_path_ops) WHERE (details ? 'staff'::text);
CREATE INDEX audit_event_target ON audit_event USING btree (target, id);
CREATE TRIGGER chain_once BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION chain_once();
CREATE TRIGGER no_delete BEFORE DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON COLUMN audit_event.seq IS 'place in the chain, without gaps; NULL until the row is chained';

CREATE TABLE card_event (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  staff_id integer NOT NULL,
  status text,
  effective_on date NOT NULL,
  evidence text NOT NULL,
  corrects bigint,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  import_id bigint,
  expires_month date,
  CONSTRAINT card_event_pkey PRIMARY KEY (id),
  CONSTRAINT card_event_check CHECK (((status IS NOT NULL) OR (corrects IS NOT NULL))),
  CONSTRAINT card_event_evidence_check CHECK ((evidence = ANY (ARRAY['self'::text, 'manager'::text, 'hr'::text, 'import'::text]))),
  CONSTRAINT card_event_expires_month CHECK (((expires_month IS NULL) OR ((NOT (status IS DISTINCT FROM 'held'::text)) AND (EXTRACT(day FROM expires_month) = (1)::numeric)))),
  CONSTRAINT card_event_status_check CHECK ((status = ANY (ARRAY['held'::text, 'applied'::text, 'not_applied'::text, 'undisclosed'::text, 'unanswered'::text, 'lapsed'::text]))),
  CONSTRAINT card_event_corrects_fkey FOREIGN KEY (corrects) REFERENCES card_event(id),
  CONSTRAINT card_event_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_batch(id),
  CONSTRAINT card_event_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id)
);
CREATE UNIQUE INDEX card_event_corrected ON card_event USING btree (corrects) WHERE (corrects IS NOT NULL);
CREATE INDEX card_event_expires ON card_event USING btree (expires_month) WHERE (expires_month IS NOT NULL);
CREATE INDEX card_event_latest ON card_event USING btree (staff_id, effective_on DESC, id DESC) INCLUDE (status);
CREATE TRIGGER erase_only BEFORE UPDATE ON card_event FOR EACH ROW EXECUTE FUNCTION erase_card_event();
CREATE TRIGGER no_delete BEFORE DELETE ON card_event FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON card_event FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON COLUMN card_event.corrects IS 'the event this one replaces; with a NULL status it takes it back and puts nothing in its place';
COMMENT ON COLUMN card_event.expires_month IS 'first day of the last month in which the card is valid; without a later event it counts as lapsed from the month after';

CREATE TABLE card_exception (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  staff_id integer NOT NULL,
  category text NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL,
  requested_at timestamp with time zone NOT NULL,
  requested_by text NOT NULL,
  note text NOT NULL DEFAULT ''::text,
  CONSTRAINT card_exception_pkey PRIMARY KEY (id),
  CONSTRAINT card_exception_check CHECK (((valid_from < valid_to) AND (valid_to < 'infinity'::date))),
  CONSTRAINT card_exception_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id)
);
CREATE INDEX card_exception_staff ON card_exception USING btree (staff_id);
CREATE TRIGGER erase_only BEFORE UPDATE ON card_exception FOR EACH ROW EXECUTE FUNCTION erase_card_exception();
CREATE TRIGGER no_delete BEFORE DELETE ON card_exception FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON card_exception FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON COLUMN card_exception.note IS 'what the person chose to say; nobody has to';

CREATE TABLE card_exception_decision (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  exception_id bigint NOT NULL,
  decision text NOT NULL,
  effective_on date,
  reason text NOT NULL DEFAULT ''::text,
  decided_at timestamp with time zone NOT NULL,
  decided_by text NOT NULL,
  valid_from date,
  valid_to date,
  on_appeal boolean NOT NULL DEFAULT false,
  CONSTRAINT card_exception_decision_pkey PRIMARY KEY (id),
  CONSTRAINT card_exception_decision_check CHECK (((decision = 'withdrawn'::text) = (effective_on IS NOT NULL))),
  CONSTRAINT card_exception_decision_check1 CHECK (((valid_from < valid_to) AND (valid_to < 'infinity'::date))),
  CONSTRAINT card_exception_decision_days CHECK ((((valid_from IS NULL) = (valid_to IS NULL)) AND ((decision = 'approved'::text) OR (valid_from IS NULL)))),
  CONSTRAINT card_exception_decision_decision_check CHECK ((decision = ANY (ARRAY['approved'::text, 'rejected'::text, 'withdrawn'::text, 'appealed'::text]))),
  CONSTRAINT card_exception_decision_on_appeal CHECK (((NOT on_appeal) OR (decision = ANY (ARRAY['approved'::text, 'rejected'::text])))),
  CONSTRAINT card_exception_decision_exception_id_fkey FOREIGN KEY (exception_id) REFERENCES card_exception(id)
);
CREATE UNIQUE INDEX card_exception_appealed_once ON card_exception_decision USING btree (exception_id) WHERE (decision = 'appealed'::text);
CREATE UNIQUE INDEX card_exception_approved_once ON card_exception_decision USING btree (exception_id) WHERE (decision = 'approved'::text);
CREATE UNIQUE INDEX card_exception_decided_once ON card_exception_decision USING btree (exception_id, on_appeal) WHERE (decision = ANY (ARRAY['approved'::text, 'rejected'::text]));
CREATE INDEX card_exception_decision_of ON card_exception_decision USING btree (exception_id, id);
CREATE UNIQUE INDEX card_exception_withdrawn_once ON card_exception_decision USING btree (exception_id) WHERE (decision = 'withdrawn'::text);
CREATE TRIGGER erase_only BEFORE UPDATE ON card_exception_decision FOR EACH ROW EXECUTE FUNCTION erase_card_exception_decision();
CREATE TRIGGER no_delete BEFORE DELETE ON card_exception_decision FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON card_exception_decision FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON COLUMN card_exception_decision.reason IS 'of a rejection: what the person is told; of an appeal: what the person says';
COMMENT ON COLUMN card_exception_decision.valid_from IS 'of an approval: the days it is for; NULL: those that were asked for';
COMMENT ON COLUMN card_exception_decision.on_appeal IS 'the second decision, after an appeal against the first';

CREATE TABLE citizen_figure (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  area_code text NOT NULL,
  metric text NOT NULL,
  as_of date NOT NULL,
  cards bigint,
  population bigint,
  population_as_of date,
  rate numeric(4,1) NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  import_id bigint,
  CONSTRAINT citizen_figure_pkey PRIMARY KEY (id),
  CONSTRAINT citizen_figure_cards_check CHECK ((cards >= 0)),
  CONSTRAINT citizen_figure_metric_check CHECK ((metric = ANY (ARRAY['issued'::text, 'owned'::text]))),
  CONSTRAINT citizen_figure_population_check CHECK ((population > 0)),
  CONSTRAINT citizen_figure_rate_check CHECK ((rate >= (0)::numeric)),
  CONSTRAINT citizen_figure_area_code_fkey FOREIGN KEY (area_code) REFERENCES area(code),
  CONSTRAINT citizen_figure_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_batch(id)
);
CREATE INDEX citizen_figure_latest ON citizen_figure USING btree (area_code, metric, as_of DESC, id DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON citizen_figure FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON citizen_figure FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE citizen_figure IS 'published figures; of one area, metric and day the newest row holds';

CREATE TABLE city (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  area_code text,
  compare_codes text[] NOT NULL DEFAULT '{}'::text[],
  contact text NOT NULL DEFAULT ''::text,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  CONSTRAINT city_pkey PRIMARY KEY (id),
  CONSTRAINT city_area_code_check CHECK ((area_code ~ '^[0-9]{6}$'::text))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON city FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON city FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE city IS 'whose tracker this is; the newest row holds';

CREATE TABLE count_definition (
  version integer NOT NULL,
  valid_from date NOT NULL,
  left_out_employment text[] NOT NULL DEFAULT '{}'::text[],
  left_out_leave text[] NOT NULL DEFAULT '{}'::text[],
  min_days integer NOT NULL DEFAULT 0,
  reason text NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  superseded_at timestamp with time zone,
  CONSTRAINT count_definition_pkey PRIMARY KEY (version),
  CONSTRAINT count_definition_min_days_check CHECK ((min_days >= 0)),
  CONSTRAINT count_definition_reason_check CHECK ((reason <> ''::text)),
  CONSTRAINT count_definition_valid_from_check CHECK ((valid_from < 'infinity'::date))
);
CREATE UNIQUE INDEX count_definition_day ON count_definition USING btree (valid_from) WHERE (superseded_at IS NULL);
CREATE TRIGGER no_delete BEFORE DELETE ON count_definition FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON count_definition FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER superseding AFTER UPDATE ON count_definition FOR EACH ROW EXECUTE FUNCTION allow_superseding_once();
COMMENT ON TABLE count_definition IS 'who is counted from a day on, until the day of the next; days without one count everybody';
COMMENT ON COLUMN count_definition.min_days IS 'days in 本務 without a gap that must have passed before somebody is counted';

CREATE TABLE delivery (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  wave_id bigint NOT NULL,
  recipient text NOT NULL,
  channel text NOT NULL,
  staff_id integer,
  unit_id integer NOT NULL,
  address text,
  context jsonb NOT NULL,
  state text NOT NULL,
  reason text NOT NULL DEFAULT ''::text,
  message_id text NOT NULL,
  attempted_at timestamp with time zone,
  settled_at timestamp with time zone,
  personal boolean NOT NULL DEFAULT false,
  attempts smallint NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone,
  worker text,
  about_units integer[] NOT NULL DEFAULT '{}'::integer[],
  CONSTRAINT delivery_pkey PRIMARY KEY (id),
  CONSTRAINT delivery_message_id_key UNIQUE (message_id),
  CONSTRAINT delivery_wave_id_recipient_channel_key UNIQUE (wave_id, recipient, channel),
  CONSTRAINT delivery_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'failed'::text, 'bounced'::text, 'unknown'::text, 'suppressed'::text]))),
  CONSTRAINT delivery_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id),
  CONSTRAINT delivery_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id),
  CONSTRAINT delivery_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES wave(id)
);
CREATE INDEX delivery_staff ON delivery USING btree (staff_id) WHERE (staff_id IS NOT NULL);
CREATE INDEX delivery_wave ON delivery USING btree (wave_id, id);
COMMENT ON COLUMN delivery.personal IS 'about the card of staff_id: not sent once the reason is gone';
COMMENT ON COLUMN delivery.attempts IS 'how often it was deferred';
COMMENT ON COLUMN delivery.worker IS 'who sends it now';
COMMENT ON COLUMN delivery.about_units IS 'the units it speaks of, where it speaks of units';

CREATE TABLE delivery_worker (
  id text NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  CONSTRAINT delivery_worker_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE delivery_worker IS 'processes that send, by their sign of life';

CREATE TABLE goal (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  rate numeric(4,1) NOT NULL,
  reach_by date,
  valid_from date NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  CONSTRAINT goal_pkey PRIMARY KEY (id),
  CONSTRAINT goal_rate_check CHECK (((rate > (0)::numeric) AND (rate <= (100)::numeric)))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON goal FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON goal FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE import_batch (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  kind text NOT NULL,
  file_names text[] NOT NULL,
  options jsonb NOT NULL DEFAULT '{}'::jsonb,
  state text NOT NULL,
  report jsonb NOT NULL,
  created_at timestamp with time zone NOT NULL,
  created_by text NOT NULL,
  applied_at timestamp with time zone,
  applied_by text,
  withdrawn_at timestamp with time zone,
  withdrawn_by text,
  CONSTRAINT import_batch_pkey PRIMARY KEY (id),
  CONSTRAINT import_batch_state_check CHECK ((state = ANY (ARRAY['previewed'::text, 'applied'::text, 'discarded'::text, 'withdrawn'::text])))
);
CREATE TRIGGER no_delete BEFORE DELETE ON import_batch FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE mail_budget (
  one boolean NOT NULL DEFAULT true,
  day date NOT NULL,
  used integer NOT NULL,
  free_at timestamp with time zone NOT NULL,
  CONSTRAINT mail_budget_pkey PRIMARY KEY (one),
  CONSTRAINT mail_budget_one_check CHECK (one)
);
COMMENT ON TABLE mail_budget IS 'what all processes together have sent on a day, and when the next message may leave';

CREATE TABLE message_template (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  sha256 text NOT NULL,
  source jsonb NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  CONSTRAINT message_template_pkey PRIMARY KEY (id),
  CONSTRAINT message_template_name_sha256_key UNIQUE (name, sha256),
  CONSTRAINT message_template_name_version_key UNIQUE (name, version)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON message_template FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON message_template FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE message_template_choice (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  shipped boolean NOT NULL,
  reason text NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  CONSTRAINT message_template_choice_pkey PRIMARY KEY (id),
  CONSTRAINT message_template_choice_reason_check CHECK ((reason <> ''::text)),
  CONSTRAINT message_template_choice_name_version_fkey FOREIGN KEY (name, version) REFERENCES message_template(name, version)
);
CREATE INDEX message_template_choice_newest ON message_template_choice USING btree (name, id DESC);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON message_template_choice FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON message_template_choice FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE message_template_choice IS 'the newest of a name holds; without one the text that ships is used';
COMMENT ON COLUMN message_template_choice.shipped IS 'true where the choice was the text that ships: a later release may bring a newer one';

CREATE TABLE month_close (
  month text NOT NULL,
  version integer NOT NULL,
  as_of date NOT NULL,
  closed_at timestamp with time zone NOT NULL,
  closed_by text NOT NULL,
  document jsonb NOT NULL,
  CONSTRAINT month_close_pkey PRIMARY KEY (month, version),
  CONSTRAINT month_close_month_check CHECK ((month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'::text))
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON month_close FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON month_close FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE month_figure (
  month text NOT NULL,
  version integer NOT NULL,
  unit_id integer NOT NULL,
  parent_id integer,
  name text NOT NULL,
  kind text NOT NULL,
  "position" integer NOT NULL,
  depth integer NOT NULL,
  staff integer NOT NULL,
  held integer NOT NULL,
  applied integer NOT NULL,
  not_applied integer NOT NULL,
  undisclosed integer NOT NULL,
  unanswered integer NOT NULL,
  lapsed integer NOT NULL,
  exempt integer NOT NULL,
  CONSTRAINT month_figure_pkey PRIMARY KEY (month, version, unit_id),
  CONSTRAINT month_figure_month_version_fkey FOREIGN KEY (month, version) REFERENCES month_close(month, version),
  CONSTRAINT month_figure_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES unit(id),
  CONSTRAINT month_figure_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON month_figure FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON month_figure FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE month_publication (
  month text NOT NULL,
  version integer NOT NULL,
  audience text NOT NULL,
  lines jsonb NOT NULL,
  hidden text[] NOT NULL,
  CONSTRAINT month_publication_pkey PRIMARY KEY (month, version, audience),
  CONSTRAINT month_publication_audience_check CHECK ((audience = ANY (ARRAY['leadership'::text, 'public'::text]))),
  CONSTRAINT month_publication_month_version_fkey FOREIGN KEY (month, version) REFERENCES month_close(month, version)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON month_publication FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON month_publication FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE month_publication IS 'figures for readers outside HR: shown lines, and the groups that appear in sums only';

CREATE TABLE month_release (
  month text NOT NULL,
  version integer NOT NULL,
  released_at timestamp with time zone NOT NULL,
  released_by text NOT NULL,
  CONSTRAINT month_release_pkey PRIMARY KEY (month, version),
  CONSTRAINT month_release_month_version_fkey FOREIGN KEY (month, version) REFERENCES month_close(month, version)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON month_release FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON month_release FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE month_release IS 'closed months that everybody may read as open data';

CREATE TABLE org_closure (
  ancestor_id integer NOT NULL,
  descendant_id integer NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL,
  CONSTRAINT org_closure_check CHECK ((valid_from < valid_to))
);
CREATE INDEX org_closure_down ON org_closure USING btree (ancestor_id, descendant_id) INCLUDE (valid_from, valid_to);
CREATE INDEX org_closure_up ON org_closure USING btree (descendant_id, valid_from) INCLUDE (ancestor_id, valid_to);
COMMENT ON TABLE org_closure IS 'on which days a unit counts for another; every unit counts for the root, one that stands in the tree also for itself';

CREATE TABLE provider_sign_in (
  state_hash bytea NOT NULL,
  nonce text NOT NULL,
  code_verifier text NOT NULL,
  next_path text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  CONSTRAINT provider_sign_in_pkey PRIMARY KEY (state_hash)
);
COMMENT ON TABLE provider_sign_in IS 'one row from leaving for the identity provider until coming back, ten minutes at most';

CREATE TABLE roll_current (
  unit_id integer NOT NULL,
  staff integer NOT NULL,
  held integer NOT NULL,
  applied integer NOT NULL,
  not_applied integer NOT NULL,
  undisclosed integer NOT NULL,
  unanswered integer NOT NULL,
  lapsed integer NOT NULL,
  exempt integer NOT NULL,
  CONSTRAINT roll_current_pkey PRIMARY KEY (unit_id)
);
COMMENT ON TABLE roll_current IS 'the figures of a subtree at the end of the day of roll_day, from its folded deltas; no row: nobody ever';

CREATE TABLE roll_day (
  on_day date NOT NULL
);
CREATE UNIQUE INDEX roll_day_one ON roll_day USING btree ((true));
COMMENT ON TABLE roll_day IS 'the one day that roll_current speaks of; moves on, never back';

CREATE TABLE roll_delta (
  unit_id integer NOT NULL,
  on_date date NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  staff integer NOT NULL,
  held integer NOT NULL,
  applied integer NOT NULL,
  not_applied integer NOT NULL,
  undisclosed integer NOT NULL,
  unanswered integer NOT NULL,
  lapsed integer NOT NULL,
  exempt integer NOT NULL
);
CREATE INDEX roll_delta_on ON roll_delta USING btree (unit_id, on_date) INCLUDE (staff, held, applied, not_applied, undisclosed, unanswered, lapsed, exempt);
COMMENT ON TABLE roll_delta IS 'by how much the figures of a subtree change on a day; rows are only added, or all thrown away by a rebuild';

CREATE TABLE roll_month (
  unit_id integer NOT NULL,
  month date NOT NULL,
  staff integer NOT NULL,
  held integer NOT NULL,
  applied integer NOT NULL,
  not_applied integer NOT NULL,
  undisclosed integer NOT NULL,
  unanswered integer NOT NULL,
  lapsed integer NOT NULL,
  exempt integer NOT NULL,
  CONSTRAINT roll_month_pkey PRIMARY KEY (unit_id, month),
  CONSTRAINT roll_month_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);
COMMENT ON TABLE roll_month IS 'the figures of a subtree at the end of a month, from its folded deltas; a month without change has no row';

CREATE TABLE roll_unfolded (
  unit_id integer NOT NULL,
  on_date date NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  staff integer NOT NULL,
  held integer NOT NULL,
  applied integer NOT NULL,
  not_applied integer NOT NULL,
  undisclosed integer NOT NULL,
  unanswered integer NOT NULL,
  lapsed integer NOT NULL,
  exempt integer NOT NULL
);
CREATE INDEX roll_unfolded_unit ON roll_unfolded USING btree (unit_id);
COMMENT ON TABLE roll_unfolded IS 'deltas that neither roll_delta nor roll_month holds yet';

CREATE TABLE scheduled_wave (
  policy text NOT NULL,
  regular_on date NOT NULL,
  wave_id bigint,
  handled_at timestamp with time zone NOT NULL,
  CONSTRAINT scheduled_wave_pkey PRIMARY KEY (policy, regular_on),
  CONSTRAINT scheduled_wave_wave_id_fkey FOREIGN KEY (wave_id) REFERENCES wave(id)
);
COMMENT ON TABLE scheduled_wave IS 'the days of policies that have been dealt with, by the day that the calendar gives';
COMMENT ON COLUMN scheduled_wave.wave_id IS 'NULL where there was nobody to write to, or a later wave spoke for it';

CREATE TABLE scheduler_watch (
  one boolean NOT NULL DEFAULT true,
  since timestamp with time zone NOT NULL,
  last timestamp with time zone NOT NULL,
  CONSTRAINT scheduler_watch_pkey PRIMARY KEY (one),
  CONSTRAINT scheduler_watch_one_check CHECK (one)
);
COMMENT ON TABLE scheduler_watch IS 'from when to when somebody has looked without a gap which waves are due';

CREATE TABLE staff (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  number text NOT NULL,
  CONSTRAINT staff_pkey PRIMARY KEY (id),
  CONSTRAINT staff_number_key UNIQUE (number),
  CONSTRAINT staff_number_check CHECK ((number <> ''::text))
);
CREATE TRIGGER erase_only BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION erase_staff();
CREATE TRIGGER never_twice AFTER INSERT ON staff REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_former_numbers();
CREATE TRIGGER no_delete BEFORE DELETE ON staff FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON staff FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE staff_erasure (
  staff_id integer NOT NULL,
  last_day date NOT NULL,
  erased_on date NOT NULL,
  erased_at timestamp with time zone NOT NULL,
  erased_by text NOT NULL,
  CONSTRAINT staff_erasure_pkey PRIMARY KEY (staff_id),
  CONSTRAINT staff_erasure_check CHECK ((last_day < erased_on)),
  CONSTRAINT staff_erasure_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id)
);
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON staff_erasure FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER leavers_only BEFORE INSERT ON staff_erasure FOR EACH ROW EXECUTE FUNCTION erase_leavers_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON staff_erasure FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE staff_erasure IS 'whose personal data is erased: the licence for it, written first and in the same transaction';

CREATE TABLE staff_former_number (
  number text NOT NULL,
  staff_id integer NOT NULL,
  changed_at timestamp with time zone NOT NULL,
  changed_by text NOT NULL,
  CONSTRAINT staff_former_number_pkey PRIMARY KEY (number),
  CONSTRAINT staff_former_number_number_check CHECK ((number <> ''::text)),
  CONSTRAINT staff_former_number_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id)
);
CREATE INDEX staff_former_number_of ON staff_former_number USING btree (staff_id);
CREATE TRIGGER append_only BEFORE UPDATE ON staff_former_number FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER erased_only BEFORE DELETE ON staff_former_number FOR EACH ROW EXECUTE FUNCTION forget_erased_only();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON staff_former_number FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
COMMENT ON TABLE staff_former_number IS 'numbers a person had; the licence for another one, written first and in the same transaction';

CREATE TABLE staff_profile (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  staff_id integer NOT NULL,
  name text NOT NULL,
  kana text,
  email text,
  hired_on date,
  recorded_at timestamp with time zone NOT NULL,
  import_id bigint,
  superseded_at timestamp with time zone,
  CONSTRAINT staff_profile_pkey PRIMARY KEY (id),
  CONSTRAINT staff_profile_name_check CHECK ((name <> ''::text)),
  CONSTRAINT staff_profile_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_batch(id),
  CONSTRAINT staff_profile_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id)
);
CREATE UNIQUE INDEX staff_profile_current ON staff_profile USING btree (staff_id) WHERE (superseded_at IS NULL);
CREATE INDEX staff_profile_search ON staff_profile USING gin (name gin_trgm_ops, kana gin_trgm_ops) WHERE (superseded_at IS NULL);
CREATE TRIGGER erase_or_supersede BEFORE UPDATE ON staff_profile FOR EACH ROW EXECUTE FUNCTION erase_or_supersede_profile();
CREATE TRIGGER no_delete BEFORE DELETE ON staff_profile FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON staff_profile FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE timeline (
  staff_id integer NOT NULL,
  unit_id integer NOT NULL,
  status text NOT NULL,
  exempt boolean NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL,
  counted boolean NOT NULL,
  CONSTRAINT timeline_check CHECK ((valid_from < valid_to))
);
CREATE INDEX timeline_staff ON timeline USING btree (staff_id, valid_from);
CREATE INDEX timeline_status ON timeline USING btree (status, valid_to) INCLUDE (valid_from, staff_id, unit_id, exempt, counted);
CREATE INDEX timeline_unit ON timeline USING btree (unit_id, valid_to) INCLUDE (valid_from, staff_id, status, exempt, counted);
COMMENT ON TABLE timeline IS 'each person cut into the stretches of days on which unit, status, exception and being counted stay the same';

CREATE TABLE unit (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  code text NOT NULL,
  CONSTRAINT unit_pkey PRIMARY KEY (id),
  CONSTRAINT unit_code_key UNIQUE (code),
  CONSTRAINT unit_code_check CHECK ((code <> ''::text))
);
CREATE TRIGGER no_delete BEFORE DELETE ON unit FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_rewrite BEFORE DELETE OR UPDATE ON unit FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON unit FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();

CREATE TABLE unit_change (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  import_id bigint NOT NULL,
  on_day date NOT NULL,
  unit_id integer NOT NULL,
  change text NOT NULL,
  name text,
  parent_id integer,
  kind text,
  email text,
  manager_id integer,
  "position" integer NOT NULL,
  replaces bigint,
  superseded_at timestamp with time zone,
  CONSTRAINT unit_change_pkey PRIMARY KEY (import_id, unit_id),
  CONSTRAINT unit_change_change_check CHECK ((change = ANY (ARRAY['created'::text, 'changed'::text, 'closed'::text]))),
  CONSTRAINT unit_change_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_batch(id),
  CONSTRAINT unit_change_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES staff(id),
  CONSTRAINT unit_change_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES unit(id),
  CONSTRAINT unit_change_replaces_fkey FOREIGN KEY (replaces) REFERENCES unit_period(id),
  CONSTRAINT unit_change_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id)
);
CREATE INDEX unit_change_unit ON unit_change USING btree (unit_id, on_day) WHERE (superseded_at IS NULL);
CREATE TRIGGER no_delete BEFORE DELETE ON unit_change FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON unit_change FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER superseding AFTER UPDATE ON unit_change FOR EACH ROW EXECUTE FUNCTION allow_superseding_once();
COMMENT ON TABLE unit_change IS 'units a reorganisation speaks about; of a changed one what it sets, NULL for what stays';
COMMENT ON COLUMN unit_change.id IS 'in the order of being applied, which may not be the order of the previews that number imports';
COMMENT ON COLUMN unit_change.replaces IS 'the period of that day as it was known before; NULL for a unit that was not there';

CREATE TABLE unit_period (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  unit_id integer NOT NULL,
  parent_id integer,
  name text NOT NULL,
  kind text NOT NULL DEFAULT ''::text,
  email text,
  manager_id integer,
  "position" integer NOT NULL DEFAULT 0,
  valid_from date NOT NULL,
  valid_to date NOT NULL DEFAULT 'infinity'::date,
  recorded_at timestamp with time zone NOT NULL,
  import_id bigint,
  superseded_at timestamp with time zone,
  CONSTRAINT unit_period_pkey PRIMARY KEY (id),
  CONSTRAINT unit_period_once EXCLUDE USING gist (unit_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE ((superseded_at IS NULL)),
  CONSTRAINT unit_period_check CHECK ((parent_id <> unit_id)),
  CONSTRAINT unit_period_check1 CHECK ((valid_from < valid_to)),
  CONSTRAINT unit_period_name_check CHECK ((name <> ''::text)),
  CONSTRAINT unit_period_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_batch(id),
  CONSTRAINT unit_period_manager_id_fkey FOREIGN KEY (manager_id) REFERENCES staff(id),
  CONSTRAINT unit_period_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES unit(id),
  CONSTRAINT unit_period_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id)
);
CREATE INDEX unit_period_manager ON unit_period USING btree (manager_id) WHERE ((superseded_at IS NULL) AND (manager_id IS NOT NULL));
CREATE INDEX unit_period_parent ON unit_period USING btree (parent_id, valid_from) WHERE (superseded_at IS NULL);
CREATE INDEX unit_period_unit ON unit_period USING btree (unit_id, valid_from) WHERE (superseded_at IS NULL);
CREATE TRIGGER no_delete BEFORE DELETE ON unit_period FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON unit_period FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER superseding AFTER UPDATE ON unit_period FOR EACH ROW EXECUTE FUNCTION allow_superseding_once();
COMMENT ON COLUMN unit_period.manager_id IS 'as the list of units names them; a manager marked in the roster goes first';

CREATE TABLE unit_succession (
  import_id bigint NOT NULL,
  on_day date NOT NULL,
  unit_id integer NOT NULL,
  staff_id integer,
  successor_id integer,
  keeps_managers boolean NOT NULL,
  superseded_at timestamp with time zone,
  CONSTRAINT unit_succession_import_id_unit_id_staff_id_key UNIQUE NULLS NOT DISTINCT (import_id, unit_id, staff_id),
  CONSTRAINT unit_succession_import_id_fkey FOREIGN KEY (import_id) REFERENCES import_batch(id),
  CONSTRAINT unit_succession_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id),
  CONSTRAINT unit_succession_successor_id_fkey FOREIGN KEY (successor_id) REFERENCES unit(id),
  CONSTRAINT unit_succession_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id)
);
CREATE TRIGGER no_delete BEFORE DELETE ON unit_succession FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON unit_succession FOR EACH STATEMENT EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER superseding AFTER UPDATE ON unit_succession FOR EACH ROW EXECUTE FUNCTION allow_superseding_once();
COMMENT ON TABLE unit_succession IS 'where those who are in a unit go from a day on: everybody, or the one person named; nowhere from an abolished unit';

CREATE TABLE unit_webhook (
  id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
  unit_id integer NOT NULL,
  format text NOT NULL,
  host text NOT NULL,
  url text,
  recorded_at timestamp with time zone NOT NULL,
  recorded_by text NOT NULL,
  ended_at timestamp with time zone,
  ended_by text,
  CONSTRAINT unit_webhook_pkey PRIMARY KEY (id),
  CONSTRAINT unit_webhook_format_check CHECK ((format = ANY (ARRAY['text'::text, 'teams'::text]))),
  CONSTRAINT unit_webhook_secret_goes CHECK (((url IS NULL) = (ended_at IS NOT NULL))),
  CONSTRAINT unit_webhook_unit_id_fkey FOREIGN KEY (unit_id) REFERENCES unit(id)
);
CREATE UNIQUE INDEX unit_webhook_current ON unit_webhook USING btree (unit_id) WHERE (ended_at IS NULL);
COMMENT ON TABLE unit_webhook IS 'where messages to the chat rooms of units go';
COMMENT ON COLUMN unit_webhook.url IS 'whoever knows it can write into the room: kept only while it is in force';

CREATE TABLE wave (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  policy text NOT NULL,
  on_date date NOT NULL,
  as_of date NOT NULL,
  template_id integer NOT NULL,
  state text NOT NULL,
  planned_at timestamp with time zone NOT NULL,
  planned_by text NOT NULL,
  finished_at timestamp with time zone,
  note text NOT NULL DEFAULT ''::text,
  active_at timestamp with time zone,
  in_office_hours boolean NOT NULL DEFAULT false,
  audience jsonb NOT NULL DEFAULT '{"outside": [], "considered": []}'::jsonb,
  CONSTRAINT wave_pkey PRIMARY KEY (id),
  CONSTRAINT wave_policy_on_date_key UNIQUE (policy, on_date),
  CONSTRAINT wave_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'awaiting'::text, 'sending'::text, 'paused'::text, 'finished'::text, 'cancelled'::text]))),
  CONSTRAINT wave_template_id_fkey FOREIGN KEY (template_id) REFERENCES message_template(id)
);
COMMENT ON COLUMN wave.note IS 'why it waits: a code of ours, or the words of a mail server';
COMMENT ON COLUMN wave.active_at IS 'when it was last worked on: one that lay still for a day asks before it goes on';
COMMENT ON COLUMN wave.in_office_hours IS 'began by itself: leaves only when standing rules may';
COMMENT ON COLUMN wave.audience IS 'among whom its audience was found when it was planned, and who was not in it, as counts';

CREATE VIEW card_event_valid AS
 SELECT id,
    staff_id,
    status,
    effective_on,
    evidence,
    corrects,
    recorded_at,
    recorded_by,
    import_id,
    expires_month
   FROM card_event e
  WHERE status IS NOT NULL AND NOT (EXISTS ( SELECT
           FROM card_event c
          WHERE c.corrects = e.id));

CREATE VIEW card_exception_approved AS
 SELECT x.id,
    x.staff_id,
    x.category,
    COALESCE(a.valid_from, x.valid_from) AS valid_from,
    LEAST(COALESCE(a.valid_to, x.valid_to), w.effective_on) AS valid_to
   FROM card_exception x
     JOIN card_exception_decision a ON a.exception_id = x.id AND a.decision = 'approved'::text
     LEFT JOIN card_exception_decision w ON w.exception_id = x.id AND w.decision = 'withdrawn'::text
  WHERE COALESCE(a.valid_from, x.valid_from) < LEAST(COALESCE(a.valid_to, x.valid_to), w.effective_on);

CREATE VIEW card_status_period AS
 SELECT e.staff_id,
    part.status,
    part.valid_from,
    part.valid_to,
    e.event_id,
    e.evidence,
    e.expires_month
   FROM ( SELECT card_event_valid.staff_id,
            card_event_valid.status,
            card_event_valid.effective_on,
            card_event_valid.id AS event_id,
            card_event_valid.evidence,
            card_event_valid.expires_month,
            COALESCE(lead(card_event_valid.effective_on) OVER (PARTITION BY card_event_valid.staff_id ORDER BY card_event_valid.effective_on, card_event_valid.id), 'infinity'::date) AS until,
            COALESCE((card_event_valid.expires_month + '1 mon'::interval)::date, 'infinity'::date) AS lapses_on
           FROM card_event_valid) e
     CROSS JOIN LATERAL ( VALUES (e.status,e.effective_on,LEAST(e.until, e.lapses_on)), ('lapsed'::text,GREATEST(e.effective_on, e.lapses_on),e.until)) part(status, valid_from, valid_to)
  WHERE part.valid_from < part.valid_to;
