import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The one exception to "facts are never rewritten": the personal data of somebody who has left may be replaced by its
 * erased form, and by nothing else, once the erasure itself is on record. What is counted stays as it is.
 */
export class Erasure0000000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
CREATE TABLE staff_erasure (
  staff_id integer PRIMARY KEY REFERENCES staff,
  last_day date NOT NULL,
  erased_on date NOT NULL,
  erased_at timestamptz NOT NULL,
  erased_by text NOT NULL,
  CHECK (last_day < erased_on)
);
COMMENT ON TABLE staff_erasure IS 'whose personal data is erased: the licence for it, written first and in the same transaction';
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON staff_erasure FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON staff_erasure EXECUTE FUNCTION forbid_rewrite();

CREATE FUNCTION erase_leavers_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM assignment a
             WHERE a.staff_id = NEW.staff_id AND a.superseded_at IS NULL AND a.valid_to > NEW.erased_on) THEN
    RAISE EXCEPTION 'somebody who has not left is not erased' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER leavers_only BEFORE INSERT ON staff_erasure FOR EACH ROW EXECUTE FUNCTION erase_leavers_only();

CREATE FUNCTION is_erased(staff integer) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM staff_erasure e WHERE e.staff_id = staff)
$$;

-- Each of these puts the erased form into the old row and lets only that very row through.
CREATE FUNCTION erase_staff() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased staff := OLD;
BEGIN
  erased.number := 'erased:' || OLD.id;
  IF NEW IS DISTINCT FROM erased OR NOT is_erased(OLD.id) THEN
    RAISE EXCEPTION 'table staff is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION erase_card_exception() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased card_exception := OLD;
BEGIN
  erased.category := 'other';
  IF NEW IS DISTINCT FROM erased OR NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table card_exception is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION erase_card_exception_decision() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

CREATE FUNCTION erase_or_supersede_profile() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;

DROP TRIGGER no_rewrite ON staff;
CREATE TRIGGER no_delete BEFORE DELETE ON staff FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER erase_only BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION erase_staff();

DROP TRIGGER append_only ON card_exception;
CREATE TRIGGER no_delete BEFORE DELETE ON card_exception FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER erase_only BEFORE UPDATE ON card_exception FOR EACH ROW EXECUTE FUNCTION erase_card_exception();

DROP TRIGGER append_only ON card_exception_decision;
CREATE TRIGGER no_delete BEFORE DELETE ON card_exception_decision FOR EACH ROW EXECUTE FUNCTION forbid_rewrite();
CREATE TRIGGER erase_only BEFORE UPDATE ON card_exception_decision
  FOR EACH ROW EXECUTE FUNCTION erase_card_exception_decision();

DROP TRIGGER superseding ON staff_profile;
CREATE TRIGGER erase_or_supersede BEFORE UPDATE ON staff_profile
  FOR EACH ROW EXECUTE FUNCTION erase_or_supersede_profile();
`;
