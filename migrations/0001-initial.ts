import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The facts and what goes with them. Three kinds of table:
 *  - append-only: rows are never changed or removed (card events, decisions, figures, closed months, audit);
 *  - superseding: a correction closes the old row by `superseded_at`, once, and adds a new one
 *    (what a unit was called and where it hung, personal details, assignments);
 *  - working state: accounts, sessions, uploads, waves and deliveries.
 * Periods are half-open days [valid_from, valid_to), `infinity` meaning no end known.
 */
export class Initial0000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE FUNCTION forbid_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only: % is not allowed', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION allow_superseding_once() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

-- ---------------------------------------------------------------- access
CREATE TABLE app_user (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name <> ''),
  display_name text NOT NULL,
  password_hash text NOT NULL,
  must_change_password boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL,
  disabled_at timestamptz
);

CREATE TABLE app_session (
  token_hash bytea PRIMARY KEY,
  user_id integer NOT NULL REFERENCES app_user,
  csrf_token text NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  ended_at timestamptz
);

CREATE TABLE audit_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL,
  target text NOT NULL DEFAULT '',
  details jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_event_target ON audit_event (target, id);

-- ---------------------------------------------------------------- files in
CREATE TABLE import_batch (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  file_names text[] NOT NULL,
  options jsonb NOT NULL DEFAULT '{}',
  state text NOT NULL CHECK (state IN ('previewed', 'applied', 'discarded')),
  report jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text NOT NULL,
  applied_at timestamptz,
  applied_by text
);

-- ---------------------------------------------------------------- roster
CREATE TABLE unit (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  code text NOT NULL UNIQUE CHECK (code <> '')
);

CREATE TABLE staff (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number text NOT NULL UNIQUE CHECK (number <> '')
);

CREATE TABLE unit_period (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  unit_id integer NOT NULL REFERENCES unit,
  parent_id integer REFERENCES unit CHECK (parent_id <> unit_id),
  name text NOT NULL CHECK (name <> ''),
  kind text NOT NULL DEFAULT '',
  email text,
  manager_id integer REFERENCES staff,
  position integer NOT NULL DEFAULT 0,
  valid_from date NOT NULL,
  valid_to date NOT NULL DEFAULT 'infinity' CHECK (valid_from < valid_to),
  recorded_at timestamptz NOT NULL,
  import_id bigint REFERENCES import_batch,
  superseded_at timestamptz,
  CONSTRAINT unit_period_once EXCLUDE USING gist (unit_id WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (superseded_at IS NULL)
);
COMMENT ON COLUMN unit_period.manager_id IS 'as the list of units names them; a manager marked in the roster goes first';
CREATE INDEX unit_period_parent ON unit_period (parent_id, valid_from) WHERE superseded_at IS NULL;

CREATE TABLE staff_profile (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id integer NOT NULL REFERENCES staff,
  name text NOT NULL CHECK (name <> ''),
  kana text,
  email text,
  hired_on date,
  recorded_at timestamptz NOT NULL,
  import_id bigint REFERENCES import_batch,
  superseded_at timestamptz
);
CREATE UNIQUE INDEX staff_profile_current ON staff_profile (staff_id) WHERE superseded_at IS NULL;
CREATE INDEX staff_profile_search ON staff_profile USING gin (name gin_trgm_ops, kana gin_trgm_ops)
  WHERE superseded_at IS NULL;

CREATE TABLE assignment (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id integer NOT NULL REFERENCES staff,
  unit_id integer NOT NULL REFERENCES unit,
  is_primary boolean NOT NULL,
  is_manager boolean NOT NULL DEFAULT false,
  employment text NOT NULL DEFAULT '',
  valid_from date NOT NULL,
  valid_to date NOT NULL DEFAULT 'infinity' CHECK (valid_from < valid_to),
  recorded_at timestamptz NOT NULL,
  import_id bigint REFERENCES import_batch,
  superseded_at timestamptz,
  CONSTRAINT assignment_one_primary EXCLUDE USING gist (staff_id WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (is_primary AND superseded_at IS NULL),
  CONSTRAINT assignment_once_a_unit
    EXCLUDE USING gist (staff_id WITH =, unit_id WITH =, daterange(valid_from, valid_to) WITH &&)
    WHERE (NOT is_primary AND superseded_at IS NULL)
);
CREATE INDEX assignment_unit ON assignment (unit_id, valid_from, valid_to) WHERE superseded_at IS NULL;
CREATE INDEX assignment_staff ON assignment (staff_id, valid_from) WHERE superseded_at IS NULL;

CREATE TABLE app_grant (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id integer NOT NULL REFERENCES app_user,
  role text NOT NULL CHECK (role IN ('hr', 'manager', 'leader', 'auditor', 'admin')),
  unit_id integer REFERENCES unit,
  valid_from date NOT NULL,
  valid_to date NOT NULL DEFAULT 'infinity' CHECK (valid_from < valid_to)
);
CREATE INDEX app_grant_user ON app_grant (user_id);
COMMENT ON COLUMN app_grant.unit_id IS 'the subtree the role holds for; NULL means every unit';

-- ---------------------------------------------------------------- ledger
CREATE TABLE card_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id integer NOT NULL REFERENCES staff,
  status text CHECK (status IN ('held', 'applied', 'not_applied', 'undisclosed', 'unanswered', 'lapsed')),
  effective_on date NOT NULL,
  evidence text NOT NULL CHECK (evidence IN ('self', 'manager', 'hr', 'import')),
  corrects bigint REFERENCES card_event,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  import_id bigint REFERENCES import_batch,
  CHECK (status IS NOT NULL OR corrects IS NOT NULL)
);
CREATE UNIQUE INDEX card_event_corrected ON card_event (corrects) WHERE corrects IS NOT NULL;
CREATE INDEX card_event_latest ON card_event (staff_id, effective_on DESC, id DESC) INCLUDE (status);
COMMENT ON COLUMN card_event.corrects IS 'the event this one replaces; with a NULL status it takes it back and puts nothing in its place';

CREATE VIEW card_event_valid AS
  SELECT e.* FROM card_event e
  WHERE e.status IS NOT NULL AND NOT EXISTS (SELECT FROM card_event c WHERE c.corrects = e.id);

-- Each person's statuses as periods; of two events on one day the later recorded holds.
CREATE VIEW card_status_period AS
  SELECT staff_id, status, effective_on AS valid_from,
         coalesce(lead(effective_on) OVER (PARTITION BY staff_id ORDER BY effective_on, id), 'infinity') AS valid_to,
         id AS event_id, evidence
  FROM card_event_valid;

CREATE TABLE card_exception (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  staff_id integer NOT NULL REFERENCES staff,
  category text NOT NULL,
  valid_from date NOT NULL,
  valid_to date NOT NULL CHECK (valid_from < valid_to AND valid_to < 'infinity'),
  requested_at timestamptz NOT NULL,
  requested_by text NOT NULL
);
CREATE INDEX card_exception_staff ON card_exception (staff_id);

CREATE TABLE card_exception_decision (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  exception_id bigint NOT NULL REFERENCES card_exception,
  decision text NOT NULL CHECK (decision IN ('approved', 'rejected', 'withdrawn')),
  effective_on date,
  reason text NOT NULL DEFAULT '',
  decided_at timestamptz NOT NULL,
  decided_by text NOT NULL,
  CHECK ((decision = 'withdrawn') = (effective_on IS NOT NULL))
);
CREATE INDEX card_exception_decision_of ON card_exception_decision (exception_id, id);

-- An approved exception counts from its first day until its end or its withdrawal, whichever is earlier.
CREATE VIEW card_exception_approved AS
  SELECT x.id, x.staff_id, x.category, x.valid_from, least(x.valid_to, w.effective_on) AS valid_to
  FROM card_exception x
  JOIN card_exception_decision a ON a.exception_id = x.id AND a.decision = 'approved'
  LEFT JOIN card_exception_decision w ON w.exception_id = x.id AND w.decision = 'withdrawn'
  WHERE x.valid_from < least(x.valid_to, w.effective_on);
CREATE UNIQUE INDEX card_exception_decided_once ON card_exception_decision (exception_id)
  WHERE decision IN ('approved', 'rejected');
CREATE UNIQUE INDEX card_exception_withdrawn_once ON card_exception_decision (exception_id)
  WHERE decision = 'withdrawn';

-- ---------------------------------------------------------------- adoption
CREATE TABLE goal (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  rate numeric(4, 1) NOT NULL CHECK (rate > 0 AND rate <= 100),
  reach_by date,
  valid_from date NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL
);

CREATE TABLE city (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  area_code text CHECK (area_code ~ '^[0-9]{6}$'),
  compare_codes text[] NOT NULL DEFAULT '{}',
  contact text NOT NULL DEFAULT '',
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL
);
COMMENT ON TABLE city IS 'whose tracker this is; the newest row holds';

CREATE TABLE area (
  code text PRIMARY KEY CHECK (code ~ '^[0-9]{6}$'),
  kind text NOT NULL CHECK (kind IN ('nation', 'prefecture', 'municipality')),
  prefecture text NOT NULL,
  name text NOT NULL
);

CREATE TABLE citizen_figure (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  area_code text NOT NULL REFERENCES area,
  metric text NOT NULL CHECK (metric IN ('issued', 'owned')),
  as_of date NOT NULL,
  cards bigint CHECK (cards >= 0),
  population bigint CHECK (population > 0),
  population_as_of date,
  rate numeric(4, 1) NOT NULL CHECK (rate >= 0),
  recorded_at timestamptz NOT NULL,
  import_id bigint REFERENCES import_batch
);
CREATE INDEX citizen_figure_latest ON citizen_figure (area_code, metric, as_of DESC, id DESC);
COMMENT ON TABLE citizen_figure IS 'published figures; of one area, metric and day the newest row holds';

-- ---------------------------------------------------------------- reports
CREATE TABLE month_close (
  month text NOT NULL CHECK (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  version integer NOT NULL,
  as_of date NOT NULL,
  closed_at timestamptz NOT NULL,
  closed_by text NOT NULL,
  document jsonb NOT NULL,
  PRIMARY KEY (month, version)
);

CREATE TABLE month_figure (
  month text NOT NULL,
  version integer NOT NULL,
  unit_id integer NOT NULL REFERENCES unit,
  parent_id integer REFERENCES unit,
  name text NOT NULL,
  kind text NOT NULL,
  position integer NOT NULL,
  depth integer NOT NULL,
  staff integer NOT NULL,
  held integer NOT NULL,
  applied integer NOT NULL,
  not_applied integer NOT NULL,
  undisclosed integer NOT NULL,
  unanswered integer NOT NULL,
  lapsed integer NOT NULL,
  exempt integer NOT NULL,
  PRIMARY KEY (month, version, unit_id),
  FOREIGN KEY (month, version) REFERENCES month_close
);

-- ---------------------------------------------------------------- reminders
CREATE TABLE message_template (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  version integer NOT NULL,
  sha256 text NOT NULL,
  source jsonb NOT NULL,
  recorded_at timestamptz NOT NULL,
  UNIQUE (name, version),
  UNIQUE (name, sha256)
);

CREATE TABLE wave (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  policy text NOT NULL,
  on_date date NOT NULL,
  as_of date NOT NULL,
  template_id integer NOT NULL REFERENCES message_template,
  state text NOT NULL CHECK (state IN ('planned', 'sending', 'finished')),
  planned_at timestamptz NOT NULL,
  planned_by text NOT NULL,
  finished_at timestamptz,
  UNIQUE (policy, on_date)
);

CREATE TABLE delivery (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  wave_id bigint NOT NULL REFERENCES wave,
  recipient text NOT NULL,
  channel text NOT NULL,
  staff_id integer REFERENCES staff,
  unit_id integer NOT NULL REFERENCES unit,
  address text,
  context jsonb NOT NULL,
  state text NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'suppressed')),
  reason text NOT NULL DEFAULT '',
  message_id text NOT NULL UNIQUE,
  attempted_at timestamptz,
  settled_at timestamptz,
  UNIQUE (wave_id, recipient, channel)
);
CREATE INDEX delivery_wave ON delivery (wave_id, id);
CREATE INDEX delivery_open ON delivery (wave_id, id) WHERE state IN ('queued', 'sending');

-- ---------------------------------------------------------------- no history is lost
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_event', 'card_event', 'card_exception', 'card_exception_decision', 'goal', 'city',
                           'citizen_figure', 'month_close', 'month_figure', 'message_template'] LOOP
    EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION forbid_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION forbid_rewrite()', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['unit_period', 'staff_profile', 'assignment'] LOOP
    EXECUTE format('CREATE TRIGGER superseding AFTER UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION allow_superseding_once()', t);
    EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION forbid_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION forbid_rewrite()', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['unit', 'staff'] LOOP
    EXECUTE format('CREATE TRIGGER no_rewrite BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION forbid_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION forbid_rewrite()', t);
  END LOOP;
END $$;
`;
