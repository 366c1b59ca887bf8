import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a reorganisation said, besides the rows it wrote: a roster or a list of units of an earlier day that comes after
 * it must not undo it, whoever joins a unit until then goes where that unit goes, and while its day has not come it can
 * be taken back. And the numbers people had before, which belong to nobody else until the person is erased.
 */
export class Reorganisation0000000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE unit_change (
  id bigint GENERATED ALWAYS AS IDENTITY,
  import_id bigint NOT NULL REFERENCES import_batch,
  on_day date NOT NULL,
  unit_id integer NOT NULL REFERENCES unit,
  change text NOT NULL CHECK (change IN ('created', 'changed', 'closed')),
  name text,
  parent_id integer REFERENCES unit,
  kind text,
  email text,
  manager_id integer REFERENCES staff,
  position integer NOT NULL,
  replaces bigint REFERENCES unit_period,
  superseded_at timestamptz,
  PRIMARY KEY (import_id, unit_id)
);
COMMENT ON TABLE unit_change IS 'units a reorganisation speaks about; of a changed one what it sets, NULL for what stays';
COMMENT ON COLUMN unit_change.id IS 'in the order of being applied, which may not be the order of the previews that number imports';
COMMENT ON COLUMN unit_change.replaces IS 'the period of that day as it was known before; NULL for a unit that was not there';
CREATE INDEX unit_change_unit ON unit_change (unit_id, on_day) WHERE superseded_at IS NULL;

CREATE TABLE unit_succession (
  import_id bigint NOT NULL REFERENCES import_batch,
  on_day date NOT NULL,
  unit_id integer NOT NULL REFERENCES unit,
  staff_id integer REFERENCES staff,
  successor_id integer REFERENCES unit,
  keeps_managers boolean NOT NULL,
  superseded_at timestamptz,
  UNIQUE NULLS NOT DISTINCT (import_id, unit_id, staff_id)
);
COMMENT ON TABLE unit_succession IS 'where those who are in a unit go from a day on: everybody, or the one person named; nowhere from an abolished unit';

ALTER TABLE assignment ADD COLUMN carried_from bigint REFERENCES assignment;
COMMENT ON COLUMN assignment.carried_from IS 'the row that would stand here had the unit not gone where it goes';

ALTER TABLE import_batch DROP CONSTRAINT import_batch_state_check,
  ADD CONSTRAINT import_batch_state_check CHECK (state IN ('previewed', 'applied', 'discarded', 'withdrawn')),
  ADD COLUMN withdrawn_at timestamptz,
  ADD COLUMN withdrawn_by text;

CREATE TABLE staff_former_number (
  number text PRIMARY KEY CHECK (number <> ''),
  staff_id integer NOT NULL REFERENCES staff,
  changed_at timestamptz NOT NULL,
  changed_by text NOT NULL
);
COMMENT ON TABLE staff_former_number IS 'numbers a person had; the licence for another one, written first and in the same transaction';
CREATE INDEX staff_former_number_of ON staff_former_number (staff_id);
CREATE TRIGGER append_only BEFORE UPDATE ON staff_former_number FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON staff_former_number EXECUTE FUNCTION forbid_rewrite();

CREATE FUNCTION forget_erased_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table staff_former_number is append-only: DELETE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER erased_only BEFORE DELETE ON staff_former_number FOR EACH ROW EXECUTE FUNCTION forget_erased_only();

CREATE OR REPLACE FUNCTION erase_staff() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

-- Of a whole roster at once: a function for each row would cost more than the rows.
CREATE FUNCTION refuse_former_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added JOIN staff_former_number f ON f.number = added.number) THEN
    RAISE EXCEPTION 'a number somebody had is not given to anybody else' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER never_twice AFTER INSERT ON staff REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_former_numbers();

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['unit_change', 'unit_succession'] LOOP
    EXECUTE format('CREATE TRIGGER superseding AFTER UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION allow_superseding_once()', t);
    EXECUTE format('CREATE TRIGGER no_delete BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION forbid_rewrite()', t);
    EXECUTE format('CREATE TRIGGER no_truncate BEFORE TRUNCATE ON %I EXECUTE FUNCTION forbid_rewrite()', t);
  END LOOP;
END $$;
`;
