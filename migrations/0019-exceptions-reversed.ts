import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Exceptions that staff ask for themselves: with a note of theirs, approved for other days than were asked for, and a
 * rejection that can be appealed once. A decision is a row that stays; the appeal's decision stands beside the first one.
 */
export class ExceptionsReversed0000000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  async down(): Promise<void> {
    throw new Error('facts are not undone: restore a backup instead');
  }
}

const SQL = /* sql */ `
ALTER TABLE card_exception ADD COLUMN note text NOT NULL DEFAULT '';
COMMENT ON COLUMN card_exception.note IS 'what the person chose to say; nobody has to';

ALTER TABLE card_exception_decision
  DROP CONSTRAINT card_exception_decision_decision_check,
  ADD CONSTRAINT card_exception_decision_decision_check
    CHECK (decision IN ('approved', 'rejected', 'withdrawn', 'appealed')),
  ADD COLUMN valid_from date,
  ADD COLUMN valid_to date CHECK (valid_from < valid_to AND valid_to < 'infinity'),
  ADD COLUMN on_appeal boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT card_exception_decision_days
    CHECK ((valid_from IS NULL) = (valid_to IS NULL) AND (decision = 'approved' OR valid_from IS NULL)),
  ADD CONSTRAINT card_exception_decision_on_appeal CHECK (NOT on_appeal OR decision IN ('approved', 'rejected'));
COMMENT ON COLUMN card_exception_decision.valid_from IS 'of an approval: the days it is for; NULL: those that were asked for';
COMMENT ON COLUMN card_exception_decision.reason IS 'of a rejection: what the person is told; of an appeal: what the person says';
COMMENT ON COLUMN card_exception_decision.on_appeal IS 'the second decision, after an appeal against the first';

DROP INDEX card_exception_decided_once;
CREATE UNIQUE INDEX card_exception_decided_once ON card_exception_decision (exception_id, on_appeal)
  WHERE decision IN ('approved', 'rejected');
CREATE UNIQUE INDEX card_exception_approved_once ON card_exception_decision (exception_id) WHERE decision = 'approved';
CREATE UNIQUE INDEX card_exception_appealed_once ON card_exception_decision (exception_id) WHERE decision = 'appealed';

CREATE OR REPLACE VIEW card_exception_approved AS
  SELECT x.id, x.staff_id, x.category, coalesce(a.valid_from, x.valid_from) AS valid_from,
         least(coalesce(a.valid_to, x.valid_to), w.effective_on) AS valid_to
  FROM card_exception x
  JOIN card_exception_decision a ON a.exception_id = x.id AND a.decision = 'approved'
  LEFT JOIN card_exception_decision w ON w.exception_id = x.id AND w.decision = 'withdrawn'
  WHERE coalesce(a.valid_from, x.valid_from) < least(coalesce(a.valid_to, x.valid_to), w.effective_on);

CREATE OR REPLACE FUNCTION erase_card_exception() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased card_exception := OLD;
BEGIN
  erased.category := 'other';
  erased.note := '';
  IF NEW IS DISTINCT FROM erased OR NOT is_erased(OLD.staff_id) THEN
    RAISE EXCEPTION 'table card_exception is append-only: UPDATE is not allowed' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
`;
